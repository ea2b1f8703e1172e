#include "core/metric.h"

#include <cmath>

#include <gtest/gtest.h>

#include "core/plane.h"
#include "core/sphere.h"
#include "core/spheroid.h"
#include "tests/support/seed.h"
#include "tests/support/shapes.h"

namespace crowfly {
namespace {

template <class M>
class MetricPromise : public testing::Test {};
using Metrics = testing::Types<Plane, Sphere, Spheroid>;
TYPED_TEST_SUITE(MetricPromise, Metrics);

TYPED_TEST(MetricPromise, DistanceIsFiniteNotNegativeAndZeroToItself) {
    for (const tests::Shape& shape : tests::hurtful_shapes()) {
        for (const LonLat q : shape.queries) {
            EXPECT_EQ(TypeParam::distance(q, q), 0);
            for (const LonLat p : shape.points) {
                const double distance = TypeParam::distance(q, p);
                ASSERT_TRUE(std::isfinite(distance) && distance >= 0) << shape.name << ": " << distance;
            }
        }
    }
}

TYPED_TEST(MetricPromise, BoundOfAPointIsAtMostItsDistance) {
    for (const tests::Shape& shape : tests::hurtful_shapes()) {
        for (const LonLat q : shape.queries) {
            for (const LonLat p : shape.points) {
                ASSERT_LE(TypeParam::bound(TypeParam::embed(q), TypeParam::embed(p)),
                          TypeParam::distance(q, p))
                    << shape.name << " q=" << q.lon << "," << q.lat << " p=" << p.lon << "," << p.lat;
            }
        }
    }
}

/// Steps from `p` by about 10^exponent metres, staying on the globe.
LonLat step(tests::Random& random, LonLat p, double exponent) {
    const double degrees = std::pow(10.0, exponent) / 111'000;
    const double lat = std::clamp(p.lat + random.uniform(-degrees, degrees), -90.0, 90.0);
    const double lon =
        std::remainder(p.lon + random.uniform(-degrees, degrees) / std::max(0.01, std::cos(lat / 57.3)), 360);
    return {lon, lat};
}

TYPED_TEST(MetricPromise, BoundOfABoxIsAtMostTheDistanceToWhateverItHolds) {
    constexpr auto kDimensions = TypeParam::kDimensions;
    tests::Random random;
    const LonLat anchors[] = {{0, 0}, {180, 0}, {-180, 60}, {0, 90}, {0, -90}, {90, 1e-12}, {-118.29, 36.58}};
    for (int trial = 0; trial < 30'000; ++trial) {
        const LonLat anchor = anchors[random.below(std::size(anchors))];
        LonLat q = step(random, anchor, random.uniform(-3, 7.3));
        if (trial % 5 == 0) q = {std::remainder(anchor.lon + 180, 360), -anchor.lat};
        Box<kDimensions> box = Box<kDimensions>::empty();
        LonLat points[3];
        for (LonLat& p : points) {
            p = step(random, anchor, random.uniform(-3, 7.3));
            box.grow(TypeParam::embed(p));
        }
        for (const LonLat p : points) {
            ASSERT_LE(TypeParam::bound(TypeParam::embed(q), box), TypeParam::distance(q, p))
                << "q=" << q.lon << "," << q.lat << " p=" << p.lon << "," << p.lat;
        }
    }
}

TYPED_TEST(MetricPromise, BoundIsNotVacuous) {
    const auto q = TypeParam::embed({10, 50});
    auto box = Box<TypeParam::kDimensions>::empty();
    box.grow(TypeParam::embed({11, 50}));
    box.grow(TypeParam::embed({11.1, 50.1}));
    EXPECT_GT(TypeParam::bound(q, box), 0.95 * TypeParam::distance({10, 50}, {11, 50}));
}

TEST(MetricKind, NamesAndKindsAgree) {
    for (const char* text : {"plane", "sphere", "spheroid"})
        EXPECT_EQ(name(metric_named(text).value()), text);
    EXPECT_FALSE(metric_named("Plane"));
    EXPECT_FALSE(metric_named(""));
}

}  // namespace
}  // namespace crowfly
