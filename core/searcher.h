#pragma once

#include <span>
#include <utility>
#include <vector>

#include "core/point_index.h"
#include "core/query.h"
#include "core/traversal.h"

namespace crowfly {

/// Searches one index. Holds the scratch of a search, so it belongs to one thread at a time; the index must
/// outlive it and may be shared.
///
/// Answers are exact, and are those of `scan_nearest` and `scan_within_distance` to the last bit and row.
/// Each is valid until the next search.
class Searcher {
  public:
    /// `order` breaks ties; see RowOrder.
    explicit Searcher(const PointIndex& index, RowOrder order = {})
        : index_(index), order_(std::move(order)) {}

    /// The k rows nearest to `query` that pass the filter, nearest first; fewer when there are fewer within
    /// max_distance. Throws Error(invalid_argument) for options or a query outside their domain.
    /// Cost: O(log n + k) nodes for points in general position.
    std::span<const Neighbor> nearest(LonLat query, const NearestOptions& options);

    /// All rows at most `max_distance` from `query` that pass the filter, nearest first.
    std::span<const Neighbor> within_distance(LonLat query, double max_distance,
                                              const RowFilter& filter = {});

    /// What all searches through this object have cost so far.
    const SearchCounts& counts() const noexcept { return counts_; }

  private:
    const PointIndex& index_;
    RowOrder order_;
    SearchCounts counts_;
    std::vector<Neighbor> found_;
};

}  // namespace crowfly
