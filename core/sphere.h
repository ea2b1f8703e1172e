#pragma once

#include "core/metric.h"

namespace crowfly {

/// Great-circle distance in metres on the sphere of radius earth::kMeanRadius. Points are indexed on that
/// sphere in 3-D, so that the poles and the antimeridian are places like any other.
struct Sphere {
    static constexpr MetricKind kKind = MetricKind::sphere;
    static constexpr std::size_t kDimensions = 3;
    static constexpr std::size_t kColumns = 5;
    using Point = std::array<double, kColumns>;  ///< x, y, z in metres, longitude and latitude in degrees

    static Point embed(LonLat p);

    /// Well conditioned at every range: haversine of the central angle and of its supplement, as in
    /// R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68 (1984), with the supplement taken from
    /// the antipode of q.
    static double distance(const Point& q, const Point& p);

    static double bound(const Point& q, const Box<3>& box) { return arc_bound(straight_distance(q, box)); }
    static double bound(const Point& q, const Point& p) { return arc_bound(straight_distance<3>(q, p)); }

    /// The chord of the arc, and a little more.
    static double reach(double distance);

    static constexpr double kLaneLimit = 0;

  private:
    static double arc_bound(double chord);
};

static_assert(Metric<Sphere>);

}  // namespace crowfly
