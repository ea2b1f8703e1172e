#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "core/control.h"
#include "core/geometry/front.h"
#include "core/index/packed_tree.h"
#include "core/metric/box.h"
#include "core/metric/metric.h"
#include "core/metric/spheroid.h"
#include "core/search/counts.h"
#include "core/search/neighbor.h"
#include "core/search/restriction.h"

namespace crowfly {

/// A neighbor, and the point that it was found as.
struct Settled {
    Neighbor neighbor;
    std::uint32_t slot;
};

/// Points that may be among the neighbors: rank and slot of each.
struct CandidateLog {
    std::vector<std::int32_t> ranks;
    std::vector<std::uint32_t> slots;
    std::size_t count = 0;

    std::size_t room() const noexcept { return std::min(ranks.size(), slots.size()); }
};

/// Memory that searches use again and again.
struct SearchScratch {
    CandidateLog log;
    std::vector<std::int32_t> ranks;
    std::vector<double> distances;
    std::vector<std::uint32_t> buckets;
    std::vector<Settled> settled;
};

/// One search of one tree: the query, what counts, and where the work's traces go.
template <Metric M>
struct SearchTask {
    const PackedTree<M::kDimensions>& tree;
    Embedded<M> query;
    double max_distance;
    const Restriction& restriction;
    NeighborBefore before;
    const Control& control;
    SearchScratch& scratch;
    SearchCounts& counts;
    double epsilon = 0;               ///< as NearestOptions has it
    const DeadMarks* dead = nullptr;  ///< slots that do not count, where there are any
};

/// The metric's distance between the query and a point, counted.
template <Metric M>
double measure(const Embedded<M>& query, const Embedded<M>& point, SearchCounts& counts) {
    ++counts.distances;
    if constexpr (requires { M::needs_solver(0.0); }) {
        ++(M::needs_solver(squared_straight_distance(query, point)) ? counts.geodesics : counts.closed_forms);
    }
    return M::distance(query, point);
}

/// Leaves the k nearest rows in `found`, in the order (distance, id).
///
/// Depth first, nearest child first, in three steps:
///   1. Boxes are discarded eight at a time by the square of their gap from the query, and points by their
///      squared straight distance, both compared with the rank limit: the square beyond which nothing can
///      come before the k-th of the points so far (Metric::rival_square). All of this is in the widest
///      vectors that the processor has, compiled for each kind of processor and chosen once a search.
///   2. Points that are not discarded are logged with their rank, which is the square rounded to a float; the
///      k-th least rank so far gives the limit.
///   3. At the end the metric's one function gives those in the log that are within the limit, the k and very
///      few more, their distances, and the order (distance, id) decides.
/// What is discarded is strictly farther than k others, so the answer has the same rows and bits on every
/// processor. With an epsilon above 0 boxes are also discarded when all in them is at least as far as the
/// k-th of the points so far over 1 + epsilon; points never are.
template <Metric M>
void find_nearest(const SearchTask<M>& task, std::size_t k, std::vector<Neighbor>& found);

/// The same for a query far from all k, with the spheroid, where squares of straight distances tell distances
/// apart only to some hundred metres and more. The first k by straight distance stand settled in the scratch,
/// so that the k nearest are known to be within task.max_distance; a front where one of them is (none: there
/// can be none) discards most boxes and points that straight distances leave. The k nearest are left in the
/// scratch as `settle` leaves them.
void settle_nearest_behind(const SearchTask<Spheroid>& task, const Front* front, std::size_t k);

/// Leaves all rows within task.max_distance in `found`, in the order (distance, id).
template <Metric M>
void find_within(const SearchTask<M>& task, std::vector<Neighbor>& found);

/// How many rows are within task.max_distance. Subtrees that lie wholly within are counted without being
/// opened, and only points whose square leaves it open get a distance.
template <Metric M>
std::uint64_t count_within(const SearchTask<M>& task);

/// How many nodes a traversal opens between two looks at its Control.
inline constexpr std::uint64_t kNodesBetweenChecks = 256;

}  // namespace crowfly
