#pragma once

#include <limits>

#include "core/metric/metric.h"

namespace crowfly {

/// Great-circle distance in metres on the sphere of radius earth::kMeanRadius. Points are indexed on that
/// sphere in 3-D, so that the poles and the antimeridian are places like any other.
struct Sphere {
    static constexpr MetricKind kKind = MetricKind::sphere;
    static constexpr std::size_t kDimensions = 3;
    using Point = std::array<double, kDimensions>;  ///< x, y, z in metres

    static Point embed(LonLat p);

    /// The position whose point has this direction from the centre.
    static LonLat position(const Point& p);

    /// To within 5e-9 m up to 4000 km, which is what rounding the coordinates costs, and 1e-8 m beyond.
    static double distance(const Point& q, const Point& p);

    static double within_square(double distance);

    /// A computed distance, and a computed chord, is off by less than 2e-8 m, and no arc grows slower than
    /// its chord: so a rival's chord is at most 1e-7 m longer. (c + 1e-7)^2 is at most what follows, for the
    /// geometric mean of c^2 / 1000 and 1000 is at most the arithmetic one.
    static double rival_square(double square) { return square * (1 + 2e-10) + 2e-4; }

    static double certain_square(double distance);
    static double least_distance(double square);

    static constexpr double kLaneLimit = std::numeric_limits<double>::infinity();
    static constexpr double kGreatestSquare = 2e14;
    static constexpr float kNearRivals = std::numeric_limits<float>::infinity();
    static constexpr float kNearRivalSlack = 3e-4F;
};

static_assert(Metric<Sphere>);

}  // namespace crowfly
