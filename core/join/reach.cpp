#include "core/join/reach.h"

#include <algorithm>
#include <cmath>

#include "core/metric/earth.h"

namespace crowfly {
namespace {

constexpr double kRadians = 3.14159265358979323846 / 180;

/// The greatest radius of curvature of any normal section of the ellipsoid, that at the poles; the sphere's
/// is less.
constexpr double kGreatestRadius = earth::kEquatorialRadius * earth::kEquatorialRadius / earth::kPolarRadius;

/// Along the line that is straight on a map with equal steps in longitude and latitude: no meridian is curved
/// less than that radius, and no parallel between the two has a radius above that times the cosine of the
/// latitude nearest to the equator. The cosine is below the first three terms of its series.
double most_on_earth(LonLat a, LonLat b) {
    double turn = std::abs(a.lon - b.lon);
    turn = std::min(turn, 360 - turn) * kRadians;
    const double climb = (a.lat - b.lat) * kRadians;
    const bool crosses = (a.lat > 0) != (b.lat > 0);
    const double lat = crosses ? 0 : std::min(std::abs(a.lat), std::abs(b.lat)) * kRadians;
    const double lat2 = lat * lat;
    const double along = turn * (1 - lat2 / 2 + lat2 * lat2 / 24);
    return kGreatestRadius * std::sqrt(climb * climb + along * along);
}

}  // namespace

double most_distance(MetricKind metric, LonLat a, LonLat b) {
    if (metric != MetricKind::plane) return most_on_earth(a, b);
    const double x = a.lon - b.lon;
    const double y = a.lat - b.lat;
    return std::sqrt(x * x + y * y);
}

double reach(MetricKind metric, double kth, double step, double rounding) {
    // Distances between points on the plane are right to some units in the last place, or where squares are
    // denormal to 1e-161; those to edges to some units of the coordinates. On earth all are right to some
    // 1e-8 m + 1e-12.
    if (metric == MetricKind::plane) return (kth + step) * (1 + 1e-12) + (1e-150 + 1e-14 * rounding);
    return (kth + step) * (1 + 1e-9) + 1e-6;
}

}  // namespace crowfly
