#include "core/join/reach.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "core/metric/distance.h"
#include "tests/support/seed.h"

namespace crowfly {
namespace {

constexpr MetricKind kMetrics[] = {MetricKind::plane, MetricKind::sphere, MetricKind::spheroid};

LonLat near(tests::Random& random, LonLat at, double degrees) {
    const double lon = std::remainder(at.lon + random.uniform(-degrees, degrees), 360);
    return {lon, std::clamp(at.lat + random.uniform(-degrees, degrees), -90.0, 90.0)};
}

LonLat anywhere(tests::Random& random) {
    return {random.uniform(-180, 180), random.below(8) == 0 ? 90.0 : random.uniform(-90, 90)};
}

TEST(Reach, MostDistanceIsNeverLessThanTheDistance) {
    tests::Random random;
    for (int i = 0; i < 20'000; ++i) {
        const LonLat a = anywhere(random);
        const LonLat b =
            i % 2 == 0 ? anywhere(random) : near(random, a, std::pow(10, random.uniform(-12, 1)));
        for (const MetricKind metric : kMetrics) {
            const double most = reach(metric, 0, most_distance(metric, a, b), 0);
            ASSERT_GE(most, distance(metric, a, b)) << a.lon << ' ' << a.lat << ' ' << b.lon << ' ' << b.lat;
        }
    }
}

TEST(Reach, IsNeverLessThanTheDistanceFromTheOtherQuery) {
    tests::Random random;
    for (int i = 0; i < 20'000; ++i) {
        const LonLat object = anywhere(random);
        const LonLat first = near(random, object, std::pow(10, random.uniform(-170, 2)));
        const LonLat second = near(random, first, std::pow(10, random.uniform(-170, 1)));
        for (const MetricKind metric : kMetrics) {
            ASSERT_GE(reach(metric, distance(metric, first, object), most_distance(metric, first, second), 0),
                      distance(metric, second, object));
        }
    }
}

TEST(Reach, OfNearPositionsIsNotMuchMore) {
    tests::Random random;
    for (int i = 0; i < 2'000; ++i) {
        const LonLat a{random.uniform(-180, 180), random.uniform(-60, 60)};
        const LonLat b = near(random, a, 0.01);
        for (const MetricKind metric : kMetrics) {
            ASSERT_LE(most_distance(metric, a, b), 1.02 * distance(metric, a, b));
        }
    }
}

}  // namespace
}  // namespace crowfly
