#include "core/searcher.h"

#include <algorithm>

#include "core/top_k.h"

namespace crowfly {
namespace {

template <Metric M>
struct EmbeddedQuery {
    using MetricType = M;
    LonLat position;
    Vec<M::kDimensions> embedded;
};

template <Metric M>
EmbeddedQuery<M> embed_for(const PackedIndex<M>& /*tree*/, LonLat query) {
    return {query, M::embed(query)};
}

}  // namespace

template <class Tree, class Query, class Collector>
void Searcher::open_leaf(const Tree& tree, std::size_t leaf, const Query& query, const RowFilter& filter,
                         Collector& collector) {
    using M = typename Query::MetricType;
    ++counts_.leaves;
    for (std::size_t i = tree.leaf_begin(leaf); i < tree.leaf_end(leaf); ++i) {
        if (M::bound(query.embedded, tree.embedded(i)) > collector.worst()) continue;
        if (filter && !filter(tree.row(i))) continue;
        ++counts_.distances;
        collector.offer({tree.row(i), M::distance(query.position, tree.position(i))});
    }
}

/// Depth first, nearest child first. A branch is left out only when its bound is strictly greater than the
/// worst distance that still counts: one at exactly that distance may hold a row with a smaller id.
template <class Tree, class Collector>
void Searcher::traverse(const Tree& tree, LonLat query_position, const RowFilter& filter,
                        Collector& collector) {
    const auto query = embed_for(tree, query_position);
    using M = typename decltype(query)::MetricType;
    stack_.clear();
    if (tree.size() > 0) stack_.push_back({0, static_cast<std::uint32_t>(tree.level_count()), 0});
    while (!stack_.empty()) {
        const Branch branch = stack_.back();
        stack_.pop_back();
        if (branch.bound > collector.worst()) continue;
        if (branch.level == 0) {
            open_leaf(tree, branch.node, query, filter, collector);
            continue;
        }
        ++counts_.nodes;
        const std::uint32_t level = branch.level - 1;
        const auto& node = tree.node(level, branch.node);
        const std::size_t children = tree.child_count(level, branch.node);
        const std::size_t bottom = stack_.size();
        for (std::size_t child = 0; child < children; ++child) {
            const double bound = M::bound(query.embedded, node.children[child]);
            if (bound > collector.worst()) continue;
            stack_.push_back({bound, level, static_cast<std::uint32_t>(branch.node * Tree::kFanOut + child)});
        }
        std::sort(stack_.begin() + static_cast<std::ptrdiff_t>(bottom), stack_.end(),
                  [](const Branch& a, const Branch& b) { return a.bound > b.bound; });
    }
}

std::vector<Neighbor> Searcher::nearest(LonLat query, const NearestOptions& options) {
    require_valid_k(options.k);
    require_valid_max_distance(options.max_distance);
    require_valid_position(query, index_.metric());
    TopK top(options.k, options.max_distance, order_);
    std::visit([&](const auto& tree) { traverse(tree, query, options.filter, top); }, index_.tree());
    return top.take();
}

std::vector<Neighbor> Searcher::within_distance(LonLat query, double max_distance, const RowFilter& filter) {
    require_valid_max_distance(max_distance);
    require_valid_position(query, index_.metric());
    WithinDistance within(max_distance, order_);
    std::visit([&](const auto& tree) { traverse(tree, query, filter, within); }, index_.tree());
    return within.take();
}

}  // namespace crowfly
