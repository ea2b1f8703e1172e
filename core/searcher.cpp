#include "core/searcher.h"

#include "core/top_k.h"

namespace crowfly {
namespace {

template <Metric M, class Collector>
void collect(const PackedIndex<M>& tree, LonLat query, const RowFilter& filter, Collector& collector,
             SearchCounts& counts) {
    traverse(tree, M::embed(query), filter, collector, counts);
}

}  // namespace

std::span<const Neighbor> Searcher::nearest(LonLat query, const NearestOptions& options) {
    require_valid_k(options.k);
    require_valid_max_distance(options.max_distance);
    require_valid_position(query, index_.metric());
    TopK top(options.k, options.max_distance, order_, std::move(found_));
    std::visit([&](const auto& tree) { collect(tree, query, options.filter, top, counts_); }, index_.tree());
    found_ = top.take();
    return found_;
}

std::span<const Neighbor> Searcher::within_distance(LonLat query, double max_distance,
                                                    const RowFilter& filter) {
    require_valid_max_distance(max_distance);
    require_valid_position(query, index_.metric());
    WithinDistance within(max_distance, order_, std::move(found_));
    std::visit([&](const auto& tree) { collect(tree, query, filter, within, counts_); }, index_.tree());
    found_ = within.take();
    return found_;
}

}  // namespace crowfly
