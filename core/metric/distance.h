#pragma once

#include "core/metric/metric.h"

namespace crowfly {

/// Distance between two positions by the metric's one function: metres, or the coordinates' own unit on the
/// plane. Both must have passed `coordinate_fault`.
double distance(MetricKind metric, LonLat query, LonLat position);

}  // namespace crowfly
