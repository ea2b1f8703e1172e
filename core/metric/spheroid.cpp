#include "core/metric/spheroid.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <GeographicLib/Geodesic.hpp>
#include <GeographicLib/Math.hpp>

#include "core/metric/box.h"
#include "core/metric/earth.h"
#include "core/metric/formulas-inl.h"

namespace crowfly {
namespace {

using GeographicLib::Math;

using earth::kEquatorialRadius;
using earth::kGreatestCurvature;
using earth::kPolarRadius;

constexpr double kSlack = 1e-7;
constexpr double kHalfPi = HWY_NAMESPACE::kPi / 2;
constexpr double kRadii = kEquatorialRadius - kPolarRadius;

// Half a meridian is 20,003,931.4586 m, and no two points are farther apart.
constexpr double kGreatestDistance = 20'003'931.5;

}  // namespace

Spheroid::Point Spheroid::embed(LonLat p) {
    Point point;
    HWY_NAMESPACE::embed(Spheroid(), p.lon, p.lat, point.data());
    return point;
}

LonLat Spheroid::position(const Point& p) {
    return {Math::atan2d(p[1], p[0]),
            Math::atan2d(p[2], (1 - earth::kEccentricity2) * std::hypot(p[0], p[1]))};
}

double Spheroid::distance(const Point& q, const Point& p) {
    const double chord2 = squared_straight_distance<3>(q, p);
    if (chord2 <= kLaneLimit) return HWY_NAMESPACE::lane_distance(Spheroid(), q.data(), p.data(), chord2);
    const LonLat from = position(q);
    const LonLat to = position(p);
    double metres = 0;
    GeographicLib::Geodesic::WGS84().Inverse(from.lat, from.lon, to.lat, to.lon, metres);
    return metres;
}

double Spheroid::within_square(double distance) {
    // A path on the ellipsoid stays outside the ball of the polar radius b, and projecting it onto that ball
    // makes it no longer; so the distance is at least b times the angle at the centre, and a chord of radii
    // between b and a, which differ by at most a - b, has (chord^2 - (a - b)^2) <= 4 a^2 sin^2(angle / 2).
    // Below 1500 km that is more than the distance itself, which no chord exceeds.
    constexpr double kNear = 1'500'000;
    double square = distance * distance;
    const double half_angle = (distance + kSlack) / (2 * kPolarRadius);
    if (distance > kNear && half_angle < kHalfPi) {
        const double across = 2 * kEquatorialRadius * std::sin(half_angle) + kSlack;
        square = std::min(square, across * across + kRadii * kRadii);
    }
    return square * (1 + 0x1p-48);
}

double Spheroid::least_distance(double square) {
    // The inverse of within_square.
    const double across = std::sqrt(std::max(square - kRadii * kRadii, 0.0)) - kSlack;
    const double half_sine = std::min(across / (2 * kEquatorialRadius), 1.0);
    const double around = 2 * kPolarRadius * std::asin(half_sine) - kSlack;
    return std::max(std::sqrt(square) * (1 - 0x1p-50), around);
}

double Spheroid::certain_square(double distance) {
    if (distance >= kGreatestDistance) return std::numeric_limits<double>::infinity();
    // Half a circle of the greatest curvature is 19,903 km long; beyond, its chords shrink again.
    constexpr double kFarthestCertain = 19'000'000;
    if (distance > kFarthestCertain) return certain_square(kFarthestCertain);
    // Arcs over chords are exact to some parts in 1e16. Where the series runs, from 120 km, 2e-12 of the
    // chord is 2.4e-7 m and more, many times the error of what it gives.
    const double chord = 2 / kGreatestCurvature * std::sin(distance * (kGreatestCurvature / 2)) * (1 - 2e-12);
    return chord * chord - std::numeric_limits<double>::denorm_min();
}

double Spheroid::far_rival_square(double square) {
    const double half_sine = (std::sqrt(square) + kSlack) * (kGreatestCurvature / 2);
    // No chord of a geodesic longer than half a circle of the greatest curvature is that short
    // (docs/accuracy.md).
    if (half_sine >= 0.9999) return std::numeric_limits<double>::infinity();
    return within_square(2 / kGreatestCurvature * std::asin(half_sine) + kSlack);
}

}  // namespace crowfly
