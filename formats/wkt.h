#pragma once

#include <string_view>

#include "core/lonlat.h"

namespace crowfly {

/// Reads `POINT (x y)`, with an optional Z or M that is passed over and an optional leading `SRID=4326;`
/// (EWKT). Throws Error(malformed) for text that is not WKT and Error(unsupported) for another geometry type,
/// an empty point or another SRID. The position is not judged.
LonLat parse_wkt_point(std::string_view text);

}  // namespace crowfly
