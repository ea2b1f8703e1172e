#pragma once

#include <limits>
#include <memory>
#include <optional>

#include "core/index/point_index.h"
#include "core/search/counts.h"
#include "core/search/query.h"

namespace crowfly {

/// The neighbors of a query one after the other, nearest first, for when it is not known how many are wanted.
/// Its neighbors are those of Searcher::within_distance, in the same order.
///
///     NearestCursor cursor(index, {-118.29, 36.58});
///     while (const auto neighbor = cursor.next()) if (!use(*neighbor)) break;
///
/// Best first: a queue holds subtrees and points by the least distance that they can have, and a point comes
/// out when nothing in the queue can come before it. Cost: O(log n) for each neighbor, and memory for the
/// queue, some 10 entries a neighbor. When k is known a Searcher is several times faster.
class NearestCursor {
  public:
    /// Throws as Searcher does. The index, and what `search` refers to, must outlive it.
    NearestCursor(const PointIndex& index, LonLat query,
                  double max_distance = std::numeric_limits<double>::infinity(), SearchOptions search = {},
                  RowOrder order = {});
    NearestCursor(NearestCursor&&) noexcept;
    NearestCursor& operator=(NearestCursor&&) noexcept;
    ~NearestCursor();

    /// Nothing when there are no more, then and ever after. Throws as Control has it; it may then be called
    /// again, and goes on where it stopped. A filter or order must not throw.
    std::optional<Neighbor> next();

    const SearchCounts& counts() const noexcept { return counts_; }

    /// Control for the calls to come; a page may have its own deadline.
    void set_control(Control control);

    class Walk;

  private:
    SearchCounts counts_;
    std::unique_ptr<Walk> walk_;
};

}  // namespace crowfly
