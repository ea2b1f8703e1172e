#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/cluster/cluster_summary.h"
#include "core/cluster/dbscan.h"
#include "service/cluster_request.h"
#include "service/http.h"
#include "service/row_format.h"
#include "store/place_snapshot.h"

namespace crowfly {

/// What was found among the places of one state of a collection.
struct FoundClusters {
    std::shared_ptr<const Collection> collection;  ///< which the snapshot needs
    std::shared_ptr<const PlaceSnapshot> snapshot;
    std::vector<std::uint32_t> rows;        ///< of the snapshot, ascending
    Clustering clustering;                  ///< of these
    std::vector<ClusterSummary> summaries;  ///< empty when labels were asked for
    HullKind hull = HullKind::none;
    bool labels = false;
};

/// The clusters of a collection's places, in two steps: which places count, and then the clusters.
class ClusterTask {
  public:
    ClusterTask(std::shared_ptr<const Collection> collection, ClusterRequest request);

    const Collection& collection() const noexcept { return *found_.collection; }
    bool labels() const noexcept { return request_.labels; }

    /// Takes the places that count; returns how many these are. Throws InvalidRequest for one that is no
    /// point, unless by centroids; and as Control has it.
    std::size_t gather(const Control& control);

    /// To be called once, after `gather`. Throws as `dbscan`.
    std::shared_ptr<const FoundClusters> run(Executor& executor, const Control& control,
                                             const WorkProgress& progress = {});

  private:
    void take(const RowFilter& filter, const Control& control);
    void add(std::uint32_t row, LonLat position, const Geometry* shape);

    ClusterRequest request_;
    FoundClusters found_;
    std::vector<LonLat> positions_;
};

/// The reply: the clusters as a FeatureCollection, or the cluster of each place as NDJSON or CSV; streamed.
HttpResponse reply_of(std::shared_ptr<const FoundClusters> found, RowFormat format);

}  // namespace crowfly
