#include "core/search/cursor.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/search/scan.h"
#include "tests/support/seed.h"
#include "tests/support/shapes.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

std::vector<Neighbor> take(NearestCursor& cursor, std::size_t most) {
    std::vector<Neighbor> taken;
    while (taken.size() < most) {
        const auto neighbor = cursor.next();
        if (!neighbor) break;
        taken.push_back(*neighbor);
    }
    return taken;
}

class Cursor : public testing::TestWithParam<MetricKind> {};

TEST_P(Cursor, GivesAllRowsInTheOrderOfTheScan) {
    for (const tests::Shape& shape : tests::hurtful_shapes()) {
        const PointIndex index(shape.points, GetParam());
        for (const LonLat query : shape.queries) {
            SCOPED_TRACE(shape.name);
            NearestCursor cursor(index, query);
            EXPECT_EQ(take(cursor, shape.points.size() + 1),
                      scan_nearest(shape.points, GetParam(), query, {.k = shape.points.size() + 1}));
            EXPECT_EQ(cursor.next(), std::nullopt);
        }
    }
}

TEST_P(Cursor, TakesLimitFilterAndOrder) {
    const RowOrder last_first = [](std::uint32_t a, std::uint32_t b) { return a > b; };
    const SearchOptions odd{.filter = [](std::uint32_t row) { return row % 2 == 1; }};
    for (const tests::Shape& shape : tests::hurtful_shapes()) {
        if (shape.points.empty()) continue;
        const PointIndex index(shape.points, GetParam());
        const LonLat query = shape.queries.back();
        const double middle =
            scan_nearest(shape.points, GetParam(), query, {.k = shape.points.size() / 2 + 1}).back().distance;
        SCOPED_TRACE(shape.name);
        NearestCursor cursor(index, query, middle, odd, last_first);
        EXPECT_EQ(take(cursor, shape.points.size()),
                  scan_within_distance(shape.points, GetParam(), query, middle, odd, last_first));
    }
}

INSTANTIATE_TEST_SUITE_P(Metrics, Cursor,
                         testing::Values(MetricKind::plane, MetricKind::sphere, MetricKind::spheroid),
                         [](const auto& tested) { return std::string(name(tested.param)); });

TEST(NearestCursor, OpensLittleForTheFirstFew) {
    tests::Random random;
    std::vector<LonLat> points;
    for (int i = 0; i < 50'000; ++i) points.push_back({random.uniform(-180, 180), random.uniform(-60, 60)});
    const PointIndex index(points, MetricKind::spheroid);
    NearestCursor cursor(index, {10, 10});
    take(cursor, 10);
    EXPECT_LT(cursor.counts().nodes, 60U);
    EXPECT_LT(cursor.counts().leaves, 20U);
    EXPECT_LT(cursor.counts().distances, 40U);
}

TEST(NearestCursor, GoesOnAfterACancelledCall) {
    tests::Random random;
    std::vector<LonLat> points;
    for (int i = 0; i < 20'000; ++i) points.push_back({random.uniform(-1, 1), random.uniform(-1, 1)});
    const PointIndex index(points, MetricKind::plane);
    NearestCursor cursor(index, {0, 0});
    std::vector<Neighbor> taken = take(cursor, 5000);
    std::stop_source stop;
    stop.request_stop();
    cursor.set_control({.deadline = {}, .stop = stop.get_token()});
    EXPECT_EQ(tests::thrown_code([&] { cursor.next(); }), Code::cancelled);
    cursor.set_control({});
    for (const Neighbor& neighbor : take(cursor, points.size())) taken.push_back(neighbor);
    EXPECT_EQ(taken, scan_nearest(points, MetricKind::plane, {0, 0}, {.k = points.size()}));
}

}  // namespace
}  // namespace crowfly
