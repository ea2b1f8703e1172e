#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "core/control.h"
#include "core/index/point_index.h"
#include "core/metric/metric.h"
#include "core/search/neighbor.h"
#include "core/search/restriction.h"

namespace crowfly {

/// Which rows count, and how the work is watched: what searches of all kinds take.
struct SearchOptions {
    RowFilter filter = {};                     ///< applied before the k are chosen
    std::optional<AttributeValue> where = {};  ///< searched in a tree of its own: costs what fewer rows cost
    AreaFilter area = {};
    DeadRows dead = {};
    Control control = {};
    bool measure_time = false;  ///< adds to SearchCounts::time
};

/// Throws Error(invalid_argument) for an attribute that the index has not, and for an area without the
/// positions of all its rows; and as Control has it.
void require_valid(const SearchOptions& search, const PointIndex& index);

/// Throws Error(invalid_argument) for a planar area with a metric that measures on the earth.
void require_valid(const AreaFilter& area, MetricKind metric);

/// The order that breaks ties: the one given, or that of the index's ids.
RowOrder order_of(const PointIndex& index, RowOrder given);

/// How many neighbors to search for.
struct NearestOptions {
    std::size_t k = 1;                                              ///< at most so many neighbors, at least 1
    double max_distance = std::numeric_limits<double>::infinity();  ///< inclusive, at least 0

    /// Above 0 a search for points is approximate: it may pass over some, but every distance at rank i is at
    /// most (1 + epsilon) times the i-th least within max_distance, and there are as many. Finite.
    double epsilon = 0;
};

/// Throws Error(invalid_argument) for k = 0, for a max_distance that is negative or NaN, and for an epsilon
/// that is negative, infinite or NaN.
void require_valid(const NearestOptions& options);

/// Throws Error(invalid_argument) for a negative distance or NaN.
void require_valid_max_distance(double max_distance);

/// Throws Error(invalid_argument) for one that is negative, infinite or NaN.
void require_valid_epsilon(double epsilon);

/// Throws Error(invalid_argument) for a position outside the metric's domain.
void require_valid_position(LonLat query, MetricKind metric);

}  // namespace crowfly
