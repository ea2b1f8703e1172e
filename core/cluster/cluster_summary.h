#pragma once

#include <optional>
#include <vector>

#include "core/cluster/dbscan.h"
#include "core/cluster/hull.h"

namespace crowfly {

/// The smallest box of longitudes and latitudes that holds all members of a cluster, as the bbox of RFC 7946:
/// where it goes over the antimeridian, west > east. Where one of them is a pole, or they stand all around
/// one, within a quarter turn of their centroid, it reaches from -180 to 180 and up to that pole.
struct ClusterExtent {
    double west;
    double south;
    double east;
    double north;

    friend bool operator==(const ClusterExtent&, const ClusterExtent&) = default;
};

struct ClusterSummary {
    std::size_t size = 0;  ///< members, border points included
    std::size_t core = 0;  ///< those of them that are core points
    ClusterExtent extent{};

    /// The mean of the members, on sphere and spheroid as `centroid` has it; nothing where it is the earth's
    /// centre.
    std::optional<LonLat> centroid = {};

    /// Nothing where none was asked for, and where `hull_of` gives none or the centroid is missing.
    std::optional<Geometry> hull = {};

    friend bool operator==(const ClusterSummary&, const ClusterSummary&) = default;
};

struct SummaryOptions {
    HullOptions hull = {};
    Control control = {};
    Executor* executor = nullptr;  ///< lends threads; none: the calling thread does all
    WorkProgress progress = {};    ///< of so many clusters
};

/// Of each cluster, by number. `positions` are those that were clustered. The same for any order of the rows,
/// to the last bit. Cost: O(n log n). Throws Error(invalid_argument) for options outside their domain and for
/// positions that are not as many as the labels, and as Control has it.
std::vector<ClusterSummary> summarize(std::span<const LonLat> positions, MetricKind metric,
                                      const Clustering& clustering, const SummaryOptions& options);

}  // namespace crowfly
