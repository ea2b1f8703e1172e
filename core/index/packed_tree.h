#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/metric/box.h"

namespace crowfly {

inline constexpr std::size_t kFanOut = 8;
inline constexpr std::size_t kLeafSize = 16;

/// Sides of the boxes of a node's children, as floats rounded outward, so laid out that one load has the same
/// side of all children. A child that is not there has min = +infinity, max = -infinity.
template <std::size_t D>
struct alignas(64) TreeNode {
    std::array<std::array<float, kFanOut>, D> min;
    std::array<std::array<float, kFanOut>, D> max;

    Box<D> box(std::size_t child) const {
        Box<D> box;
        for (std::size_t d = 0; d < D; ++d) {
            box.min[d] = min[d][child];
            box.max[d] = max[d][child];
        }
        return box;
    }
};

/// Coordinates and rows of a leaf's points. A point that is not there is at infinity, in row 2^32 - 1.
template <std::size_t D>
struct alignas(64) TreeLeaf {
    std::array<std::array<double, kLeafSize>, D> columns;
    std::array<std::uint32_t, kLeafSize> rows;
};

/// What follows from the number of points alone: how many leaves there are, and how many nodes on each level.
struct TreeShape {
    /// 8^10 leaves of 16 are more than 2^32 points.
    static constexpr std::size_t kMostLevels = 10;

    std::size_t points = 0;
    std::size_t leaves = 0;
    std::size_t levels = 0;                                  ///< of nodes; 0 for at most one leaf
    std::array<std::size_t, kMostLevels + 1> level_begin{};  ///< first node of each level; then their number

    static constexpr TreeShape of(std::size_t points) {
        TreeShape shape;
        shape.points = points;
        shape.leaves = (points + kLeafSize - 1) / kLeafSize;
        for (std::size_t below = shape.leaves; below > 1; ++shape.levels) {
            below = (below + kFanOut - 1) / kFanOut;
            shape.level_begin[shape.levels + 1] = shape.level_begin[shape.levels] + below;
        }
        return shape;
    }

    constexpr std::size_t nodes() const noexcept { return level_begin[levels]; }

    /// How many children the nodes of a level have between them.
    constexpr std::size_t children_of_level(std::size_t level) const noexcept {
        return level == 0 ? leaves : level_begin[level] - level_begin[level - 1];
    }
};

/// A tree over points without pointers, as a view of memory that somebody else owns:
///
///     level 2            [root]               a node holds the boxes of its 8 children
///     level 1     [n0] [n1] ... [n7]
///     level 0  [n0 ... n7] ... [... n63]      the children of level 0 are leaves
///     leaves   16 consecutive points each
///
/// Child c of node i on level l is node 8 i + c on level l - 1, or leaf 8 i + c when l = 0. Only the last
/// node of a level and the last leaf may be short. Nodes of all levels stand together, so that they stay in
/// the cache; leaves stand apart. The slot of a point is 16 times its leaf plus its place in it.
///
/// Memory: 8 D + 4 bytes a point for leaves and 4 D / 7 for nodes.
template <std::size_t D>
class PackedTree {
  public:
    using Node = TreeNode<D>;
    using Leaf = TreeLeaf<D>;

    PackedTree() = default;

    /// The spans must have the sizes of `TreeShape::of(points)`.
    PackedTree(std::size_t points, const Node* nodes, const Leaf* leaves)
        : shape_(TreeShape::of(points)), nodes_(nodes), leaves_(leaves) {}

    const TreeShape& shape() const noexcept { return shape_; }
    std::size_t size() const noexcept { return shape_.points; }
    std::span<const Node> nodes() const noexcept { return {nodes_, shape_.nodes()}; }
    std::span<const Leaf> leaves() const noexcept { return {leaves_, shape_.leaves}; }

    const Node& node(std::size_t level, std::size_t node) const noexcept {
        return nodes_[shape_.level_begin[level] + node];
    }
    const Leaf& leaf(std::size_t leaf) const noexcept { return leaves_[leaf]; }

    std::uint32_t row(std::size_t slot) const noexcept {
        return leaves_[slot / kLeafSize].rows[slot % kLeafSize];
    }
    std::array<double, D> point(std::size_t slot) const noexcept {
        std::array<double, D> point;
        for (std::size_t d = 0; d < D; ++d) {
            point[d] = leaves_[slot / kLeafSize].columns[d][slot % kLeafSize];
        }
        return point;
    }

  private:
    TreeShape shape_;
    const Node* nodes_ = nullptr;
    const Leaf* leaves_ = nullptr;
};

}  // namespace crowfly
