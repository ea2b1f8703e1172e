#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "core/index/point_index.h"
#include "core/index/shape_index.h"
#include "core/live/lazy.h"
#include "core/live/live_row.h"

namespace crowfly {

/// Rows that were put together at one time, either all points or all shapes, and their indexes. A row has a
/// seat in the run, which is its row in the indexes; seats follow the order of rows. Never changes, as far
/// as anyone can see: an index over points as shapes, which serves queries that are shapes, and one over
/// centroids of shapes are made when they are first asked for.
class PackedRun {
  public:
    /// Centroids by one metric, seat by seat.
    struct Centroids {
        std::vector<LonLat> positions;
        PointIndex index;
    };

    /// The columns must have passed `require_valid`. Cost: that of an index for each metric.
    PackedRun(LiveColumns columns, const LiveOptions& options, Executor& executor);

    /// Points whose indexes are there already.
    PackedRun(LiveBase base, const LiveOptions& options);

    std::size_t size() const noexcept { return columns_.size(); }
    bool has_shapes() const noexcept { return !columns_.shapes.empty(); }

    const LiveColumns& columns() const noexcept { return columns_; }
    std::uint32_t row(std::size_t seat) const noexcept { return columns_.rows[seat]; }
    LonLat position(std::size_t seat) const noexcept { return columns_.positions[seat]; }
    const Geometry* shape(std::size_t seat) const noexcept {
        return has_shapes() ? columns_.shapes[seat].get() : nullptr;
    }
    std::uint32_t value(std::size_t attribute, std::size_t seat) const noexcept {
        return columns_.attributes[attribute][seat];
    }
    LiveRow at(std::size_t seat) const;

    /// The seat of a row. Cost: O(log n), less where row numbers are dense.
    std::optional<std::uint32_t> seat_of(std::uint32_t row) const noexcept;

    /// Vertices of a seat, and of all.
    std::size_t vertices(std::size_t seat) const noexcept;
    std::size_t vertices() const noexcept { return vertices_; }

    // Metrics are given by their number in the options.

    std::size_t metric_count() const noexcept { return by_metric_.size(); }

    /// Of a run of points.
    const PointIndex& points(std::size_t metric) const noexcept { return *by_metric_[metric].points; }

    /// Where its tree over all rows has the point of a seat.
    std::uint32_t slot(std::size_t metric, std::size_t seat) const noexcept {
        return by_metric_[metric].slots[seat];
    }

    /// Throws std::bad_alloc when it is first asked for.
    const ShapeIndex& shapes(std::size_t metric) const;

    /// Of a run of shapes. Throws Error(invalid_argument) that names the row of a shape without a centroid.
    const Centroids& centroids(std::size_t metric) const;

    /// Makes what is made when it is first asked for, where that has happened to the other run.
    void make_what_was_asked_of(const PackedRun& other) const;

    /// Bytes, about. What the shapes themselves take is not in it, as others share them.
    std::size_t memory() const;

  private:
    struct Indexes {
        explicit Indexes(MetricKind of) : metric(of) {}
        MetricKind metric;
        std::optional<PointIndex> points = {};
        std::vector<std::uint32_t> slots = {};  ///< seat by seat
        Lazy<ShapeIndex> shapes = {};
        Lazy<Centroids> centroids = {};
    };

    void count_vertices();
    void make_indexes(Indexes& indexes, Executor& executor);

    LiveColumns columns_;
    std::size_t vertices_ = 0;
    std::deque<Indexes> by_metric_;
};

/// Throws Error(invalid_argument) that names the row of a position outside the domain of a metric, of a shape
/// with a fault (`geometry_fault`), and of values that are not as many as there are attributes.
void require_valid(const LiveRow& row, const LiveOptions& options);

/// Likewise for all rows, for rows that do not ascend, and for columns of different lengths.
void require_valid(const LiveColumns& columns, const LiveOptions& options);

}  // namespace crowfly
