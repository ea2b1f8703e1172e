#pragma once

#include <string_view>

namespace crowfly {

/// Longitude and latitude on WGS84, as OGC API names it.
inline constexpr std::string_view kCrs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

}  // namespace crowfly
