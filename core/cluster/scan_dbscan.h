#pragma once

#include "core/cluster/dbscan.h"

namespace crowfly {

/// Brute force: the same answer as `dbscan`, from the distance between every two points and nothing else. The
/// oracle of the tests and of every report of a wrong answer. Cost: O(n^2) distances, memory O(n). Throws as
/// `dbscan` does.
Clustering scan_dbscan(std::span<const LonLat> positions, MetricKind metric, const DbscanOptions& options);

}  // namespace crowfly
