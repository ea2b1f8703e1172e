#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/index/packed_tree.h"
#include "core/index/point_index.h"
#include "core/index/tree_builder.h"

namespace crowfly {

/// A tree like PackedTree over things that have boxes: leaf i holds the things order[16 i] to
/// order[16 i + 15].
template <std::size_t D>
struct BoxTree {
    TreeShape shape;
    std::vector<std::uint32_t> order;
    std::vector<TreeNode<D>> nodes;

    const TreeNode<D>& node(std::size_t level, std::size_t number) const noexcept {
        return nodes[shape.level_begin[level] + number];
    }
};

/// Things are put in the order in which an index over their centres would have them.
template <Metric M>
BoxTree<M::kDimensions> build_box_tree(std::span<const LonLat> centres,
                                       std::span<const Box<M::kDimensions>> boxes,
                                       const BuildOptions& options) {
    constexpr std::size_t D = M::kDimensions;
    BoxTree<D> tree;
    tree.shape = TreeShape::of(centres.size());
    tree.nodes.resize(tree.shape.nodes());
    tree.order.reserve(centres.size());
    {
        std::vector<TreeLeaf<D>> leaves(tree.shape.leaves);
        Executor& executor = executor_of(options);
        build_tree<M>(centres, {}, options.build, executor, tree.nodes, leaves);
        for (const TreeLeaf<D>& leaf : leaves) {
            const std::size_t count = std::min(kLeafSize, centres.size() - tree.order.size());
            tree.order.insert(tree.order.end(), leaf.rows.begin(),
                              leaf.rows.begin() + static_cast<std::ptrdiff_t>(count));
        }
    }
    // The boxes of the centres give way to those of the things.
    std::vector<Box<D>> below(tree.shape.leaves, Box<D>::empty());
    for (std::size_t i = 0; i < tree.order.size(); ++i) below[i / kLeafSize].grow(boxes[tree.order[i]]);
    for (std::size_t level = 0; level < tree.shape.levels; ++level) {
        std::vector<Box<D>> own((below.size() + kFanOut - 1) / kFanOut, Box<D>::empty());
        for (std::size_t child = 0; child < own.size() * kFanOut; ++child) {
            const Box<D> box = child < below.size() ? below[child] : Box<D>::empty();
            TreeNode<D>& node = tree.nodes[tree.shape.level_begin[level] + child / kFanOut];
            for (std::size_t d = 0; d < D; ++d) {
                node.min[d][child % kFanOut] = box.min[d];
                node.max[d][child % kFanOut] = box.max[d];
            }
            own[child / kFanOut].grow(box);
        }
        below = std::move(own);
    }
    return tree;
}

}  // namespace crowfly
