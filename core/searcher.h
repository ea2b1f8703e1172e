#pragma once

#include <cstdint>
#include <vector>

#include "core/point_index.h"
#include "core/query.h"

namespace crowfly {

/// What a search cost.
struct SearchCounts {
    std::uint64_t nodes = 0;      ///< inner nodes opened
    std::uint64_t leaves = 0;     ///< leaves opened
    std::uint64_t distances = 0;  ///< distances computed by the metric's function
};

/// Searches one index. Holds the scratch of a search, so it belongs to one thread at a time; the index must
/// outlive it and may be shared.
///
/// Answers are exact, and are those of `scan_nearest` and `scan_within_distance` to the last bit and row.
class Searcher {
  public:
    /// `order` breaks ties; see RowOrder.
    explicit Searcher(const PointIndex& index, RowOrder order = {})
        : index_(index), order_(std::move(order)) {}

    /// The k rows nearest to `query` that pass the filter, nearest first; fewer when there are fewer within
    /// max_distance. Throws Error(invalid_argument) for options or a query outside their domain.
    /// Cost: O(log n + k) nodes for points in general position.
    std::vector<Neighbor> nearest(LonLat query, const NearestOptions& options);

    /// All rows at most `max_distance` from `query` that pass the filter, nearest first.
    std::vector<Neighbor> within_distance(LonLat query, double max_distance, const RowFilter& filter = {});

    /// What all searches through this object have cost so far.
    const SearchCounts& counts() const noexcept { return counts_; }

  private:
    struct Branch {
        double bound;
        std::uint32_t level;
        std::uint32_t node;
    };

    template <class Tree, class Collector>
    void traverse(const Tree& tree, LonLat query, const RowFilter& filter, Collector& collector);
    template <class Tree, class Query, class Collector>
    void open_leaf(const Tree& tree, std::size_t leaf, const Query& query, const RowFilter& filter,
                   Collector& collector);

    const PointIndex& index_;
    RowOrder order_;
    SearchCounts counts_;
    std::vector<Branch> stack_;
};

}  // namespace crowfly
