#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/geometry/geometry.h"

namespace crowfly {

/// Reads well-known binary of all types of Geometry: ISO (OGC 06-103r4, 8.2, where 1000 is added to a type
/// for Z, 2000 for M) and EWKB (PostGIS, with bits for Z, M and an SRID, which must be 0 or 4326), either
/// order of bytes, which each geometry within another says anew. A point whose x and y are NaN is EMPTY.
/// Throws Error(malformed), which names the byte from 0, what was found and what would be right, for bytes
/// that are not WKB, also when some are left over; Error(unsupported) for another type, such as curves, or
/// another SRID; Error(too_large) beyond the limits of Geometry. The geometry is not judged. Cost: linear in
/// the bytes, in memory too: a count is believed only when so many bytes are there.
Geometry parse_wkb(std::span<const std::byte> bytes);

/// ISO WKB, little-endian, without SRID. `parse_wkb` gives an equal geometry.
std::vector<std::byte> encode_wkb(const Geometry& geometry);

/// The same, at the end of `out`.
void append_wkb(const Geometry& geometry, std::vector<std::byte>& out);

}  // namespace crowfly
