#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/index/packed_tree.h"
#include "core/metric/metric.h"

namespace crowfly {

/// The positions that a tree is built over: number i is positions[row(i)].
struct TreePositions {
    std::span<const LonLat> positions;
    std::span<const std::uint32_t> rows;  ///< empty: number i is row i

    std::size_t size() const noexcept { return rows.empty() ? positions.size() : rows.size(); }
    std::uint32_t row(std::uint32_t number) const noexcept { return rows.empty() ? number : rows[number]; }
};

/// Least and greatest coordinates.
template <std::size_t D>
struct Extent {
    std::array<double, D> low;
    std::array<double, D> high;
};

/// Points on their way to their places: a column of whole numbers for each coordinate, which are in its
/// order, and last a column of the numbers of the points.
template <std::size_t D>
struct KeyColumns {
    std::array<std::int32_t*, D + 1> columns;

    KeyColumns from(std::size_t first) const {
        KeyColumns moved = *this;
        for (std::int32_t*& column : moved.columns) column += first;
        return moved;
    }
    std::uint32_t* numbers() const { return reinterpret_cast<std::uint32_t*>(columns[D]); }
};

/// Vectors may be loaded this many elements behind the end of a column.
inline constexpr std::size_t kColumnMargin = 16;

/// A place on a curve, and the number of the point there. Points are sorted by `key` alone.
struct CurvePlace {
    std::uint32_t key;
    std::uint32_t number;
};

/// As many points are put in order at a time as stay in a core's cache with all that is known of them.
inline constexpr std::size_t kBlockPoints = 8192;

/// How many of the points below a node with room for `capacity` in each of its children go to the first half
/// of its children; 0 when there is but one child.
constexpr std::size_t first_half(std::size_t count, std::size_t capacity) {
    const std::size_t children = (count + capacity - 1) / capacity;
    return children < 2 ? 0 : (children + 1) / 2 * capacity;
}

/// Memory for one block.
template <std::size_t D>
struct BlockScratch {
    static constexpr std::size_t kRoom = kBlockPoints + kColumnMargin;

    alignas(64) std::array<std::array<double, kRoom>, D> coordinates;
    alignas(64) std::array<std::array<std::int32_t, kRoom>, D + 1> one;
    alignas(64) std::array<std::array<std::int32_t, kRoom>, D + 1> other;
    alignas(64) std::array<std::uint32_t, kRoom> order;
    std::array<std::uint32_t, kRoom> numbers;  ///< of the points of the block
};

/// Where a block's points go: `leaves` are the leaves of the block, and the box of the first is child number
/// `first_child` of `nodes`.
template <std::size_t D>
struct BlockTarget {
    std::span<TreeLeaf<D>> leaves;
    std::span<TreeNode<D>> nodes;
    std::size_t first_child;
};

/// The work on many points, for one kind of processor; all kinds give the same bits.
template <Metric M>
struct TreeKernels {
    static constexpr std::size_t D = M::kDimensions;

    /// Of the points first to last - 1 in the metric's coordinates.
    Extent<D> (*extent)(const TreePositions& positions, std::size_t first, std::size_t last);

    /// Writes keys and numbers of the points first to last - 1 to these places of the columns.
    void (*keys)(const TreePositions& positions, std::size_t first, std::size_t last, const Extent<D>& extent,
                 const KeyColumns<D>& to);

    /// Puts the `middle` points first that are least in the coordinate in which the points reach farthest;
    /// beyond that they stay in order. What is in `from` is moved to `to`. False when all points are equal,
    /// and then nothing is moved.
    bool (*halve)(const TreePositions& positions, const KeyColumns<D>& from, const KeyColumns<D>& to,
                  std::size_t count, std::size_t middle);

    /// Of the points `numbers` in the plane in which the curve runs.
    Extent<2> (*curve_extent)(const TreePositions& positions, std::span<const CurvePlace> places);

    /// Writes the keys of the points whose numbers are in `places`.
    void (*curve_keys)(const TreePositions& positions, const Extent<2>& extent, std::span<CurvePlace> places);

    /// Orders the points scratch.numbers[0] to [count - 1], at most kBlockPoints, by medians, and writes
    /// their leaves and the boxes of those.
    void (*finish_block)(const TreePositions& positions, std::size_t count, BlockScratch<D>& scratch,
                         const BlockTarget<D>& target);
};

/// The kernels for this processor.
template <Metric M>
const TreeKernels<M>& tree_kernels();

}  // namespace crowfly
