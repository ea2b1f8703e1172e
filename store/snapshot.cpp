#include "store/snapshot.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/error.h"
#include "core/geometry/centroid.h"
#include "core/geometry/vertex_at.h"
#include "core/place_id.h"
#include "core/search/scan.h"
#include "core/search/searcher.h"

namespace crowfly {
namespace {

/// `whose` gives the words for a shape that has none.
template <class Whose>
LonLat centroid_of(const Geometry& shape, MetricKind metric, const Whose& whose) try {
    return centroid(shape, metric);
} catch (const Error& error) {
    throw Error(error.code(), fmt::format("{}: {}", whose(), error.what()));
}

}  // namespace

void Rows::push_back(std::int64_t rowid, const Place& place) {
    auto known = category_numbers_.find(place.category);
    if (known == category_numbers_.end()) {
        const auto number = static_cast<std::uint32_t>(category_names_.size());
        known = category_numbers_.emplace(category_names_.emplace_back(place.category), number).first;
    }
    if (place.shape != nullptr) {
        shapes_.resize(size());
        shapes_.push_back(place.shape);
    }
    rowids_.push_back(rowid);
    ids_.push_back(place.id);
    positions_.push_back(place.position);
    names_.push_back(place.name);
    categories_.push_back(known->second);
}

std::vector<const Geometry*> Rows::shapes() const {
    std::vector<const Geometry*> shapes(size());
    for (std::size_t row = 0; row < shapes_.size(); ++row) shapes[row] = shapes_[row].get();
    return shapes;
}

Place Rows::place(std::size_t row) const {
    return {.id = std::string(ids_[row]),
            .position = positions_[row],
            .name = std::string(names_[row]),
            .category = category_names_[categories_[row]],
            .shape = shape(row)};
}

RowFilter Rows::of_category(const std::optional<std::string>& category) const {
    if (!category) return {};
    const auto known = category_numbers_.find(*category);
    if (known == category_numbers_.end()) return [](std::uint32_t) { return false; };
    return [this, number = known->second](std::uint32_t row) { return categories_[row] == number; };
}

std::optional<Extent> Rows::extent() const {
    std::optional<Extent> extent;
    for (std::size_t row = 0; row < size(); ++row) {
        const auto shape = this->shape(row);
        grow(extent, shape != nullptr ? shape->positions() : std::span(&positions_[row], 1));
    }
    return extent;
}

GeometryContent Rows::geometry_content() const {
    GeometryContent content{.shapes = have_shapes()};
    for (const auto& shape : shapes_) {
        if (shape == nullptr) continue;
        content.z = content.z || !shape->z().empty();
        content.m = content.m || !shape->m().empty();
    }
    return content;
}

Snapshot::Snapshot(Rows rows, std::span<const MetricKind> metrics) : rows_(std::move(rows)) {
    for (const MetricKind metric : metrics) {
        Indexes& indexes = indexes_.emplace_back(metric);
        if (rows_.have_shapes()) {
            shapes_of(indexes);
        } else {
            indexes.points.emplace(rows_.positions(), metric);
        }
    }
}

const Snapshot::Indexes& Snapshot::indexes_for(MetricKind metric) const {
    const auto known = std::find_if(indexes_.begin(), indexes_.end(),
                                    [&](const Indexes& indexes) { return indexes.metric == metric; });
    if (known != indexes_.end()) return *known;
    throw Error(Code::invalid_argument,
                fmt::format("the collection has no index for the metric {}; open it with one, or scan",
                            name(metric)));
}

const ShapeIndex& Snapshot::shapes_of(const Indexes& indexes) const {
    return indexes.shapes.get([&] {
        return ShapeIndex({.positions = rows_.positions(), .shapes = rows_.shapes()}, indexes.metric);
    });
}

RowOrder Snapshot::by_id() const {
    return [this](std::uint32_t a, std::uint32_t b) { return compare_ids(rows_.id(a), rows_.id(b)) < 0; };
}

/// Of all rows; of a point the point itself.
std::vector<LonLat> Snapshot::centroids(MetricKind metric) const {
    std::vector<LonLat> centroids(rows_.positions().begin(), rows_.positions().end());
    for (std::size_t row = 0; row < rows_.size(); ++row) {
        if (const auto shape = rows_.shape(row)) {
            centroids[row] =
                centroid_of(*shape, metric, [&] { return fmt::format("place \"{}\"", rows_.id(row)); });
        }
    }
    return centroids;
}

std::vector<RowNeighbor> Snapshot::nearest(const PlaceQuery& query, std::size_t k,
                                           double max_distance) const {
    require_valid(NearestOptions{.k = k, .max_distance = max_distance});
    return search(query, {k, max_distance});
}

std::vector<RowNeighbor> Snapshot::within_distance(const PlaceQuery& query, double max_distance) const {
    require_valid_max_distance(max_distance);
    return search(query, {std::nullopt, max_distance});
}

std::vector<RowNeighbor> Snapshot::search(const PlaceQuery& query, const Reach& reach) const {
    if (query.match == Match::centroid) return search_centroids(query, reach);
    const bool scan = query.method == Method::scan;
    if (rows_.have_shapes() || query.shape != nullptr) {
        return scan ? scan_shapes(query, reach) : search_shapes(query, reach);
    }
    return search_points(rows_.positions(), scan ? nullptr : &*indexes_for(query.metric).points, query.point,
                         query, reach);
}

std::vector<RowNeighbor> Snapshot::search_centroids(const PlaceQuery& query, const Reach& reach) const {
    const LonLat from = query.shape == nullptr
                            ? query.point
                            : centroid_of(*query.shape, query.metric, [] { return "query"; });
    require_valid_position(from, query.metric);
    const bool scan = query.method == Method::scan;
    if (!rows_.have_shapes()) {
        return search_points(rows_.positions(), scan ? nullptr : &*indexes_for(query.metric).points, from,
                             query, reach);
    }
    if (scan) return search_points(centroids(query.metric), nullptr, from, query, reach);
    const Centroids& made = indexes_for(query.metric).centroids.get([&] {
        std::vector<LonLat> positions = centroids(query.metric);
        PointIndex index(positions, query.metric);
        return Centroids{std::move(positions), std::move(index)};
    });
    return search_points(made.positions, &made.index, from, query, reach);
}

/// From the position of each row, which of one with a shape is its nearest point. Without an index by
/// measuring all of them.
std::vector<RowNeighbor> Snapshot::search_points(std::span<const LonLat> positions, const PointIndex* index,
                                                 LonLat from, const PlaceQuery& query,
                                                 const Reach& reach) const {
    const SearchOptions search{.filter = rows_.of_category(query.category)};
    std::vector<Neighbor> found;
    if (index == nullptr) {
        found = reach.k ? scan_nearest(positions, query.metric, from,
                                       {.k = *reach.k, .max_distance = reach.max_distance}, search, by_id())
                        : scan_within_distance(positions, query.metric, from, reach.max_distance, search,
                                               by_id());
    } else {
        Searcher searcher(*index, by_id());
        const auto neighbors =
            reach.k ? searcher.nearest(from, {.k = *reach.k, .max_distance = reach.max_distance}, search)
                    : searcher.within_distance(from, reach.max_distance, search);
        found.assign(neighbors.begin(), neighbors.end());
    }
    std::vector<RowNeighbor> answer;
    answer.reserve(found.size());
    for (const auto& [row, distance] : found) {
        answer.push_back(
            {row, distance, rows_.shape(row) != nullptr ? std::optional(positions[row]) : std::nullopt});
    }
    return answer;
}

std::vector<RowNeighbor> Snapshot::search_shapes(const PlaceQuery& query, const Reach& reach) const {
    const SearchOptions search{.filter = rows_.of_category(query.category)};
    ShapeSearcher searcher(shapes_of(indexes_for(query.metric)), by_id());
    const auto find = [&](const auto& from) {
        return reach.k ? searcher.nearest(from, {.k = *reach.k, .max_distance = reach.max_distance}, search)
                       : searcher.within_distance(from, reach.max_distance, search);
    };
    return answer(query, query.shape != nullptr ? find(*query.shape) : find(query.point));
}

std::vector<RowNeighbor> Snapshot::scan_shapes(const PlaceQuery& query, const Reach& reach) const {
    const Geometry from = query.shape != nullptr ? *query.shape : Geometry::point(query.point);
    return answer(query, scan_nearest_shapes(
                             {.positions = rows_.positions(), .shapes = rows_.shapes()}, query.metric, from,
                             {.k = reach.k.value_or(rows_.size() + 1), .max_distance = reach.max_distance},
                             {.filter = rows_.of_category(query.category)}, by_id()));
}

std::vector<RowNeighbor> Snapshot::answer(const PlaceQuery& query,
                                          std::span<const ShapeNeighbor> neighbors) const {
    std::vector<RowNeighbor> answer;
    answer.reserve(neighbors.size());
    for (const ShapeNeighbor& neighbor : neighbors) {
        answer.push_back({neighbor.row, neighbor.distance, nearest_point(query, neighbor)});
    }
    return answer;
}

/// A point asked for, and a vertex, come back to the last bit.
std::optional<LonLat> Snapshot::nearest_point(const PlaceQuery& query, const ShapeNeighbor& neighbor) const {
    const auto shape = rows_.shape(neighbor.row);
    if (shape == nullptr) return std::nullopt;
    if (neighbor.distance == 0 && query.shape == nullptr) return query.point;
    return vertex_at(*shape, neighbor.on_shape, query.metric).value_or(neighbor.on_shape);
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
