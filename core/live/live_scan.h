#pragma once

#include <cstdint>
#include <vector>

#include "core/live/live_query.h"
#include "core/live/live_snapshot.h"
#include "core/search/query.h"
#include "core/search/shape_searcher.h"

namespace crowfly {

/// Brute force: the k rows of LiveSearcher::nearest_shapes, from the metric's distance function and nothing
/// else. `k` may be more than there are rows. The metric need not be one of the index's. Throws as
/// LiveSearcher does. Cost: O(n) distances, O(vertices) where there are shapes.
std::vector<ShapeNeighbor> scan_nearest(const LiveSnapshot& snapshot, MetricKind metric,
                                        const LiveQuery& query, const NearestOptions& options,
                                        const LiveSearchOptions& search = {}, const RowOrder& order = {});

}  // namespace crowfly
