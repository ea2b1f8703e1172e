#include "store/place_search.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/error.h"
#include "core/geometry/centroid.h"
#include "core/geometry/vertex_at.h"
#include "core/live/live_cursor.h"
#include "core/live/live_scan.h"
#include "core/live/live_searcher.h"
#include "core/place_id.h"

namespace crowfly {

PlaceSearch::PlaceSearch(const LiveSnapshot& snapshot, std::span<const MetricKind> metrics,
                         const PlaceQuery& query, RowFilter filter, RowIds ids, RowCategories categories)
    : snapshot_(snapshot),
      query_(query),
      from_(query.shape != nullptr ? LiveQuery(*query.shape) : LiveQuery(query.point)),
      filter_(std::move(filter)),
      search_{.area = query.area.get(), .match = query.match, .control = query.control},
      ids_(std::move(ids)),
      categories_(std::move(categories)),
      by_id_([this](std::uint32_t a, std::uint32_t b) { return compare_ids(ids_(a), ids_(b)) < 0; }),
      shapes_(snapshot.has_shapes()) {
    if (filter_) search_.filter = [this](std::uint32_t row) { return admits(row); };
    const bool known = std::find(metrics.begin(), metrics.end(), query.metric) != metrics.end();
    if (known || query.method == Method::scan) return;
    throw Error(Code::invalid_argument,
                fmt::format("the collection has no index for the metric {}; open it with one, or scan",
                            name(query.metric)));
}

std::vector<RowNeighbor> PlaceSearch::operator()(const Reach& reach) const {
    if (reach.k) {
        require_valid(NearestOptions{.k = *reach.k, .max_distance = reach.max_distance});
    } else {
        require_valid_max_distance(reach.max_distance);
    }
    asked_ = 0;
    try {
        if (query_.by_category) return search_categories(reach);
        if (query_.method == Method::scan) return scan(reach);
        return query_.after ? search_on(reach) : search_index(reach);
    } catch (const Error& error) {
        if (query_.match == Match::centroid && error.code() == Code::invalid_argument) require_centroids();
        throw;
    }
}

/// Throws Error that names the first place or the query when it has no centroid: the index knows only the
/// numbers of rows.
void PlaceSearch::require_centroids() const {
    const auto require = [this](const Geometry& shape, const auto& whose) {
        try {
            centroid(shape, query_.metric);
        } catch (const Error& error) {
            throw Error(error.code(), fmt::format("{}: {}", whose(), error.what()));
        }
    };
    if (query_.shape != nullptr) require(*query_.shape, [] { return "query"; });
    snapshot_.for_each([&](const LiveRow& row) {
        if (row.shape == nullptr) return;
        require(*row.shape, [&] { return fmt::format("place \"{}\"", ids_(row.row)); });
    });
}

std::vector<RowNeighbor> PlaceSearch::search_index(const Reach& reach) const {
    LiveSearcher searcher(snapshot_, query_.metric, by_id_);
    std::vector<RowNeighbor> answer;
    if (shapes_) {
        const auto found = reach.k ? searcher.nearest_shapes(
                                         from_, {.k = *reach.k, .max_distance = reach.max_distance}, search_)
                                   : searcher.shapes_within_distance(from_, reach.max_distance, search_);
        for (const ShapeNeighbor& neighbor : found) answer.push_back(this->answer(neighbor));
    } else {
        const auto found =
            reach.k ? searcher.nearest(from_, {.k = *reach.k, .max_distance = reach.max_distance}, search_)
                    : searcher.within_distance(from_, reach.max_distance, search_);
        for (const auto& [row, distance] : found) answer.push_back({row, distance, std::nullopt});
    }
    report(searcher.counts());
    return answer;
}

/// Those after the neighbor that the last page ended with. How many come before it is not known, and may be
/// another number than when that page was made.
std::vector<RowNeighbor> PlaceSearch::search_on(const Reach& reach) const {
    LiveCursor cursor(snapshot_, query_.metric, from_, reach.max_distance, search_, by_id_);
    std::vector<RowNeighbor> answer;
    while (!reach.k || answer.size() < *reach.k) {
        const auto next = cursor.next();
        if (!next) break;
        if (comes_after(next->row, next->distance)) answer.push_back(this->answer(*next));
    }
    report(cursor.counts());
    return answer;
}

std::vector<RowNeighbor> PlaceSearch::scan(const Reach& reach) const {
    const std::size_t all = snapshot_.size() + 1;
    const std::size_t k = reach.k.value_or(all);
    const NearestOptions options{.k = query_.after ? all : k, .max_distance = reach.max_distance};
    std::vector<RowNeighbor> answer;
    for (const ShapeNeighbor& neighbor :
         scan_nearest(snapshot_, query_.metric, from_, options, search_, by_id_)) {
        if (answer.size() == k) break;
        if (!query_.after || comes_after(neighbor.row, neighbor.distance))
            answer.push_back(this->answer(neighbor));
    }
    report({});
    return answer;
}

std::vector<RowNeighbor> PlaceSearch::search_categories(const Reach& reach) const {
    if (query_.after) {
        throw Error(Code::invalid_argument,
                    "the nearest of each category have no next page; expected a greater k");
    }
    const NearestOptions nearest{.k = reach.k.value_or(snapshot_.size() + 1),
                                 .max_distance = reach.max_distance};
    SearchCounts counts;
    std::vector<RowNeighbor> answer;
    for (const ShapeNeighbor& neighbor : nearest_of_each_category(
             {snapshot_, query_.metric, from_, nearest, search_, by_id_, categories_, query_.method},
             counts)) {
        answer.push_back(this->answer(neighbor));
    }
    report(counts);
    return answer;
}

/// Whether the filter lets a row pass. Filters can be slow, so time is asked for between them.
bool PlaceSearch::admits(std::uint32_t row) const {
    constexpr std::uint64_t kRowsBetweenChecks = 256;
    if (++asked_ % kRowsBetweenChecks == 0) query_.control.check();
    return filter_(row);
}

bool PlaceSearch::comes_after(std::uint32_t row, double distance) const {
    if (distance != query_.after->distance) return distance > query_.after->distance;
    return compare_ids(ids_(row), query_.after->id) > 0;
}

void PlaceSearch::report(const SearchCounts& counts) const {
    if (query_.report == nullptr) return;
    *query_.report = {
        .counts = counts, .runs = snapshot_.runs().size(), .places = snapshot_.size(), .asked = asked_};
}

/// Where on its shape the neighbor is: a point asked for, and a vertex, come back to the last bit.
RowNeighbor PlaceSearch::answer(const ShapeNeighbor& neighbor) const {
    RowNeighbor answer{neighbor.row, neighbor.distance, std::nullopt};
    if (!shapes_) return answer;
    const auto row = snapshot_.find(neighbor.row);
    if (row->shape == nullptr) return answer;
    if (query_.match == Match::centroid) {
        answer.nearest_point = neighbor.on_shape;
    } else if (neighbor.distance == 0 && query_.shape == nullptr) {
        answer.nearest_point = query_.point;
    } else {
        answer.nearest_point =
            vertex_at(*row->shape, neighbor.on_shape, query_.metric).value_or(neighbor.on_shape);
    }
    return answer;
}

void rank_within_categories(std::span<NeighborPlace> neighbors) {
    for (std::size_t i = 0; i < neighbors.size(); ++i) {
        const bool goes_on = i > 0 && neighbors[i].place.category == neighbors[i - 1].place.category;
        neighbors[i].rank = goes_on ? neighbors[i - 1].rank + 1 : 1;
    }
}

LiveOptions live_options(std::span<const MetricKind> metrics) {
    if (metrics.empty()) return {.metrics = {MetricKind::plane}};
    return {.metrics = {metrics.begin(), metrics.end()}};
}

void require_area_of(Crs crs, const Area& area) {
    if (area.crs() == crs) return;
    throw Error(Code::invalid_argument,
                crs == Crs::planar
                    ? "the area is in longitude and latitude; the collection has planar coordinates"
                    : "the area has planar coordinates; the collection has longitude and latitude");
}

void require_metric_of(Crs crs, MetricKind metric) {
    if (crs == Crs::planar && metric != MetricKind::plane) {
        throw Error(
            Code::invalid_argument,
            fmt::format("the metric {} needs longitude and latitude; planar coordinates have only plane",
                        name(metric)));
    }
}

}  // namespace crowfly
