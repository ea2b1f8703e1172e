#include "store/snapshot.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/place_id.h"
#include "core/search/scan.h"
#include "core/search/searcher.h"

namespace crowfly {

void Rows::push_back(std::int64_t rowid, std::string_view id, LonLat position, std::string_view name,
                     std::string_view category) {
    auto known = category_numbers_.find(category);
    if (known == category_numbers_.end()) {
        const auto number = static_cast<std::uint32_t>(category_names_.size());
        known = category_numbers_.emplace(category_names_.emplace_back(category), number).first;
    }
    rowids_.push_back(rowid);
    ids_.push_back(id);
    positions_.push_back(position);
    names_.push_back(name);
    categories_.push_back(known->second);
}

Place Rows::place(std::size_t row) const {
    return {.id = std::string(ids_[row]),
            .position = positions_[row],
            .name = std::string(names_[row]),
            .category = category_names_[categories_[row]]};
}

RowFilter Rows::of_category(const std::optional<std::string>& category) const {
    if (!category) return {};
    const auto known = category_numbers_.find(*category);
    if (known == category_numbers_.end()) return [](std::uint32_t) { return false; };
    return [this, number = known->second](std::uint32_t row) { return categories_[row] == number; };
}

std::optional<Extent> Rows::extent() const {
    if (positions_.empty()) return std::nullopt;
    Extent extent = Extent::of(positions_.front());
    for (const LonLat position : positions_) extent.grow(position);
    return extent;
}

Snapshot::Snapshot(Rows rows, std::span<const MetricKind> metrics) : rows_(std::move(rows)) {
    for (const MetricKind metric : metrics) indexes_.emplace_back(rows_.positions(), metric);
}

const PointIndex& Snapshot::index_for(MetricKind metric) const {
    for (const PointIndex& index : indexes_) {
        if (index.metric() == metric) return index;
    }
    throw Error(Code::invalid_argument,
                fmt::format("the collection has no index for the metric {}; open it with one, or scan",
                            name(metric)));
}

RowOrder Snapshot::by_id() const {
    return [this](std::uint32_t a, std::uint32_t b) { return compare_ids(rows_.id(a), rows_.id(b)) < 0; };
}

std::vector<Neighbor> Snapshot::nearest(const PlaceQuery& query, std::size_t k, double max_distance) const {
    const NearestOptions options{.k = k, .max_distance = max_distance};
    const SearchOptions search{.filter = rows_.of_category(query.category)};
    if (query.method == Method::scan) {
        return scan_nearest(rows_.positions(), query.metric, query.point, options, search, by_id());
    }
    Searcher searcher(index_for(query.metric), by_id());
    const auto found = searcher.nearest(query.point, options, search);
    return {found.begin(), found.end()};
}

std::vector<Neighbor> Snapshot::within_distance(const PlaceQuery& query, double max_distance) const {
    const SearchOptions search{.filter = rows_.of_category(query.category)};
    if (query.method == Method::scan) {
        return scan_within_distance(rows_.positions(), query.metric, query.point, max_distance, search,
                                    by_id());
    }
    Searcher searcher(index_for(query.metric), by_id());
    const auto found = searcher.within_distance(query.point, max_distance, search);
    return {found.begin(), found.end()};
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
