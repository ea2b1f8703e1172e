#include "core/search/searcher.h"

#include <algorithm>

#include "core/error.h"
#include "core/metric/with_metric.h"
#include "core/search/index_search.h"
#include "core/search/stopwatch.h"

namespace crowfly {
Searcher::Searcher(const PointIndex& index, RowOrder order)
    : index_(index), order_(order_of(index, std::move(order))) {}

/// Judges the input, then calls work(search) with the IndexSearch.
template <class Work>
void Searcher::run(LonLat query, const NearestOptions& options, const SearchOptions& search,
                   const Work& work) {
    require_valid_position(query, index_.metric());
    require_valid(search, index_);
    const Stopwatch stopwatch(search.measure_time, counts_.time);
    with_metric(index_.metric(), [&]<class M>(M /*metric*/) {
        work(IndexSearch<M>{index_, M::embed(query), options, search, order_, scratch_, counts_});
    });
}

std::span<const Neighbor> Searcher::nearest(LonLat query, const NearestOptions& options,
                                            const SearchOptions& search) {
    require_valid(options);
    found_.clear();
    run(query, options, search, [&]<class M>(const IndexSearch<M>& index) {
        index.with_task([&](const SearchTask<M>& task) {
            find_nearest(task, std::min(options.k, task.tree.size()), found_);
        });
    });
    return found_;
}

std::span<const Neighbor> Searcher::within_distance(LonLat query, double max_distance,
                                                    const SearchOptions& search) {
    require_valid_max_distance(max_distance);
    found_.clear();
    run(query, {.max_distance = max_distance}, search, [&]<class M>(const IndexSearch<M>& index) {
        index.with_task([&](const SearchTask<M>& task) { find_within(task, found_); });
    });
    return found_;
}

std::uint64_t Searcher::count_within_distance(LonLat query, double max_distance,
                                              const SearchOptions& search) {
    require_valid_max_distance(max_distance);
    std::uint64_t count = 0;
    run(query, {.max_distance = max_distance}, search, [&]<class M>(const IndexSearch<M>& index) {
        index.with_task([&](const SearchTask<M>& task) { count = count_within(task); });
    });
    return count;
}

std::span<const ValueNeighbor> Searcher::nearest_of_each_value(LonLat query, std::size_t attribute,
                                                               const NearestOptions& options,
                                                               const SearchOptions& search) {
    require_valid(options);
    index_.require_attribute(attribute);
    if (search.where) {
        throw Error(Code::invalid_argument, "neighbors of each value cannot be of one value alone");
    }
    found_of_values_.clear();
    run(query, options, search, [&]<class M>(const IndexSearch<M>& index) {
        index.with_task_of_each_value(attribute, [&](std::uint32_t value, const SearchTask<M>& task) {
            find_nearest(task, std::min(options.k, task.tree.size()), found_);
            for (const Neighbor& neighbor : found_) found_of_values_.push_back({value, neighbor});
        });
    });
    return found_of_values_;
}

}  // namespace crowfly
