#include "core/metric/sphere.h"

#include <algorithm>
#include <cmath>

#include "core/metric/box.h"
#include "core/metric/earth.h"
#include "core/metric/formulas-inl.h"

namespace crowfly {
namespace {

// Rounding moves an embedded coordinate by less than 4e-9 m, hence a chord by less than 2e-8 m, and a
// computed arc by less than 2e-8 m.
constexpr double kSlack = 1e-7;

constexpr double kDiameter = 2 * earth::kMeanRadius;
constexpr double kHalfCircle = HWY_NAMESPACE::kPi * earth::kMeanRadius;

}  // namespace

Sphere::Point Sphere::embed(LonLat p) {
    Point point;
    HWY_NAMESPACE::embed(Sphere(), p.lon, p.lat, point.data());
    return point;
}

LonLat Sphere::position(const Point& p) {
    constexpr double kRadian = 180 / HWY_NAMESPACE::kPi;
    return {std::atan2(p[1], p[0]) * kRadian, std::atan2(p[2], std::hypot(p[0], p[1])) * kRadian};
}

double Sphere::distance(const Point& q, const Point& p) {
    return HWY_NAMESPACE::lane_distance(Sphere(), q.data(), p.data(), squared_straight_distance<3>(q, p));
}

double Sphere::within_square(double distance) {
    if (distance + kSlack >= kHalfCircle) return std::numeric_limits<double>::infinity();
    const double chord = kDiameter * std::sin((distance + kSlack) / kDiameter) + kSlack;
    return chord * chord;
}

double Sphere::certain_square(double distance) {
    if (distance >= kHalfCircle + kSlack) return std::numeric_limits<double>::infinity();
    const double chord = kDiameter * std::sin((distance - kSlack) / kDiameter) - kSlack;
    return chord > 0 ? chord * chord : -1;
}

double Sphere::least_distance(double square) {
    const double half_sine = std::min((std::sqrt(square) - kSlack) / kDiameter, 1.0);
    if (half_sine <= 0) return 0;
    return std::max(kDiameter * std::asin(half_sine) - kSlack, 0.0);
}

}  // namespace crowfly
