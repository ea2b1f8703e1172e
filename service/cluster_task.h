#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/cluster/cluster_summary.h"
#include "core/cluster/dbscan.h"
#include "service/cluster_request.h"
#include "service/http.h"
#include "service/row_format.h"
#include "store/place_snapshot.h"

namespace crowfly {

/// What was found among the places of one state of a collection, which need not be held any more.
struct FoundClusters {
    std::size_t places = 0;    ///< how many counted
    std::size_t noise = 0;     ///< how many of them are in no cluster
    std::size_t clusters = 0;  ///< how many there are
    bool has_labels = false;   ///< those were asked for, else the summaries

    std::string ids = {};                   ///< of the places, one after the other
    std::vector<std::size_t> id_ends = {};  ///< where each ends
    std::vector<std::int64_t> labels = {};  ///< of the places

    std::vector<ClusterSummary> summaries = {};
    HullKind hull = HullKind::none;
};

/// The clusters of a collection's places, in two steps: which places count, and then the clusters.
class ClusterTask {
  public:
    ClusterTask(std::shared_ptr<const Collection> collection, ClusterRequest request);

    const Collection& collection() const noexcept { return *collection_; }

    /// Takes the places that count; returns how many these are. Throws InvalidRequest for one that is no
    /// point, unless by centroids; and as Control has it.
    std::size_t gather(const Control& control);

    /// To be called after `gather`. Throws as `dbscan`.
    std::shared_ptr<const FoundClusters> run(Executor& executor, const Control& control,
                                             const WorkProgress& progress = {}) const;

  private:
    void take(const RowFilter& filter, const Control& control);
    void add(std::uint32_t row, LonLat position, const Geometry* shape);

    std::shared_ptr<const Collection> collection_;  // the snapshot needs it
    ClusterRequest request_;
    std::shared_ptr<const PlaceSnapshot> snapshot_;
    std::vector<std::uint32_t> rows_;  // of the snapshot, ascending
    std::vector<LonLat> positions_;    // of these
};

/// The reply: the clusters as a FeatureCollection, or the cluster of each place as NDJSON or CSV; streamed.
HttpResponse reply_of(std::shared_ptr<const FoundClusters> found, RowFormat format);

}  // namespace crowfly
