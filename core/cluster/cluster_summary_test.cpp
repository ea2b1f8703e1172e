#include "core/cluster/cluster_summary.h"

#include <algorithm>
#include <cmath>

#include <GeographicLib/Geodesic.hpp>
#include <gtest/gtest.h>

#include "core/geometry/centroid.h"
#include "core/search/shape_searcher.h"
#include "tests/support/seed.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

constexpr MetricKind kMetrics[] = {MetricKind::plane, MetricKind::sphere, MetricKind::spheroid};

/// Of all points as one cluster.
ClusterSummary summary_of(std::span<const LonLat> points, MetricKind metric, const HullOptions& hull = {}) {
    const Clustering all{std::vector<std::int64_t>(points.size(), 0), std::vector<bool>(points.size(), true),
                         1};
    return summarize(points, metric, all, {.hull = hull}).front();
}

std::vector<LonLat> around(tests::Random& random, LonLat middle, double degrees, std::size_t count) {
    std::vector<LonLat> points;
    while (points.size() < count) {
        const double reach = random.uniform(0, degrees);
        LonLat at{};
        GeographicLib::Geodesic::WGS84().Direct(middle.lat, middle.lon, random.uniform(-180, 180),
                                                reach * 111'000, at.lat, at.lon);
        points.push_back(at);
    }
    return points;
}

constexpr LonLat kMiddles[] = {{10, 50},  {180, 0},   {-179.9, -40}, {0, 89.9},     {120, 90},
                               {45, -90}, {-60, -85}, {179.5, 88},   {-118.3, 36.6}};

TEST(ClusterSummary, CountsMembersAndCorePoints) {
    const std::vector<LonLat> points{{0, 0}, {5, 5}, {1, 0}, {0, 1}, {5, 6}, {9, 9}};
    const Clustering clustering{{0, 1, 0, 0, 1, kNoise}, {true, true, true, false, true, false}, 2};
    const auto summaries = summarize(points, MetricKind::plane, clustering, {});
    ASSERT_EQ(summaries.size(), 2U);
    EXPECT_EQ(summaries[0].size, 3U);
    EXPECT_EQ(summaries[0].core, 2U);
    EXPECT_EQ(summaries[0].extent, (ClusterExtent{0, 0, 1, 1}));
    EXPECT_EQ(summaries[1].centroid, (LonLat{5, 5.5}));
    EXPECT_EQ(summaries[1].size, 2U);
    EXPECT_FALSE(summaries[0].hull);
}

TEST(ClusterSummary, HasTheSmallestExtentOverTheAntimeridian) {
    for (const MetricKind metric : {MetricKind::sphere, MetricKind::spheroid}) {
        const auto extent = [&](std::vector<LonLat> points) { return summary_of(points, metric).extent; };
        EXPECT_EQ(extent({{10, 1}, {12, 3}, {11, 2}}), (ClusterExtent{10, 1, 12, 3}));
        EXPECT_EQ(extent({{179, 1}, {-178, 3}}), (ClusterExtent{179, 1, -178, 3}));
        EXPECT_EQ(extent({{179, 1}, {-180, 3}}), (ClusterExtent{179, 1, 180, 3}));
        EXPECT_EQ(extent({{180, 1}, {-179, 3}}), (ClusterExtent{-180, 1, -179, 3}));
        EXPECT_EQ(extent({{-180, 1}, {-179, 3}}), (ClusterExtent{-180, 1, -179, 3}));
        EXPECT_EQ(extent({{7, 1}}), (ClusterExtent{7, 1, 7, 1}));
        const ClusterExtent both = extent({{180, 1}, {-180, 1}});
        EXPECT_EQ(both.west, both.east);
    }
    EXPECT_EQ(summary_of(std::vector<LonLat>{{179, 1}, {-178, 3}}, MetricKind::plane).extent,
              (ClusterExtent{-178, 1, 179, 3}));
}

TEST(ClusterSummary, HasAnExtentUpToThePoleThatItsMembersStandAround) {
    for (const MetricKind metric : {MetricKind::sphere, MetricKind::spheroid}) {
        const auto extent = [&](std::vector<LonLat> points) { return summary_of(points, metric).extent; };
        EXPECT_EQ(extent({{0, 80}, {120, 81}, {-120, 82}}), (ClusterExtent{-180, 80, 180, 90}));
        EXPECT_EQ(extent({{0, -80}, {120, -81}, {-120, -82}}), (ClusterExtent{-180, -90, 180, -80}));
        EXPECT_EQ(extent({{0, 80}, {90, 81}}), (ClusterExtent{0, 80, 90, 81}));
        EXPECT_EQ(extent({{0, 80}, {33, 90}}), (ClusterExtent{-180, 80, 180, 90}));
        // All around the equator, and so around no pole more than the other.
        EXPECT_EQ(extent({{0, 1}, {120, 2}, {-120, 1}, {60, -2}, {-60, -1}, {179, -2}}),
                  (ClusterExtent{-120, -2, 179, 2}));
    }
}

TEST(ClusterSummary, HasTheCentroidOfTheGeometry) {
    tests::Random random;
    for (const LonLat middle : kMiddles) {
        const std::vector<LonLat> points = around(random, middle, 2, 200);
        GeometryBuilder builder;
        builder.begin(GeometryType::multi_point);
        for (const LonLat at : points) {
            builder.add_part();
            builder.add_sequence();
            builder.add_position(at);
        }
        builder.end();
        const Geometry geometry = builder.finish();
        for (const MetricKind metric : kMetrics) {
            const LonLat expected = centroid(geometry, metric);
            const LonLat found = summary_of(points, metric).centroid.value();
            EXPECT_NEAR(found.lat, expected.lat, 1e-11);
            EXPECT_NEAR(std::remainder(found.lon - expected.lon, 360) * std::cos(found.lat * 0.01745), 0,
                        1e-11);
        }
    }
    // The mean of these is the earth's centre.
    const std::vector<LonLat> opposite{{0, 0}, {180, 0}};
    EXPECT_FALSE(summary_of(opposite, MetricKind::sphere, {.kind = HullKind::convex}).centroid);
    EXPECT_FALSE(summary_of(opposite, MetricKind::sphere, {.kind = HullKind::convex}).hull);
}

/// How far outside the hull the farthest of the points is, by the metric.
double farthest_outside(const Geometry& hull, std::span<const LonLat> points, MetricKind metric) {
    const ShapeIndex index(std::vector{hull}, metric);
    ShapeSearcher searcher(index);
    double farthest = 0;
    for (const LonLat at : points) {
        farthest = std::max(farthest, searcher.nearest(at, {.k = 1}).front().distance);
    }
    return farthest;
}

TEST(ClusterSummary, HasAHullThatContainsAllMembers) {
    tests::Random random;
    for (const LonLat middle : kMiddles) {
        for (const double degrees : {1e-5, 0.01, 1.0, 30.0}) {
            const std::vector<LonLat> points = around(random, middle, degrees, 300);
            for (const MetricKind metric : kMetrics) {
                for (const HullOptions& options : {HullOptions{.kind = HullKind::convex},
                                                   HullOptions{.kind = HullKind::concave, .ratio = 0.4},
                                                   HullOptions{.kind = HullKind::concave, .ratio = 0}}) {
                    const ClusterSummary summary = summary_of(points, metric, options);
                    ASSERT_TRUE(summary.hull);
                    EXPECT_FALSE(geometry_fault(*summary.hull, widest_crs(metric)));
                    // As the header has it, for the plane, the sphere and the spheroid.
                    const double share = degrees / 57.3;
                    const double allowed = metric == MetricKind::plane ? 0
                                           : metric == MetricKind::sphere
                                               ? 2e-7
                                               : 2e-7 + 3 * 1e-4 * 111'000 * degrees * share * share * share;
                    EXPECT_LE(farthest_outside(*summary.hull, points, metric), allowed)
                        << name(metric) << ", " << degrees << " degrees around " << middle.lon << ' '
                        << middle.lat << ", kind " << static_cast<int>(options.kind);
                }
            }
        }
    }
}

TEST(ClusterSummary, HasAHullThatIsNoLargerThanItMustBe) {
    // A square with a notch, of points a tenth apart.
    std::vector<LonLat> points;
    for (int x = 0; x <= 10; ++x) {
        for (int y = 0; y <= 10; ++y) {
            if (y > 5 && x > 3 && x < 7) continue;
            points.push_back({179.5 + 0.1 * x > 180 ? 179.5 + 0.1 * x - 360 : 179.5 + 0.1 * x, 0.1 * y});
        }
    }
    const LonLat in_notch{180, 0.9}, outside{179, 0.5};
    for (const MetricKind metric : {MetricKind::sphere, MetricKind::spheroid}) {
        const Geometry convex = *summary_of(points, metric, {.kind = HullKind::convex}).hull;
        const Geometry concave = *summary_of(points, metric, {.kind = HullKind::concave, .ratio = 0.1}).hull;
        EXPECT_EQ(convex.type(), GeometryType::multi_polygon);
        EXPECT_EQ(convex.part_count(), 2U);
        EXPECT_EQ(farthest_outside(convex, std::vector{in_notch}, metric), 0);
        EXPECT_GT(farthest_outside(concave, std::vector{in_notch}, metric), 10'000);
        EXPECT_GT(farthest_outside(convex, std::vector{outside}, metric), 50'000);
        for (const LonLat at : convex.positions()) EXPECT_LE(std::abs(at.lon), 180);
    }
}

TEST(ClusterSummary, HasAHullAroundAPole) {
    const std::vector<LonLat> points{{0, 80}, {90, 80}, {179, 80}, {-91, 80}};
    for (const MetricKind metric : {MetricKind::sphere, MetricKind::spheroid}) {
        const Geometry hull = *summary_of(points, metric, {.kind = HullKind::convex}).hull;
        EXPECT_EQ(farthest_outside(hull, std::vector<LonLat>{{0, 90}, {33, 85}, {180, 81}}, metric), 0);
        EXPECT_GT(farthest_outside(hull, std::vector<LonLat>{{45, 80}}, metric), 1000);
        EXPECT_TRUE(std::any_of(hull.positions().begin(), hull.positions().end(),
                                [](LonLat at) { return at.lat == 90; }));
    }
}

TEST(ClusterSummary, HasLinesAndPointsForHullsWithoutArea) {
    const HullOptions convex{.kind = HullKind::convex}, concave{.kind = HullKind::concave};
    for (const MetricKind metric : kMetrics) {
        for (const HullOptions& options : {convex, concave}) {
            const std::vector<LonLat> one(5, LonLat{7, 8});
            EXPECT_EQ(summary_of(one, metric, options).hull, Geometry::point({7, 8}));
            const std::vector<LonLat> two{{7, 8}, {7, 9}, {7, 8}};
            const Geometry line = *summary_of(two, metric, options).hull;
            EXPECT_EQ(line.type(), GeometryType::line_string);
            EXPECT_EQ(line.positions().size(), 2U);
        }
    }
    const std::vector<LonLat> row{{3, 3}, {1, 1}, {2, 2}, {9, 9}};
    EXPECT_EQ(summary_of(row, MetricKind::plane, concave).hull->type(), GeometryType::line_string);
    const std::vector<LonLat> across{{179, 8}, {-179, 8}};
    const Geometry cut = *summary_of(across, MetricKind::spheroid, convex).hull;
    EXPECT_EQ(cut.type(), GeometryType::multi_line_string);
    EXPECT_EQ(cut.positions().size(), 4U);
}

TEST(ClusterSummary, HasNoHullOfMoreThanAQuarterTurn) {
    const std::vector<LonLat> wide{{-85, 0}, {85, 0}, {0, 60}};
    EXPECT_FALSE(summary_of(wide, MetricKind::spheroid, {.kind = HullKind::convex}).hull);
    EXPECT_TRUE(summary_of(wide, MetricKind::plane, {.kind = HullKind::convex}).hull);
}

TEST(ClusterSummary, DoesNotDependOnTheOrderOfTheRows) {
    tests::Random random;
    std::vector<LonLat> points = around(random, {180, 60}, 3, 500);
    const HullOptions options{.kind = HullKind::concave, .ratio = 0.2};
    for (const MetricKind metric : kMetrics) {
        const ClusterSummary expected = summary_of(points, metric, options);
        for (int trial = 0; trial < 5; ++trial) {
            std::shuffle(points.begin(), points.end(), random.engine());
            EXPECT_EQ(summary_of(points, metric, options), expected);
        }
    }
}

TEST(ClusterSummary, IsTheSameFromAnyNumberOfThreads) {
    tests::Random random;
    const std::vector<LonLat> points = around(random, {180, 60}, 3, 5000);
    const Clustering clustering = dbscan(points, MetricKind::spheroid, {.eps = 3000, .min_points = 4});
    ASSERT_GT(clustering.clusters, 50U);
    SummaryOptions options{.hull = {.kind = HullKind::concave}};
    const auto expected = summarize(points, MetricKind::spheroid, clustering, options);
    ThreadExecutor executor(3);
    options.executor = &executor;
    EXPECT_EQ(summarize(points, MetricKind::spheroid, clustering, options), expected);
}

TEST(ClusterSummary, JudgesItsInput) {
    const std::vector<LonLat> points{{0, 0}};
    const Clustering clustering{{0}, {true}, 1};
    EXPECT_EQ(tests::thrown_text([&] {
                  summarize(points, MetricKind::plane, clustering, {.hull = {HullKind::concave, 1.5}});
              }),
              "invalid_argument the hull's ratio is 1.5; it must be from 0 to 1");
    EXPECT_EQ(tests::thrown_text([&] { summarize({}, MetricKind::plane, clustering, {}); }),
              "invalid_argument there are 0 positions and 1 labels");
}

}  // namespace
}  // namespace crowfly
