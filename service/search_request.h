#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "core/geometry/match.h"
#include "core/lonlat.h"

namespace crowfly {

/// The body of POST /knn/search:
///
///     {"point": {"type": "Point", "coordinates": [lon, lat]}, "k": 1..100,
///      "max_radius_meters": (0, 50000], "category_filter": "...", "collection": "...",
///      "match": "geometry"|"centroid"}
///
/// `point` and `k` are required.
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
};

/// Judges the whole body. Throws Error(malformed) for text that is not JSON, and InvalidRequest, with
/// everything that is wrong, for JSON that is not such a request: a missing, mistyped, unknown or repeated
/// member, or a value outside its domain.
SearchRequest parse_search_request(std::string_view body);

}  // namespace crowfly
