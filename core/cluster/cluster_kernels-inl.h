// What the passes of a clustering do with one node and one leaf, in vectors. Highway compiles this once for
// each kind of processor, so there is no `#pragma once`.

#if defined(CROWFLY_CORE_CLUSTER_CLUSTER_KERNELS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CROWFLY_CORE_CLUSTER_CLUSTER_KERNELS_INL_H
#undef CROWFLY_CORE_CLUSTER_CLUSTER_KERNELS_INL_H
#else
#define CROWFLY_CORE_CLUSTER_CLUSTER_KERNELS_INL_H
#endif

#include <array>
#include <cstddef>
#include <cstdint>

#include <hwy/highway.h>

#include "core/cluster/exact_tree.h"
#include "core/index/packed_tree.h"
#include "core/metric/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace crowfly::HWY_NAMESPACE {

// Squares are summed up in the order of squared_straight_distance, of operations that are rounded correctly
// and are monotone: so a point's has the same bits, and that of a box's gap or span is no bound too high or
// too low, to the last bit.

using DoubleTag = hn::CappedTag<double, 8>;
using Doubles = hn::Vec<DoubleTag>;
constexpr std::size_t kDoubles = hn::MaxLanes(DoubleTag());

/// Of the children of a node, or of the points of a leaf, a bit for each.
struct NearBits {
    std::uint32_t near;  ///< may be within: not beyond the far square
    std::uint32_t sure;  ///< are within: up to the sure square
};

HWY_INLINE std::uint32_t bits_up_to(Doubles squares, double limit) {
    std::uint8_t bytes[8] = {};  // as many as StoreMaskBits may write
    hn::StoreMaskBits(DoubleTag(), hn::Le(squares, hn::Set(DoubleTag(), limit)), bytes);
    return bytes[0];
}

/// Squares of the gaps between `from` and some children's boxes.
template <std::size_t D>
HWY_INLINE Doubles squared_gaps(const ExactNode<D>& node, const ExactBox<D>& from, std::size_t lane) {
    const DoubleTag tag;
    Doubles sum = hn::Zero(tag);
    for (std::size_t d = 0; d < D; ++d) {
        const Doubles below = hn::Sub(hn::Load(tag, &node.min[d][lane]), hn::Set(tag, from.max[d]));
        const Doubles above = hn::Sub(hn::Set(tag, from.min[d]), hn::Load(tag, &node.max[d][lane]));
        const Doubles gap = hn::Max(hn::Max(below, above), hn::Zero(tag));
        sum = d == 0 ? hn::Mul(gap, gap) : hn::Add(sum, hn::Mul(gap, gap));
    }
    return sum;
}

/// Squares of the distances between the corners of both that are farthest apart.
template <std::size_t D>
HWY_INLINE Doubles squared_spans(const ExactNode<D>& node, const ExactBox<D>& from, std::size_t lane) {
    const DoubleTag tag;
    Doubles sum = hn::Zero(tag);
    for (std::size_t d = 0; d < D; ++d) {
        const Doubles below = hn::Sub(hn::Set(tag, from.max[d]), hn::Load(tag, &node.min[d][lane]));
        const Doubles above = hn::Sub(hn::Load(tag, &node.max[d][lane]), hn::Set(tag, from.min[d]));
        const Doubles span = hn::Max(below, above);
        sum = d == 0 ? hn::Mul(span, span) : hn::Add(sum, hn::Mul(span, span));
    }
    return sum;
}

/// Which children's boxes may hold, and which hold nothing but, points within of all in `from`. Children that
/// are not there may be among them.
template <std::size_t D, class Limits>
HWY_INLINE NearBits near_children(const ExactNode<D>& node, const ExactBox<D>& from, const Limits& limits) {
    NearBits bits{0, 0};
    for (std::size_t lane = 0; lane < kFanOut; lane += kDoubles) {
        bits.near |= bits_up_to(squared_gaps(node, from, lane), limits.far) << lane;
        bits.sure |= bits_up_to(squared_spans(node, from, lane), limits.sure) << lane;
    }
    return bits;
}

template <std::size_t D>
HWY_INLINE Doubles squares_from(const TreeLeaf<D>& leaf, const std::array<double, D>& from,
                                std::size_t lane) {
    const DoubleTag tag;
    Doubles sum = hn::Zero(tag);
    for (std::size_t d = 0; d < D; ++d) {
        const Doubles gap = hn::Sub(hn::Load(tag, &leaf.columns[d][lane]), hn::Set(tag, from[d]));
        sum = d == 0 ? hn::Mul(gap, gap) : hn::Add(sum, hn::Mul(gap, gap));
    }
    return sum;
}

/// Which points of a leaf may be, and which are, within. Points that are not there may be among them.
template <std::size_t D, class Limits>
HWY_INLINE NearBits near_points(const TreeLeaf<D>& leaf, const std::array<double, D>& from,
                                const Limits& limits) {
    NearBits bits{0, 0};
    for (std::size_t lane = 0; lane < kLeafSize; lane += kDoubles) {
        const Doubles squares = squares_from(leaf, from, lane);
        bits.near |= bits_up_to(squares, limits.far) << lane;
        bits.sure |= bits_up_to(squares, limits.sure) << lane;
    }
    return bits;
}

/// The squares of all points of a leaf.
template <std::size_t D>
HWY_INLINE void store_squares(const TreeLeaf<D>& leaf, const std::array<double, D>& from, double* squares) {
    for (std::size_t lane = 0; lane < kLeafSize; lane += kDoubles) {
        hn::Store(squares_from(leaf, from, lane), DoubleTag(), squares + lane);
    }
}

/// The squares of the gaps to all children.
template <std::size_t D>
HWY_INLINE void store_gaps(const ExactNode<D>& node, const ExactBox<D>& from, double* gaps) {
    for (std::size_t lane = 0; lane < kFanOut; lane += kDoubles) {
        hn::Store(squared_gaps(node, from, lane), DoubleTag(), gaps + lane);
    }
}

/// The square of the gap between two boxes.
template <std::size_t D>
HWY_INLINE double squared_gap(const ExactBox<D>& a, const ExactBox<D>& b) {
    double sum = 0;
    for (std::size_t d = 0; d < D; ++d) {
        const double below = b.min[d] - a.max[d];
        const double above = a.min[d] - b.max[d];
        const double gap = std::max(std::max(below, above), 0.0);
        sum += gap * gap;
    }
    return sum;
}

template <std::size_t D>
HWY_INLINE std::array<double, D> point_of(const TreeLeaf<D>& leaf, std::size_t place) {
    std::array<double, D> point;
    for (std::size_t d = 0; d < D; ++d) point[d] = leaf.columns[d][place];
    return point;
}

}  // namespace crowfly::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
