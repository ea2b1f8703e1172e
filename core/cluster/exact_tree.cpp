#include "core/cluster/exact_tree.h"

#include <limits>

namespace crowfly {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <std::size_t D>
ExactBox<D> empty_box() {
    ExactBox<D> box;
    box.min.fill(kInfinity);
    box.max.fill(-kInfinity);
    return box;
}

template <std::size_t D>
void grow(ExactBox<D>& box, const ExactBox<D>& other) {
    for (std::size_t d = 0; d < D; ++d) {
        box.min[d] = std::min(box.min[d], other.min[d]);
        box.max[d] = std::max(box.max[d], other.max[d]);
    }
}

template <std::size_t D>
void put(ExactNode<D>& node, std::size_t child, const ExactBox<D>& box) {
    for (std::size_t d = 0; d < D; ++d) {
        node.min[d][child] = box.min[d];
        node.max[d][child] = box.max[d];
    }
}

template <std::size_t D>
ExactBox<D> joint(const ExactNode<D>& node) {
    ExactBox<D> box = empty_box<D>();
    for (std::size_t child = 0; child < kFanOut; ++child) grow(box, node.box(child));
    return box;
}

}  // namespace

template <std::size_t D>
ExactTree<D>::ExactTree(const PackedTree<D>& points, Executor& executor)
    : points_(points), nodes_(points.shape().nodes()), root_box_(empty_box<D>()) {
    if (shape().levels == 0) {
        if (points.size() > 0) root_box_ = bound_leaf(0);
        return;
    }
    constexpr std::size_t kNodesOfTask = 512;
    const std::size_t lowest = shape().level_begin[1];
    executor.run((lowest + kNodesOfTask - 1) / kNodesOfTask, [&](std::size_t task) {
        bound_leaves(task * kNodesOfTask, std::min(lowest, (task + 1) * kNodesOfTask));
    });
    for (std::size_t level = 1; level < shape().levels; ++level) {
        const std::size_t below = shape().level_begin[level] - shape().level_begin[level - 1];
        const std::size_t own = shape().level_begin[level + 1] - shape().level_begin[level];
        for (std::size_t child = 0; child < own * kFanOut; ++child) {
            put(nodes_[shape().level_begin[level] + child / kFanOut], child % kFanOut,
                child < below ? joint(nodes_[shape().level_begin[level - 1] + child]) : empty_box<D>());
        }
    }
    root_box_ = joint(nodes_.back());
}

template <std::size_t D>
void ExactTree<D>::bound_leaves(std::size_t first_node, std::size_t last_node) {
    for (std::size_t leaf = first_node * kFanOut; leaf < last_node * kFanOut; ++leaf) {
        put(nodes_[leaf / kFanOut], leaf % kFanOut,
            leaf < shape().leaves ? bound_leaf(leaf) : empty_box<D>());
    }
}

template <std::size_t D>
ExactBox<D> ExactTree<D>::bound_leaf(std::size_t leaf) const {
    ExactBox<D> box;
    const std::size_t count = std::min(kLeafSize, points_.size() - leaf * kLeafSize);
    for (std::size_t d = 0; d < D; ++d) {
        const auto& column = points_.leaf(leaf).columns[d];
        const auto [least, greatest] =
            std::minmax_element(column.begin(), column.begin() + static_cast<std::ptrdiff_t>(count));
        box.min[d] = *least;
        box.max[d] = *greatest;
    }
    return box;
}

template class ExactTree<2>;
template class ExactTree<3>;

}  // namespace crowfly
