#pragma once

#include <cstdint>

namespace crowfly {

/// What of a place distances are measured from and to.
enum class Match : std::uint8_t {
    geometry,  ///< the whole of it: the least distance of any of its points, edges and insides included
    centroid,  ///< its centroid, as Spark's ST_KNN has it; a point is its own
};

}  // namespace crowfly
