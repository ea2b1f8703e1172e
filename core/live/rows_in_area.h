#pragma once

#include <cstdint>
#include <functional>

#include "core/geometry/geometry.h"
#include "core/live/live_snapshot.h"
#include "core/lonlat.h"
#include "core/search/area.h"

namespace crowfly {

/// Gets a row's number, position and, of a row that is no point, its shape.
using RowVisit = std::function<void(std::uint32_t row, LonLat position, const Geometry* shape)>;

/// Calls `visit` with all rows that are points in the area, and with all that are shapes, wherever these are,
/// in no order that means anything. Nothing is measured. Throws Error(invalid_argument) for a planar area
/// where the index's first metric measures on the earth. Cost: of points what the area holds, and the
/// subtrees at its border; O(shapes).
void visit_rows_in(const Area& area, const LiveSnapshot& snapshot, const RowVisit& visit);

}  // namespace crowfly
