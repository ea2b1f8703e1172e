#pragma once

#include <span>
#include <string>

#include "cli/cluster_source.h"
#include "core/cluster/cluster_summary.h"

namespace crowfly {

/// The picture of a clustering, as SVG: hulls below, then noise in grey, then the members of clusters, whose
/// colours come round.
std::string cluster_map(const ClusterPlaces& read, const Clustering& found,
                        std::span<const ClusterSummary> summaries);

}  // namespace crowfly
