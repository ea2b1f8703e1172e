#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "core/live/live_query.h"
#include "core/live/live_snapshot.h"
#include "core/search/counts.h"
#include "core/search/shape_searcher.h"

namespace crowfly {

/// The neighbors of a query in one state of a live index one after the other, nearest first, for when it is
/// not known how many are wanted. They are those of LiveSearcher::shapes_within_distance, in the same order.
///
/// Each run has a walk of its own, and the first of what these have come to is next. Among points a walk is a
/// NearestCursor; among shapes a search for ever more neighbors, each time for twice as many.
class LiveCursor {
  public:
    /// Throws as LiveSearcher does. The snapshot, a shape that is the query, and what `search` refers to must
    /// outlive it.
    LiveCursor(const LiveSnapshot& snapshot, MetricKind metric, const LiveQuery& query,
               double max_distance = std::numeric_limits<double>::infinity(), LiveSearchOptions search = {},
               RowOrder order = {});
    LiveCursor(LiveCursor&&) noexcept;
    LiveCursor& operator=(LiveCursor&&) noexcept;
    ~LiveCursor();

    /// Nothing when there are no more, then and ever after. Throws as Control has it; it may then be called
    /// again, and goes on where it stopped. A filter or order must not throw.
    std::optional<ShapeNeighbor> next();

    /// What it has cost so far, in all runs.
    SearchCounts counts() const;

    /// Control for the calls to come; a page may have its own deadline.
    void set_control(Control control);

  private:
    struct Walks;

    std::unique_ptr<Walks> walks_;
};

}  // namespace crowfly
