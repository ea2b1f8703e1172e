#include "cli/join_answer.h"

#include "core/geometry/centroid.h"
#include "core/search/shape_searcher.h"

namespace crowfly {
namespace {

/// Positions with those of shapes replaced by their centroids; empty when there are no shapes.
std::vector<LonLat> centroids(const LoadedSide& side, MetricKind metric) {
    std::vector<LonLat> ends;
    if (side.shapes.empty()) return ends;
    ends = side.positions;
    for (std::size_t row = 0; row < side.size(); ++row) {
        if (const Geometry* shape = side.shape(row)) ends[row] = centroid(*shape, metric);
    }
    return ends;
}

Geometry geometry_of(const LoadedSide& side, std::uint32_t row) {
    const Geometry* shape = side.shape(row);
    return shape != nullptr ? *shape : Geometry::point(side.positions[row]);
}

}  // namespace

JoinAnswer::JoinAnswer(const LoadedSide& queries, const LoadedSide& objects, MetricKind metric, Match match,
                       bool by_category)
    : queries_(queries),
      objects_(objects),
      metric_(metric),
      by_category_(by_category),
      nearest_points_(match == Match::geometry) {
    if (nearest_points_) return;
    query_ends_ = centroids(queries, metric);
    object_ends_ = centroids(objects, metric);
}

JoinText JoinAnswer::text(const JoinRow& row) const {
    JoinText text{.metric = metric_, .query_id = query_id(row), .rank = row.rank, .distance = row.distance};
    if (row.rank > 0) text.object_id = object_id(row);
    if (by_category_) text.category = row.rank > 0 ? category(row) : std::string_view();
    return text;
}

JoinLine JoinAnswer::line(const JoinRow& row) const {
    const auto& from = query_ends_.empty() ? queries_.positions : query_ends_;
    const auto& to = object_ends_.empty() ? objects_.positions : object_ends_;
    const bool are_points = queries_.shape(row.query) == nullptr && objects_.shape(row.object) == nullptr;
    if (!nearest_points_ || are_points) return {from[row.query], to[row.object]};
    const ShapeNeighbor nearest =
        distance_between(geometry_of(queries_, row.query), geometry_of(objects_, row.object), metric_);
    return {nearest.on_query, nearest.on_shape};
}

}  // namespace crowfly
