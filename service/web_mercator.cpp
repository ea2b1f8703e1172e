#include "service/web_mercator.h"

#include <cmath>

#include "core/metric/earth.h"

namespace crowfly {

LonLat from_web_mercator(LonLat position) noexcept {
    constexpr double kDegrees = 180 / 3.14159265358979323846;
    // Exact at the border, where a rounding would lead beyond 180 degrees.
    const double lon = position.lon / kMercatorReach * 180;
    const double lat = std::atan(std::sinh(position.lat / earth::kEquatorialRadius)) * kDegrees;
    return {lon, lat};
}

}  // namespace crowfly
