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

#include "core/metric/earth.h"
#include "core/metric/lanes-inl.h"
#include "core/metric/plane.h"
#include "core/metric/sphere.h"
#include "core/metric/spheroid.h"

HWY_BEFORE_NAMESPACE();
namespace crowfly::HWY_NAMESPACE {

inline constexpr double kPi = 3.14159265358979323846;

template <class Number>
struct SineCosine {
    Number sine;
    Number cosine;
};

/// Of an angle in degrees, at most 180 in magnitude, to within 2e-16. Multiples of 90 give exactly 0 and +-1.
/// The angle is brought within +-45 degrees, which is exact; there Taylor's series ends below 1e-17.
template <class Number>
HWY_INLINE SineCosine<Number> sine_cosine(Number degrees) {
    // Adding and taking away 1.5 * 2^52 leaves the nearest whole number.
    const Number big(0x1.8p52);
    const Number quarters = (degrees * Number(1.0 / 90) + big) - big;
    const Number x = (degrees - Number(90) * quarters) * Number(kPi / 180);
    const Number z = x * x;
    const Number z2 = z * z;
    const Number z4 = z2 * z2;
    // G. Estrin's scheme ("Organization of computer systems", 1960, doi:10.1145/1460361.1460365): pairs do
    // not wait for each other as the steps of Horner's would.
    const auto pair = [&](double low, double high) HWY_ATTR { return Number(low) + z * Number(high); };
    const Number s = (pair(-1.0 / 6, 1.0 / 120) + z2 * pair(-1.0 / 5040, 1.0 / 362880)) +
                     z4 * (pair(-1.0 / 39916800, 1.0 / 6227020800) +
                           z2 * pair(-1.0 / 1307674368000, 1.0 / 355687428096000));
    const Number sine = x + x * z * s;
    const Number c = (pair(1.0 / 24, -1.0 / 720) + z2 * pair(1.0 / 40320, -1.0 / 3628800)) +
                     z4 * (pair(1.0 / 479001600, -1.0 / 87178291200) +
                           z2 * pair(1.0 / 20922789888000, -1.0 / 6402373705728000));
    const Number cosine = Number(1) - Number(0.5) * z + z2 * c;

    // The cosine and the sine of the quarters, as polynomials that give exactly 0 and +-1: so no branch
    // depends on the quarter.
    const Number turned = quarters * quarters;  // 0, 1 or 4
    const Number of_cosine = Number(1) - turned * (Number(7) - turned) * Number(1.0 / 6);
    const Number of_sine = quarters * (Number(4) - turned) * Number(1.0 / 3);
    return {of_cosine * sine + of_sine * cosine, of_cosine * cosine - of_sine * sine};
}

/// The angle in radians, 0 to pi / 2, of a right triangle with these legs, which are not negative and not
/// both 0; to within 5 units in the last place. The angle is halved twice, down to pi / 16, where the arc
/// tangent's series ends below 1e-18.
template <class Number>
HWY_INLINE Number leg_angle(Number opposite, Number adjacent) {
    using std::sqrt;
    const Number one(1.0);
    const Number small = if_less(opposite, adjacent, opposite, adjacent);
    const Number large = if_less(opposite, adjacent, adjacent, opposite);
    const Number tangent = small / large;
    const Number half = tangent / (one + sqrt(one + tangent * tangent));
    const Number quarter = half / (one + sqrt(one + half * half));
    const Number z = quarter * quarter;
    Number series(-1.0 / 23);
    for (const double coefficient : {1.0 / 21, -1.0 / 19, 1.0 / 17, -1.0 / 15, 1.0 / 13, -1.0 / 11, 1.0 / 9,
                                     -1.0 / 7, 1.0 / 5, -1.0 / 3}) {
        series = series * z + Number(coefficient);
    }
    const Number angle = Number(4) * (quarter + quarter * z * series);
    return if_less(opposite, adjacent, angle, Number(kPi / 2) - angle);
}

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
HWY_INLINE Number lane_distance(Spheroid /*metric*/, const Number* q, const Number* p, Number square) {
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

}  // namespace crowfly::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
