#pragma once

#include <limits>

#include "core/metric.h"

namespace crowfly {

/// Euclidean distance in the coordinates' own unit. Made of correctly rounded operations only, so the bound
/// is safe to the last bit without slack.
struct Plane {
    static constexpr MetricKind kKind = MetricKind::plane;
    static constexpr std::size_t kDimensions = 2;
    static constexpr std::size_t kColumns = 2;
    using Point = std::array<double, kColumns>;

    static Point embed(LonLat p) { return {p.lon, p.lat}; }
    static double distance(const Point& q, const Point& p) { return straight_distance<2>(q, p); }
    static double bound(const Point& q, const Box<2>& box) { return straight_distance(q, box); }
    static double bound(const Point& q, const Point& p) { return straight_distance<2>(q, p); }
    static double reach(double distance) { return distance; }

    static constexpr double kLaneLimit = std::numeric_limits<double>::infinity();
};

static_assert(Metric<Plane>);

}  // namespace crowfly
