#pragma once

#include <cmath>
#include <limits>

#include "core/metric/box.h"
#include "core/metric/metric.h"

namespace crowfly {

/// Euclidean distance in the coordinates' own unit: the correctly rounded root of the square.
struct Plane {
    static constexpr MetricKind kKind = MetricKind::plane;
    static constexpr std::size_t kDimensions = 2;
    using Point = std::array<double, kDimensions>;

    static Point embed(LonLat p) { return {p.lon, p.lat}; }
    /// The position that it stands for.
    static LonLat position(const Point& p) { return {p[0], p[1]}; }
    static double distance(const Point& q, const Point& p) { return straight_distance<2>(q, p); }

    // A root is exact to half a unit in the last place, so squares whose roots are equal differ by at most
    // one part in 2^51. Where squares are denormal they are off by up to half the least number, which is
    // added or taken away.
    static double within_square(double distance) { return rival_square(distance * distance); }
    static double rival_square(double square) {
        return square * (1 + 0x1p-50) + std::numeric_limits<double>::denorm_min();
    }
    static double certain_square(double distance) {
        return distance * distance * (1 - 0x1p-50) - std::numeric_limits<double>::denorm_min();
    }
    static double least_distance(double square) { return std::sqrt(square); }

    static constexpr double kLaneLimit = std::numeric_limits<double>::infinity();
    static constexpr double kGreatestSquare = std::numeric_limits<double>::infinity();
    static constexpr float kNearRivals = std::numeric_limits<float>::infinity();
    static constexpr float kNearRivalSlack = 0;
};

static_assert(Metric<Plane>);

}  // namespace crowfly
