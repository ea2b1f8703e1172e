#pragma once

#include <optional>

#include "core/control.h"
#include "core/geometry/geometry.h"
#include "core/geometry/match.h"
#include "core/index/point_index.h"
#include "core/live/live_snapshot.h"
#include "core/lonlat.h"
#include "core/search/area.h"
#include "core/search/neighbor.h"

namespace crowfly {

/// What is searched from: a position, or a shape, which must outlive the search.
struct LiveQuery {
    LiveQuery(LonLat at) : position(at) {}
    LiveQuery(const Geometry& from) : shape(&from) {}

    LonLat position = {};
    const Geometry* shape = nullptr;  ///< when set, instead of the position
};

/// Which rows count, by their numbers in the live index, and between what distance is measured.
struct LiveSearchOptions {
    RowFilter filter = {};                     ///< applied before the k are chosen
    std::optional<AttributeValue> where = {};  ///< searched in trees of its own, where rows are points
    const Area* area = nullptr;                ///< asked for the rows' positions
    Match match = Match::geometry;
    Control control = {};
    bool measure_time = false;  ///< adds to SearchCounts::time
};

/// Throws Error(invalid_argument) for an attribute that there is not, and for a planar area with a metric
/// that measures on the earth; and as Control has it.
void require_valid(const LiveSearchOptions& search, const LiveSnapshot& snapshot, MetricKind metric);

/// The query as it is searched from: with Match::centroid the centroid of its shape. Throws
/// Error(invalid_argument) for a position outside the metric's domain, a shape with a fault, and one without
/// a centroid where that is asked for.
LiveQuery prepared(const LiveQuery& query, MetricKind metric, Match match);

}  // namespace crowfly
