#include "core/searcher.h"

#include <limits>
#include <numeric>

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include "core/error.h"
#include "core/scan.h"
#include "tests/support/seed.h"
#include "tests/support/shapes.h"

namespace crowfly {
namespace {

constexpr MetricKind kMetrics[] = {MetricKind::plane, MetricKind::sphere, MetricKind::spheroid};
constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Bitwise equality of rows and distances, ties included.
void expect_same(std::span<const Neighbor> found, std::span<const Neighbor> expected) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        ASSERT_EQ(found[i].row, expected[i].row) << "at rank " << i + 1;
        ASSERT_EQ(found[i].distance, expected[i].distance) << "at rank " << i + 1;
    }
}

class TreeAgainstScan : public testing::TestWithParam<MetricKind> {};

TEST_P(TreeAgainstScan, NearestRowForRow) {
    for (const tests::Shape& shape : tests::hurtful_shapes()) {
        const PointIndex index(shape.points, GetParam());
        Searcher searcher(index);
        for (const LonLat query : shape.queries) {
            for (const std::size_t k : {std::size_t{1}, std::size_t{3}, std::size_t{10}, std::size_t{1000}}) {
                SCOPED_TRACE(shape.name + ", k=" + std::to_string(k));
                expect_same(searcher.nearest(query, {.k = k}),
                            scan_nearest(shape.points, GetParam(), query, {.k = k}));
            }
        }
    }
}

TEST_P(TreeAgainstScan, WithinADistanceThatARowHasExactly) {
    for (const tests::Shape& shape : tests::hurtful_shapes()) {
        const PointIndex index(shape.points, GetParam());
        Searcher searcher(index);
        for (const LonLat query : shape.queries) {
            const auto all = scan_nearest(shape.points, GetParam(), query, {.k = shape.points.size() + 1});
            if (all.empty()) continue;
            SCOPED_TRACE(shape.name);
            const double edge = all[all.size() / 2].distance;
            const auto within_edge = searcher.within_distance(query, edge);
            const std::vector<Neighbor> within(within_edge.begin(), within_edge.end());
            expect_same(within, scan_within_distance(shape.points, GetParam(), query, edge));
            EXPECT_EQ(within.back().distance, edge);
            expect_same(searcher.nearest(query, {.k = all.size(), .max_distance = edge}), within);
            expect_same(searcher.within_distance(query, kInf), all);
        }
    }
}

TEST_P(TreeAgainstScan, FilterActsBeforeTheKAreChosen) {
    for (const tests::Shape& shape : tests::hurtful_shapes()) {
        const PointIndex index(shape.points, GetParam());
        Searcher searcher(index);
        const RowFilter every_seventh = [](std::uint32_t row) { return row % 7 == 3; };
        for (const LonLat query : shape.queries) {
            SCOPED_TRACE(shape.name);
            const NearestOptions options{.k = 5, .filter = every_seventh};
            const auto found = searcher.nearest(query, options);
            expect_same(found, scan_nearest(shape.points, GetParam(), query, options));
            EXPECT_EQ(found.size(), std::min<std::size_t>(5, (shape.points.size() + 3) / 7));
        }
    }
}

TEST_P(TreeAgainstScan, TiesFollowTheOrderOfIdsNotOfRows) {
    for (const tests::Shape& shape : tests::hurtful_shapes()) {
        const PointIndex index(shape.points, GetParam());
        const RowOrder last_first = [](std::uint32_t a, std::uint32_t b) { return a > b; };
        Searcher searcher(index, last_first);
        for (const LonLat query : shape.queries) {
            SCOPED_TRACE(shape.name);
            expect_same(searcher.nearest(query, {.k = 4}),
                        scan_nearest(shape.points, GetParam(), query, {.k = 4}, last_first));
        }
    }
}

TEST_P(TreeAgainstScan, OrderOfInsertionDoesNotMatter) {
    tests::Random random;
    for (const tests::Shape& shape : tests::hurtful_shapes()) {
        std::vector<std::uint32_t> shuffled_row(shape.points.size());
        std::iota(shuffled_row.begin(), shuffled_row.end(), 0U);
        std::shuffle(shuffled_row.begin(), shuffled_row.end(), random.engine());
        std::vector<LonLat> shuffled;
        for (const std::uint32_t row : shuffled_row) shuffled.push_back(shape.points[row]);

        const PointIndex index(shape.points, GetParam());
        const PointIndex shuffled_index(shuffled, GetParam());
        Searcher searcher(index);
        Searcher shuffled_searcher(shuffled_index, [&](std::uint32_t a, std::uint32_t b) {
            return shuffled_row[a] < shuffled_row[b];
        });
        for (const LonLat query : shape.queries) {
            SCOPED_TRACE(shape.name);
            const auto answer = shuffled_searcher.nearest(query, {.k = 9});
            std::vector<Neighbor> found(answer.begin(), answer.end());
            for (Neighbor& neighbor : found) neighbor.row = shuffled_row[neighbor.row];
            expect_same(found, searcher.nearest(query, {.k = 9}));
        }
    }
}

TEST_P(TreeAgainstScan, OnEveryKindOfProcessorThatThisOneCanStandInFor) {
    const std::int64_t all = hwy::SupportedTargets();
    std::size_t kinds = 0;
    for (std::int64_t rest = all; rest != 0; rest &= rest - 1) {
        hwy::SetSupportedTargetsForTest(rest & -rest);
        hwy::GetChosenTarget().Update(hwy::SupportedTargets());
        ++kinds;
        for (const tests::Shape& shape : tests::hurtful_shapes()) {
            const PointIndex index(shape.points, GetParam());
            Searcher searcher(index);
            for (const LonLat query : shape.queries) {
                SCOPED_TRACE(shape.name + " on " + hwy::TargetName(rest & -rest));
                expect_same(searcher.nearest(query, {.k = 7}),
                            scan_nearest(shape.points, GetParam(), query, {.k = 7}));
            }
        }
    }
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    EXPECT_GT(kinds, 1U) << "only one kind of processor was tried";
}

INSTANTIATE_TEST_SUITE_P(Metrics, TreeAgainstScan, testing::ValuesIn(kMetrics),
                         [](const auto& tested) { return std::string(name(tested.param)); });

TEST(Searcher, OpensFewNodesOfManyAndCountsThem) {
    tests::Random random;
    std::vector<LonLat> points;
    for (int i = 0; i < 50'000; ++i) points.push_back({random.uniform(-180, 180), random.uniform(-60, 60)});
    for (const MetricKind metric : kMetrics) {
        const PointIndex index(points, metric);
        Searcher searcher(index);
        for (int i = 0; i < 100; ++i) {
            searcher.nearest({random.uniform(-180, 180), random.uniform(-60, 60)}, {.k = 10});
        }
        EXPECT_GT(searcher.counts().nodes, 100U);
        EXPECT_LT(searcher.counts().nodes, 100U * 60) << name(metric);
        EXPECT_LT(searcher.counts().leaves, 100U * 60) << name(metric);
        EXPECT_LT(searcher.counts().distances, 100U * 200) << name(metric);
    }
}

TEST(Searcher, ASmallMaxDistanceIsNotWalkedPast) {
    tests::Random random;
    std::vector<LonLat> points;
    for (int i = 0; i < 50'000; ++i) points.push_back({random.uniform(-10, 10), random.uniform(-10, 10)});
    const PointIndex index(points, MetricKind::spheroid);
    Searcher searcher(index);
    EXPECT_TRUE(searcher.nearest({100, 50}, {.k = 1000, .max_distance = 1000}).empty());
    EXPECT_LE(searcher.counts().nodes, 1U);
    EXPECT_EQ(searcher.counts().distances, 0U);
}

TEST(Searcher, RefusesWhatHasNoMeaning) {
    const std::vector<LonLat> points{{0, 0}};
    const PointIndex index(points, MetricKind::spheroid);
    Searcher searcher(index);
    EXPECT_THROW(searcher.nearest({0, 0}, {.k = 0}), Error);
    EXPECT_THROW(searcher.nearest({0, 0}, {.k = 1, .max_distance = -1}), Error);
    EXPECT_THROW(searcher.nearest({0, 0}, {.k = 1, .max_distance = kNan}), Error);
    EXPECT_THROW(searcher.nearest({kNan, 0}, {.k = 1}), Error);
    EXPECT_THROW(searcher.nearest({0, 90.5}, {.k = 1}), Error);
    EXPECT_THROW(searcher.within_distance({0, 0}, kNan), Error);
    EXPECT_THROW(searcher.within_distance({kInf, 0}, 1), Error);
    EXPECT_EQ(searcher.within_distance({0, 0}, 0).size(), 1U);
}

TEST(PointIndex, NamesThePointThatItRefuses) {
    const std::vector<LonLat> points{{0, 0}, {1, 1}, {0, kNan}};
    for (const MetricKind metric : kMetrics) {
        try {
            const PointIndex index(points, metric);
            FAIL() << "nothing was thrown";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Code::invalid_argument);
            EXPECT_NE(std::string(error.what()).find("point 2"), std::string::npos) << error.what();
        }
    }
}

TEST(PointIndex, AMillionIdenticalPointsAreNoTrouble) {
    const std::vector<LonLat> points(1'000'000, LonLat{-118.291995, 36.578581});
    const PointIndex index(points, MetricKind::spheroid);
    Searcher searcher(index);
    const auto found = searcher.nearest({-118.291995, 36.578581}, {.k = 3});
    expect_same(found, std::vector<Neighbor>{{0, 0.0}, {1, 0.0}, {2, 0.0}});
}

}  // namespace
}  // namespace crowfly
