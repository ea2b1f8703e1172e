#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/live/live_query.h"
#include "core/live/live_snapshot.h"
#include "core/search/neighbor.h"
#include "core/search/shape_searcher.h"
#include "store/category_search.h"
#include "store/collection.h"

namespace crowfly {

/// A row of an answer.
struct RowNeighbor {
    std::uint32_t row;
    double distance;
    std::optional<LonLat> nearest_point;  ///< of a row with a shape
};

/// How many neighbors are wanted: all, when there is no k.
struct Reach {
    std::optional<std::size_t> k = {};
    double max_distance;
};

/// The id of a row.
using RowIds = std::function<std::string_view(std::uint32_t)>;

/// What a query asks of a live index: searches of rows, as Collection has them.
class PlaceSearch {
  public:
    /// `categories` is asked only where the query is by category. `filter` lets the rows pass that the
    /// query's category and filter are for; what it and `ids` refer to, snapshot and query must outlive the
    /// search. The report, where the query has one, gets counts and runs. `metrics` are those that the
    /// collection was opened with. Throws Error(invalid_argument) for a metric that is not among them, unless
    /// all rows are to be measured.
    PlaceSearch(const LiveSnapshot& snapshot, std::span<const MetricKind> metrics, const PlaceQuery& query,
                RowFilter filter, RowIds ids, RowCategories categories = {});
    PlaceSearch(const PlaceSearch&) = delete;
    PlaceSearch& operator=(const PlaceSearch&) = delete;

    /// Throws as Collection::nearest.
    std::vector<RowNeighbor> operator()(const Reach& reach) const;

  private:
    std::vector<RowNeighbor> search_index(const Reach& reach) const;
    std::vector<RowNeighbor> search_on(const Reach& reach) const;
    std::vector<RowNeighbor> scan(const Reach& reach) const;
    std::vector<RowNeighbor> search_categories(const Reach& reach) const;
    bool admits(std::uint32_t row) const;
    bool comes_after(std::uint32_t row, double distance) const;
    void report(const SearchCounts& counts) const;
    RowNeighbor answer(const ShapeNeighbor& neighbor) const;
    void require_centroids() const;

    const LiveSnapshot& snapshot_;
    const PlaceQuery& query_;
    LiveQuery from_;
    RowFilter filter_;
    LiveSearchOptions search_;
    RowIds ids_;
    RowCategories categories_;
    RowOrder by_id_;
    bool shapes_;
    mutable std::uint64_t asked_ = 0;
};

/// Gives places that stand by category their ranks within it.
void rank_within_categories(std::span<NeighborPlace> neighbors);

/// The options of a live index for searches by these metrics. There may be none, of a collection that is only
/// scanned; the index then has the plane's, as it must have one.
LiveOptions live_options(std::span<const MetricKind> metrics);

/// Throws Error(invalid_argument) for a metric that the reference system does not have.
void require_metric_of(Crs crs, MetricKind metric);

/// Throws Error(invalid_argument) for an area in another reference system.
void require_area_of(Crs crs, const Area& area);

}  // namespace crowfly
