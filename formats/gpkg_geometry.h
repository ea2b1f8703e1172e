#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/geometry/geometry.h"
#include "core/lonlat.h"

namespace crowfly {

/// A geometry as a GeoPackage geometry BLOB (OGC 12-128r17, 2.1.3): header, then little-endian ISO WKB. The
/// header has an envelope in x and y unless the geometry is a point or empty, which a flag says.
/// `decode_gpkg_geometry` gives an equal geometry.
std::vector<std::byte> encode_gpkg_geometry(const Geometry& geometry, std::int32_t srs_id);

/// Reads such a BLOB, with any envelope, which is passed over, and WKB as `parse_wkb` reads it.
/// Throws Error(corrupt) for bytes that are none, Error(unsupported) for another geometry type or an extended
/// one, Error(too_large) beyond the limits of Geometry. The geometry is not judged. Cost: linear.
Geometry decode_gpkg_geometry(std::span<const std::byte> blob);

/// Whether bytes are such a BLOB with a point that `decode_gpkg_point` reads, as far as header and type tell.
bool is_gpkg_point(std::span<const std::byte> blob) noexcept;

/// The same as `encode_gpkg_geometry` of a point.
std::array<std::byte, 29> encode_gpkg_point(LonLat point, std::int32_t srs_id);

/// Reads such a BLOB, of either byte order, with or without envelope, Z or M (which are passed over).
/// Throws Error(corrupt) for bytes that are none, Error(unsupported) for another geometry type or an empty
/// point. The position is not judged.
LonLat decode_gpkg_point(std::span<const std::byte> blob);

}  // namespace crowfly
