// Distances by formulas of correctly rounded operations alone, for any number type: double, or a vector of
// them, whose lanes then have the bits of the scalar. Highway compiles this once for each kind of processor,
// so there is no
// `#pragma once`.

#if defined(CROWFLY_CORE_LANE_DISTANCE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CROWFLY_CORE_LANE_DISTANCE_INL_H
#undef CROWFLY_CORE_LANE_DISTANCE_INL_H
#else
#define CROWFLY_CORE_LANE_DISTANCE_INL_H
#endif

#include <cmath>

#include <hwy/highway.h>

#include "core/earth.h"
#include "core/plane.h"
#include "core/spheroid.h"

HWY_BEFORE_NAMESPACE();
namespace crowfly::HWY_NAMESPACE {

/// Length of the arc that a chord cuts from a circle, where h = (chord * curvature)^2: the series of
/// chord * asin(sqrt(h) / 2) / (sqrt(h) / 2).
template <class Number>
HWY_INLINE Number arc_over_chord(Number chord, Number h) {
    const Number one(1.0);
    return chord *
           (one + h * Number(1.0 / 24) * (one + h * Number(9.0 / 80) * (one + h * Number(25.0 / 168))));
}

/// The distance between q and p by the metric, where the square of their straight distance is above 0 and at
/// most Metric::kLaneLimit.
template <class Number>
HWY_INLINE Number lane_distance(Plane /*metric*/, const Number* /*q*/, const Number* /*p*/, Number square) {
    using std::sqrt;
    return sqrt(square);
}

/// The arc on the circle whose curvature kappa is that of the ellipsoid's normal section at the chord's
/// midpoint, in the chord's direction. With A = diag(1/a^2, 1/a^2, 1/b^2), the surface x' A x = 1, and the
/// midpoint m scaled to it, kappa = (t' A t) sqrt(m' A m) / |A m| for the unit direction t.
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
    const Number a(earth::kInverseA2);
    const Number b(earth::kInverseB2);
    const Number gx = mx * a;
    const Number gy = my * a;
    const Number gz = mz * b;
    const Number m_A_m = mx * gx + my * gy + mz * gz;
    const Number gradient2 = gx * gx + gy * gy + gz * gz;
    const Number d_A_d = (dx * dx + dy * dy) * a + dz * dz * b;
    return arc_over_chord(sqrt(square), d_A_d * d_A_d * m_A_m / (square * gradient2));
}

}  // namespace crowfly::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
