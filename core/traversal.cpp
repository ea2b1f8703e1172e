#include "core/traversal.h"

#include <bit>
#include <cmath>
#include <limits>

#include "core/plane.h"
#include "core/sphere.h"
#include "core/spheroid.h"
#include "core/top_k.h"

// Highway compiles what stands between HWY_BEFORE_NAMESPACE and HWY_AFTER_NAMESPACE once for each kind of
// processor, by including this file again.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/traversal.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef CROWFLY_CORE_TRAVERSAL_LIMITS
#define CROWFLY_CORE_TRAVERSAL_LIMITS

namespace crowfly {
namespace {

/// Squared straight distances beyond which nothing counts: for points, and for boxes, whose gaps are computed
/// in float.
struct Limits {
    double points;
    float boxes;

    /// A point counts when its straight distance, the rounded root of a sum, is at most `reach`. The root is
    /// exact to half a unit in the last place, so its sum is at most reach^2 (1 + 2^-51). A box's sum is kept
    /// below the true one (see kShrink) but where floats are denormal, which the last term makes up for.
    static Limits within(double reach) {
        const double squared = reach * reach * (1 + 0x1p-50) + std::numeric_limits<double>::denorm_min();
        return {squared, round_up(squared * (1 + 0x1p-50) + 1e-42)};
    }
};

// A gap, its square and the sum of up to three are rounded five times in all, each time by at most one part
// in 2^24.
constexpr float kShrink = 1 - 0x1p-20F;

/// A subtree that is still to be opened.
struct Branch {
    float squared_gap;
    std::uint32_t level;  // 0 is a leaf, l + 1 a node of level l
    std::uint32_t number;
};

// A tree over 2^32 points has 10 levels of nodes; each leaves at most 7 branches for later.
constexpr std::size_t kDeepestStack = 80;

}  // namespace
}  // namespace crowfly

#endif  // CROWFLY_CORE_TRAVERSAL_LIMITS

HWY_BEFORE_NAMESPACE();
namespace crowfly::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// The query in floats that lie below and above its coordinates.
template <std::size_t D>
struct FloatQuery {
    std::array<float, D> low;
    std::array<float, D> high;
};

/// Squared distances, rounded down, from the query to the 8 boxes of a node.
template <class Node, std::size_t D>
HWY_INLINE void squared_gaps(const Node& node, const FloatQuery<D>& query, float* HWY_RESTRICT gaps) {
    const hn::CappedTag<float, 8> tag;
    for (std::size_t lane = 0; lane < 8; lane += hn::Lanes(tag)) {
        auto sum = hn::Zero(tag);
        for (std::size_t d = 0; d < D; ++d) {
            const auto below = hn::Sub(hn::Load(tag, &node.min[d][lane]), hn::Set(tag, query.high[d]));
            const auto above = hn::Sub(hn::Set(tag, query.low[d]), hn::Load(tag, &node.max[d][lane]));
            const auto gap = hn::Max(hn::Max(below, above), hn::Zero(tag));
            sum = hn::Add(sum, hn::Mul(gap, gap));
        }
        hn::Store(hn::Mul(sum, hn::Set(tag, kShrink)), tag, gaps + lane);
    }
}

/// A bit for each of the 8 points of a leaf whose squared straight distance is at most `limit`.
template <std::size_t D, class Leaf, std::size_t Columns>
HWY_INLINE std::uint32_t points_within(const Leaf& leaf, const std::array<double, Columns>& query,
                                       double limit) {
    const hn::CappedTag<double, 8> tag;
    std::uint32_t within = 0;
    for (std::size_t lane = 0; lane < 8; lane += hn::Lanes(tag)) {
        auto sum = hn::Zero(tag);
        for (std::size_t d = 0; d < D; ++d) {
            const auto gap = hn::Sub(hn::Load(tag, &leaf.columns[d][lane]), hn::Set(tag, query[d]));
            sum = hn::Add(sum, hn::Mul(gap, gap));
        }
        std::uint8_t bits[8]{};
        hn::StoreMaskBits(tag, hn::Le(sum, hn::Set(tag, limit)), bits);
        within |= static_cast<std::uint32_t>(bits[0]) << lane;
    }
    return within;
}

template <class M, class Collector>
void traverse_on_target(const PackedIndex<M>& index, const Embedded<M>& query, const RowFilter& filter,
                        Collector& collector, SearchCounts& counts) {
    constexpr std::size_t kDimensions = M::kDimensions;
    if (index.size() == 0) return;
    FloatQuery<kDimensions> float_query;
    for (std::size_t d = 0; d < kDimensions; ++d) {
        float_query.low[d] = round_down(query[d]);
        float_query.high[d] = round_up(query[d]);
    }
    double worst = collector.worst();
    Limits limits = Limits::within(M::reach(worst));
    std::array<Branch, kDeepestStack> stack;
    std::size_t waiting = 0;
    Branch branch{0, static_cast<std::uint32_t>(index.level_count()), 0};
    for (;;) {
        if (branch.level == 0) {
            ++counts.leaves;
            const auto& leaf = index.leaf(branch.number);
            const auto rows = index.rows(branch.number);
            std::uint32_t candidates =
                points_within<kDimensions>(leaf, query, limits.points) & ((1U << rows.size()) - 1U);
            for (; candidates != 0; candidates &= candidates - 1) {
                const auto lane = static_cast<std::size_t>(std::countr_zero(candidates));
                if (filter && !filter(rows[lane])) continue;
                Embedded<M> point;
                for (std::size_t c = 0; c < M::kColumns; ++c) point[c] = leaf.columns[c][lane];
                if constexpr (requires { M::close_bound(query, point); }) {
                    if (M::close_bound(query, point) > worst) continue;
                }
                ++counts.distances;
                collector.offer({rows[lane], M::distance(query, point)});
                if (collector.worst() != worst) {
                    worst = collector.worst();
                    limits = Limits::within(M::reach(worst));
                }
            }
        } else {
            ++counts.nodes;
            const std::uint32_t level = branch.level - 1;
            alignas(64) float gaps[8];
            squared_gaps(index.node(level, branch.number), float_query, gaps);
            // Farthest first onto the stack, in the order of (gap, child).
            const std::size_t children = index.child_count(level, branch.number);
            const std::size_t bottom = waiting;
            for (std::size_t child = 0; child < children; ++child) {
                if (gaps[child] > limits.boxes) continue;
                std::size_t place = waiting++;
                for (; place > bottom && stack[place - 1].squared_gap <= gaps[child]; --place)
                    stack[place] = stack[place - 1];
                stack[place] = {gaps[child], level, static_cast<std::uint32_t>(branch.number * 8 + child)};
            }
        }
        do {
            if (waiting == 0) return;
            branch = stack[--waiting];
        } while (branch.squared_gap > limits.boxes);
        // The branch after this one is likely next but one; a leaf has its own lines of the cache, far from
        // the nodes.
        if (waiting > 0 && stack[waiting - 1].level == 0)
            hwy::Prefetch(&index.leaf(stack[waiting - 1].number));
    }
}

void plane_top_k(const PackedIndex<Plane>& index, const Embedded<Plane>& query, const RowFilter& filter,
                 TopK& collector, SearchCounts& counts) {
    traverse_on_target(index, query, filter, collector, counts);
}
void plane_within(const PackedIndex<Plane>& index, const Embedded<Plane>& query, const RowFilter& filter,
                  WithinDistance& collector, SearchCounts& counts) {
    traverse_on_target(index, query, filter, collector, counts);
}
void sphere_top_k(const PackedIndex<Sphere>& index, const Embedded<Sphere>& query, const RowFilter& filter,
                  TopK& collector, SearchCounts& counts) {
    traverse_on_target(index, query, filter, collector, counts);
}
void sphere_within(const PackedIndex<Sphere>& index, const Embedded<Sphere>& query, const RowFilter& filter,
                   WithinDistance& collector, SearchCounts& counts) {
    traverse_on_target(index, query, filter, collector, counts);
}
void spheroid_top_k(const PackedIndex<Spheroid>& index, const Embedded<Spheroid>& query,
                    const RowFilter& filter, TopK& collector, SearchCounts& counts) {
    traverse_on_target(index, query, filter, collector, counts);
}
void spheroid_within(const PackedIndex<Spheroid>& index, const Embedded<Spheroid>& query,
                     const RowFilter& filter, WithinDistance& collector, SearchCounts& counts) {
    traverse_on_target(index, query, filter, collector, counts);
}

}  // namespace
}  // namespace crowfly::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace crowfly {

HWY_EXPORT(plane_top_k);
HWY_EXPORT(plane_within);
HWY_EXPORT(sphere_top_k);
HWY_EXPORT(sphere_within);
HWY_EXPORT(spheroid_top_k);
HWY_EXPORT(spheroid_within);

template <>
void traverse(const PackedIndex<Plane>& index, const Embedded<Plane>& query, const RowFilter& filter,
              TopK& collector, SearchCounts& counts) {
    HWY_DYNAMIC_DISPATCH(plane_top_k)(index, query, filter, collector, counts);
}
template <>
void traverse(const PackedIndex<Plane>& index, const Embedded<Plane>& query, const RowFilter& filter,
              WithinDistance& collector, SearchCounts& counts) {
    HWY_DYNAMIC_DISPATCH(plane_within)(index, query, filter, collector, counts);
}
template <>
void traverse(const PackedIndex<Sphere>& index, const Embedded<Sphere>& query, const RowFilter& filter,
              TopK& collector, SearchCounts& counts) {
    HWY_DYNAMIC_DISPATCH(sphere_top_k)(index, query, filter, collector, counts);
}
template <>
void traverse(const PackedIndex<Sphere>& index, const Embedded<Sphere>& query, const RowFilter& filter,
              WithinDistance& collector, SearchCounts& counts) {
    HWY_DYNAMIC_DISPATCH(sphere_within)(index, query, filter, collector, counts);
}
template <>
void traverse(const PackedIndex<Spheroid>& index, const Embedded<Spheroid>& query, const RowFilter& filter,
              TopK& collector, SearchCounts& counts) {
    HWY_DYNAMIC_DISPATCH(spheroid_top_k)(index, query, filter, collector, counts);
}
template <>
void traverse(const PackedIndex<Spheroid>& index, const Embedded<Spheroid>& query, const RowFilter& filter,
              WithinDistance& collector, SearchCounts& counts) {
    HWY_DYNAMIC_DISPATCH(spheroid_within)(index, query, filter, collector, counts);
}

}  // namespace crowfly
#endif  // HWY_ONCE
