#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/live/live_query.h"
#include "core/live/live_snapshot.h"
#include "core/search/counts.h"
#include "core/search/query.h"
#include "core/search/searcher.h"
#include "core/search/shape_searcher.h"
#include "core/search/traversal.h"

namespace crowfly {

class RunView;

/// Searches one state of a live index. Holds the scratch of a search, so it belongs to one thread at a time;
/// the snapshot must outlive it and may be shared.
///
/// Answers are exact, in the order (distance, id): rows and distances are those of the scans in
/// core/live/live_scan.h to the last bit, whatever has happened to the index before. Where several points of
/// a shape are nearest, any one of them is given. Each answer is valid until the next search. All throw
/// Error(invalid_argument) for options or a query outside their domain, before any work, and for a row
/// without a centroid with Match::centroid; and Error(deadline_exceeded) or Error(cancelled) as the Control
/// has it.
///
/// Cost: a search of each run, of which all but the largest have but little to add. The first query that is a
/// shape makes an index of a run's points as shapes, the first by centroids one of a run's centroids.
class LiveSearcher {
  public:
    /// Ties are broken by row, or by `order` where one is given. Throws Error(invalid_argument) for a metric
    /// that there is no index for.
    LiveSearcher(const LiveSnapshot& snapshot, MetricKind metric, RowOrder order = {});
    LiveSearcher(const LiveSearcher&) = delete;
    LiveSearcher& operator=(const LiveSearcher&) = delete;

    /// The k rows nearest to `query` that count, nearest first; fewer when there are fewer within
    /// max_distance. With an epsilon above 0 what is approximate are the runs of points.
    std::span<const Neighbor> nearest(const LiveQuery& query, const NearestOptions& options,
                                      const LiveSearchOptions& search = {});

    /// All rows at most `max_distance` from `query` that count, nearest first.
    std::span<const Neighbor> within_distance(const LiveQuery& query, double max_distance,
                                              const LiveSearchOptions& search = {});

    /// How many rows that is. Points are counted without being looked at, where whole subtrees are within.
    std::uint64_t count_within_distance(const LiveQuery& query, double max_distance,
                                        const LiveSearchOptions& search = {});

    /// For each value of the attribute that has rows which count within max_distance: the k nearest of them,
    /// by (value, distance, id). `search.where` must not be set.
    std::span<const ValueNeighbor> nearest_of_each_value(const LiveQuery& query, std::size_t attribute,
                                                         const NearestOptions& options,
                                                         const LiveSearchOptions& search = {});

    /// As `nearest` and `within_distance`, and where on query and row the distances are: of points, and by
    /// centroids, the positions between which it was measured.
    std::span<const ShapeNeighbor> nearest_shapes(const LiveQuery& query, const NearestOptions& options,
                                                  const LiveSearchOptions& search = {});
    std::span<const ShapeNeighbor> shapes_within_distance(const LiveQuery& query, double max_distance,
                                                          const LiveSearchOptions& search = {});

    /// What all searches through this object have cost so far, in all runs.
    const SearchCounts& counts() const noexcept { return counts_; }

  private:
    template <class Work>
    void run(const LiveQuery& query, const LiveSearchOptions& search, const Work& work);
    template <Metric M, class Take>
    void search_run(const RunView& view, const LiveQuery& query, const Embedded<M>& at,
                    const NearestOptions& options, const Take& take);
    template <Metric M, class Work>
    void search_points(const RunView& view, const Embedded<M>& at, const NearestOptions& options,
                       const Work& work);
    template <class Found>
    void find(const LiveQuery& query, const NearestOptions& options, const LiveSearchOptions& search,
              std::vector<Found>& found);

    const LiveSnapshot& snapshot_;
    MetricKind metric_;
    std::size_t metric_number_;
    RowOrder order_;
    SearchCounts counts_;
    SearchScratch scratch_;
    std::vector<Neighbor> in_run_;
    std::vector<Neighbor> neighbors_;
    std::vector<ShapeNeighbor> shapes_;
    std::vector<ValueNeighbor> of_values_;
};

}  // namespace crowfly
