#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/executor.h"
#include "core/index/point_index.h"
#include "core/index/shape_index.h"
#include "core/join/join.h"
#include "core/join/near_shapes.h"
#include "core/join/prepared_side.h"
#include "core/live/live_searcher.h"
#include "core/search/searcher.h"
#include "core/search/shape_searcher.h"

namespace crowfly {

/// The objects that count, in an index; with a partition, those of each value in one of their own: the parts.
/// Rows are those of the whole object side.
class ObjectIndex {
  public:
    /// Over the rows first to last - 1 of the side, the first of which is `first_row` of the whole side. With
    /// `as_shapes` also over points as shapes, as shapes ask for them. Cost: O(n).
    ObjectIndex(const PreparedSide& side, std::size_t first, std::size_t last, std::size_t first_row,
                bool as_shapes, const JoinOptions& options, Executor& executor);

    /// Over an index that is there already and outlives this one.
    ObjectIndex(const PointIndex& index, const JoinOptions& options);
    ObjectIndex(const ShapeIndex& index, const JoinOptions& options);
    ObjectIndex(const LiveObjects& objects, const JoinOptions& options);

    /// About so many bytes an index over these rows takes, with all that its build needs.
    static std::uint64_t bytes_for(const PreparedSide& side, std::size_t first, std::size_t last,
                                   bool as_shapes);

    /// Where a block of rows from `first` on ends whose index takes no more than that, though it has some
    /// hundred rows if there are so many.
    static std::size_t end_within(std::uint64_t bytes, const PreparedSide& side, std::size_t first,
                                  bool as_shapes);

    /// How many objects there are; of an existing index also those that filter and area leave out.
    std::size_t size() const noexcept { return size_; }
    /// At least the magnitude of any coordinate of shapes; infinite when it is not known, 0 for points.
    double greatest_coordinate() const noexcept { return greatest_coordinate_; }

    std::size_t part_count() const noexcept { return parts_.size(); }

    /// Of the partition, that all of the part have. Parts stand in the order of their values.
    std::uint32_t value(std::size_t part) const noexcept { return parts_[part].value; }

  private:
    friend class ObjectSearcher;

    struct Part {
        std::unique_ptr<const PointIndex> own_points;
        std::unique_ptr<const ShapeIndex> own_shapes;
        const PointIndex* points = nullptr;  ///< either this
        const ShapeIndex* shapes = nullptr;  ///< or that
        const LiveSnapshot* live = nullptr;  ///< or, as the only part, this
        std::vector<std::uint32_t> rows;     ///< of the index's rows, when they are not simply counted on
        RowOrder order;                      ///< of the index's rows
        std::uint32_t value = 0;
    };

    void add_all(const PreparedSide& side, std::size_t first, std::size_t last, const JoinOptions& options,
                 Executor& executor);
    void add_some(const PreparedSide& side, std::vector<std::uint32_t> rows, std::size_t first_row,
                  bool as_shapes, const JoinOptions& options, Executor& executor);
    void filter_by(const JoinOptions& options);

    std::size_t size_ = 0;
    std::uint32_t first_row_ = 0;  ///< of the whole side, that an index over all rows begins with
    std::vector<Part> parts_;      ///< by value
    double greatest_coordinate_ = 0;
    MetricKind metric_ = MetricKind::spheroid;  ///< of a live index
    SearchOptions search_;
    LiveSearchOptions live_search_;
};

/// A query of a join.
struct JoinQuery {
    LonLat position;
    const Geometry* shape;  ///< or null
};

/// Searches the parts of an ObjectIndex; belongs to one thread at a time. Answers are in the order of the
/// join, by rows of the whole object side, and valid until the next search of this part.
class ObjectSearcher {
  public:
    explicit ObjectSearcher(const ObjectIndex& index);

    std::span<const Neighbor> nearest(std::size_t part, const JoinQuery& query,
                                      const NearestOptions& options);
    std::span<const Neighbor> within(std::size_t part, const JoinQuery& query, double max_distance);

    /// Whether the next two can be called: for shapes that are one part and all count.
    bool can_gather() const noexcept { return near_ != nullptr; }

    /// As NearShapes has them.
    std::size_t gather(std::span<const LonLat> queries, double spread, double distance) {
        return near_->gather(queries, spread, distance);
    }
    std::span<const Neighbor> nearest_gathered(std::size_t query, const NearestOptions& options);

    SearchCounts counts() const;

  private:
    /// By rows of the whole object side.
    template <class Found>
    std::span<const Neighbor> taken(std::size_t part, std::span<const Found> found);

    const ObjectIndex& index_;
    std::vector<Searcher> points_;  ///< one for each part, or none
    std::vector<ShapeSearcher> shapes_;
    std::unique_ptr<LiveSearcher> live_;
    std::unique_ptr<NearShapes> near_;
    std::vector<Neighbor> found_;
};

}  // namespace crowfly
