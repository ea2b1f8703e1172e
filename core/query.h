#pragma once

#include <cstddef>
#include <limits>

#include "core/metric.h"
#include "core/neighbor.h"

namespace crowfly {

/// How many neighbors to search for, and which.
struct NearestOptions {
    std::size_t k = 1;                                              ///< at most so many neighbors, at least 1
    double max_distance = std::numeric_limits<double>::infinity();  ///< inclusive, at least 0
    RowFilter filter = {};                                          ///< applied before the k are chosen
};

/// Throws Error(invalid_argument) for k = 0.
void require_valid_k(std::size_t k);

/// Throws Error(invalid_argument) for a negative distance or NaN.
void require_valid_max_distance(double max_distance);

/// Throws Error(invalid_argument) for a position outside the metric's domain.
void require_valid_position(LonLat query, MetricKind metric);

}  // namespace crowfly
