#include "core/live/live_query.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/geometry/centroid.h"
#include "core/search/query.h"

namespace crowfly {

void require_valid(const LiveSearchOptions& search, const LiveSnapshot& snapshot, MetricKind metric) {
    if (search.where) snapshot.require_attribute(search.where->attribute);
    require_valid(AreaFilter{.area = search.area}, metric);
    search.control.check();
}

LiveQuery prepared(const LiveQuery& query, MetricKind metric, Match match) {
    if (query.shape == nullptr) {
        require_valid_position(query.position, metric);
        return query;
    }
    if (const auto fault = geometry_fault(*query.shape, widest_crs(metric))) {
        throw Error(Code::invalid_argument, "query: " + fault->reason);
    }
    if (match == Match::geometry) return query;
    try {
        return centroid(*query.shape, metric);
    } catch (const Error& error) {
        throw Error(error.code(), fmt::format("query: {}", error.what()));
    }
}

}  // namespace crowfly
