#include "core/spheroid.h"

#include <algorithm>
#include <cmath>

#include <GeographicLib/Geodesic.hpp>
#include <GeographicLib/Math.hpp>

#include "core/earth.h"
#include "core/lane_distance-inl.h"

namespace crowfly {
namespace {

using GeographicLib::Math;

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

LonLat surface_position(const Point& p) {
    return {Math::atan2d(p[1], p[0]),
            Math::atan2d(p[2], (1 - earth::kEccentricity2) * std::hypot(p[0], p[1]))};
}

}  // namespace

Spheroid::Point Spheroid::embed(LonLat p) {
    double sin_lat, cos_lat, sin_lon, cos_lon;
    Math::sincosd(p.lat, sin_lat, cos_lat);
    Math::sincosd(p.lon, sin_lon, cos_lon);
    const double prime_vertical_radius =
        earth::kEquatorialRadius / std::sqrt(1 - earth::kEccentricity2 * sin_lat * sin_lat);
    return {prime_vertical_radius * cos_lat * cos_lon, prime_vertical_radius * cos_lat * sin_lon,
            prime_vertical_radius * (1 - earth::kEccentricity2) * sin_lat};
}

double Spheroid::distance(const Point& q, const Point& p) {
    const double chord2 = squared_straight_distance<3>(q, p);
    if (chord2 == 0) return 0;
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
    if (chord2 <= kLongChord * kLongChord) return 0;
    if (chord2 > kFarthest * kFarthest) return std::sqrt(chord2);
    // The error of the arc is 1.3e-34 m^-4 of the fifth power of its length at 300 km and 1.7e-34 at 1000 km,
    // on top of rounding; twice as much is allowed for.
    const double arc = long_arc(q, p, chord2);
    const double arc2 = arc * arc;
    return arc - (2e-8 + 4e-34 * arc2 * arc2 * arc);
}

double Spheroid::reach(double distance) {
    // A path on the ellipsoid stays outside the ball of the polar radius b, and projecting it onto that ball
    // makes it no longer; so the distance is at least b times the angle at the centre, and a chord of radii
    // between b and a, which differ by at most a - b, has (chord^2 - (a - b)^2) <= 4 a^2 sin^2(angle / 2).
    // Below 1500 km that is more than the distance itself, which no chord exceeds.
    constexpr double kNear = 1'500'000;
    if (distance <= kNear) return distance;
    constexpr double kSlack = 1e-7;
    const double half_angle = (distance + kSlack) / (2 * kPolarRadius);
    constexpr double kRightAngle = 3.14159265358979323846 / 2;
    if (!(half_angle < kRightAngle)) return distance;
    constexpr double kRadii = earth::kEquatorialRadius - kPolarRadius;
    const double across = 2 * earth::kEquatorialRadius * std::sin(half_angle);
    return std::min(distance, std::sqrt(across * across + kRadii * kRadii) + kSlack);
}

}  // namespace crowfly
