#pragma once

#include "core/metric.h"

namespace crowfly {

/// Euclidean distance in the coordinates' own unit. Made of correctly rounded operations only, so the bound
/// is safe to the last bit without slack.
struct Plane {
    static constexpr MetricKind kKind = MetricKind::plane;
    static constexpr std::size_t kDimensions = 2;

    static Vec<2> embed(LonLat p) { return {p.lon, p.lat}; }
    static double distance(LonLat q, LonLat p) { return straight_distance(embed(q), embed(p)); }
    static double bound(const Vec<2>& q, const Box<2>& box) { return straight_distance(q, box); }
    static double bound(const Vec<2>& q, const Vec<2>& p) { return straight_distance(q, p); }
};

static_assert(Metric<Plane>);

}  // namespace crowfly
