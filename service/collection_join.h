#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "core/executor.h"
#include "core/join/join.h"
#include "formats/join_text.h"
#include "service/query_side.h"
#include "store/collection.h"
#include "store/place_snapshot.h"

namespace crowfly {

/// What of a collection is joined, and how.
struct CollectionJoinOptions {
    JoinOptions join = {};  ///< without columns, filters, partition and order
    std::shared_ptr<const Area> area = {};
    cql2::Filter filter = {};  ///< which objects count, before the k are chosen
};

/// The join of places that came with a request with one state of a collection.
class CollectionJoin {
  public:
    CollectionJoin(QuerySide queries, std::shared_ptr<const Collection> collection,
                   CollectionJoinOptions options);

    /// Throws Error(invalid_argument) that names the query, or the place, without a centroid, where these are
    /// asked for; `run` would only do so once it comes to it.
    void require_centroids(const Control& control) const;

    using Sink = std::function<void(std::span<const JoinRow>)>;

    /// Gives the rows, batch by batch; object rows are those of the snapshot. The collection's index is
    /// searched or, by a metric that it has none for, one of its own. Throws as `join`, and what the sink
    /// throws.
    void run(Executor& executor, const Control& control, const Sink& sink) const;

    /// A row as it is written.
    JoinText text(const JoinRow& row) const;

    /// Where the distance of a row with an object is. Cost: for shapes the product of their pieces.
    JoinLine line(const JoinRow& row) const;

  private:
    void run(const LiveSnapshot& rows, const RowFilter& filter, Executor& executor, const Control& control,
             const Sink& sink) const;

    QuerySide queries_;
    std::shared_ptr<const Collection> collection_;  // the snapshot needs it
    std::shared_ptr<const PlaceSnapshot> snapshot_;
    CollectionJoinOptions options_;
};

}  // namespace crowfly
