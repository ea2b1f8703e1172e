#include "core/live/live_searcher.h"

#include <algorithm>
#include <limits>
#include <set>

#include "core/error.h"
#include "core/live/run_view.h"
#include "core/metric/with_metric.h"
#include "core/search/index_search.h"
#include "core/search/stopwatch.h"

namespace crowfly {
namespace {

/// Instead of a k: all within the distance.
constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

/// Neighbors in one run, by seat.
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
    std::uint32_t row(std::uint32_t seat) const { return view.run().row(seat); }
};

/// Puts what was found in a run to what is in order already, and keeps the first k.
template <class Found, class Some>
void add(std::span<const Some> more, const InRun& in, const NeighborBefore& before, std::size_t k,
         std::vector<Found>& found) {
    std::size_t old = found.size(), from_run = more.size();
    found.resize(old + from_run);
    // From the last to the first, so that nothing is overwritten that is still to be moved.
    for (std::size_t to = found.size(); from_run > 0;) {
        Found last;
        in.give(more[from_run - 1], last);
        for (; old > 0 && before({last.row, last.distance}, {found[old - 1].row, found[old - 1].distance});
             --old) {
            found[--to] = found[old - 1];
        }
        found[--to] = last;
        --from_run;
    }
    if (found.size() > k) found.resize(k);
}

/// All runs of points, or none when they have more slots, those of dead rows among them, than can be
/// numbered.
template <std::size_t D>
Forest<D> forest_of(const LiveSnapshot& snapshot, std::size_t metric) {
    std::vector<typename Forest<D>::Member> members;
    std::uint64_t slots = 0;
    for (const LiveRun& run : snapshot.runs()) {
        if (run.run->has_shapes()) continue;
        const std::span<const std::uint32_t> rows = run.run->columns().rows;
        const bool count_on = rows.back() - rows.front() + 1 == rows.size();
        slots += rows.size() + kLeafSize;
        members.push_back({.tree = run.run->points(metric).template tree<D>(std::nullopt),
                           .rows = count_on ? nullptr : rows.data(),
                           .first_row = rows.front(),
                           .positions = run.run->columns().positions.span().data(),
                           .dead = run.dead_slots(metric)});
    }
    return slots <= std::numeric_limits<std::uint32_t>::max() ? Forest<D>(std::move(members)) : Forest<D>();
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
      order_(std::move(order)) {
    with_metric(metric, [&]<class M>(M /*metric*/) {
        points_ = forest_of<M::kDimensions>(snapshot, metric_number_);
    });
}

/// Judges the input, then calls work(query, query as the metric's point) with the query as it is to be
/// searched from.
template <class Work>
void LiveSearcher::run(const LiveQuery& query, const LiveSearchOptions& search, const Work& work) {
    require_valid(search, snapshot_, metric_);
    const LiveQuery from = prepared(query, metric_, search.match);
    const Stopwatch stopwatch(search.measure_time, counts_.time);
    with_metric(metric_, [&]<class M>(M /*metric*/) {
        work(from, from.shape == nullptr ? M::embed(from.position) : Embedded<M>(), M());
    });
}

/// From the largest run to the smallest, each only as far as the k-th that is known.
template <class Found>
void LiveSearcher::find(const LiveQuery& query, const NearestOptions& options,
                        const LiveSearchOptions& search, std::vector<Found>& found) {
    run(query, search, [&]<class M>(const LiveQuery& from, const Embedded<M>& at, M /*metric*/) {
        found.clear();
        NearestOptions reach = options;
        const bool has_points = find_in_forest<M>(from, at, options, search, found);
        if (found.size() == options.k) reach.max_distance = found.back().distance;
        for (const LiveRun& run : snapshot_.runs()) {
            if (has_points && !run.run->has_shapes()) continue;
            const RunView view(run, metric_number_, search, order_);
            search_run<M>(view, from, at, reach, [&](auto neighbors) {
                add(neighbors, {view, from}, {order_}, options.k, found);
            });
            if (found.size() == options.k) reach.max_distance = found.back().distance;
        }
    });
}

/// The nearest in all runs of points at once, where that can be done: with nothing that restricts rows.
template <Metric M, class Found>
bool LiveSearcher::find_in_forest(const LiveQuery& query, const Embedded<M>& at,
                                  const NearestOptions& options, const LiveSearchOptions& search,
                                  std::vector<Found>& found) {
    const auto& forest = std::get<Forest<M::kDimensions>>(points_);
    if (forest.members().empty() || options.k == kAll || options.epsilon > 0) return false;
    if (query.shape != nullptr || search.filter || search.where || search.area != nullptr) return false;
    const ForestTask<M> task{forest, at, options.max_distance, {order_}, search.control, scratch_, counts_};
    if (!find_nearest(task, std::min(options.k, snapshot_.size()), in_run_)) return false;
    if constexpr (std::is_same_v<Found, Neighbor>) {
        found.swap(in_run_);
    } else {
        for (const auto& [neighbor, slot] : scratch_.settled) {
            found.push_back({neighbor.row, neighbor.distance, query.position, forest.position(slot)});
        }
    }
    return true;
}

/// Calls take(neighbors by seat).
template <Metric M, class Take>
void LiveSearcher::search_run(const RunView& view, const LiveQuery& query, const Embedded<M>& at,
                              const NearestOptions& options, const Take& take) {
    if (!view.is_of_points(query)) {
        ShapeSearcher searcher(view.shapes(), view.order());
        const SearchOptions search = view.shape_options();
        const auto find = [&](const auto& from) {
            return options.k == kAll ? searcher.within_distance(from, options.max_distance, search)
                                     : searcher.nearest(from, options, search);
        };
        take(query.shape != nullptr ? find(*query.shape) : find(query.position));
        counts_ += searcher.counts();
        return;
    }
    in_run_.clear();
    search_points<M>(view, at, options, [&](const auto& search) {
        search.with_task([&](const SearchTask<M>& task) {
            if (options.k == kAll) return find_within(task, in_run_);
            find_nearest(task, std::min(options.k, task.tree.size()), in_run_);
        });
    });
    take(std::span<const Neighbor>(in_run_));
}

/// Calls work(search of the run's points).
template <Metric M, class Work>
void LiveSearcher::search_points(const RunView& view, const Embedded<M>& at, const NearestOptions& options,
                                 const Work& work) {
    const SearchOptions search = view.point_options();
    const RowOrder order = view.order();
    work(IndexSearch<M>{view.points(), at, options, search, order, scratch_, counts_});
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
    const NearestOptions options{.k = kAll, .max_distance = max_distance};
    std::uint64_t count = 0;
    run(query, search, [&]<class M>(const LiveQuery& from, const Embedded<M>& at, M /*metric*/) {
        for (const LiveRun& run : snapshot_.runs()) {
            const RunView view(run, metric_number_, search, order_);
            if (!view.is_of_points(from)) {
                search_run<M>(view, from, at, options, [&](auto neighbors) { count += neighbors.size(); });
                continue;
            }
            search_points<M>(view, at, options, [&](const auto& of_run) {
                of_run.with_task([&](const SearchTask<M>& task) { count += count_within(task); });
            });
        }
    });
    return count;
}

std::span<const ValueNeighbor> LiveSearcher::nearest_of_each_value(const LiveQuery& query,
                                                                   std::size_t attribute,
                                                                   const NearestOptions& options,
                                                                   const LiveSearchOptions& search) {
    require_valid(options);
    snapshot_.require_attribute(attribute);
    if (search.where) {
        throw Error(Code::invalid_argument, "neighbors of each value cannot be of one value alone");
    }
    of_values_.clear();
    run(query, search, [&]<class M>(const LiveQuery& from, const Embedded<M>& at, M /*metric*/) {
        for (const LiveRun& run : snapshot_.runs()) {
            const RunView view(run, metric_number_, search, order_);
            const auto take = [&](std::uint32_t value, auto neighbors) {
                for (const auto& found : neighbors) {
                    of_values_.push_back({value, {view.run().row(found.row), found.distance}});
                }
            };
            if (view.is_of_points(from)) {
                search_points<M>(view, at, options, [&](const auto& of_run) {
                    of_run.with_task_of_each_value(attribute, [&](std::uint32_t value, const auto& task) {
                        find_nearest(task, std::min(options.k, task.tree.size()), in_run_);
                        take(value, std::span<const Neighbor>(in_run_));
                    });
                });
                continue;
            }
            const std::span<const std::uint32_t> values = run.run->columns().attributes[attribute];
            for (const std::uint32_t value : std::set(values.begin(), values.end())) {
                LiveSearchOptions of_value = search;
                of_value.where = AttributeValue{attribute, value};
                search_run<M>(RunView(run, metric_number_, of_value, order_), from, at, options,
                              [&](auto neighbors) { take(value, neighbors); });
            }
        }
    });
    keep_first_of_each(options.k, {order_}, of_values_);
    return of_values_;
}

}  // namespace crowfly
