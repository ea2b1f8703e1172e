#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/geometry/match.h"
#include "core/lonlat.h"
#include "core/metric/metric.h"
#include "core/search/area.h"
#include "formats/cql2/expression.h"
#include "service/problem.h"
#include "store/collection.h"

namespace crowfly {

/// The body of POST /knn/search:
///
///     {"point": {"type": "Point", "coordinates": [lon, lat]}, "k": 1..100,
///      "max_radius_meters": (0, 50000], "category_filter": "...", "collection": "...",
///      "match": "geometry"|"centroid", "metric": "spheroid"|"sphere"|"plane", "method": "index"|"scan",
///      "filter": CQL2, "filter-lang": "cql2-json"|"cql2-text", "bbox": [west, south, east, north],
///      "area": a GeoJSON Polygon or MultiPolygon, "partition_by": "category", "fields": ["...", ...],
///      "explain": true|false, "crs": "EPSG:4326"|"EPSG:3857"}
///
/// `point` and `k` are required. `crs` is that of point, bbox and area.
struct SearchRequest {
    static constexpr std::size_t kMostNeighbors = 100;
    static constexpr double kWidestRadius = 50'000;  ///< metres

    LonLat point = {};  ///< WGS84
    std::size_t k = 1;
    double max_distance =
        std::numeric_limits<double>::infinity();  ///< metres; the contract's max_radius_meters
    std::optional<std::string> category = {};     ///< the contract's category_filter
    std::optional<std::string> collection = {};
    Match match = Match::geometry;
    MetricKind metric = MetricKind::spheroid;
    Method method = Method::index;
    std::optional<cql2::Expression> filter = {};          ///< not yet judged against the collection
    std::shared_ptr<const Area> area = {};                ///< WGS84
    bool by_category = false;                             ///< the contract's partition_by
    std::optional<std::vector<std::string>> fields = {};  ///< properties that are wanted; nothing: all
    bool explain = false;
};

/// The request names a reference system that is not known here.
class UnknownCrs : public InvalidRequest {
  public:
    using InvalidRequest::InvalidRequest;
};

/// Judges the whole body. Throws Error(malformed) for text that is not JSON, UnknownCrs, and InvalidRequest,
/// with everything that is wrong, for JSON that is not such a request: a missing, mistyped, unknown or
/// repeated member, or a value outside its domain.
SearchRequest parse_search_request(std::string_view body);

/// Whether such a body asks for something that may take longer than a search through the index, by a glance
/// at it: where it cannot be told, it does.
bool may_be_slow(std::string_view body) noexcept;

}  // namespace crowfly
