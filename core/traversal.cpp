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

#include "core/lane_distance-inl.h"

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

/// Lanes of doubles as a number, so that a formula is written once for scalars and for vectors. Only
/// operations that are rounded correctly are here, so each lane has the bits that the scalar has.
class Lanes {
  public:
    using Tag = hn::CappedTag<double, 8>;
    using Vector = hn::Vec<Tag>;

    HWY_INLINE Lanes() : Lanes(0.0) {}
    HWY_INLINE Lanes(double value) : v_(hn::Set(Tag(), value)) {}
    HWY_INLINE explicit Lanes(Vector v) : v_(v) {}
    HWY_INLINE Vector vector() const { return v_; }

    friend HWY_INLINE Lanes operator+(Lanes a, Lanes b) { return Lanes(hn::Add(a.v_, b.v_)); }
    friend HWY_INLINE Lanes operator-(Lanes a, Lanes b) { return Lanes(hn::Sub(a.v_, b.v_)); }
    friend HWY_INLINE Lanes operator*(Lanes a, Lanes b) { return Lanes(hn::Mul(a.v_, b.v_)); }
    friend HWY_INLINE Lanes operator/(Lanes a, Lanes b) { return Lanes(hn::Div(a.v_, b.v_)); }
    friend HWY_INLINE Lanes sqrt(Lanes a) { return Lanes(hn::Sqrt(a.v_)); }

  private:
    Vector v_;
};

/// The points of a leaf as they are seen from the query.
struct Seen {
    alignas(64) std::array<double, 8> squares;    // of their straight distances
    alignas(64) std::array<double, 8> distances;  // where lane_distance holds
    std::uint32_t within = 0;                     // a bit for each whose square is at most the limit
};

template <class M, class Leaf>
HWY_INLINE void see(const Leaf& leaf, const Embedded<M>& query, double limit, Seen& seen) {
    const Lanes::Tag tag;
    for (std::size_t lane = 0; lane < 8; lane += hn::Lanes(tag)) {
        Lanes q[M::kDimensions];
        Lanes p[M::kDimensions];
        Lanes square(0.0);
        for (std::size_t d = 0; d < M::kDimensions; ++d) {
            q[d] = Lanes(query[d]);
            p[d] = Lanes(hn::Load(tag, &leaf.columns[d][lane]));
            const Lanes gap = p[d] - q[d];
            square = square + gap * gap;
        }
        hn::Store(square.vector(), tag, &seen.squares[lane]);
        std::uint8_t bits[8]{};
        hn::StoreMaskBits(tag, hn::Le(square.vector(), hn::Set(tag, limit)), bits);
        seen.within |= static_cast<std::uint32_t>(bits[0]) << lane;
        if constexpr (M::kLaneLimit > 0) {
            hn::Store(lane_distance(M(), q, p, square).vector(), tag, &seen.distances[lane]);
        }
    }
}

/// One search of one index.
template <class M, class Collector>
class Traversal {
  public:
    Traversal(const PackedIndex<M>& index, const Embedded<M>& query, const RowFilter& filter,
              Collector& collector, SearchCounts& counts)
        : index_(index), query_(query), filter_(filter), collector_(collector), counts_(counts) {
        for (std::size_t d = 0; d < M::kDimensions; ++d) {
            float_query_.low[d] = round_down(query[d]);
            float_query_.high[d] = round_up(query[d]);
        }
        narrow();
    }

    void run() {
        if (index_.size() == 0) return;
        Branch branch{0, static_cast<std::uint32_t>(index_.level_count()), 0};
        for (;;) {
            if (branch.level == 0) {
                open_leaf(branch.number);
            } else {
                open_node(branch.level - 1, branch.number);
            }
            do {
                if (waiting_ == 0) return;
                branch = stack_[--waiting_];
            } while (branch.squared_gap > limits_.boxes);
            // The branch after this one is likely next but one; leaves lie far from the nodes.
            if (waiting_ > 0 && stack_[waiting_ - 1].level == 0) {
                hwy::Prefetch(&index_.leaf(stack_[waiting_ - 1].number));
            }
        }
    }

  private:
    void narrow() {
        worst_ = collector_.worst();
        limits_ = Limits::within(M::reach(worst_));
    }

    void open_leaf(std::uint32_t number) {
        ++counts_.leaves;
        const auto& leaf = index_.leaf(number);
        const auto rows = index_.rows(number);
        Seen seen;
        see<M>(leaf, query_, limits_.points, seen);
        for (std::uint32_t rest = seen.within & ((1U << rows.size()) - 1U); rest != 0; rest &= rest - 1) {
            const auto lane = static_cast<std::size_t>(std::countr_zero(rest));
            if (seen.squares[lane] > limits_.points || (filter_ && !filter_(rows[lane]))) continue;
            if (seen.squares[lane] > 0 && seen.squares[lane] <= M::kLaneLimit) {
                offer({rows[lane], seen.distances[lane]});
            } else {
                measure(leaf, lane, rows[lane]);
            }
        }
    }

    void measure(const typename PackedIndex<M>::Leaf& leaf, std::size_t lane, std::uint32_t row) {
        Embedded<M> point;
        for (std::size_t c = 0; c < M::kColumns; ++c) point[c] = leaf.columns[c][lane];
        if constexpr (requires { M::close_bound(query_, point); }) {
            if (M::close_bound(query_, point) > worst_) return;
        }
        offer({row, M::distance(query_, point)});
    }

    void offer(Neighbor neighbor) {
        ++counts_.distances;
        if (neighbor.distance > worst_) return;
        collector_.offer(neighbor);
        if (collector_.worst() != worst_) narrow();
    }

    /// Puts the children onto the stack, the farthest first, in the order of (gap, child).
    void open_node(std::uint32_t level, std::uint32_t number) {
        ++counts_.nodes;
        alignas(64) float gaps[8];
        squared_gaps(index_.node(level, number), float_query_, gaps);
        const std::size_t children = index_.child_count(level, number);
        const std::size_t bottom = waiting_;
        for (std::size_t child = 0; child < children; ++child) {
            if (gaps[child] > limits_.boxes) continue;
            std::size_t place = waiting_++;
            for (; place > bottom && stack_[place - 1].squared_gap <= gaps[child]; --place) {
                stack_[place] = stack_[place - 1];
            }
            stack_[place] = {gaps[child], level, static_cast<std::uint32_t>(number * 8 + child)};
        }
    }

    const PackedIndex<M>& index_;
    const Embedded<M>& query_;
    const RowFilter& filter_;
    Collector& collector_;
    SearchCounts& counts_;
    FloatQuery<M::kDimensions> float_query_;
    double worst_;
    Limits limits_;
    std::array<Branch, kDeepestStack> stack_;
    std::size_t waiting_ = 0;
};

void plane_top_k(const PackedIndex<Plane>& index, const Embedded<Plane>& query, const RowFilter& filter,
                 TopK& collector, SearchCounts& counts) {
    Traversal(index, query, filter, collector, counts).run();
}
void plane_within(const PackedIndex<Plane>& index, const Embedded<Plane>& query, const RowFilter& filter,
                  WithinDistance& collector, SearchCounts& counts) {
    Traversal(index, query, filter, collector, counts).run();
}
void sphere_top_k(const PackedIndex<Sphere>& index, const Embedded<Sphere>& query, const RowFilter& filter,
                  TopK& collector, SearchCounts& counts) {
    Traversal(index, query, filter, collector, counts).run();
}
void sphere_within(const PackedIndex<Sphere>& index, const Embedded<Sphere>& query, const RowFilter& filter,
                   WithinDistance& collector, SearchCounts& counts) {
    Traversal(index, query, filter, collector, counts).run();
}
void spheroid_top_k(const PackedIndex<Spheroid>& index, const Embedded<Spheroid>& query,
                    const RowFilter& filter, TopK& collector, SearchCounts& counts) {
    Traversal(index, query, filter, collector, counts).run();
}
void spheroid_within(const PackedIndex<Spheroid>& index, const Embedded<Spheroid>& query,
                     const RowFilter& filter, WithinDistance& collector, SearchCounts& counts) {
    Traversal(index, query, filter, collector, counts).run();
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
