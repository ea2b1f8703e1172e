// The last step of a search: distances of the few candidates, and their order. Highway compiles this once for
// each kind of processor, so there is no `#pragma once`.

#if defined(CROWFLY_CORE_SEARCH_SETTLE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CROWFLY_CORE_SEARCH_SETTLE_INL_H
#undef CROWFLY_CORE_SEARCH_SETTLE_INL_H
#else
#define CROWFLY_CORE_SEARCH_SETTLE_INL_H
#endif

#include <hwy/highway.h>

#include "core/metric/formulas-inl.h"
#include "core/search/kernels-inl.h"
#include "core/search/traversal.h"

HWY_BEFORE_NAMESPACE();
namespace crowfly::HWY_NAMESPACE {

/// Some points side by side, and what is computed of them.
template <std::size_t D>
struct PointBlock {
    alignas(64) double columns[D][Lanes::kCount];
    alignas(64) double squares[Lanes::kCount];
};

constexpr std::uint64_t kSolutionsBetweenChecks = 64;

/// Settles candidates that lane_distance alone cannot: nearest bound first, so that the solver runs only for
/// those that no bound places behind k others. Leaves at most k in the scratch, in order.
template <Metric M>
HWY_NOINLINE void settle_far(const SearchTask<M>& task, std::span<const std::uint32_t> slots, std::size_t k) {
    constexpr std::size_t D = M::kDimensions;
    std::vector<Settled>& settled = task.scratch.settled;
    settled.clear();
    const auto before = [&](const Settled& a, const Settled& b) {
        return task.before(a.neighbor, b.neighbor);
    };
    const bool all = k >= slots.size();
    const auto keep = [&](const Settled& found) {
        ++task.counts.distances;
        if (found.neighbor.distance > task.max_distance) return;
        if (all) {
            settled.push_back(found);
            return;
        }
        settled.insert(std::upper_bound(settled.begin(), settled.end(), found, before), found);
        if (settled.size() > k) settled.pop_back();
    };
    std::vector<Settled> bounded;  // with a bound in place of the distance
    for (const std::uint32_t slot : slots) {
        const std::array<double, D> point = task.tree.point(slot);
        const std::uint32_t row = task.tree.row(slot);
        ++task.counts.closed_forms;
        if constexpr (requires { M::close_bound(point, point); }) {
            if (M::needs_solver(squared_straight_distance<D>(task.query, point))) {
                bounded.push_back({{row, M::close_bound(task.query, point)}, slot});
                continue;
            }
        }
        keep({{row, M::distance(task.query, point)}, slot});
    }
    std::sort(bounded.begin(), bounded.end(), before);
    std::array<double, D> last_point{};
    double last_distance = -1;
    for (const Settled& candidate : bounded) {
        const double bound = candidate.neighbor.distance;
        if (bound > task.max_distance) break;
        if (!all && settled.size() == k && bound > settled.back().neighbor.distance) break;
        const std::array<double, D> point = task.tree.point(candidate.slot);
        if (last_distance < 0 || point != last_point) {
            last_point = point;
            last_distance = M::distance(task.query, point);
            if (++task.counts.geodesics % kSolutionsBetweenChecks == 0) task.control.check();
        }
        keep({{candidate.neighbor.row, last_distance}, candidate.slot});
    }
    if (all) std::sort(settled.begin(), settled.end(), before);
}

/// Puts settled points in the order of their distances by counting, for each, those that are nearer: no
/// branch depends on how they compare. `distances` are theirs, followed by infinities up to a whole vector.
/// Returns whether all are different; only then is `to` whole. Cost: O(n^2 / 8).
HWY_INLINE bool order_by_counting(std::span<const Settled> from, const double* HWY_RESTRICT distances,
                                  Settled* HWY_RESTRICT to) {
    const Lanes::Tag tag;
    const hn::RebindToSigned<Lanes::Tag> count_tag;
    alignas(64) std::int64_t places[Lanes::kCount];
    std::size_t sum = 0;
    for (std::size_t first = 0; first < from.size(); first += Lanes::kCount) {
        const auto own = hn::Load(tag, distances + first);
        auto nearer = hn::Zero(count_tag);
        for (std::size_t j = 0; j < from.size(); ++j) {
            const auto is_nearer = hn::VecFromMask(tag, hn::Lt(hn::Set(tag, distances[j]), own));
            nearer = hn::Sub(nearer, hn::BitCast(count_tag, is_nearer));
        }
        hn::Store(nearer, count_tag, places);
        const std::size_t count = std::min(Lanes::kCount, from.size() - first);
        for (std::size_t lane = 0; lane < count; ++lane) {
            const auto place = static_cast<std::size_t>(places[lane]);
            to[place] = from[first + lane];
            sum += place;
        }
    }
    // 0 + 1 + ... when no two places are the same.
    return sum == from.size() * (from.size() - 1) / 2;
}

/// Of the points in these slots, the k first by (distance, id) within max_distance, left in the scratch in
/// that order.
template <Metric M>
HWY_NOINLINE void settle(const SearchTask<M>& task, std::span<const std::uint32_t> slots, std::size_t k) {
    constexpr std::size_t D = M::kDimensions;
    constexpr std::size_t kMostCounted = 256;
    std::vector<Settled>& settled = task.scratch.settled;
    settled.resize(slots.size());
    alignas(64) std::array<double, kMostCounted> distances;
    const Lanes::Tag tag;
    Lanes query[D];
    for (std::size_t d = 0; d < D; ++d) query[d] = Lanes(task.query[d]);
    PointBlock<D> block{};
    std::array<Settled, kMostCounted> unordered;
    const bool counted = slots.size() <= kMostCounted;
    Settled* const out = counted ? unordered.data() : settled.data();
    for (std::size_t first = 0; first < slots.size(); first += Lanes::kCount) {
        const std::size_t count = std::min(Lanes::kCount, slots.size() - first);
        for (std::size_t lane = 0; lane < count; ++lane) {
            const std::uint32_t slot = slots[first + lane];
            const TreeLeaf<D>& leaf = task.tree.leaf(slot / kLeafSize);
            for (std::size_t d = 0; d < D; ++d) block.columns[d][lane] = leaf.columns[d][slot % kLeafSize];
            out[first + lane].slot = slot;
            out[first + lane].neighbor.row = leaf.rows[slot % kLeafSize];
        }
        Lanes points[D];
        Lanes square(0.0);
        for (std::size_t d = 0; d < D; ++d) {
            points[d] = Lanes(hn::Load(tag, block.columns[d]));
            const Lanes gap = points[d] - query[d];
            square = square + gap * gap;
        }
        const auto valid = hn::FirstN(tag, count);
        if (M::kLaneLimit < std::numeric_limits<double>::infinity() &&
            !hn::AllFalse(tag, hn::And(valid, hn::Gt(square.vector(), hn::Set(tag, M::kLaneLimit))))) {
            return settle_far(task, slots, k);
        }
        const auto far = hn::Set(tag, std::numeric_limits<double>::infinity());
        const auto distance = hn::IfThenElse(valid, lane_distance(M(), query, points, square).vector(), far);
        hn::Store(distance, tag, counted ? distances.data() + first : block.squares);
        const double* const lanes = counted ? distances.data() + first : block.squares;
        for (std::size_t lane = 0; lane < count; ++lane) out[first + lane].neighbor.distance = lanes[lane];
    }
    task.counts.distances += slots.size();
    task.counts.closed_forms += slots.size();
    const auto before = [&](const Settled& a, const Settled& b) {
        return task.before(a.neighbor, b.neighbor);
    };
    if (counted) {
        const std::span from(unordered.data(), slots.size());
        if (!order_by_counting(from, distances.data(), settled.data())) {
            std::copy(from.begin(), from.end(), settled.begin());
            std::sort(settled.begin(), settled.end(), before);
        }
    } else {
        std::sort(settled.begin(), settled.end(), before);
    }
    if (settled.size() > k) settled.resize(k);
    while (!settled.empty() && settled.back().neighbor.distance > task.max_distance) settled.pop_back();
}

}  // namespace crowfly::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
