#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/lonlat.h"

namespace crowfly {

/// A point as a GeoPackage geometry BLOB (OGC 12-128r17, 2.1.3): header without envelope, then little-endian
/// WKB.
std::array<std::byte, 29> encode_gpkg_point(LonLat point, std::int32_t srs_id);

/// Reads such a BLOB, of either byte order, with or without envelope, Z or M (which are passed over).
/// Throws Error(corrupt) for bytes that are none, Error(unsupported) for another geometry type or an empty
/// point. The position is not judged.
LonLat decode_gpkg_point(std::span<const std::byte> blob);

}  // namespace crowfly
