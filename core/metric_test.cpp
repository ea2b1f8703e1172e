#include "core/metric.h"

#include <cmath>

#include <GeographicLib/Geodesic.hpp>
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
            EXPECT_EQ(TypeParam::distance(TypeParam::embed(q), TypeParam::embed(q)), 0);
            for (const LonLat p : shape.points) {
                const double distance = TypeParam::distance(TypeParam::embed(q), TypeParam::embed(p));
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
                          TypeParam::distance(TypeParam::embed(q), TypeParam::embed(p)))
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
            ASSERT_LE(TypeParam::bound(TypeParam::embed(q), box),
                      TypeParam::distance(TypeParam::embed(q), TypeParam::embed(p)))
                << "q=" << q.lon << "," << q.lat << " p=" << p.lon << "," << p.lat;
        }
    }
}

TYPED_TEST(MetricPromise, NothingIsBeyondTheReachOfItsOwnDistance) {
    tests::Random random;
    const LonLat anchors[] = {{0, 0}, {180, 0}, {0, 90}, {0, -90}, {90, 1e-12}, {-118.29, 36.58}, {45, 45}};
    for (int trial = 0; trial < 30'000; ++trial) {
        const LonLat q = step(random, anchors[random.below(std::size(anchors))], random.uniform(-9, 7.3));
        LonLat p = step(random, q, random.uniform(-9, 7.3));
        if (trial % 5 == 0)
            p = step(random, {std::remainder(q.lon + 180, 360), -q.lat}, random.uniform(-9, 6));
        const auto from = TypeParam::embed(q);
        const auto to = TypeParam::embed(p);
        const double distance = TypeParam::distance(from, to);
        ASSERT_LE(straight_distance<TypeParam::kDimensions>(from, to), TypeParam::reach(distance))
            << "q=" << q.lon << "," << q.lat << " p=" << p.lon << "," << p.lat;
        ASSERT_LE(TypeParam::reach(distance), TypeParam::reach(distance * random.uniform(1, 1.1)));
    }
}

TEST(Spheroid, AgreesWithGeographicLibAtEveryRange) {
    tests::Random random;
    const auto& wgs84 = GeographicLib::Geodesic::WGS84();
    double previous = 0;
    for (double metres = 1e-3; metres < 2.0004e7; metres *= 1.05) {
        for (int trial = 0; trial < 300; ++trial) {
            const LonLat q{random.uniform(-180, 180),
                           trial % 3 == 0 ? std::round(random.uniform(-1, 1)) * 90 : random.uniform(-90, 90)};
            LonLat p{};
            wgs84.Direct(q.lat, q.lon, trial % 4 == 0 ? 90.0 * trial : random.uniform(0, 360),
                         random.uniform(previous, metres), p.lat, p.lon);
            double expected = 0;
            wgs84.Inverse(q.lat, q.lon, p.lat, p.lon, expected);
            ASSERT_NEAR(Spheroid::distance(Spheroid::embed(q), Spheroid::embed(p)), expected,
                        1e-8 + 1e-12 * expected)
                << "q=" << q.lon << "," << q.lat << " p=" << p.lon << "," << p.lat;
            const double close = Spheroid::close_bound(Spheroid::embed(q), Spheroid::embed(p));
            ASSERT_LE(close, Spheroid::distance(Spheroid::embed(q), Spheroid::embed(p)));
            if (expected > 121'000 && expected < 999'000) {
                ASSERT_GE(close, expected - 1e-3);
            }
        }
        previous = metres;
    }
}

TYPED_TEST(MetricPromise, BoundIsNotVacuous) {
    const auto q = TypeParam::embed({10, 50});
    auto box = Box<TypeParam::kDimensions>::empty();
    box.grow(TypeParam::embed({11, 50}));
    box.grow(TypeParam::embed({11.1, 50.1}));
    EXPECT_GT(TypeParam::bound(q, box),
              0.95 * TypeParam::distance(TypeParam::embed({10, 50}), TypeParam::embed({11, 50})));
}

TEST(MetricKind, NamesAndKindsAgree) {
    for (const char* text : {"plane", "sphere", "spheroid"})
        EXPECT_EQ(name(metric_named(text).value()), text);
    EXPECT_FALSE(metric_named("Plane"));
    EXPECT_FALSE(metric_named(""));
}

}  // namespace
}  // namespace crowfly
