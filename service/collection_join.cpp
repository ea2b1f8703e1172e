#include "service/collection_join.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/error.h"
#include "core/geometry/centroid.h"
#include "core/live/live_index.h"
#include "core/place_id.h"
#include "core/search/shape_searcher.h"
#include "service/once_filter.h"

namespace crowfly {
namespace {

/// Rows are to be given soon, so not too many may wait.
constexpr std::uint64_t kBytesThatWait = std::uint64_t{64} << 20U;

bool has_index(const LiveSnapshot& rows, MetricKind metric) {
    const auto& metrics = rows.options().metrics;
    return std::find(metrics.begin(), metrics.end(), metric) != metrics.end();
}

/// The same rows by another metric.
std::shared_ptr<const LiveSnapshot> indexed_by(MetricKind metric, const LiveSnapshot& rows,
                                               Executor& executor, const Control& control) {
    std::vector<LiveRow> all;
    all.reserve(rows.size());
    rows.for_each([&](const LiveRow& row) {
        if (row.row % 4096 == 0) control.check();
        all.push_back({row.row, row.position, row.shape, {}});
    });
    std::sort(all.begin(), all.end(), [](const LiveRow& a, const LiveRow& b) { return a.row < b.row; });
    std::vector<std::uint32_t> numbers;
    std::vector<LonLat> positions;
    LiveColumns columns;
    if (rows.has_shapes()) columns.shapes.reserve(all.size());
    for (LiveRow& row : all) {
        numbers.push_back(row.row);
        positions.push_back(row.position);
        if (rows.has_shapes()) columns.shapes.push_back(std::move(row.shape));
    }
    columns.rows = std::move(numbers);
    columns.positions = std::move(positions);
    return LiveIndex(std::move(columns), {.metrics = {metric}}, &executor).snapshot();
}

Geometry geometry_of(LonLat position, const Geometry* shape) {
    return shape != nullptr ? *shape : Geometry::point(position);
}

}  // namespace

CollectionJoin::CollectionJoin(QuerySide queries, std::shared_ptr<const Collection> collection,
                               CollectionJoinOptions options)
    : queries_(std::move(queries)),
      collection_(std::move(collection)),
      snapshot_(collection_->snapshot()),
      options_(std::move(options)) {}

void CollectionJoin::require_centroids(const Control& control) const {
    if (options_.join.match != Match::centroid) return;
    const auto require = [&](const Geometry* shape, std::string_view whose, std::string_view id) {
        if (shape == nullptr) return;
        control.check();
        try {
            static_cast<void>(centroid(*shape, options_.join.metric));
        } catch (const Error& error) {
            throw Error(error.code(), fmt::format("{} \"{}\": {}", whose, id, error.what()));
        }
    };
    for (std::size_t row = 0; row < queries_.size(); ++row)
        require(queries_.shape(row), "query", queries_.ids[row]);
    if (!snapshot_->rows().has_shapes()) return;
    snapshot_->rows().for_each(
        [&](const LiveRow& row) { require(row.shape.get(), "place", snapshot_->id(row.row)); });
}

void CollectionJoin::run(Executor& executor, const Control& control, const Sink& sink) const {
    const LiveSnapshot& rows = snapshot_->rows();
    std::shared_ptr<const LiveSnapshot> own;
    if (!has_index(rows, options_.join.metric))
        own = indexed_by(options_.join.metric, rows, executor, control);
    const LiveSnapshot& searched = own != nullptr ? *own : rows;
    if (options_.filter == nullptr) return run(searched, {}, executor, control, sink);
    snapshot_->with_filter(*options_.filter, [&](const RowFilter& filter) {
        const OnceFilter once(filter, rows, control);
        run(
            searched, [&once](std::uint32_t row) { return once(row); }, executor, control, sink);
    });
}

void CollectionJoin::run(const LiveSnapshot& rows, const RowFilter& filter, Executor& executor,
                         const Control& control, const Sink& sink) const {
    JoinOptions options = options_.join;
    options.filter = filter;
    options.control = control;
    options.memory_budget = kBytesThatWait;
    options.order = [this](std::uint32_t a, std::uint32_t b) {
        return compare_ids(snapshot_->id(a), snapshot_->id(b)) < 0;
    };
    join(queries_.columns(), LiveObjects{rows, options_.area.get()}, options, executor, sink);
}

JoinText CollectionJoin::text(const JoinRow& row) const {
    return {.metric = options_.join.metric,
            .query_id = queries_.ids[row.query],
            .rank = row.rank,
            .object_id = row.rank > 0 ? snapshot_->id(row.object) : std::string_view(),
            .distance = row.distance};
}

JoinLine CollectionJoin::line(const JoinRow& row) const {
    const LonLat from = queries_.positions[row.query];
    const Geometry* query = queries_.shape(row.query);
    const LiveRow object = *snapshot_->rows().find(row.object);
    if (query == nullptr && object.shape == nullptr) return {from, object.position};
    const Geometry of_query = geometry_of(from, query);
    const Geometry of_object = geometry_of(object.position, object.shape.get());
    const MetricKind metric = options_.join.metric;
    if (options_.join.match == Match::centroid)
        return {centroid(of_query, metric), centroid(of_object, metric)};
    const ShapeNeighbor nearest = distance_between(of_query, of_object, metric);
    return {nearest.on_query, nearest.on_shape};
}

}  // namespace crowfly
