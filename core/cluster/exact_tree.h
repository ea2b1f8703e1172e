#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/executor.h"
#include "core/index/packed_tree.h"

namespace crowfly {

/// A closed box of doubles: of some points, exactly.
template <std::size_t D>
struct ExactBox {
    std::array<double, D> min;
    std::array<double, D> max;

    bool is_point() const { return min == max; }
};

/// The boxes of a node's children, a side of all of them at a time. Of a child that is not there, min =
/// +infinity and max = -infinity.
template <std::size_t D>
struct alignas(64) ExactNode {
    std::array<std::array<double, kFanOut>, D> min;
    std::array<std::array<double, kFanOut>, D> max;

    ExactBox<D> box(std::size_t child) const {
        ExactBox<D> box;
        for (std::size_t d = 0; d < D; ++d) {
            box.min[d] = min[d][child];
            box.max[d] = max[d][child];
        }
        return box;
    }
};

/// A part of a tree: all below node `number` of a level, or on level -1 a leaf.
struct Subtree {
    std::int32_t level;
    std::uint32_t number;

    bool is_leaf() const { return level < 0; }
    Subtree child(std::size_t place) const {
        return {level - 1, number * static_cast<std::uint32_t>(kFanOut) + static_cast<std::uint32_t>(place)};
    }
};

/// The points of a PackedTree in the same nodes, with boxes that are exact. The tree's own, of floats, are
/// half a metre wide around a point on earth: too wide for clusters of points that are closer than that.
/// Memory: 8 D / 7 bytes a point. The PackedTree must outlive it.
template <std::size_t D>
class ExactTree {
  public:
    ExactTree(const PackedTree<D>& points, Executor& executor);

    const TreeShape& shape() const noexcept { return points_.shape(); }
    const PackedTree<D>& points() const noexcept { return points_; }
    const TreeLeaf<D>& leaf(std::size_t number) const noexcept { return points_.leaf(number); }

    /// All of it. There must be a point.
    Subtree root() const noexcept { return {static_cast<std::int32_t>(shape().levels) - 1, 0}; }

    /// Where a node stands among those of all levels.
    std::size_t place(Subtree node) const noexcept {
        return shape().level_begin[static_cast<std::size_t>(node.level)] + node.number;
    }
    const ExactNode<D>& node(Subtree node) const noexcept { return nodes_[place(node)]; }

    ExactBox<D> box(Subtree subtree) const {
        if (static_cast<std::size_t>(subtree.level + 1) == shape().levels) return root_box_;
        const Subtree parent{subtree.level + 1, subtree.number / static_cast<std::uint32_t>(kFanOut)};
        return node(parent).box(subtree.number % kFanOut);
    }

    /// A bit for each child that a node has.
    std::uint32_t children(Subtree node) const noexcept {
        const std::size_t all = shape().children_of_level(static_cast<std::size_t>(node.level));
        return first_bits(std::min(kFanOut, all - node.number * kFanOut));
    }

    /// A bit for each point that a leaf has.
    std::uint32_t points_of_leaf(std::size_t leaf) const noexcept {
        return first_bits(std::min(kLeafSize, points_.size() - leaf * kLeafSize));
    }

    /// The slots of the points of a subtree, from `begin` up to, but not including, `end`; likewise leaves.
    std::size_t begin(Subtree subtree) const noexcept { return first_leaf(subtree) * kLeafSize; }
    std::size_t end(Subtree subtree) const noexcept {
        return std::min(last_leaf(subtree) * kLeafSize, points_.size());
    }
    static std::size_t first_leaf(Subtree subtree) noexcept {
        return static_cast<std::size_t>(subtree.number) << leaf_bits(subtree);
    }
    std::size_t last_leaf(Subtree subtree) const noexcept {
        return std::min((static_cast<std::size_t>(subtree.number) + 1) << leaf_bits(subtree), shape().leaves);
    }

  private:
    static constexpr std::uint32_t first_bits(std::size_t count) { return (1U << count) - 1; }

    /// A subtree of level l has 8^(l + 1) leaves.
    static unsigned leaf_bits(Subtree subtree) noexcept {
        return 3U * static_cast<unsigned>(subtree.level + 1);
    }

    void bound_leaves(std::size_t first_node, std::size_t last_node);
    ExactBox<D> bound_leaf(std::size_t leaf) const;

    const PackedTree<D>& points_;
    std::vector<ExactNode<D>> nodes_;
    ExactBox<D> root_box_;
};

extern template class ExactTree<2>;
extern template class ExactTree<3>;

}  // namespace crowfly
