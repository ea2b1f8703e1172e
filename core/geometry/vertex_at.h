#pragma once

#include <optional>

#include "core/geometry/geometry.h"
#include "core/metric/metric.h"

namespace crowfly {

/// The vertex of the geometry whose position in the metric's space `computed` was computed from, if there is
/// one: the same place, without the roundings of the way there and back. Cost: O(vertices).
std::optional<LonLat> vertex_at(const Geometry& geometry, LonLat computed, MetricKind metric);

}  // namespace crowfly
