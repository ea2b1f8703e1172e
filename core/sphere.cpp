#include "core/sphere.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <GeographicLib/Math.hpp>

#include "core/earth.h"

namespace crowfly {
namespace {

using GeographicLib::Math;

// Rounding moves an embedded coordinate by less than 4e-9 m, hence a chord by less than 2e-8 m, and a
// computed arc by less than 2e-8 m.
constexpr double kSlack = 1e-7;

constexpr double kDiameter = 2 * earth::kMeanRadius;
constexpr double kHalfCircle = 3.14159265358979323846 * earth::kMeanRadius;

double square(double x) {
    return x * x;
}

}  // namespace

Sphere::Point Sphere::embed(LonLat p) {
    double sin_lat, cos_lat, sin_lon, cos_lon;
    Math::sincosd(p.lat, sin_lat, cos_lat);
    Math::sincosd(p.lon, sin_lon, cos_lon);
    return {earth::kMeanRadius * cos_lat * cos_lon, earth::kMeanRadius * cos_lat * sin_lon,
            earth::kMeanRadius * sin_lat, p.lon, p.lat};
}

double Sphere::distance(const Point& q, const Point& p) {
    // The difference is brought within +-180 exactly, so that longitudes 180 and -180 are one meridian.
    const double half_lon = Math::AngDiff(q[3], p[3]) / 2;
    double sin_half_lon, cos_half_lon, sin_half_diff, cos_half_diff, sin_half_sum, cos_half_sum;
    Math::sincosd(half_lon, sin_half_lon, cos_half_lon);
    Math::sincosd((p[4] - q[4]) / 2, sin_half_diff, cos_half_diff);
    Math::sincosd((p[4] + q[4]) / 2, sin_half_sum, cos_half_sum);
    const double cos_cos = Math::cosd(q[4]) * Math::cosd(p[4]);
    const double haversine = square(sin_half_diff) + cos_cos * square(sin_half_lon);
    const double supplement = square(sin_half_sum) + cos_cos * square(cos_half_lon);
    return kDiameter * std::atan2(std::sqrt(haversine), std::sqrt(supplement));
}

double Sphere::arc_bound(double chord) {
    const double half_sine = std::min((chord - kSlack) / kDiameter, 1.0);
    if (half_sine <= 0) return 0;
    return std::max(kDiameter * std::asin(half_sine) - kSlack, 0.0);
}

double Sphere::reach(double distance) {
    if (distance + kSlack >= kHalfCircle) return std::numeric_limits<double>::infinity();
    return kDiameter * std::sin((distance + kSlack) / kDiameter) + kSlack;
}

}  // namespace crowfly
