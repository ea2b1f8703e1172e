#include "core/geometry/centroid.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/geometry/pieces.h"
#include "core/metric/distance.h"
#include "tests/support/any_shape.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

Geometry polygon(const std::vector<std::vector<LonLat>>& rings) {
    GeometryBuilder builder;
    builder.begin(GeometryType::polygon);
    builder.add_part();
    for (const auto& ring : rings) {
        builder.add_sequence();
        for (const LonLat position : ring) builder.add_position(position);
    }
    builder.end();
    return builder.finish();
}

constexpr MetricKind kOnEarth[] = {MetricKind::sphere, MetricKind::spheroid};

void expect_near(LonLat found, LonLat expected, MetricKind metric) {
    EXPECT_LT(distance(metric, found, expected), 1e-4)
        << found.lon << ',' << found.lat << " is not " << expected.lon << ',' << expected.lat;
}

TEST(Centroid, OfACapIsItsPoleWhateverTheDirection) {
    std::vector<LonLat> ring{{0, 70}, {120, 70}, {-120, 70}, {0, 70}};
    for (int turn = 0; turn < 2; ++turn) {
        for (const MetricKind metric : kOnEarth)
            expect_near(centroid(polygon({ring}), metric), {0, 90}, metric);
        std::reverse(ring.begin(), ring.end());
    }
    for (LonLat& corner : ring) corner.lat = -10;
    for (const MetricKind metric : kOnEarth) expect_near(centroid(polygon({ring}), metric), {0, -90}, metric);
}

TEST(Centroid, OfASquareOverTheAntimeridianIsThere) {
    const std::vector<LonLat> ring{{179, -1}, {-179, -1}, {-179, 1}, {179, 1}, {179, -1}};
    for (const MetricKind metric : kOnEarth) expect_near(centroid(polygon({ring}), metric), {180, 0}, metric);
}

TEST(Centroid, AHoleIsTakenOut) {
    const std::vector<LonLat> outer{{0, 0}, {10, 0}, {10, 10}, {0, 10}, {0, 0}};
    const std::vector<LonLat> hole{{6, 1}, {9, 1}, {9, 9}, {6, 9}, {6, 1}};
    EXPECT_LT(centroid(polygon({outer, hole}), MetricKind::plane).lon, 5);
    for (const MetricKind metric : kOnEarth) {
        EXPECT_LT(centroid(polygon({outer, hole}), metric).lon, 5);
        EXPECT_NEAR(centroid(polygon({outer}), metric).lon, 5, 1e-9);
    }
}

TEST(Centroid, OfASinglePointIsThatPointToTheLastBit) {
    tests::Random random;
    for (int trial = 0; trial < 100; ++trial) {
        const LonLat at{random.uniform(-180, 180), random.uniform(-90, 90)};
        for (const MetricKind metric : {MetricKind::plane, MetricKind::sphere, MetricKind::spheroid}) {
            EXPECT_EQ(centroid(Geometry::point(at), metric), at);
        }
    }
}

TEST(Centroid, OfASmallShapeIsThatOfThePlane) {
    tests::Random random;
    // Near the equator a degree is about as long everywhere.
    tests::AnyShape any(random, {20, 0}, 1e-3);
    for (int trial = 0; trial < 500; ++trial) {
        const Geometry shape = any.of(static_cast<GeometryType>(1 + random.below(6)));
        const LonLat expected = centroid(shape, MetricKind::plane);
        for (const MetricKind metric : kOnEarth) {
            const LonLat found = centroid(shape, metric);
            // Lengths by latitude are another part in 300 on the spheroid.
            ASSERT_NEAR(found.lon, expected.lon, 1e-5) << trial;
            ASSERT_NEAR(found.lat, expected.lat, 1e-5) << trial;
        }
    }
}

TEST(Centroid, TurnsWithTheEarth) {
    tests::Random random;
    tests::AnyShape any(random, {170, 80}, 20);
    for (int trial = 0; trial < 100; ++trial) {
        const Geometry shape = any.of(GeometryType::polygon);
        const double by = random.uniform(0, 360);
        std::vector<std::vector<LonLat>> rings;
        for (std::size_t s = 0; s < shape.sequence_count(); ++s) {
            rings.emplace_back();
            for (const LonLat p : shape.sequence(s)) rings.back().push_back({wrapped(p.lon + by), p.lat});
        }
        for (const MetricKind metric : kOnEarth) {
            const LonLat expected = centroid(shape, metric);
            expect_near(centroid(polygon(rings), metric), {wrapped(expected.lon + by), expected.lat}, metric);
        }
    }
}

TEST(Centroid, OfWhatHasNoneIsRefused) {
    EXPECT_EQ(tests::thrown_code([] { centroid(Geometry(), MetricKind::plane); }), Code::invalid_argument);
    GeometryBuilder builder;
    builder.begin(GeometryType::line_string);
    builder.add_part();
    builder.add_sequence();
    for (const double lon : {0.0, 120.0, -120.0, 0.0}) builder.add_position({lon, 0});
    builder.end();
    const Geometry equator = builder.finish();
    EXPECT_EQ(tests::thrown_code([&] { centroid(equator, MetricKind::spheroid); }), Code::invalid_argument);
    // Two triangles, one to the left and one to the right, the areas of which all but cancel.
    constexpr double kFar = 9e99;
    const Geometry crossed = polygon({{{0, 0}, {kFar, kFar}, {kFar, 0}, {0, 1.01 * kFar}, {0, 0}}});
    EXPECT_EQ(tests::thrown_code([&] { centroid(crossed, MetricKind::plane); }), Code::invalid_argument);
}

}  // namespace
}  // namespace crowfly
