#pragma once

#include <GeographicLib/Geodesic.hpp>

#include "core/metric/earth.h"
#include "core/metric/metric.h"

namespace crowfly {

/// GeographicLib's solver for the metric, which is not the plane.
inline const GeographicLib::Geodesic& geodesics_of(MetricKind metric) {
    static const GeographicLib::Geodesic sphere(earth::kMeanRadius, 0);
    return metric == MetricKind::sphere ? sphere : GeographicLib::Geodesic::WGS84();
}

}  // namespace crowfly
