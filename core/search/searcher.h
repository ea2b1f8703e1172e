#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/index/point_index.h"
#include "core/search/query.h"
#include "core/search/traversal.h"

namespace crowfly {

/// One of the k neighbors that have a value of a declared attribute.
struct ValueNeighbor {
    std::uint32_t value;
    Neighbor neighbor;

    friend bool operator==(const ValueNeighbor&, const ValueNeighbor&) = default;
};

/// Searches one index. Holds the scratch of a search, so it belongs to one thread at a time; the index must
/// outlive it and may be shared.
///
/// Answers are exact, and are those of `scan_nearest` and `scan_within_distance` to the last bit and row.
/// Each is valid until the next search. All throw Error(invalid_argument) for options or a query outside
/// their domain, before any work, and Error(deadline_exceeded) or Error(cancelled) as the Control has it.
class Searcher {
  public:
    /// Ties are broken by the ids of the index, or by `order` where one is given; see RowOrder.
    explicit Searcher(const PointIndex& index, RowOrder order = {});

    /// The k rows nearest to `query` that count, nearest first; fewer when there are fewer within
    /// max_distance. Cost: O(log n + k) nodes for points in general position.
    std::span<const Neighbor> nearest(LonLat query, const NearestOptions& options,
                                      const SearchOptions& search);
    std::span<const Neighbor> nearest(LonLat query, const NearestOptions& options) {
        return nearest(query, options, all_rows_);
    }

    /// All rows at most `max_distance` from `query` that count, nearest first.
    std::span<const Neighbor> within_distance(LonLat query, double max_distance,
                                              const SearchOptions& search = {});

    /// How many rows that is. Cost without filter and area: O(sqrt n) nodes, however many there are.
    std::uint64_t count_within_distance(LonLat query, double max_distance, const SearchOptions& search = {});

    /// For each value of the attribute that has rows which count within max_distance: the k nearest of them,
    /// by (value, distance, id). Cost: a search in the tree of each value. `search.where` must not be set.
    std::span<const ValueNeighbor> nearest_of_each_value(LonLat query, std::size_t attribute,
                                                         const NearestOptions& options,
                                                         const SearchOptions& search = {});

    /// What all searches through this object have cost so far.
    const SearchCounts& counts() const noexcept { return counts_; }

  private:
    template <class Work>
    void run(LonLat query, const NearestOptions& options, const SearchOptions& search, const Work& work);

    const SearchOptions all_rows_;  // made once, not for each search
    const PointIndex& index_;
    RowOrder order_;
    SearchCounts counts_;
    SearchScratch scratch_;
    std::vector<Neighbor> found_;
    std::vector<ValueNeighbor> found_of_values_;
};

}  // namespace crowfly
