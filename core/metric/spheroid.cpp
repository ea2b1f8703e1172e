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
using earth::kInverseA2;
using earth::kInverseB2;
using earth::kPolarRadius;
using Point = Spheroid::Point;

/// The curvature of the ellipsoid's normal section near `at`, in the direction of d projected onto the
/// tangent plane.
double normal_curvature(const Point& at, const Point& d) {
    const Point g{at[0] * kInverseA2, at[1] * kInverseA2, at[2] * kInverseB2};
    const double m_A_m = at[0] * g[0] + at[1] * g[1] + at[2] * g[2];
    const double gradient2 = g[0] * g[0] + g[1] * g[1] + g[2] * g[2];
    const double along = (d[0] * g[0] + d[1] * g[1] + d[2] * g[2]) / gradient2;
    const Point t{d[0] - along * g[0], d[1] - along * g[1], d[2] - along * g[2]};
    const double t_A_t = (t[0] * t[0] + t[1] * t[1]) * kInverseA2 + t[2] * t[2] * kInverseB2;
    return t_A_t / (t[0] * t[0] + t[1] * t[1] + t[2] * t[2]) * std::sqrt(m_A_m / gradient2);
}

/// The arc with the mean of the curvatures at the chord's midpoint plus and minus chord / sqrt(20). A curve
/// of curvature kappa(u), counted from its middle, has chord^2 = s^2 - s^4 kappa^2 / 12 + s^6 (kappa^4 / 360
/// - kappa kappa'' / 240) + ...; the mean at those two points is kappa + kappa'' s^2 / 40, which takes in the
/// last term.
double long_arc(const Point& q, const Point& p, double chord2) {
    constexpr double kOffset = 0.22360679774997896;  // 1 / sqrt(20)
    const Point d{p[0] - q[0], p[1] - q[1], p[2] - q[2]};
    Point before, behind;
    for (std::size_t i = 0; i < 3; ++i) {
        const double middle = 0.5 * (p[i] + q[i]);
        before[i] = middle - kOffset * d[i];
        behind[i] = middle + kOffset * d[i];
    }
    const double curvature = 0.5 * (normal_curvature(before, d) + normal_curvature(behind, d));
    return HWY_NAMESPACE::arc_over_chord(std::sqrt(chord2), curvature * curvature * chord2);
}

constexpr double kSlack = 1e-7;
constexpr double kHalfPi = HWY_NAMESPACE::kPi / 2;
constexpr double kRadii = kEquatorialRadius - kPolarRadius;

// Half a meridian is 20,003,931.4586 m, and no two points are farther apart.
constexpr double kGreatestDistance = 20'003'931.5;

LonLat surface_position(const Point& p) {
    return {Math::atan2d(p[1], p[0]),
            Math::atan2d(p[2], (1 - earth::kEccentricity2) * std::hypot(p[0], p[1]))};
}

}  // namespace

Spheroid::Point Spheroid::embed(LonLat p) {
    Point point;
    HWY_NAMESPACE::embed(Spheroid(), p.lon, p.lat, point.data());
    return point;
}

double Spheroid::distance(const Point& q, const Point& p) {
    const double chord2 = squared_straight_distance<3>(q, p);
    if (chord2 <= kLaneLimit) return HWY_NAMESPACE::lane_distance(Spheroid(), q.data(), p.data(), chord2);
    if (chord2 <= kLongChord * kLongChord) return long_arc(q, p, chord2);
    const LonLat from = surface_position(q);
    const LonLat to = surface_position(p);
    double metres = 0;
    GeographicLib::Geodesic::WGS84().Inverse(from.lat, from.lon, to.lat, to.lon, metres);
    return metres;
}

double Spheroid::close_bound(const Point& q, const Point& p) {
    constexpr double kFarthest = 1'000'000;
    const double chord2 = squared_straight_distance<3>(q, p);
    if (chord2 > kFarthest * kFarthest) return least_distance(chord2);
    // The error of the arc is 1.3e-34 m^-4 of the fifth power of its length at 300 km and 1.7e-34 at 1000 km,
    // on top of rounding; twice as much is allowed for.
    const double arc = long_arc(q, p, chord2);
    const double arc2 = arc * arc;
    return arc - (2e-8 + 4e-34 * arc2 * arc2 * arc);
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
    // Arcs over chords are exact to some parts in 1e16. Where the solver runs, from 120 km, 2e-12 of the
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
