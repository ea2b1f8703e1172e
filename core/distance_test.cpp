#include "core/distance.h"

#include <cmath>

#include <gtest/gtest.h>

#include "core/earth.h"

namespace crowfly {
namespace {

TEST(Distance, IsZeroForOneAndTheSamePlaceHoweverItIsWritten) {
    for (const MetricKind metric : {MetricKind::sphere, MetricKind::spheroid}) {
        EXPECT_EQ(distance(metric, {180, 45}, {-180, 45}), 0) << name(metric);
        EXPECT_LT(distance(metric, {17, 90}, {-120, 90}), 1e-8) << name(metric);
        EXPECT_LT(distance(metric, {0, -90}, {33, -90}), 1e-8) << name(metric);
    }
}

TEST(Distance, OfAntipodesIsHalfTheShortestWayAround) {
    constexpr double kPi = 3.14159265358979323846;
    const double half_circle = kPi * earth::kMeanRadius;
    EXPECT_DOUBLE_EQ(distance(MetricKind::sphere, {-90, 0}, {90, 0}), half_circle);
    EXPECT_DOUBLE_EQ(distance(MetricKind::sphere, {10, 20}, {-170, -20}), half_circle);
    EXPECT_NEAR(distance(MetricKind::spheroid, {-90, 0}, {90, 0}), 20003931.458625447, 1e-8);
}

TEST(Distance, OnTheSphereIsWellConditionedNearZeroAndNearTheAntipode) {
    // One step of 1e-11 degrees of longitude, and as much short of the antipode, on the equator.
    constexpr double kRadians = 1e-11 * 3.14159265358979323846 / 180;
    EXPECT_NEAR(distance(MetricKind::sphere, {0, 0}, {1e-11, 0}), kRadians * earth::kMeanRadius, 1e-20);
    const double nearly = distance(MetricKind::sphere, {0, 0}, {180 - 1e-6, 0});
    EXPECT_NEAR(20015114.352233686 - nearly, 1e-6 * 20015114.352233686 / 180, 1e-8);
}

TEST(Distance, OnThePlaneIsEuclideanInTheUnitsGiven) {
    EXPECT_EQ(distance(MetricKind::plane, {530'000, 180'000}, {530'003, 180'004}), 5);
    EXPECT_EQ(distance(MetricKind::plane, {-180, 45}, {180, 45}), 360);
}

}  // namespace
}  // namespace crowfly
