// The formulas of the metrics, made of correctly rounded operations alone (+ - * / sqrt) for any number type:
// double, or Lanes, whose lanes then have the bits of the scalar. Highway compiles this once for each kind of
// processor, so there is no `#pragma once`.

#if defined(CROWFLY_CORE_METRIC_FORMULAS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CROWFLY_CORE_METRIC_FORMULAS_INL_H
#undef CROWFLY_CORE_METRIC_FORMULAS_INL_H
#else
#define CROWFLY_CORE_METRIC_FORMULAS_INL_H
#endif

#include <cmath>

#include <hwy/highway.h>

#include "core/metric/angle-inl.h"
#include "core/metric/earth.h"
#include "core/metric/geodesic-inl.h"
#include "core/metric/lanes-inl.h"
#include "core/metric/plane.h"
#include "core/metric/sphere.h"
#include "core/metric/spheroid.h"

HWY_BEFORE_NAMESPACE();
namespace crowfly::HWY_NAMESPACE {

template <class Number>
HWY_INLINE void embed(Plane /*metric*/, Number lon, Number lat, Number* point) {
    point[0] = lon;
    point[1] = lat;
}

template <class Number>
HWY_INLINE void embed(Sphere /*metric*/, Number lon, Number lat, Number* point) {
    const SineCosine<Number> at_lat = sine_cosine(lat);
    const SineCosine<Number> at_lon = sine_cosine(lon);
    const Number radius(earth::kMeanRadius);
    point[0] = radius * at_lat.cosine * at_lon.cosine;
    point[1] = radius * at_lat.cosine * at_lon.sine;
    point[2] = radius * at_lat.sine;
}

template <class Number>
HWY_INLINE void embed(Spheroid /*metric*/, Number lon, Number lat, Number* point) {
    using std::sqrt;
    const SineCosine<Number> at_lat = sine_cosine(lat);
    const SineCosine<Number> at_lon = sine_cosine(lon);
    const Number prime_vertical_radius =
        Number(earth::kEquatorialRadius) /
        sqrt(Number(1) - Number(earth::kEccentricity2) * at_lat.sine * at_lat.sine);
    point[0] = prime_vertical_radius * at_lat.cosine * at_lon.cosine;
    point[1] = prime_vertical_radius * at_lat.cosine * at_lon.sine;
    point[2] = prime_vertical_radius * Number(1 - earth::kEccentricity2) * at_lat.sine;
}

/// Length of the arc that a chord cuts from a circle, where h = (chord * curvature)^2: the series of
/// chord * asin(sqrt(h) / 2) / (sqrt(h) / 2).
template <class Number>
HWY_INLINE Number arc_over_chord(Number chord, Number h) {
    const Number one(1.0);
    return chord *
           (one + h * Number(1.0 / 24) * (one + h * Number(9.0 / 80) * (one + h * Number(25.0 / 168))));
}

/// The distance between q and p, where `square`, that of their straight distance, is at most
/// Metric::kLaneLimit.
template <class Number>
HWY_INLINE Number lane_distance(Plane /*metric*/, const Number* /*q*/, const Number* /*p*/, Number square) {
    using std::sqrt;
    return sqrt(square);
}

/// Twice the angle between q and the bisector of q and p, whose tangent is |q - p| / |q + p|: well
/// conditioned at every range. W. Kahan, "How Futile are Mindless Assessments of Roundoff in Floating-Point
/// Computation?" (2006), section 12.
template <class Number>
HWY_INLINE Number lane_distance(Sphere /*metric*/, const Number* q, const Number* p, Number square) {
    using std::sqrt;
    const Number x = q[0] + p[0];
    const Number y = q[1] + p[1];
    const Number z = q[2] + p[2];
    return Number(2 * earth::kMeanRadius) * leg_angle(sqrt(square), sqrt(x * x + y * y + z * z));
}

/// The arc on the circle whose curvature kappa is that of the ellipsoid's normal section at the chord's
/// midpoint, in the chord's direction. With A = diag(1, 1, a^2/b^2), the surface x' A x = a^2, and the
/// midpoint m scaled to it, kappa = (t' A t) / a * sqrt(m' A m) / |A m| for the unit direction t. So scaled,
/// the denominator is above 0 for every square that is.
template <class Number>
HWY_INLINE Number short_arc(const Number* q, const Number* p, Number square) {
    using std::sqrt;
    const Number dx = p[0] - q[0];
    const Number dy = p[1] - q[1];
    const Number dz = p[2] - q[2];
    const Number half(0.5);
    const Number mx = half * (p[0] + q[0]);
    const Number my = half * (p[1] + q[1]);
    const Number mz = half * (p[2] + q[2]);
    const Number stretch(earth::kInverseB2 / earth::kInverseA2);
    const Number gz = mz * stretch;
    const Number m_A_m = mx * mx + my * my + mz * gz;
    const Number gradient2 = mx * mx + my * my + gz * gz;
    const Number d_A_d = dx * dx + dy * dy + dz * dz * stretch;
    const Number h = d_A_d * d_A_d * m_A_m / (square * gradient2) * Number(earth::kInverseA2);
    const Number arc = arc_over_chord(sqrt(square), h);
    const Number zero(0.0);
    return if_less(zero, square, arc, zero);
}

/// The curvature of the ellipsoid's normal section near the point q + share * d, in the direction of d
/// projected onto the tangent plane.
template <class Number>
HWY_INLINE Number normal_curvature(const Number* q, const Number* d, double share) {
    using std::sqrt;
    const Number inverse_a2(earth::kInverseA2), inverse_b2(earth::kInverseB2);
    const Number x = q[0] + Number(share) * d[0];
    const Number y = q[1] + Number(share) * d[1];
    const Number z = q[2] + Number(share) * d[2];
    const Number gx = x * inverse_a2, gy = y * inverse_a2, gz = z * inverse_b2;
    const Number m_A_m = x * gx + y * gy + z * gz;
    const Number gradient2 = gx * gx + gy * gy + gz * gz;
    const Number along = (d[0] * gx + d[1] * gy + d[2] * gz) / gradient2;
    const Number tx = d[0] - along * gx, ty = d[1] - along * gy, tz = d[2] - along * gz;
    const Number t_A_t = (tx * tx + ty * ty) * inverse_a2 + tz * tz * inverse_b2;
    return t_A_t / (tx * tx + ty * ty + tz * tz) * sqrt(m_A_m / gradient2);
}

/// The arc with the mean of the curvatures at the chord's midpoint plus and minus chord / sqrt(20). A curve
/// of curvature kappa(u), counted from its middle, has chord^2 = s^2 - s^4 kappa^2 / 12 + s^6 (kappa^4 / 360
/// - kappa kappa'' / 240) + ...; the mean at those two points is kappa + kappa'' s^2 / 40, which takes in the
/// last term.
template <class Number>
HWY_INLINE Number long_arc(const Number* q, const Number* p, Number square) {
    using std::sqrt;
    constexpr double kOffset = 0.22360679774997896;  // 1 / sqrt(20)
    const Number d[] = {p[0] - q[0], p[1] - q[1], p[2] - q[2]};
    const Number curvature =
        Number(0.5) * (normal_curvature(q, d, 0.5 - kOffset) + normal_curvature(q, d, 0.5 + kOffset));
    return arc_over_chord(sqrt(square), curvature * curvature * square);
}

template <class Number>
HWY_INLINE Number lane_distance(Spheroid /*metric*/, const Number* q, const Number* p, Number square) {
    const Number is_short(Spheroid::kShortChord * Spheroid::kShortChord);
    const Number is_long(Spheroid::kLongChord * Spheroid::kLongChord);
    Number distance = short_arc(q, p, square);
    if (any_less(is_short, square)) [[unlikely]] {
        distance = if_less(is_short, square, long_arc(q, p, square), distance);
        if (any_less(is_long, square)) distance = if_less(is_long, square, far_distance(q, p), distance);
    }
    return distance;
}

}  // namespace crowfly::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
