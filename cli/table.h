#pragma once

#include <span>
#include <string>

#include "core/metric/metric.h"
#include "formats/place.h"

namespace crowfly {

/// Neighbors as aligned columns for people, distances to the millimetre.
std::string neighbor_table(std::span<const NeighborPlace> neighbors, MetricKind metric);

}  // namespace crowfly
