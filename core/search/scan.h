#pragma once

#include <span>
#include <vector>

#include "core/search/query.h"

namespace crowfly {

/// Brute force: the same answers as a Searcher, from the metric's distance function and nothing else. The
/// oracle of the tests and of every report of a wrong answer. Cost: O(n) distances. Rows are the numbers of
/// `positions`, which must have passed `coordinate_fault`. Throws as Searcher does, and Error(unsupported)
/// for `where`: a scan knows no attributes, a filter says the same.
std::vector<Neighbor> scan_nearest(std::span<const LonLat> positions, MetricKind metric, LonLat query,
                                   const NearestOptions& options, const SearchOptions& search = {},
                                   const RowOrder& order = {});

std::vector<Neighbor> scan_within_distance(std::span<const LonLat> positions, MetricKind metric, LonLat query,
                                           double max_distance, const SearchOptions& search = {},
                                           const RowOrder& order = {});

}  // namespace crowfly
