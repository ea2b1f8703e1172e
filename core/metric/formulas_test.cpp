#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <GeographicLib/Math.hpp>
#include <gtest/gtest.h>

#include "core/metric/box.h"
#include "core/metric/plane.h"
#include "core/metric/sphere.h"
#include "core/metric/spheroid.h"
#include "tests/support/seed.h"

// Highway compiles what stands between HWY_BEFORE_NAMESPACE and HWY_AFTER_NAMESPACE once for each kind of
// processor, by including this file again.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/metric/formulas_test.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/metric/formulas-inl.h"

#ifndef CROWFLY_CORE_METRIC_FORMULAS_TEST_INPUTS
#define CROWFLY_CORE_METRIC_FORMULAS_TEST_INPUTS
namespace crowfly {

/// What the formulas are given, a multiple of 8 of each.
struct FormulaInputs {
    std::vector<double> lon, lat;
    std::vector<double> from_lon, from_lat;
    std::vector<double> opposite, adjacent;
};

using Columns = std::vector<std::vector<double>>;

}  // namespace crowfly
#endif

HWY_BEFORE_NAMESPACE();
namespace crowfly::HWY_NAMESPACE {
namespace {

template <class Number>
HWY_INLINE Number load(const std::vector<double>& from, std::size_t i) {
    if constexpr (std::is_same_v<Number, double>) {
        return from[i];
    } else {
        return Lanes(hn::LoadU(Lanes::Tag(), from.data() + i));
    }
}

template <class Number>
HWY_INLINE void store(Number number, std::vector<double>& to, std::size_t i) {
    if constexpr (std::is_same_v<Number, double>) {
        to[i] = number;
    } else {
        hn::StoreU(number.vector(), Lanes::Tag(), to.data() + i);
    }
}

/// Appends to `out` the coordinates of every position, and its distance where that is the formula's.
template <class M, class Number>
HWY_INLINE void append_metric(const FormulaInputs& in, std::size_t stride, Columns& out) {
    constexpr std::size_t D = M::kDimensions;
    const std::size_t first = out.size();
    out.resize(first + D + 1, std::vector<double>(in.lon.size()));
    for (std::size_t i = 0; i < in.lon.size(); i += stride) {
        Number from[D], to[D];
        embed(M(), load<Number>(in.from_lon, i), load<Number>(in.from_lat, i), from);
        embed(M(), load<Number>(in.lon, i), load<Number>(in.lat, i), to);
        Number square(0.0);
        for (std::size_t d = 0; d < D; ++d) {
            const Number gap = to[d] - from[d];
            square = square + gap * gap;
            store(to[d], out[first + d], i);
        }
        store(lane_distance(M(), from, to, square), out[first + D], i);
    }
}

template <class Number>
HWY_INLINE Columns evaluate(const FormulaInputs& in, std::size_t stride) {
    Columns out(3, std::vector<double>(in.lon.size()));
    for (std::size_t i = 0; i < in.lon.size(); i += stride) {
        const SineCosine<Number> of_lon = sine_cosine(load<Number>(in.lon, i));
        store(of_lon.sine, out[0], i);
        store(of_lon.cosine, out[1], i);
        store(leg_angle(load<Number>(in.opposite, i), load<Number>(in.adjacent, i)), out[2], i);
    }
    append_metric<Plane, Number>(in, stride, out);
    append_metric<Sphere, Number>(in, stride, out);
    append_metric<Spheroid, Number>(in, stride, out);
    return out;
}

Columns evaluate_lanes(const FormulaInputs& in) {
    return evaluate<Lanes>(in, Lanes::kCount);
}
Columns evaluate_scalars(const FormulaInputs& in) {
    return evaluate<double>(in, 1);
}

}  // namespace
}  // namespace crowfly::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace crowfly {
namespace {

HWY_EXPORT(evaluate_lanes);
HWY_EXPORT(evaluate_scalars);

using GeographicLib::Math;

constexpr double kLeast = std::numeric_limits<double>::denorm_min();

/// Special angles, angles beside them, and any.
double hard_angle(tests::Random& random, double most) {
    constexpr double kHard[] = {0, 45, 90, 135, 180, 30, 60, 22.5, 1e-300, 1e-160, kLeast};
    const double sign = random.below(2) == 0 ? -1 : 1;
    double angle = kHard[random.below(std::size(kHard))];
    if (random.below(2) == 0) angle = random.uniform(0, most);
    for (std::size_t steps = random.below(3); steps > 0; --steps)
        angle = std::nextafter(angle, 1000 - 2000 * sign);
    return sign * std::clamp(angle, 0.0, most);
}

FormulaInputs hard_inputs() {
    tests::Random random;
    FormulaInputs in;
    for (int i = 0; i < 40'000; ++i) {
        in.from_lon.push_back(hard_angle(random, 180));
        in.from_lat.push_back(hard_angle(random, 90));
        // Every other position is near: there the spheroid's formula is used.
        const double step = std::pow(10.0, random.uniform(-18, -1));
        const bool near = i % 2 == 0;
        in.lon.push_back(near ? std::clamp(in.from_lon.back() + random.uniform(-step, step), -180.0, 180.0)
                              : hard_angle(random, 180));
        in.lat.push_back(near ? std::clamp(in.from_lat.back() + random.uniform(-step, step), -90.0, 90.0)
                              : hard_angle(random, 90));
        in.opposite.push_back(i % 50 == 0 ? 0 : std::pow(10.0, random.uniform(-308, 8)));
        in.adjacent.push_back(i % 50 == 1 ? 0 : std::pow(10.0, random.uniform(-3, 8)));
        if (i % 50 > 40) in.opposite.back() = in.adjacent.back() * random.uniform(0.99, 1.01);
        if (i % 50 == 2) in.opposite.back() = in.adjacent.back();
    }
    return in;
}

void expect_same_bits(const Columns& found, const Columns& expected, const std::string& where) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t column = 0; column < expected.size(); ++column) {
        for (std::size_t i = 0; i < expected[column].size(); ++i) {
            ASSERT_EQ(std::bit_cast<std::uint64_t>(found[column][i]),
                      std::bit_cast<std::uint64_t>(expected[column][i]))
                << where << ", column " << column << ": " << found[column][i] << " is not "
                << expected[column][i];
        }
    }
}

TEST(Formulas, GiveTheBitsOfTheScalarInEveryLaneOfEveryKindOfProcessor) {
    const FormulaInputs in = hard_inputs();
    const Columns expected = HWY_STATIC_DISPATCH(evaluate_scalars)(in);
    std::size_t kinds = 0;
    for (std::int64_t rest = hwy::SupportedTargets(); rest != 0; rest &= rest - 1) {
        hwy::SetSupportedTargetsForTest(rest & -rest);
        hwy::GetChosenTarget().Update(hwy::SupportedTargets());
        const std::string target = hwy::TargetName(rest & -rest);
        expect_same_bits(HWY_DYNAMIC_DISPATCH(evaluate_lanes)(in), expected, "lanes of " + target);
        expect_same_bits(HWY_DYNAMIC_DISPATCH(evaluate_scalars)(in), expected, "scalars of " + target);
        ++kinds;
    }
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    EXPECT_GT(kinds, 1U) << "only one kind of processor was tried";
}

/// Appends what the metric itself says, in the columns of `append_metric`.
template <class M>
void append_expected(const FormulaInputs& in, Columns& out) {
    const std::size_t first = out.size();
    out.resize(first + M::kDimensions + 1, std::vector<double>(in.lon.size()));
    for (std::size_t i = 0; i < in.lon.size(); ++i) {
        const auto from = M::embed({in.from_lon[i], in.from_lat[i]});
        const auto to = M::embed({in.lon[i], in.lat[i]});
        for (std::size_t d = 0; d < M::kDimensions; ++d) out[first + d][i] = to[d];
        const double square = squared_straight_distance<M::kDimensions>(from, to);
        if (square <= M::kLaneLimit) out.back()[i] = M::distance(from, to);
    }
}

TEST(Formulas, AreTheMetricsUpToTheLaneLimit) {
    const FormulaInputs in = hard_inputs();
    Columns found = HWY_STATIC_DISPATCH(evaluate_scalars)(in);
    Columns expected(found.begin(), found.begin() + 3);
    append_expected<Plane>(in, expected);
    append_expected<Sphere>(in, expected);
    append_expected<Spheroid>(in, expected);
    std::size_t compared = 0;
    for (std::size_t i = 0; i < in.lon.size(); ++i) {
        // 0 also stands where the limit is passed.
        if (expected.back()[i] == 0) found.back()[i] = 0;
        compared += expected.back()[i] > 0;
    }
    expect_same_bits(found, expected, "metric");
    EXPECT_GT(compared, in.lon.size() / 4);
}

TEST(SineCosine, IsWithinTwoAndAHalfTimes1em16) {
    tests::Random random;
    for (int trial = 0; trial < 500'000; ++trial) {
        const double angle = hard_angle(random, 180);
        const auto found = HWY_STATIC_DISPATCH(sine_cosine)(angle);
        double sine = 0, cosine = 0;
        Math::sincosd(angle, sine, cosine);
        ASSERT_NEAR(found.sine, sine, 2.5e-16) << angle;
        ASSERT_NEAR(found.cosine, cosine, 2.5e-16) << angle;
        long double exact_sine = 0, exact_cosine = 0;
        Math::sincosd(static_cast<long double>(angle), exact_sine, exact_cosine);
        ASSERT_LE(std::abs(found.sine - exact_sine), 2e-16L) << angle;
        ASSERT_LE(std::abs(found.cosine - exact_cosine), 2e-16L) << angle;
        // Small angles lose nothing, whatever their size.
        if (std::abs(angle) < 1 && std::abs(angle) > 1e-290) {
            ASSERT_LE(std::abs(found.sine / exact_sine - 1), 4e-16L) << angle;
        }
    }
}

TEST(SineCosine, IsExactAtMultiplesOf90) {
    const auto expect = [](double angle, double sine, double cosine) {
        const auto found = HWY_STATIC_DISPATCH(sine_cosine)(angle);
        EXPECT_EQ(found.sine, sine) << angle;
        EXPECT_EQ(found.cosine, cosine) << angle;
    };
    expect(0, 0, 1);
    expect(-0.0, 0, 1);
    expect(90, 1, 0);
    expect(-90, -1, 0);
    expect(180, 0, -1);
    expect(-180, 0, -1);
}

TEST(LegAngle, IsWithin5UnitsInTheLastPlace) {
    tests::Random random;
    for (int trial = 0; trial < 500'000; ++trial) {
        const double adjacent = std::pow(10.0, random.uniform(-9, 8));
        double opposite = adjacent * std::pow(10.0, random.uniform(-20, 20));
        if (trial % 3 == 0) opposite = adjacent * random.uniform(0.1, 10);
        if (trial % 30 == 0) opposite = adjacent;
        const double found = HWY_STATIC_DISPATCH(leg_angle)(opposite, adjacent);
        const long double expected =
            std::atan2(static_cast<long double>(opposite), static_cast<long double>(adjacent));
        const double unit = std::nextafter(static_cast<double>(expected), 10) - static_cast<double>(expected);
        ASSERT_LE(std::abs(found - expected), 5 * unit) << opposite << ' ' << adjacent;
    }
    EXPECT_EQ(HWY_STATIC_DISPATCH(leg_angle)(0.0, 5.0), 0);
    EXPECT_EQ(HWY_STATIC_DISPATCH(leg_angle)(5.0, 0.0), std::atan2(5.0, 0.0));
}

using ExactPoint = std::array<long double, 3>;

/// On the spheroid with these radii.
ExactPoint exact_point(LonLat p, long double a, long double e2) {
    long double sin_lat = 0, cos_lat = 0, sin_lon = 0, cos_lon = 0;
    Math::sincosd(static_cast<long double>(p.lat), sin_lat, cos_lat);
    Math::sincosd(static_cast<long double>(p.lon), sin_lon, cos_lon);
    const long double prime_vertical_radius = a / std::sqrt(1 - e2 * sin_lat * sin_lat);
    return {prime_vertical_radius * cos_lat * cos_lon, prime_vertical_radius * cos_lat * sin_lon,
            prime_vertical_radius * (1 - e2) * sin_lat};
}

TEST(Embed, IsWithin4NanometresOfThePoint) {
    constexpr long double kFlattening = 1 / 298.257223563L;
    tests::Random random;
    for (int trial = 0; trial < 500'000; ++trial) {
        const LonLat p{hard_angle(random, 180), hard_angle(random, 90)};
        const ExactPoint on_sphere = exact_point(p, earth::kMeanRadius, 0);
        const ExactPoint on_spheroid =
            exact_point(p, earth::kEquatorialRadius, kFlattening * (2 - kFlattening));
        for (std::size_t d = 0; d < 3; ++d) {
            ASSERT_LE(std::abs(Sphere::embed(p)[d] - on_sphere[d]), 4e-9L) << p.lon << ',' << p.lat;
            ASSERT_LE(std::abs(Spheroid::embed(p)[d] - on_spheroid[d]), 4e-9L) << p.lon << ',' << p.lat;
        }
    }
}

}  // namespace
}  // namespace crowfly
#endif  // HWY_ONCE
