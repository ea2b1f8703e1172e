#include "core/domain.h"

#include <cmath>

#include <fmt/format.h>

namespace crowfly {
namespace {

constexpr double kPlanarLimit = 1e100;

std::optional<CoordinateFault> wgs84_fault(LonLat position) {
    const bool lat_legal = std::abs(position.lat) <= 90;
    const bool lon_legal = std::abs(position.lon) <= 180;
    if (!lat_legal) {
        const bool swapped = std::abs(position.lat) <= 180 && std::abs(position.lon) <= 90;
        return CoordinateFault{Axis::lat,
                               fmt::format("latitude {} is not within -90..90{}", position.lat,
                                           swapped ? "; are longitude and latitude swapped?" : "")};
    }
    if (!lon_legal) {
        return CoordinateFault{Axis::lon, fmt::format("longitude {} is not within -180..180", position.lon)};
    }
    return std::nullopt;
}

}  // namespace

std::optional<CoordinateFault> coordinate_fault(LonLat position, Crs crs) {
    if (!std::isfinite(position.lon)) {
        return CoordinateFault{Axis::lon, fmt::format("{} is not a finite number", position.lon)};
    }
    if (!std::isfinite(position.lat)) {
        return CoordinateFault{Axis::lat, fmt::format("{} is not a finite number", position.lat)};
    }
    if (crs == Crs::wgs84) return wgs84_fault(position);
    for (const auto& [axis, value] :
         {std::pair{Axis::lon, position.lon}, std::pair{Axis::lat, position.lat}}) {
        if (std::abs(value) > kPlanarLimit) {
            return CoordinateFault{axis, fmt::format("{} is beyond +-{}", value, kPlanarLimit)};
        }
    }
    return std::nullopt;
}

}  // namespace crowfly
