#pragma once

#include <memory>
#include <string_view>

#include "core/cluster/dbscan.h"
#include "core/cluster/hull.h"
#include "core/geometry/match.h"
#include "core/metric/metric.h"
#include "core/search/area.h"
#include "formats/cql2/expression.h"
#include "store/collection.h"

namespace crowfly {

/// The body of POST /collections/{c}/clusters:
///
///     {"eps_meters": 500, "min_points": 8, "metric": "spheroid"|"sphere"|"plane",
///      "match": "geometry"|"centroid", "filter": CQL2, "filter-lang": "cql2-json"|"cql2-text",
///      "bbox": [west, south, east, north], "area": a GeoJSON Polygon or MultiPolygon,
///      "result": "summary"|"labels", "hull": "convex"|"concave"|"none", "ratio": 0..1}
///
/// `eps_meters` is required; on the plane it is in the unit of the coordinates.
struct ClusterRequest {
    double eps = 0;
    std::size_t min_points = 5;
    MetricKind metric = MetricKind::spheroid;
    Match match = Match::geometry;
    cql2::Filter filter = {};               ///< only places of which it is true
    std::shared_ptr<const Area> area = {};  ///< only places with their position in it
    bool labels = false;                    ///< the cluster of each place, instead of the clusters
    HullOptions hull = {.kind = HullKind::convex};
};

/// Judges the whole body against the collection's schema. Throws Error(malformed) for text that is not JSON,
/// and InvalidRequest, with everything that is wrong, for JSON that is not such a request.
ClusterRequest parse_cluster_request(std::string_view body, const Schema& schema);

}  // namespace crowfly
