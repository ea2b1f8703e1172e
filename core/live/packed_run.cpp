#include "core/live/packed_run.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/error.h"
#include "core/geometry/centroid.h"
#include "core/metric/with_metric.h"

namespace crowfly {
namespace {

[[noreturn]] void refuse(std::uint32_t row, std::string_view reason) {
    throw Error(Code::invalid_argument, fmt::format("row {}: {}", row, reason));
}

std::vector<const Geometry*> addresses(const LiveColumns& columns) {
    std::vector<const Geometry*> addresses;
    addresses.reserve(columns.shapes.size());
    for (const auto& shape : columns.shapes) addresses.push_back(shape.get());
    return addresses;
}

std::vector<std::span<const std::uint32_t>> spans_of(
    const std::vector<SharedColumn<std::uint32_t>>& attributes) {
    return {attributes.begin(), attributes.end()};
}

/// The narrowest domain that one of the metrics has.
Crs domain_of(const LiveOptions& options) {
    const bool on_earth = std::any_of(options.metrics.begin(), options.metrics.end(),
                                      [](MetricKind metric) { return widest_crs(metric) == Crs::wgs84; });
    return on_earth ? Crs::wgs84 : Crs::planar;
}

void require_valid(std::uint32_t row, LonLat position, const Geometry* shape, Crs crs) {
    if (row == kNoRow) refuse(row, "is no number of a row; they go up to 4294967294");
    if (const auto fault = coordinate_fault(position, crs)) refuse(row, fault->message);
    if (shape == nullptr) return;
    if (const auto fault = geometry_fault(*shape, crs)) refuse(row, fault->reason);
}

LonLat centroid_of(std::uint32_t row, const Geometry& shape, MetricKind metric) try {
    return centroid(shape, metric);
} catch (const Error& error) {
    throw Error(error.code(), fmt::format("row {}: {}", row, error.what()));
}

/// The slot of each row in the tree over all rows.
std::vector<std::uint32_t> slots_of(const PointIndex& index) {
    std::vector<std::uint32_t> slots(index.size());
    with_metric(index.metric(), [&]<class M>(M /*metric*/) {
        const auto& tree = *index.tree<M::kDimensions>(std::nullopt);
        for (std::uint32_t slot = 0; slot < tree.size(); ++slot) slots[tree.row(slot)] = slot;
    });
    return slots;
}

std::size_t memory_of(const ShapeIndex& index) {
    return with_metric(index.metric(), [&]<class M>(M /*metric*/) {
        const ShapeTree<M>& tree = index.tree<M>();
        return tree.leaves.capacity() * sizeof(tree.leaves[0]) +
               (tree.pieces.nodes.capacity() + tree.polygons.nodes.capacity()) *
                   sizeof(tree.pieces.nodes[0]) +
               tree.polygon_of.capacity() * sizeof(tree.polygon_of[0]);
    });
}

}  // namespace

PackedRun::PackedRun(LiveColumns columns, const LiveOptions& options, Executor& executor)
    : columns_(std::move(columns)) {
    count_vertices();
    for (const MetricKind metric : options.metrics) by_metric_.emplace_back(metric);
    executor.run(by_metric_.size(), [&](std::size_t metric) { make_indexes(by_metric_[metric], executor); });
}

void PackedRun::make_indexes(Indexes& indexes, Executor& executor) {
    const BuildOptions build{.executor = &executor};
    if (has_shapes()) {
        indexes.shapes.get([&] {
            return ShapeIndex({.positions = columns_.positions, .shapes = addresses(columns_)},
                              indexes.metric, build);
        });
    } else {
        indexes.points.emplace(
            PointColumns{.positions = columns_.positions, .attributes = spans_of(columns_.attributes)},
            indexes.metric, build);
        indexes.slots = slots_of(*indexes.points);
    }
}

PackedRun::PackedRun(LiveBase base, const LiveOptions& options) : columns_(std::move(base.points)) {
    count_vertices();
    for (std::size_t i = 0; i < options.metrics.size(); ++i) {
        Indexes& indexes = by_metric_.emplace_back(options.metrics[i]);
        indexes.points = std::move(base.indexes[i]);
        indexes.slots = slots_of(*indexes.points);
    }
}

void PackedRun::count_vertices() {
    vertices_ = has_shapes() ? 0 : size();
    for (const auto& shape : columns_.shapes) vertices_ += shape->positions().size();
}

LiveRow PackedRun::at(std::size_t seat) const {
    LiveRow found{.row = row(seat), .position = position(seat)};
    if (has_shapes()) found.shape = columns_.shapes[seat];
    for (const auto& values : columns_.attributes) found.values.push_back(values[seat]);
    return found;
}

std::optional<std::uint32_t> PackedRun::seat_of(std::uint32_t row) const noexcept {
    const std::span<const std::uint32_t> rows = columns_.rows;
    if (rows.empty() || row < rows.front() || row > rows.back()) return std::nullopt;
    // Each seat is at most as far from the first one as its row is.
    const std::size_t farthest = std::min<std::size_t>(row - rows.front(), rows.size() - 1);
    if (rows[farthest] == row) return static_cast<std::uint32_t>(farthest);
    const auto at = std::lower_bound(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(farthest), row);
    if (*at != row) return std::nullopt;
    return static_cast<std::uint32_t>(at - rows.begin());
}

std::size_t PackedRun::vertices(std::size_t seat) const noexcept {
    const Geometry* const shape = this->shape(seat);
    return shape != nullptr ? shape->positions().size() : 1;
}

const ShapeIndex& PackedRun::shapes(std::size_t metric) const {
    const Indexes& indexes = by_metric_[metric];
    return indexes.shapes.get([&] { return ShapeIndex({.positions = columns_.positions}, indexes.metric); });
}

const PackedRun::Centroids& PackedRun::centroids(std::size_t metric) const {
    const Indexes& indexes = by_metric_[metric];
    return indexes.centroids.get([&] {
        std::vector<LonLat> positions;
        positions.reserve(size());
        for (std::size_t seat = 0; seat < size(); ++seat) {
            positions.push_back(centroid_of(row(seat), *shape(seat), indexes.metric));
        }
        PointIndex index({.positions = positions, .attributes = spans_of(columns_.attributes)},
                         indexes.metric);
        return Centroids{std::move(positions), std::move(index)};
    });
}

void PackedRun::make_what_was_asked_of(const PackedRun& other) const {
    for (std::size_t metric = 0; metric < by_metric_.size(); ++metric) {
        try {
            if (other.by_metric_[metric].shapes.made() != nullptr) shapes(metric);
            if (other.by_metric_[metric].centroids.made() != nullptr) centroids(metric);
        } catch (const Error&) {
            // A row without a centroid is the concern of who asks for it.
        }
    }
}

std::size_t PackedRun::memory() const {
    std::size_t bytes = size() * (sizeof(std::uint32_t) * (1 + columns_.attributes.size()) + sizeof(LonLat)) +
                        columns_.shapes.capacity() * sizeof(columns_.shapes[0]);
    for (const Indexes& indexes : by_metric_) {
        if (indexes.points) bytes += indexes.points->bytes().size();
        bytes += indexes.slots.capacity() * sizeof(std::uint32_t);
        if (const ShapeIndex* made = indexes.shapes.made()) bytes += memory_of(*made);
        if (const Centroids* made = indexes.centroids.made()) {
            bytes += made->index.bytes().size() + made->positions.capacity() * sizeof(LonLat);
        }
    }
    return bytes;
}

void require_valid(const LiveRow& row, const LiveOptions& options) {
    require_valid(row.row, row.position, row.shape.get(), domain_of(options));
    if (row.values.size() == options.attributes) return;
    refuse(row.row, fmt::format("has {} values; expected one for each of {} attributes", row.values.size(),
                                options.attributes));
}

void require_valid(const LiveColumns& columns, const LiveOptions& options) {
    const std::size_t size = columns.size();
    const auto require_length = [&](std::string_view what, std::size_t length) {
        if (length == size) return;
        throw Error(Code::invalid_argument, fmt::format("there are {} {} for {} rows", length, what, size));
    };
    require_length("positions", columns.positions.size());
    if (!columns.shapes.empty()) require_length("shapes", columns.shapes.size());
    if (columns.attributes.size() != options.attributes) {
        throw Error(Code::invalid_argument, fmt::format("there are {} attributes; expected {}",
                                                        columns.attributes.size(), options.attributes));
    }
    for (const auto& values : columns.attributes) require_length("values of an attribute", values.size());
    const Crs crs = domain_of(options);
    for (std::size_t i = 0; i < size; ++i) {
        const std::uint32_t row = columns.rows[i];
        if (i > 0 && row <= columns.rows[i - 1]) refuse(row, "does not come after the row before it");
        const Geometry* const shape = columns.shapes.empty() ? nullptr : columns.shapes[i].get();
        require_valid(row, columns.positions[i], shape, crs);
    }
}

}  // namespace crowfly
