#pragma once

#include <span>

#include "core/index/point_index.h"
#include "core/index/shape_index.h"
#include "core/live/live_query.h"
#include "core/live/live_snapshot.h"
#include "core/search/query.h"

namespace crowfly {

/// One run as one search sees it: in seats, where the search speaks of rows.
class RunView {
  public:
    /// All must outlive it.
    RunView(const LiveRun& run, std::size_t metric, const LiveSearchOptions& search, const RowOrder& order)
        : run_(run), metric_(metric), search_(search), order_(order) {}

    const PackedRun& run() const noexcept { return *run_.run; }

    /// Whether the query is answered from points alone: then from `points`, else from `shapes`.
    bool is_of_points(const LiveQuery& query) const noexcept {
        return search_.match == Match::centroid || (!run().has_shapes() && query.shape == nullptr);
    }

    /// With Match::centroid the centroids, of which those of points are the points.
    const PointIndex& points() const;
    std::span<const LonLat> positions() const;
    const ShapeIndex& shapes() const { return run().shapes(metric_); }

    /// For `points`.
    SearchOptions point_options() const;

    /// For `shapes`.
    SearchOptions shape_options() const;

    /// Empty when that of seats is right.
    RowOrder order() const;

  private:
    const LiveRun& run_;
    std::size_t metric_;
    const LiveSearchOptions& search_;
    const RowOrder& order_;
};

}  // namespace crowfly
