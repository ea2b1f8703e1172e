// Far geodesic distances on WGS84 by series, made of correctly rounded operations alone (+ - * / sqrt) for
// any number type, as core/metric/formulas-inl.h, which includes this. Highway compiles this once for each
// kind of processor, so there is no `#pragma once`.

#if defined(CROWFLY_CORE_METRIC_GEODESIC_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CROWFLY_CORE_METRIC_GEODESIC_INL_H
#undef CROWFLY_CORE_METRIC_GEODESIC_INL_H
#else
#define CROWFLY_CORE_METRIC_GEODESIC_INL_H
#endif

#include <cmath>

#include <hwy/highway.h>

#include "core/metric/angle-inl.h"
#include "core/metric/earth.h"
#include "core/metric/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace crowfly::HWY_NAMESPACE {

// The series of C. F. F. Karney, "Algorithms for geodesics", Journal of Geodesy 87 (2013),
// doi:10.1007/s00190-012-0578-z, equations 17, 18, 24 and 25, in powers of epsilon, which on WGS84 is at most
// the third flattening n = 0.00168. What is left out is below 1e-15 of the earth's radius.

/// sin(2 l sigma_2) - sin(2 l sigma_1) for l of 1 to 4, which is
/// 2 cos(l (sigma_1 + sigma_2)) sin(l (sigma_2 - sigma_1)).
template <class Number>
struct ArcDifferences {
    Number first, second, third, fourth;

    HWY_INLINE ArcDifferences(Number sine, Number cosine, Number cosine_of_sum) {
        const Number one(1.0), two(2.0), three(3.0), four(4.0);
        const Number c = cosine_of_sum;
        const Number c_twice = two * c * c - one;
        const Number sine_twice = two * sine * cosine;
        first = two * c * sine;
        second = two * c_twice * sine_twice;
        third = two * c * (four * c * c - three) * sine * (three - four * sine * sine);
        fourth = four * (two * c_twice * c_twice - one) * sine_twice * (one - two * sine * sine);
    }
};

/// Distance over b, where sigma is the arc on the auxiliary sphere.
template <class Number>
HWY_INLINE Number distance_integral(Number epsilon, Number sigma, const ArcDifferences<Number>& arcs) {
    const Number e2 = epsilon * epsilon;
    const Number one(1.0);
    const Number a1 = (one + e2 * (Number(1.0 / 4) + e2 * Number(1.0 / 64))) / (one - epsilon);
    const Number c1 = epsilon * (Number(-1.0 / 2) + e2 * Number(3.0 / 16));
    const Number c2 = e2 * (Number(-1.0 / 16) + e2 * Number(1.0 / 32));
    const Number c3 = epsilon * e2 * Number(-1.0 / 48);
    const Number c4 = e2 * e2 * Number(-5.0 / 512);
    return a1 * (sigma + (c1 * arcs.first + (c2 * arcs.second + (c3 * arcs.third + c4 * arcs.fourth))));
}

/// By how much the difference of longitude on the auxiliary sphere exceeds that on the ellipsoid, over
/// f sin(alpha_0).
template <class Number>
HWY_INLINE Number longitude_integral(Number epsilon, Number sigma, const ArcDifferences<Number>& arcs) {
    constexpr double n = earth::kFlattening / (2 - earth::kFlattening);
    const Number e = epsilon;
    const Number a3 =
        Number(1.0) -
        e * (Number((1 - n) / 2) + e * (Number(0.25 + n / 8 - 3 * n * n / 8) +
                                        e * (Number(1.0 / 16 + 3 * n / 16) + e * Number(3.0 / 64 + n / 32))));
    const Number c1 =
        e * (Number((1 - n) / 4) +
             e * (Number((1 - n * n) / 8) + e * (Number(3.0 / 64 + 3 * n / 64) + e * Number(5.0 / 128))));
    const Number c2 = e * e *
                      (Number(1.0 / 16 - 3 * n / 32 + n * n / 32) +
                       e * (Number(3.0 / 64 - n / 32) + e * Number(3.0 / 128)));
    const Number c3 = e * e * e * Number(5.0 / 192 - 3 * n / 64);
    return a3 * (sigma + (c1 * arcs.first + (c2 * arcs.second + c3 * arcs.third)));
}

/// A geodesic between two points, in metres, and as it is on the auxiliary sphere.
template <class Number>
struct FarGeodesic {
    Number distance;
    Number sine_sigma, cosine_sigma;  ///< of its arc
    Number sine_alpha_0;              ///< of its azimuth at the equator, not negative
    Number delta;                     ///< by how much the difference of longitude is more there, radians
};

/// The geodesic between two points on the ellipsoid in earth-centred coordinates, which are neither near to
/// each other nor nearly antipodal: from 10 km to a chord of Spheroid::kFarChord. T. Vincenty's iteration
/// ("Direct and inverse solutions of geodesics on the ellipsoid with application of nested equations", Survey
/// Review 23, 1975, doi:10.1179/sre.1975.23.176.88) for the difference of longitude on the auxiliary sphere;
/// each step leaves at most some hundredth of the error, and what the last one has left is taken out by the
/// first variation of the length, ds = a sin(alpha_0) d lambda.
template <class Number>
HWY_INLINE FarGeodesic<Number> far_geodesic(const Number* q, const Number* p) {
    using std::sqrt;
    constexpr int kSteps = 4;
    const Number one(1.0);
    const Number inverse_a(1 / earth::kEquatorialRadius);
    const Number inverse_b(1 / earth::kPolarRadius);

    // Sine and cosine of the reduced latitudes; the first is that of the point farther from the poles, by
    // whose cosine is divided.
    const Number cosine_q = sqrt(q[0] * q[0] + q[1] * q[1]) * inverse_a;
    const Number cosine_p = sqrt(p[0] * p[0] + p[1] * p[1]) * inverse_a;
    const Number sine_q = q[2] * inverse_b;
    const Number sine_p = p[2] * inverse_b;
    const Number cosine_1 = if_less(cosine_q, cosine_p, cosine_p, cosine_q);
    const Number sine_1 = if_less(cosine_q, cosine_p, sine_p, sine_q);
    const Number sine_2 = if_less(cosine_q, cosine_p, sine_q, sine_p);
    const Number over_cosine_1 = one / cosine_1;
    const Number sines = sine_1 * sine_2;

    // Sine and cosine of the difference of longitude, times both cosines.
    const Number across = (q[0] * p[1] - q[1] * p[0]) * inverse_a * inverse_a;
    const Number sine_lambda = if_less(across, Number(0.0), Number(0.0) - across, across);
    const Number cosine_lambda = (q[0] * p[0] + q[1] * p[1]) * inverse_a * inverse_a;

    Number delta(0.0);  // the difference of longitude on the auxiliary sphere is lambda + delta
    Number change, distance, sine_alpha_0, sine_sigma, cosine_sigma;
    for (int step = 0; step < kSteps; ++step) {
        const Number d2 = delta * delta;
        const Number sine_delta = delta * (one - d2 * (Number(1.0 / 6) - d2 * Number(1.0 / 120)));
        const Number cosine_delta =
            one - d2 * (Number(0.5) - d2 * (Number(1.0 / 24) - d2 * Number(1.0 / 720)));
        const Number sine_omega = sine_lambda * cosine_delta + cosine_lambda * sine_delta;
        const Number cosine_omega = cosine_lambda * cosine_delta - sine_lambda * sine_delta;
        const Number east = sine_omega * over_cosine_1;
        const Number north = cosine_1 * sine_2 - sine_1 * cosine_omega * over_cosine_1;
        sine_sigma = sqrt(east * east + north * north);
        cosine_sigma = sines + cosine_omega;
        const Number sigma = turn_angle(sine_sigma, cosine_sigma);

        sine_alpha_0 = sine_omega / sine_sigma;
        // Where the geodesic is the equator's, epsilon is 0 and the cosine of the sum does not matter.
        const Number least(1e-20);
        const Number squared_cosine = one - sine_alpha_0 * sine_alpha_0;
        const Number cosine2_alpha_0 = if_less(squared_cosine, least, least, squared_cosine);
        const Number wild = cosine_sigma - Number(2.0) * sines / cosine2_alpha_0;
        const Number above = if_less(wild, Number(-1.0), Number(-1.0), wild);
        const Number cosine_of_sum = if_less(one, above, one, above);
        const Number k2 = Number(earth::kEccentricity2 / (1 - earth::kEccentricity2)) * cosine2_alpha_0;
        const Number root = one + sqrt(one + k2);
        const Number epsilon = k2 / (root * root);

        const ArcDifferences<Number> arcs(sine_sigma, cosine_sigma, cosine_of_sum);
        const Number next =
            Number(earth::kFlattening) * sine_alpha_0 * longitude_integral(epsilon, sigma, arcs);
        change = next - delta;
        delta = next;
        if (step == kSteps - 1) distance = distance_integral(epsilon, sigma, arcs);
    }
    return {Number(earth::kPolarRadius) * distance + Number(earth::kEquatorialRadius) * sine_alpha_0 * change,
            sine_sigma, cosine_sigma, sine_alpha_0, delta};
}

template <class Number>
HWY_INLINE Number far_distance(const Number* q, const Number* p) {
    return far_geodesic(q, p).distance;
}

}  // namespace crowfly::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
