#pragma once

#include "core/lonlat.h"

namespace crowfly {

/// Half the side of the square of EPSG:3857, in its metres.
inline constexpr double kMercatorReach = 20037508.342789244;

/// Longitude and latitude on WGS84 of x, y in EPSG:3857 (EPSG guidance note 7-2, method 1024): the
/// ellipsoid's coordinates by the sphere's formulas. Coordinates beyond the square have longitudes beyond 180
/// degrees.
LonLat from_web_mercator(LonLat position) noexcept;

}  // namespace crowfly
