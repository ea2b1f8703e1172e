#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/index/point_index.h"
#include "core/index/shape_index.h"
#include "core/search/shape_searcher.h"
#include "store/collection.h"

namespace crowfly {

/// Strings of all rows, one after the other.
class TextColumn {
  public:
    void push_back(std::string_view text) {
        text_ += text;
        ends_.push_back(text_.size());
    }
    std::string_view operator[](std::size_t row) const noexcept {
        const std::size_t begin = row == 0 ? 0 : ends_[row - 1];
        return std::string_view(text_).substr(begin, ends_[row] - begin);
    }

  private:
    std::string text_;
    std::vector<std::size_t> ends_;
};

/// What a search needs to know of the rows of a collection, column by column.
class Rows {
  public:
    /// `rowid` is where the store keeps the row. Properties other than name and category are passed over.
    void push_back(std::int64_t rowid, const Place& place);

    std::size_t size() const noexcept { return rowids_.size(); }
    std::span<const LonLat> positions() const noexcept { return positions_; }

    /// The place's shape; null for a point.
    std::shared_ptr<const Geometry> shape(std::size_t row) const noexcept {
        return row < shapes_.size() ? shapes_[row] : nullptr;
    }
    bool have_shapes() const noexcept { return !shapes_.empty(); }

    /// Where the shape of each row is; null for a point.
    std::vector<const Geometry*> shapes() const;

    std::int64_t rowid(std::size_t row) const noexcept { return rowids_[row]; }
    std::string_view id(std::size_t row) const noexcept { return ids_[row]; }

    /// Id, geometry, name and category of a row; no other properties.
    Place place(std::size_t row) const;

    /// Rows that are of the category; an absent one lets all rows pass.
    RowFilter of_category(const std::optional<std::string>& category) const;

    std::optional<Extent> extent() const;
    GeometryContent geometry_content() const;

  private:
    std::vector<std::int64_t> rowids_;
    TextColumn ids_;
    std::vector<LonLat> positions_;
    std::vector<std::shared_ptr<const Geometry>> shapes_;  // up to the last row that has one
    TextColumn names_;
    std::vector<std::uint32_t> categories_;  // positions in category_names_
    std::deque<std::string> category_names_;
    std::unordered_map<std::string_view, std::uint32_t> category_numbers_;  // views of category_names_
};

/// A row of an answer.
struct RowNeighbor {
    std::uint32_t row;
    double distance;
    std::optional<LonLat> nearest_point;  ///< of a row with a shape
};

/// Something that is made when it is first asked for, and then stays. Whoever asks meanwhile waits. What the
/// making throws goes to the one who asked; the next one tries again.
template <class T>
class Lazy {
  public:
    const T& get(const std::function<T()>& make) const {
        const std::scoped_lock lock(mutex_);
        if (!value_) value_.emplace(make());
        return *value_;
    }

  private:
    mutable std::mutex mutex_;
    mutable std::optional<T> value_;
};

/// One state of a collection: its rows and an index for each metric that is searched. Never changes, as far
/// as anyone can see. An index over points is there from the start when all places are points, one over
/// shapes when some are not; otherwise the latter is made when something other than a point is first searched
/// from, and one over centroids when some places have shapes and one is first searched for by its centroid.
class Snapshot {
  public:
    /// Throws Error when a row's geometry is outside the domain of a metric.
    Snapshot(Rows rows, std::span<const MetricKind> metrics);
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

    const Rows& rows() const noexcept { return rows_; }

    /// As Collection has it, in rows.
    std::vector<RowNeighbor> nearest(const PlaceQuery& query, std::size_t k, double max_distance) const;
    std::vector<RowNeighbor> within_distance(const PlaceQuery& query, double max_distance) const;

  private:
    struct Centroids {
        std::vector<LonLat> positions;
        PointIndex index;
    };

    /// What there is for one metric.
    struct Indexes {
        explicit Indexes(MetricKind of) : metric(of) {}
        MetricKind metric;
        std::optional<PointIndex> points = {};  ///< when all rows are points
        Lazy<ShapeIndex> shapes = {};
        Lazy<Centroids> centroids = {};
    };

    /// How many neighbors are wanted: all, when there is no k.
    struct Reach {
        std::optional<std::size_t> k;
        double max_distance;
    };

    std::vector<RowNeighbor> search(const PlaceQuery& query, const Reach& reach) const;
    std::vector<RowNeighbor> search_centroids(const PlaceQuery& query, const Reach& reach) const;
    std::vector<RowNeighbor> search_points(std::span<const LonLat> positions, const PointIndex* index,
                                           LonLat from, const PlaceQuery& query, const Reach& reach) const;
    std::vector<RowNeighbor> search_shapes(const PlaceQuery& query, const Reach& reach) const;
    std::vector<RowNeighbor> scan_shapes(const PlaceQuery& query, const Reach& reach) const;
    std::vector<RowNeighbor> answer(const PlaceQuery& query, std::span<const ShapeNeighbor> neighbors) const;
    std::optional<LonLat> nearest_point(const PlaceQuery& query, const ShapeNeighbor& neighbor) const;

    const Indexes& indexes_for(MetricKind metric) const;
    const ShapeIndex& shapes_of(const Indexes& indexes) const;
    std::vector<LonLat> centroids(MetricKind metric) const;
    RowOrder by_id() const;

    Rows rows_;
    std::deque<Indexes> indexes_;
};

/// Throws Error(invalid_argument) for a metric that the reference system does not have.
void require_metric_of(Crs crs, MetricKind metric);

}  // namespace crowfly
