#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/control.h"
#include "core/executor.h"
#include "core/index/point_index.h"
#include "core/search/neighbor.h"

namespace crowfly {

/// Of work that takes a while: `done` of `total` units are done. Never called by two threads at the same
/// time, nor with a `done` less than before. May throw to end the work.
using WorkProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

struct DbscanOptions {
    double eps = 0;  ///< inclusive; metres, on the plane the coordinates' unit; finite, at least 0
    std::size_t min_points = 5;  ///< counts the point itself; at least 1

    /// The order of the rows' ids; empty: that of the index's ids, or without an index the rows' own.
    RowOrder order = {};

    Control control = {};
    Executor* executor = nullptr;  ///< lends threads; none: the calling thread does all
    WorkProgress progress = {};
};

inline constexpr std::int64_t kNoise = -1;

/// What cluster each row is in.
struct Clustering {
    std::vector<std::int64_t> labels;  ///< of each row: the number of its cluster, or kNoise
    std::vector<bool> core;            ///< of each row: whether it is a core point
    std::size_t clusters = 0;

    friend bool operator==(const Clustering&, const Clustering&) = default;
};

/// Clusters by density, after M. Ester, H.-P. Kriegel, J. Sander, X. Xu, "A density-based algorithm for
/// discovering clusters in large spatial databases with noise", KDD-96.
///
/// A core point has at least `min_points` points within `eps`, itself among them. Core points within `eps` of
/// each other are in one cluster, and so are those that others join. A point that is not core belongs to the
/// cluster of the core point nearest to it, by (distance, id), if that is within `eps`, and otherwise is
/// noise. Clusters are numbered from 0 in the order of the least ids among their points. So the answer
/// depends neither on the order of the rows nor on the number of threads.
///
/// Distances are those of the metric's one function, measured from that of two points whose coordinates come
/// first (`pair_distance`). Memory: about 45 bytes a point on the plane and 55 else, whatever `eps` is. Cost:
/// O(n log n), also where `eps` covers everything: points that are sure to be within `eps` of each other, as
/// a box around them shows, are not compared. At worst, where `min_points` is about as many as there are
/// within a large `eps`, n counts of O(sqrt n) each. `order` is asked by all threads.
///
/// Throws Error(invalid_argument) for options outside their domain, as PointIndex for positions, and as
/// Control has it.
Clustering dbscan(const PointIndex& index, const DbscanOptions& options);
Clustering dbscan(std::span<const LonLat> positions, MetricKind metric, const DbscanOptions& options);

/// Throws Error(invalid_argument) for an eps that is negative, infinite or NaN, and for min_points of 0.
void require_valid(const DbscanOptions& options);

}  // namespace crowfly
