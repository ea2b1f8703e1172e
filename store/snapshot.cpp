#include "store/snapshot.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/error.h"
#include "core/place_id.h"
#include "core/search/scan.h"
#include "core/search/searcher.h"

namespace crowfly {

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

std::vector<Geometry> Rows::geometries() const {
    std::vector<Geometry> geometries;
    geometries.reserve(size());
    for (std::size_t row = 0; row < size(); ++row) {
        const auto shape = this->shape(row);
        geometries.push_back(shape != nullptr ? *shape : Geometry::point(positions_[row]));
    }
    return geometries;
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

Snapshot::Snapshot(Rows rows, std::span<const MetricKind> metrics)
    : rows_(std::move(rows)), metrics_(metrics.begin(), metrics.end()) {
    if (rows_.have_shapes()) {
        const std::vector<Geometry> geometries = rows_.geometries();
        for (const MetricKind metric : metrics_) shapes_.emplace_back(geometries, metric);
    } else {
        for (const MetricKind metric : metrics_) points_.emplace_back(rows_.positions(), metric);
    }
}

void Snapshot::require_indexed(MetricKind metric) const {
    if (std::find(metrics_.begin(), metrics_.end(), metric) != metrics_.end()) return;
    throw Error(Code::invalid_argument,
                fmt::format("the collection has no index for the metric {}; open it with one, or scan",
                            name(metric)));
}

const PointIndex& Snapshot::points_for(MetricKind metric) const {
    require_indexed(metric);
    return *std::find_if(points_.begin(), points_.end(),
                         [&](const PointIndex& index) { return index.metric() == metric; });
}

/// A copy shares its trees, and so stays whole when the next one is made.
ShapeIndex Snapshot::shapes_for(MetricKind metric) const {
    require_indexed(metric);
    const std::scoped_lock lock(shapes_mutex_);
    const auto made = std::find_if(shapes_.begin(), shapes_.end(),
                                   [&](const ShapeIndex& index) { return index.metric() == metric; });
    if (made != shapes_.end()) return *made;
    return shapes_.emplace_back(rows_.geometries(), metric);
}

RowOrder Snapshot::by_id() const {
    return [this](std::uint32_t a, std::uint32_t b) { return compare_ids(rows_.id(a), rows_.id(b)) < 0; };
}

std::vector<RowNeighbor> Snapshot::answer(std::span<const Neighbor> neighbors) {
    std::vector<RowNeighbor> answer;
    answer.reserve(neighbors.size());
    for (const auto& [row, distance] : neighbors) answer.push_back({row, distance, std::nullopt});
    return answer;
}

std::vector<RowNeighbor> Snapshot::answer(std::span<const ShapeNeighbor> neighbors) const {
    std::vector<RowNeighbor> answer;
    answer.reserve(neighbors.size());
    for (const ShapeNeighbor& neighbor : neighbors) {
        const bool has_shape = rows_.shape(neighbor.row) != nullptr;
        answer.push_back(
            {neighbor.row, neighbor.distance, has_shape ? std::optional(neighbor.on_shape) : std::nullopt});
    }
    return answer;
}

std::vector<RowNeighbor> Snapshot::nearest(const PlaceQuery& query, std::size_t k,
                                           double max_distance) const {
    const NearestOptions options{.k = k, .max_distance = max_distance};
    const SearchOptions search{.filter = rows_.of_category(query.category)};
    if (needs_shapes(query)) {
        if (query.method == Method::scan) return scan_shapes(query, k, max_distance);
        const ShapeIndex index = shapes_for(query.metric);
        ShapeSearcher searcher(index, by_id());
        return answer(query.shape != nullptr ? searcher.nearest(*query.shape, options, search)
                                             : searcher.nearest(query.point, options, search));
    }
    if (query.method == Method::scan) {
        return answer(scan_nearest(rows_.positions(), query.metric, query.point, options, search, by_id()));
    }
    Searcher searcher(points_for(query.metric), by_id());
    return answer(searcher.nearest(query.point, options, search));
}

std::vector<RowNeighbor> Snapshot::within_distance(const PlaceQuery& query, double max_distance) const {
    const SearchOptions search{.filter = rows_.of_category(query.category)};
    if (needs_shapes(query)) {
        if (query.method == Method::scan) return scan_shapes(query, rows_.size() + 1, max_distance);
        const ShapeIndex index = shapes_for(query.metric);
        ShapeSearcher searcher(index, by_id());
        return answer(query.shape != nullptr ? searcher.within_distance(*query.shape, max_distance, search)
                                             : searcher.within_distance(query.point, max_distance, search));
    }
    if (query.method == Method::scan) {
        return answer(scan_within_distance(rows_.positions(), query.metric, query.point, max_distance, search,
                                           by_id()));
    }
    Searcher searcher(points_for(query.metric), by_id());
    return answer(searcher.within_distance(query.point, max_distance, search));
}

/// As `nearest`, by measuring every row.
std::vector<RowNeighbor> Snapshot::scan_shapes(const PlaceQuery& query, std::size_t k,
                                               double max_distance) const {
    const Geometry from = query.shape != nullptr ? *query.shape : Geometry::point(query.point);
    return answer(scan_nearest_shapes(rows_.geometries(), query.metric, from,
                                      {.k = k, .max_distance = max_distance},
                                      {.filter = rows_.of_category(query.category)}, by_id()));
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
