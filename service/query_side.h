#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/control.h"
#include "core/join/join.h"
#include "formats/place_reader.h"

namespace crowfly {

/// The query side of a join, as the body of a request has it.
struct QuerySide {
    std::vector<std::string> ids = {};  ///< all different
    std::vector<LonLat> positions = {};
    std::vector<std::shared_ptr<const Geometry>> shapes = {};  ///< null for points; empty when all are
    std::vector<const Geometry*> shape_views = {};             ///< of these
    std::vector<std::uint32_t> absent = {};                    ///< rows without a geometry, ascending

    std::size_t size() const noexcept { return positions.size(); }
    const Geometry* shape(std::size_t row) const noexcept {
        return shapes.empty() ? nullptr : shapes[row].get();
    }

    /// As the join takes it. Views of this, which must outlive it.
    JoinSide columns() const { return {positions, shape_views, absent}; }
};

struct QuerySideLimits {
    std::size_t places;
    std::size_t bytes;  ///< of the body when it is unpacked
};

/// Reads places, gzipped or not; those without an id get the number of their row, as NumberedSource has it.
/// Throws Error(malformed), with line and column, for a row that is no place, and an id that comes twice;
/// Error(too_large) for more than the limits have.
QuerySide read_query_side(std::string_view body, PlaceFormat format, Crs crs, const QuerySideLimits& limits,
                          const Control& control);

}  // namespace crowfly
