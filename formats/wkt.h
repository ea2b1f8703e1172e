#pragma once

#include <string>
#include <string_view>

#include "core/geometry/geometry.h"
#include "core/lonlat.h"

namespace crowfly {

/// Reads well-known text (OGC 06-103r4, 7.2): all types of Geometry in upper or lower case, with Z, M or ZM,
/// which may also go unsaid (`POINT (1 2 3)` has a z, four numbers are z and m), EMPTY at any level, the
/// points of a MULTIPOINT with or without parentheses, and a leading `SRID=4326;` (EWKT; 0 says nothing).
/// Throws Error(malformed), which names the byte from 0, what was found and what would be right, for text
/// that is not WKT; Error(unsupported) for another type, such as curves, or another SRID; Error(too_large)
/// beyond the limits of Geometry, such as collections more than 32 deep. The geometry is not judged. Cost:
/// linear in the text.
Geometry parse_wkt(std::string_view text);

/// Reads a point as `parse_wkt` does, passing over Z and M. Throws as it does, and Error(unsupported) for
/// another geometry type or an empty point. The position is not judged.
LonLat parse_wkt_point(std::string_view text);

/// Appends WKT, such as `POLYGON Z ((0 0 5, 1 0 5, 0 1 5, 0 0 5))`: numbers in the fewest digits that read
/// back as the same double, nan for a z or m that a position has not, the points of a MULTIPOINT in
/// parentheses. `parse_wkt` gives an equal geometry.
void write_wkt(const Geometry& geometry, std::string& out);

}  // namespace crowfly
