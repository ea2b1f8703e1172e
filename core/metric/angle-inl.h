// Sines, cosines and angles, made of correctly rounded operations alone (+ - * / sqrt) for any number type:
// double, or Lanes, whose lanes then have the bits of the scalar. Highway compiles this once for each kind of
// processor, so there is no `#pragma once`.

#if defined(CROWFLY_CORE_METRIC_ANGLE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CROWFLY_CORE_METRIC_ANGLE_INL_H
#undef CROWFLY_CORE_METRIC_ANGLE_INL_H
#else
#define CROWFLY_CORE_METRIC_ANGLE_INL_H
#endif

#include <cmath>

#include <hwy/highway.h>

#include "core/metric/lanes-inl.h"

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

/// The angle in radians, 0 to pi, with this sine, which is not negative, and this cosine; they need not be
/// normalised, but not both be 0.
template <class Number>
HWY_INLINE Number turn_angle(Number sine, Number cosine) {
    const Number zero(0.0);
    const Number angle = leg_angle(sine, if_less(cosine, zero, zero - cosine, cosine));
    return if_less(cosine, zero, Number(kPi) - angle, angle);
}

}  // namespace crowfly::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
