#pragma once

#include <optional>
#include <string>

#include "core/lonlat.h"

namespace crowfly {

/// The coordinate reference system of a collection.
enum class Crs {
    wgs84,   ///< EPSG:4326 positions as longitude, latitude in degrees
    planar,  ///< x, y in some unit of length; only the metric `plane` is defined
};

enum class Axis { lon, lat };

/// The first coordinate of a position that is outside the domain, and why.
struct CoordinateFault {
    Axis axis;
    std::string message;  ///< what was found and what would be right, without a full stop
};

/// Judges a position before anything is computed from it.
/// WGS84: both finite, longitude within +-180, latitude within +-90; a latitude that would be legal as a
/// longitude gets a hint that the two look swapped. Planar: both finite and at most 1e100 in magnitude,
/// so that no squared difference overflows.
std::optional<CoordinateFault> coordinate_fault(LonLat position, Crs crs);

}  // namespace crowfly
