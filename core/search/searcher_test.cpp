#include "core/search/searcher.h"

#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include "core/error.h"
#include "core/search/scan.h"
#include "tests/support/seed.h"
#include "tests/support/shapes.h"
#include "tests/support/thrown.h"

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
            const SearchOptions search{.filter = every_seventh};
            const auto found = searcher.nearest(query, {.k = 5}, search);
            expect_same(found, scan_nearest(shape.points, GetParam(), query, {.k = 5}, search));
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
                        scan_nearest(shape.points, GetParam(), query, {.k = 4}, {}, last_first));
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
                for (const std::size_t k : {std::size_t{7}, std::size_t{50}}) {
                    expect_same(searcher.nearest(query, {.k = k}),
                                scan_nearest(shape.points, GetParam(), query, {.k = k}));
                }
                const double radius = GetParam() == MetricKind::plane ? 2 : 200'000;
                const auto expected = scan_within_distance(shape.points, GetParam(), query, radius);
                expect_same(searcher.within_distance(query, radius), expected);
                EXPECT_EQ(searcher.count_within_distance(query, radius), expected.size());
            }
        }
    }
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    EXPECT_GT(kinds, 1U) << "only one kind of processor was tried";
}

TEST_P(TreeAgainstScan, EveryKAroundTheBordersOfItsWays) {
    tests::Random random;
    std::vector<LonLat> points;
    for (int i = 0; i < 3000; ++i) {
        // A lattice makes ties, the rest is scattered.
        points.push_back(
            i % 2 == 0 ? LonLat{std::round(random.uniform(-20, 20)), std::round(random.uniform(-20, 20))}
                       : LonLat{random.uniform(-20, 20), random.uniform(-20, 20)});
    }
    for (const Build build : {Build::fast, Build::best}) {
        const PointIndex index(points, GetParam(), {.build = build});
        Searcher searcher(index);
        for (const std::size_t k :
             {1U, 7U, 15U, 16U, 17U, 100U, 127U, 128U, 129U, 300U, 1500U, 3000U, 4000U}) {
            SCOPED_TRACE(k);
            for (const LonLat query : {LonLat{0, 0}, LonLat{3.3, -4.4}, LonLat{170, 80}}) {
                expect_same(searcher.nearest(query, {.k = k}),
                            scan_nearest(points, GetParam(), query, {.k = k}));
            }
        }
    }
}

TEST_P(TreeAgainstScan, CountsWhatIsWithinADistance) {
    for (const tests::Shape& shape : tests::hurtful_shapes()) {
        const PointIndex index(shape.points, GetParam());
        Searcher searcher(index);
        const SearchOptions odd{.filter = [](std::uint32_t row) { return row % 2 == 1; }};
        for (const LonLat query : shape.queries) {
            SCOPED_TRACE(shape.name);
            const auto all = scan_nearest(shape.points, GetParam(), query, {.k = shape.points.size() + 1});
            for (std::size_t i = 0; i < all.size(); i += all.size() / 3 + 1) {
                for (const double distance : {all[i].distance, std::nextafter(all[i].distance, 0.0)}) {
                    const auto expected = scan_within_distance(shape.points, GetParam(), query, distance);
                    EXPECT_EQ(searcher.count_within_distance(query, distance), expected.size());
                    const auto of_odd = scan_within_distance(shape.points, GetParam(), query, distance, odd);
                    EXPECT_EQ(searcher.count_within_distance(query, distance, odd), of_odd.size());
                }
            }
            EXPECT_EQ(searcher.count_within_distance(query, kInf), shape.points.size());
        }
    }
}

TEST_P(TreeAgainstScan, WithinAnArea) {
    const std::vector<std::vector<LonLat>> triangle{{{-130, 30}, {-100, 30}, {-118, 60}, {-130, 30}}};
    std::vector<Area> areas{Area::box(-120, 35, -100, 40, Crs::wgs84),
                            Area::box(179, -60, -179, 60, Crs::wgs84),
                            Area::box(-180, 60, 180, 90, Crs::wgs84), Area::polygon(triangle, Crs::wgs84)};
    for (const tests::Shape& shape : tests::hurtful_shapes()) {
        const PointIndex index(shape.points, GetParam());
        Searcher searcher(index);
        for (const Area& area : areas) {
            const SearchOptions search{.area = {&area, shape.points}};
            for (const LonLat query : shape.queries) {
                SCOPED_TRACE(shape.name);
                const auto nearest = searcher.nearest(query, {.k = 6}, search);
                expect_same(nearest, scan_nearest(shape.points, GetParam(), query, {.k = 6}, search));
                const auto within = searcher.within_distance(query, 60, search);
                expect_same(within, scan_within_distance(shape.points, GetParam(), query, 60, search));
            }
        }
    }
}

TEST_P(TreeAgainstScan, WhereAnAttributeHasAValue) {
    tests::Random random;
    for (const tests::Shape& shape : tests::hurtful_shapes()) {
        std::vector<std::uint32_t> category;
        for (std::size_t row = 0; row < shape.points.size(); ++row) {
            category.push_back(static_cast<std::uint32_t>(random.below(5) * random.below(5)));
        }
        const PointIndex index({.positions = shape.points, .attributes = {category}}, GetParam());
        Searcher searcher(index);
        for (const LonLat query : shape.queries) {
            std::vector<ValueNeighbor> of_each;
            for (std::uint32_t value = 0; value < 17; ++value) {
                SCOPED_TRACE(shape.name + ", value " + std::to_string(value));
                const SearchOptions filter{
                    .filter = [&](std::uint32_t row) { return category[row] == value; }};
                const auto expected = scan_nearest(shape.points, GetParam(), query, {.k = 3}, filter);
                expect_same(searcher.nearest(query, {.k = 3}, {.where = AttributeValue{0, value}}), expected);
                for (const Neighbor& neighbor : expected) of_each.push_back({value, neighbor});
                const double radius = expected.empty() ? 0 : expected.back().distance;
                EXPECT_EQ(searcher.count_within_distance(query, radius, {.where = AttributeValue{0, value}}),
                          scan_within_distance(shape.points, GetParam(), query, radius, filter).size());
            }
            const auto found = searcher.nearest_of_each_value(query, 0, {.k = 3});
            EXPECT_TRUE(std::equal(found.begin(), found.end(), of_each.begin(), of_each.end()));
        }
    }
}

TEST_P(TreeAgainstScan, TiesFollowTheIdsOfTheIndex) {
    const std::vector<LonLat> points(300, LonLat{5, 5});
    std::vector<std::int64_t> ids;
    for (std::size_t row = 0; row < points.size(); ++row)
        ids.push_back(static_cast<std::int64_t>(row * 7919 % 300) - 150);
    const PointIndex index({.positions = points, .ids = ids}, GetParam());
    Searcher searcher(index);
    const auto found = searcher.nearest({5.1, 5}, {.k = 20});
    ASSERT_EQ(found.size(), 20U);
    for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(index.id(found[i].row), static_cast<std::int64_t>(i) - 150);
    }
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
        EXPECT_LT(searcher.counts().distances, 100U * 40) << name(metric);
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

TEST(Searcher, OnThePlaneAnyScaleIsExact) {
    tests::Random random;
    for (const double scale : {1e-160, 1e-25, 1e-10, 1e15, 1e25, 1e99}) {
        std::vector<LonLat> points;
        for (int i = 0; i < 400; ++i)
            points.push_back({random.uniform(-1, 1) * scale, random.uniform(-1, 1) * scale});
        const PointIndex index(points, MetricKind::plane);
        Searcher searcher(index);
        for (const LonLat query : {LonLat{0, 0}, points[7], LonLat{3 * scale, -scale}}) {
            SCOPED_TRACE(scale);
            expect_same(searcher.nearest(query, {.k = 9}),
                        scan_nearest(points, MetricKind::plane, query, {.k = 9}));
            const double radius = scan_nearest(points, MetricKind::plane, query, {.k = 30}).back().distance;
            const auto expected = scan_within_distance(points, MetricKind::plane, query, radius);
            expect_same(searcher.within_distance(query, radius), expected);
            EXPECT_EQ(searcher.count_within_distance(query, radius), expected.size());
        }
    }
}

TEST(Searcher, RefusesAnAreaThatTheMetricDoesNotHave) {
    const std::vector<LonLat> points{{0, 0}};
    const Area area = Area::box(-1000, -1000, 1000, 1000, Crs::planar);
    const SearchOptions search{.area = {&area, points}};
    const PointIndex index(points, MetricKind::sphere);
    Searcher searcher(index);
    EXPECT_EQ(tests::thrown_code([&] {
                  searcher.nearest({0, 0}, {.k = 1}, search);
              }),
              Code::invalid_argument);
    EXPECT_EQ(tests::thrown_code([&] {
                  scan_nearest(points, MetricKind::sphere, {0, 0}, {.k = 1}, search);
              }),
              Code::invalid_argument);
    const SearchOptions without{.area = {&area, {}}};
    EXPECT_EQ(tests::thrown_code([&] {
                  searcher.nearest({0, 0}, {.k = 1}, without);
              }),
              Code::invalid_argument);
}

TEST(Searcher, StopsAtADeadlineAndWhenItIsCancelled) {
    tests::Random random;
    std::vector<LonLat> points;
    for (int i = 0; i < 100'000; ++i) points.push_back({random.uniform(-180, 180), random.uniform(-90, 90)});
    const PointIndex index(points, MetricKind::plane);
    Searcher searcher(index);
    std::stop_source stop;
    // The filter pulls the cord while the search is under way.
    const SearchOptions cancelled{.filter = [&](std::uint32_t) { return stop.request_stop(), true; },
                                  .control = {.deadline = {}, .stop = stop.get_token()}};
    EXPECT_EQ(tests::thrown_code([&] {
                  searcher.nearest({0, 0}, {.k = 90'000}, cancelled);
              }),
              Code::cancelled);
    EXPECT_LT(searcher.counts().nodes, 600U) << "the search went on";
    const SearchOptions late{.control = {.deadline = std::chrono::steady_clock::now()}};
    EXPECT_EQ(tests::thrown_code([&] { searcher.nearest({0, 0}, {.k = 1}, late); }), Code::deadline_exceeded);
    EXPECT_EQ(tests::thrown_code([&] {
                  searcher.count_within_distance({0, 0}, 1, late);
              }),
              Code::deadline_exceeded);
    EXPECT_EQ(searcher.nearest({0, 0}, {.k = 3}).size(), 3U);
}

TEST(Searcher, CountsItsWorkAndItsTime) {
    const std::vector<LonLat> points{{0, 0}, {0.1, 0}, {40, 10}, {178, 1}};
    const PointIndex index(points, MetricKind::spheroid);
    Searcher searcher(index);
    searcher.nearest({0, 0}, {.k = 2}, {.measure_time = true});
    EXPECT_EQ(searcher.counts().leaves, 1U);
    searcher.nearest({0, 0}, {.k = 3});
    EXPECT_EQ(searcher.counts().geodesics, 0U);
    EXPECT_GT(searcher.counts().time.count(), 0);
    searcher.nearest({0, 0}, {.k = 4});
    EXPECT_EQ(searcher.counts().geodesics, 1U) << "the solver runs only for what is nearly antipodal";
}

TEST(Searcher, ASearchAmongManyTiesStaysShort) {
    // All at one distance from the pole, twice over: the tree must look at all of them, the log must not
    // grow.
    std::vector<LonLat> points;
    for (int i = 0; i < 20'000; ++i) points.push_back({i % 10'000 * 0.036 - 180, 60});
    for (const MetricKind metric : kMetrics) {
        const PointIndex index(points, metric);
        Searcher searcher(index);
        expect_same(searcher.nearest({0, 90}, {.k = 5}), scan_nearest(points, metric, {0, 90}, {.k = 5}));
        expect_same(searcher.nearest({0, 90}, {.k = 200}), scan_nearest(points, metric, {0, 90}, {.k = 200}));
    }
}

/// So many points around a place, and some twins of them.
std::vector<LonLat> cluster(tests::Random& random, LonLat center, double degrees, int count) {
    std::vector<LonLat> points;
    for (int i = 0; i < count; ++i) {
        const double lat = center.lat + random.uniform(-degrees, degrees);
        const double lon = center.lon + random.uniform(-degrees, degrees);
        points.push_back({std::remainder(lon, 360), std::clamp(lat, -90.0, 90.0)});
        if (i % 16 == 0) points.push_back(points[random.below(points.size())]);
    }
    return points;
}

TEST(Searcher, FromFarAwayTheSameRowsAsTheScan) {
    tests::Random random;
    for (const double degrees : {0.01, 1.0, 8.0, 40.0}) {
        for (const LonLat center : {LonLat{20, 45}, LonLat{179, 0}, LonLat{-70, -85}}) {
            const std::vector<LonLat> points = cluster(random, center, degrees, 1500);
            const PointIndex index(points, MetricKind::spheroid);
            Searcher searcher(index);
            for (int i = 0; i < 10; ++i) {
                const LonLat antipode{std::remainder(center.lon + 180, 360), -center.lat};
                const LonLat query = i % 5 == 0
                                         ? cluster(random, antipode, 5, 1).front()
                                         : LonLat{random.uniform(-180, 180),
                                                  std::asin(random.uniform(-1, 1)) * 57.29577951308232};
                for (const std::size_t k : {std::size_t{1}, std::size_t{10}, std::size_t{150}}) {
                    SCOPED_TRACE(testing::Message()
                                 << degrees << " degrees around " << center.lon << ' ' << center.lat
                                 << " from " << query.lon << ' ' << query.lat << ", k = " << k);
                    const auto expected = scan_nearest(points, MetricKind::spheroid, query, {.k = k});
                    expect_same(searcher.nearest(query, {.k = k}), expected);
                    const double near = expected[k / 2].distance;
                    expect_same(
                        searcher.nearest(query, {.k = k, .max_distance = near}),
                        scan_nearest(points, MetricKind::spheroid, query, {.k = k, .max_distance = near}));
                    const SearchOptions odd{.filter = [](std::uint32_t row) { return row % 2 == 1; }};
                    expect_same(searcher.nearest(query, {.k = k}, odd),
                                scan_nearest(points, MetricKind::spheroid, query, {.k = k}, odd));
                }
            }
        }
    }
}

TEST(Searcher, FromFarAwayMeasuresFewPoints) {
    tests::Random random;
    const std::vector<LonLat> points = cluster(random, {20, 45}, 3, 50'000);
    const PointIndex index(points, MetricKind::spheroid);
    Searcher searcher(index);
    constexpr std::uint64_t kSearches = 200;
    for (std::uint64_t i = 0; i < kSearches; ++i) {
        searcher.nearest({random.uniform(-120, -60), random.uniform(-30, 30)}, {.k = 10});
    }
    EXPECT_LT(searcher.counts().distances, 100 * kSearches);
}

class AMillion : public testing::TestWithParam<Build> {};

TEST_P(AMillion, IdenticalPointsAreNoTrouble) {
    const std::vector<LonLat> points(1'000'000, LonLat{-118.291995, 36.578581});
    const PointIndex index(points, MetricKind::spheroid, {.build = GetParam()});
    Searcher searcher(index);
    expect_same(searcher.nearest({-118.291995, 36.578581}, {.k = 3}),
                std::vector<Neighbor>{{0, 0.0}, {1, 0.0}, {2, 0.0}});
    EXPECT_EQ(searcher.nearest({20, 20}, {.k = 1}).front().row, 0U);
    EXPECT_LE(searcher.counts().geodesics, 20'000U) << "one position was solved again and again";
    EXPECT_EQ(searcher.count_within_distance({-118, 36}, 100'000), points.size());
}

TEST_P(AMillion, PointsOnOneMeridianAreNoTrouble) {
    std::vector<LonLat> points;
    for (std::int64_t i = 0; i < 1'000'000; ++i) {
        points.push_back({12.5, static_cast<double>(i * 7919 % 1'000'000) * 1.8e-4 - 90});
    }
    for (const MetricKind metric : kMetrics) {
        const PointIndex index(points, metric, {.build = GetParam()});
        Searcher searcher(index);
        const LonLat query{12.5, 47.00007};
        expect_same(searcher.nearest(query, {.k = 4}), scan_nearest(points, metric, query, {.k = 4}));
        EXPECT_LT(searcher.counts().leaves, 30U);
    }
}

TEST_P(AMillion, PointsAtAPoleAreNoTrouble) {
    std::vector<LonLat> points;
    for (int i = 0; i < 1'000'000; ++i) points.push_back({i * 3.6e-4 - 180, 90});
    const PointIndex index(points, MetricKind::sphere, {.build = GetParam()});
    Searcher searcher(index);
    expect_same(searcher.nearest({77, 90}, {.k = 2}), std::vector<Neighbor>{{0, 0.0}, {1, 0.0}});
}

INSTANTIATE_TEST_SUITE_P(Builds, AMillion, testing::Values(Build::fast, Build::best),
                         [](const auto& tested) { return tested.param == Build::fast ? "fast" : "best"; });

}  // namespace
}  // namespace crowfly
