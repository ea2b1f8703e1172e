// The last step of a search: distances of the few candidates, and their order. Highway compiles this once for
// each kind of processor, so there is no `#pragma once`.

#if defined(CROWFLY_CORE_SEARCH_SETTLE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CROWFLY_CORE_SEARCH_SETTLE_INL_H
#undef CROWFLY_CORE_SEARCH_SETTLE_INL_H
#else
#define CROWFLY_CORE_SEARCH_SETTLE_INL_H
#endif

#include <algorithm>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <hwy/highway.h>

#include "core/metric/formulas-inl.h"
#include "core/search/kernels-inl.h"
#include "core/search/traversal.h"

HWY_BEFORE_NAMESPACE();
namespace crowfly::HWY_NAMESPACE {

constexpr std::uint64_t kArcsBetweenChecks = 4096;
constexpr std::uint64_t kSolutionsBetweenChecks = 64;

/// Whether the metric has formulas that hold only so far, and a solver beyond.
template <Metric M>
constexpr bool kHasSolver = M::kLaneLimit < std::numeric_limits<double>::infinity();

/// Settles candidates that lane_distance alone cannot: nearest bound first, so that the solver runs only for
/// those that no bound places behind k others. Leaves at most k in the scratch, in order.
template <class Task>
HWY_NOINLINE void settle_far(const Task& task, std::span<const std::uint32_t> slots, std::size_t k) {
    using M = typename Task::MetricType;
    std::vector<Settled>& settled = task.scratch.settled;
    settled.clear();
    const auto before = [&](const Settled& a, const Settled& b) {
        return task.before(a.neighbor, b.neighbor);
    };
    // At most k, as a heap whose front is the last.
    const auto keep = [&](const Settled& found) {
        if (found.neighbor.distance > task.max_distance) return;
        if (settled.size() == k) {
            if (!before(found, settled.front())) return;
            std::pop_heap(settled.begin(), settled.end(), before);
            settled.pop_back();
        }
        settled.push_back(found);
        std::push_heap(settled.begin(), settled.end(), before);
    };
    std::vector<Settled> bounded;  // with a bound in place of the distance
    std::uint64_t steps = 0;
    for (const std::uint32_t slot : slots) {
        if (++steps % kArcsBetweenChecks == 0) task.control.check();
        const Embedded<M> point = task.tree.point(slot);
        const std::uint32_t row = task.tree.row(slot);
        const double square = squared_straight_distance(task.query, point);
        if (M::needs_solver(square)) {
            bounded.push_back({{row, M::least_distance(square)}, slot});
        } else {
            keep({{row, measure<M>(task.query, point, task.counts)}, slot});
        }
    }
    std::sort(bounded.begin(), bounded.end(), before);
    Embedded<M> last_point{};
    double last_distance = -1;
    for (const Settled& candidate : bounded) {
        const double bound = candidate.neighbor.distance;
        if (bound > task.max_distance) break;
        if (settled.size() == k && bound > settled.front().neighbor.distance) break;
        const Embedded<M> point = task.tree.point(candidate.slot);
        if (last_distance < 0 || point != last_point) {
            last_point = point;
            last_distance = measure<M>(task.query, point, task.counts);
            if (task.counts.geodesics % kSolutionsBetweenChecks == 0) task.control.check();
        }
        keep({{candidate.neighbor.row, last_distance}, candidate.slot});
    }
    std::sort_heap(settled.begin(), settled.end(), before);
}

/// The coordinates of the points in the first slots of `slots`, of which there are Lanes::kCount to be read.
/// One by one, because some processors gather slowly and none much faster than this.
template <std::size_t D, class Tree>
HWY_INLINE void gather_points(const Tree& tree, const std::uint32_t* slots, Lanes* points) {
    const Lanes::Tag tag;
    alignas(64) double coordinates[D][Lanes::kCount];
    for (std::size_t i = 0; i < Lanes::kCount; ++i) {
        const std::array<double, D> point = tree.point(slots[i]);
        for (std::size_t d = 0; d < D; ++d) coordinates[d][i] = point[d];
    }
    for (std::size_t d = 0; d < D; ++d) points[d] = Lanes(hn::Load(tag, coordinates[d]));
}

/// Puts what is in `slots` in the order of its distances by counting, for each, those that are nearer: no
/// branch depends on how they compare. The distances are followed by infinities up to a whole vector. Returns
/// whether all are different; only then is `to` whole. Cost: O(n^2 / 8).
template <class Tree>
HWY_INLINE bool order_by_counting(const Tree& tree, std::span<const std::uint32_t> slots,
                                  const double* HWY_RESTRICT distances, Settled* HWY_RESTRICT to) {
    const Lanes::Tag tag;
    const hn::RebindToSigned<Lanes::Tag> count_tag;
    alignas(64) std::int64_t places[Lanes::kCount];
    std::size_t sum = 0;
    for (std::size_t first = 0; first < slots.size(); first += Lanes::kCount) {
        const auto own = hn::Load(tag, distances + first);
        auto nearer = hn::Zero(count_tag);
        for (std::size_t j = 0; j < slots.size(); ++j) {
            const auto is_nearer = hn::VecFromMask(tag, hn::Lt(hn::Set(tag, distances[j]), own));
            nearer = hn::Sub(nearer, hn::BitCast(count_tag, is_nearer));
        }
        hn::Store(nearer, count_tag, places);
        const std::size_t end = std::min(first + Lanes::kCount, slots.size());
        for (std::size_t i = first; i < end; ++i) {
            const auto place = static_cast<std::size_t>(places[i - first]);
            to[place] = {{tree.row(slots[i]), distances[i]}, slots[i]};
            sum += place;
        }
    }
    // 0 + 1 + ... when no two places are the same.
    return sum == slots.size() * (slots.size() - 1) / 2;
}

inline void take_neighbors(std::span<const Settled> settled, std::vector<Neighbor>& found) {
    found.resize(settled.size());
    for (std::size_t i = 0; i < settled.size(); ++i) found[i] = settled[i].neighbor;
}

/// The common case of k = 1.
template <class Task>
HWY_INLINE void settle_one(const Task& task, std::uint32_t slot) {
    using M = typename Task::MetricType;
    std::vector<Settled>& settled = task.scratch.settled;
    settled.clear();
    const double distance = measure<M>(task.query, task.tree.point(slot), task.counts);
    if (distance <= task.max_distance) settled.push_back({{task.tree.row(slot), distance}, slot});
}

/// Up to so many are put in order by counting.
constexpr std::size_t kMostCounted = 128;

/// Leaves what is in `slots` in the scratch, in order: first in as many buckets as there are, by the square
/// of the distance, which is about evenly spread, then within each. Cost: O(n) where it is so, O(n log n)
/// where it is not.
template <class Task>
HWY_NOINLINE void order_by_buckets(const Task& task, std::span<const std::uint32_t> slots,
                                   const double* distances) {
    std::vector<Settled>& settled = task.scratch.settled;
    std::vector<std::uint32_t>& ends = task.scratch.buckets;
    const auto before = [&](const Settled& a, const Settled& b) {
        return task.before(a.neighbor, b.neighbor);
    };
    const auto count = static_cast<double>(slots.size());
    const double farthest = *std::max_element(distances, distances + slots.size());
    const double scale = count / (farthest * farthest);
    // Squares may be too small for the scale to be a number.
    const bool spread = scale > 0 && scale < std::numeric_limits<double>::max();
    const auto bucket = [&](double distance) {
        return spread ? static_cast<std::size_t>(std::min(distance * distance * scale, count - 1)) : 0;
    };
    ends.assign(slots.size(), 0);
    for (std::size_t i = 0; i < slots.size(); ++i) ++ends[bucket(distances[i])];
    std::uint32_t begin = 0;
    for (std::uint32_t& end : ends) begin += std::exchange(end, begin);
    for (std::size_t i = 0; i < slots.size(); ++i) {
        settled[ends[bucket(distances[i])]++] = {{task.tree.row(slots[i]), distances[i]}, slots[i]};
    }
    begin = 0;
    for (const std::uint32_t end : ends) {
        if (end - begin > 1) std::sort(settled.begin() + begin, settled.begin() + end, before);
        begin = end;
    }
}

/// Room after the last slot that `settle` needs, as it loads whole vectors.
constexpr std::size_t kSlotMargin = 8;

/// Of the points in these slots, the k first by (distance, id) within max_distance, left in the scratch in
/// that order. After the slots there are kSlotMargin more that may be read and written.
template <class Task>
HWY_NOINLINE void settle(const Task& task, std::span<std::uint32_t> slots, std::size_t k) {
    using M = typename Task::MetricType;
    constexpr std::size_t D = M::kDimensions;
    std::vector<Settled>& settled = task.scratch.settled;
    if (slots.size() == 1) return settle_one(task, slots.front());
    settled.resize(slots.size());
    // Whole vectors need points that are there, and no farther than the others, as far ones cost more.
    std::fill_n(slots.data() + slots.size(), kSlotMargin, slots.empty() ? 0 : slots.front());
    alignas(64) std::array<double, kMostCounted> few;
    double* distances = few.data();
    if (slots.size() > kMostCounted) {
        task.scratch.distances.resize(slots.size() + Lanes::kCount);
        distances = task.scratch.distances.data();
    }
    const Lanes::Tag tag;
    Lanes query[D];
    for (std::size_t d = 0; d < D; ++d) query[d] = Lanes(task.query[d]);
    for (std::size_t first = 0; first < slots.size(); first += Lanes::kCount) {
        if (first % kArcsBetweenChecks == kArcsBetweenChecks - Lanes::kCount) task.control.check();
        Lanes points[D];
        gather_points<D>(task.tree, slots.data() + first, points);
        Lanes square(0.0);
        for (std::size_t d = 0; d < D; ++d) {
            const Lanes gap = points[d] - query[d];
            square = square + gap * gap;
        }
        const auto valid = hn::FirstN(tag, std::min(Lanes::kCount, slots.size() - first));
        if constexpr (kHasSolver<M>) {
            const auto far = hn::Gt(square.vector(), hn::Set(tag, M::kLaneLimit));
            if (!hn::AllFalse(tag, hn::And(valid, far))) return settle_far(task, slots, k);
        }
        const auto beyond = hn::Set(tag, std::numeric_limits<double>::infinity());
        const auto distance = lane_distance(M(), query, points, square).vector();
        hn::StoreU(hn::IfThenElse(valid, distance, beyond), tag, distances + first);
    }
    task.counts.distances += slots.size();
    if constexpr (kHasSolver<M>) task.counts.closed_forms += slots.size();

    const bool counted =
        slots.size() <= kMostCounted && order_by_counting(task.tree, slots, distances, settled.data());
    if (!counted) order_by_buckets(task, slots, distances);
    if (settled.size() > k) settled.resize(k);
    while (!settled.empty() && settled.back().neighbor.distance > task.max_distance) settled.pop_back();
}

}  // namespace crowfly::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
