#include "core/live/live_searcher.h"

#include <algorithm>
#include <limits>
#include <set>

#include "core/error.h"
#include "core/live/run_view.h"
#include "core/search/stopwatch.h"

namespace crowfly {
namespace {

/// Instead of a k: all within the distance.
constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

/// Neighbors in one run, by place.
struct InRun {
    const RunView& view;
    const LiveQuery& query;

    void give(const Neighbor& found, Neighbor& to) const { to = {row(found.row), found.distance}; }
    void give(const ShapeNeighbor& found, Neighbor& to) const { to = {row(found.row), found.distance}; }
    void give(const Neighbor& found, ShapeNeighbor& to) const {
        to = {row(found.row), found.distance, query.position, view.positions()[found.row]};
    }
    void give(const ShapeNeighbor& found, ShapeNeighbor& to) const {
        to = found;
        to.row = row(found.row);
    }
    std::uint32_t row(std::uint32_t place) const { return view.run().row(place); }
};

/// Puts what was found in a run to what is in order already, and keeps the first k.
template <class Found, class Some>
void add(std::span<const Some> more, const InRun& in, const NeighborBefore& before, std::size_t k,
         std::vector<Found>& found) {
    const auto middle = static_cast<std::ptrdiff_t>(found.size());
    for (const Some& one : more) in.give(one, found.emplace_back());
    std::inplace_merge(found.begin(), found.begin() + middle, found.end(),
                       [&](const Found& a, const Found& b) {
                           return before({a.row, a.distance}, {b.row, b.distance});
                       });
    if (found.size() > k) found.resize(k);
}

/// One search of one run; calls take(neighbors by place).
template <class Take>
void search_run(const RunView& view, const LiveQuery& query, const NearestOptions& options,
                SearchCounts& counts, const Take& take) {
    const bool all = options.k == kAll;
    if (view.is_of_points(query)) {
        Searcher searcher(view.points(), view.order());
        const SearchOptions search = view.point_options();
        take(all ? searcher.within_distance(query.position, options.max_distance, search)
                 : searcher.nearest(query.position, options, search));
        counts += searcher.counts();
        return;
    }
    ShapeSearcher searcher(view.shapes(), view.order());
    const SearchOptions search = view.shape_options();
    const auto find = [&](const auto& from) {
        return all ? searcher.within_distance(from, options.max_distance, search)
                   : searcher.nearest(from, options, search);
    };
    take(query.shape != nullptr ? find(*query.shape) : find(query.position));
    counts += searcher.counts();
}

/// Puts them in order and keeps the first k of each value.
void keep_first_of_each(std::size_t k, const NeighborBefore& before, std::vector<ValueNeighbor>& found) {
    std::sort(found.begin(), found.end(), [&](const ValueNeighbor& a, const ValueNeighbor& b) {
        return a.value != b.value ? a.value < b.value : before(a.neighbor, b.neighbor);
    });
    std::size_t of_value = 0, kept = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
        of_value = kept > 0 && found[kept - 1].value == found[i].value ? of_value + 1 : 1;
        if (of_value <= k) found[kept++] = found[i];
    }
    found.resize(kept);
}

}  // namespace

LiveSearcher::LiveSearcher(const LiveSnapshot& snapshot, MetricKind metric, RowOrder order)
    : snapshot_(snapshot),
      metric_(metric),
      metric_number_(snapshot.metric_number(metric)),
      order_(std::move(order)) {}

/// From the largest run to the smallest, each only as far as the k-th that is known.
template <class Found>
void LiveSearcher::find(const LiveQuery& query, const NearestOptions& options,
                        const LiveSearchOptions& search, std::vector<Found>& found) {
    require_valid(search, snapshot_, metric_);
    const LiveQuery from = prepared(query, metric_, search.match);
    const Stopwatch stopwatch(search.measure_time, counts_.time);
    found.clear();
    NearestOptions reach = options;
    for (const LiveRun& run : snapshot_.runs()) {
        const RunView view(run, metric_number_, search, order_);
        search_run(view, from, reach, counts_, [&](auto neighbors) {
            add(neighbors, {view, from}, {order_}, options.k, found);
        });
        if (found.size() == options.k) reach.max_distance = found.back().distance;
    }
}

std::span<const Neighbor> LiveSearcher::nearest(const LiveQuery& query, const NearestOptions& options,
                                                const LiveSearchOptions& search) {
    require_valid(options);
    find(query, options, search, neighbors_);
    return neighbors_;
}

std::span<const Neighbor> LiveSearcher::within_distance(const LiveQuery& query, double max_distance,
                                                        const LiveSearchOptions& search) {
    require_valid_max_distance(max_distance);
    find(query, {.k = kAll, .max_distance = max_distance}, search, neighbors_);
    return neighbors_;
}

std::span<const ShapeNeighbor> LiveSearcher::nearest_shapes(const LiveQuery& query,
                                                            const NearestOptions& options,
                                                            const LiveSearchOptions& search) {
    require_valid(options);
    find(query, options, search, shapes_);
    return shapes_;
}

std::span<const ShapeNeighbor> LiveSearcher::shapes_within_distance(const LiveQuery& query,
                                                                    double max_distance,
                                                                    const LiveSearchOptions& search) {
    require_valid_max_distance(max_distance);
    find(query, {.k = kAll, .max_distance = max_distance}, search, shapes_);
    return shapes_;
}

std::uint64_t LiveSearcher::count_within_distance(const LiveQuery& query, double max_distance,
                                                  const LiveSearchOptions& search) {
    require_valid_max_distance(max_distance);
    require_valid(search, snapshot_, metric_);
    const LiveQuery from = prepared(query, metric_, search.match);
    const Stopwatch stopwatch(search.measure_time, counts_.time);
    std::uint64_t count = 0;
    for (const LiveRun& run : snapshot_.runs()) {
        const RunView view(run, metric_number_, search, order_);
        if (view.is_of_points(from)) {
            Searcher searcher(view.points());
            count += searcher.count_within_distance(from.position, max_distance, view.point_options());
            counts_ += searcher.counts();
        } else {
            search_run(view, from, {.k = kAll, .max_distance = max_distance}, counts_,
                       [&](auto neighbors) { count += neighbors.size(); });
        }
    }
    return count;
}

std::span<const ValueNeighbor> LiveSearcher::nearest_of_each_value(const LiveQuery& query,
                                                                   std::size_t attribute,
                                                                   const NearestOptions& options,
                                                                   const LiveSearchOptions& search) {
    require_valid(options);
    require_valid(search, snapshot_, metric_);
    snapshot_.require_attribute(attribute);
    if (search.where) {
        throw Error(Code::invalid_argument, "neighbors of each value cannot be of one value alone");
    }
    const LiveQuery from = prepared(query, metric_, search.match);
    const Stopwatch stopwatch(search.measure_time, counts_.time);
    of_values_.clear();
    for (const LiveRun& run : snapshot_.runs()) {
        const RunView view(run, metric_number_, search, order_);
        if (view.is_of_points(from)) {
            Searcher searcher(view.points(), view.order());
            for (const auto& [value, neighbor] :
                 searcher.nearest_of_each_value(from.position, attribute, options, view.point_options())) {
                of_values_.push_back({value, {run.run->row(neighbor.row), neighbor.distance}});
            }
            counts_ += searcher.counts();
            continue;
        }
        const std::span<const std::uint32_t> values = run.run->columns().attributes[attribute];
        for (const std::uint32_t value : std::set(values.begin(), values.end())) {
            LiveSearchOptions of_value = search;
            of_value.where = AttributeValue{attribute, value};
            search_run(RunView(run, metric_number_, of_value, order_), from, options, counts_,
                       [&](auto neighbors) {
                           for (const auto& neighbor : neighbors) {
                               of_values_.push_back({value, {run.run->row(neighbor.row), neighbor.distance}});
                           }
                       });
        }
    }
    keep_first_of_each(options.k, {order_}, of_values_);
    return of_values_;
}

}  // namespace crowfly
