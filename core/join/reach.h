#pragma once

#include "core/lonlat.h"
#include "core/metric/metric.h"

namespace crowfly {

/// At least the distance between two positions, without rounding errors: cheaper than the distance, and for
/// positions near each other not much more.
double most_distance(MetricKind metric, LonLat a, LonLat b);

/// How far the k-th neighbor of a query can be at most, as computed, when that of another one is `kth` away
/// and the two are `step` apart: their sum, by the triangle inequality, and what all roundings can make of
/// it. `rounding` is the greatest coordinate of queries and shapes, which counts
/// on the plane; 0 where the objects are points.
double reach(MetricKind metric, double kth, double step, double rounding);

}  // namespace crowfly
