#pragma once

#include <cstdint>

namespace crowfly {

/// Between what of two geometries distance is measured.
enum class Match : std::uint8_t {
    geometry,  ///< the two themselves, edges and insides included
    centroid,  ///< their centroids by the metric (`centroid`)
};

}  // namespace crowfly
