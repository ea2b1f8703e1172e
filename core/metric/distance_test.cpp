#include "core/metric/distance.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "core/metric/earth.h"
#include "tests/support/seed.h"

namespace crowfly {
namespace {

constexpr double kDegree = std::numbers::pi / 180;

TEST(Distance, IsZeroForOneAndTheSamePlaceHoweverItIsWritten) {
    for (const MetricKind metric : {MetricKind::sphere, MetricKind::spheroid}) {
        EXPECT_EQ(distance(metric, {180, 45}, {-180, 45}), 0) << name(metric);
        EXPECT_EQ(distance(metric, {17, 90}, {-120, 90}), 0) << name(metric);
        EXPECT_EQ(distance(metric, {0, -90}, {33, -90}), 0) << name(metric);
        EXPECT_EQ(distance(metric, {-0.0, 0}, {0, -0.0}), 0) << name(metric);
    }
}

TEST(Distance, IsTheSameToEitherNameOfTheAntimeridianAndFromEveryNameOfThePole) {
    tests::Random random;
    for (const MetricKind metric : {MetricKind::sphere, MetricKind::spheroid}) {
        for (int trial = 0; trial < 1'000; ++trial) {
            const LonLat q{random.uniform(-180, 180), random.uniform(-90, 90)};
            const double lat = random.uniform(-90, 90), lon = random.uniform(-180, 180);
            ASSERT_EQ(distance(metric, q, {180, lat}), distance(metric, q, {-180, lat}));
            ASSERT_EQ(distance(metric, {lon, 90}, q), distance(metric, {0, 90}, q));
        }
    }
}

TEST(Distance, OfAntipodesIsHalfTheShortestWayAround) {
    const double half_circle = std::numbers::pi * earth::kMeanRadius;
    EXPECT_DOUBLE_EQ(distance(MetricKind::sphere, {-90, 0}, {90, 0}), half_circle);
    EXPECT_NEAR(distance(MetricKind::sphere, {10, 20}, {-170, -20}), half_circle, 1e-8);
    EXPECT_NEAR(distance(MetricKind::spheroid, {-90, 0}, {90, 0}), 20003931.458625447, 1e-8);
}

TEST(Distance, OnTheSphereIsWellConditionedNearZeroAndNearTheAntipode) {
    // One step of 1e-11 degrees of longitude, and as much short of the antipode, on the equator.
    EXPECT_NEAR(distance(MetricKind::sphere, {0, 0}, {1e-11, 0}), 1e-11 * kDegree * earth::kMeanRadius,
                1e-20);
    const double nearly = distance(MetricKind::sphere, {0, 0}, {180 - 1e-6, 0});
    EXPECT_NEAR(20015114.352233686 - nearly, 1e-6 * 20015114.352233686 / 180, 1e-8);
}

/// By the haversines of the angle and of its supplement, in extended precision.
long double sphere_distance(LonLat q, LonLat p) {
    constexpr long double kRadians = std::numbers::pi_v<long double> / 180;
    const auto square = [](long double x) { return x * x; };
    const long double half_lon = (static_cast<long double>(p.lon) - q.lon) / 2 * kRadians;
    const long double half_rise = (static_cast<long double>(p.lat) - q.lat) / 2 * kRadians;
    const long double half_sum = (static_cast<long double>(p.lat) + q.lat) / 2 * kRadians;
    const long double cosines = std::cos(half_sum + half_rise) * std::cos(half_sum - half_rise);
    const long double haversine = square(std::sin(half_rise)) + cosines * square(std::sin(half_lon));
    const long double supplement = square(std::sin(half_sum)) + cosines * square(std::cos(half_lon));
    return 2 * static_cast<long double>(earth::kMeanRadius) *
           std::atan2(std::sqrt(haversine), std::sqrt(supplement));
}

// Rounding the coordinates costs 5e-9 m; from about 4,000 km a distance's own last places are added.
TEST(Distance, OnTheSphereIsWithinNanometresOfTheGreatCircle) {
    tests::Random random;
    for (int trial = 0; trial < 300'000; ++trial) {
        const LonLat q{random.uniform(-180, 180), trial % 7 == 0
                                                      ? 90.0 * static_cast<double>(random.below(3)) - 90
                                                      : random.uniform(-90, 90)};
        LonLat p{random.uniform(-180, 180), random.uniform(-90, 90)};
        if (trial % 2 == 0) {
            const double step = std::pow(10.0, random.uniform(-14, 1));
            p = {std::clamp(q.lon + random.uniform(-step, step), -180.0, 180.0),
                 std::clamp(q.lat + random.uniform(-step, step), -90.0, 90.0)};
        }
        if (trial % 6 == 0) p = {std::remainder(p.lon + 180, 360), -p.lat};
        const auto expected = static_cast<double>(sphere_distance(q, p));
        ASSERT_NEAR(distance(MetricKind::sphere, q, p), expected, expected < 4e6 ? 5e-9 : 1e-8)
            << "q=" << q.lon << ',' << q.lat << " p=" << p.lon << ',' << p.lat;
    }
}

TEST(Distance, OnThePlaneIsEuclideanInTheUnitsGiven) {
    EXPECT_EQ(distance(MetricKind::plane, {530'000, 180'000}, {530'003, 180'004}), 5);
    EXPECT_EQ(distance(MetricKind::plane, {-180, 45}, {180, 45}), 360);
}

}  // namespace
}  // namespace crowfly
