#pragma once

#include <span>
#include <string>

#include "core/metric/metric.h"
#include "formats/place.h"

namespace crowfly {

/// Neighbors as aligned columns for people, distances to the millimetre. When any of the places has a shape,
/// the nearest points follow; its longitude and latitude are those of its representative position.
std::string neighbor_table(std::span<const NeighborPlace> neighbors, MetricKind metric);

}  // namespace crowfly
