#include "core/live/live_searcher.h"

#include <cmath>
#include <limits>
#include <map>

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "core/error.h"
#include "core/live/live_cursor.h"
#include "core/live/live_index.h"
#include "core/live/live_scan.h"
#include "tests/support/any_shape.h"
#include "tests/support/live_history.h"
#include "tests/support/seed.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

constexpr MetricKind kMetrics[] = {MetricKind::plane, MetricKind::sphere, MetricKind::spheroid};
constexpr double kInf = std::numeric_limits<double>::infinity();

void expect_same(std::span<const Neighbor> found, std::span<const ShapeNeighbor> expected) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        ASSERT_EQ(found[i].row, expected[i].row) << "at rank " << i + 1;
        ASSERT_EQ(found[i].distance, expected[i].distance) << "at rank " << i + 1;
    }
}

void expect_same(std::span<const ShapeNeighbor> found, std::span<const ShapeNeighbor> expected) {
    std::vector<Neighbor> neighbors;
    for (const ShapeNeighbor& one : found) neighbors.push_back({one.row, one.distance});
    expect_same(neighbors, expected);
}

/// Of what was found, the k first of each value.
std::vector<ValueNeighbor> first_of_values(std::span<const ShapeNeighbor> found, const LiveSnapshot& snapshot,
                                           std::size_t attribute, std::size_t k) {
    std::map<std::uint32_t, std::vector<Neighbor>> of_values;
    for (const ShapeNeighbor& one : found) {
        auto& neighbors = of_values[snapshot.find(one.row)->values[attribute]];
        if (neighbors.size() < k) neighbors.push_back({one.row, one.distance});
    }
    std::vector<ValueNeighbor> first;
    for (const auto& [value, neighbors] : of_values) {
        for (const Neighbor& neighbor : neighbors) first.push_back({value, neighbor});
    }
    return first;
}

/// Asks everything that can be asked, and compares with the scan.
class Examiner {
  public:
    Examiner(tests::Random& random, const LiveSnapshot& snapshot, MetricKind metric, RowOrder order)
        : random_(random),
          snapshot_(snapshot),
          metric_(metric),
          order_(std::move(order)),
          searcher_(snapshot, metric, order_) {}

    void examine(const LiveQuery& query, const LiveSearchOptions& search) {
        const auto all = scan(query, {.k = snapshot_.size() + 1}, search);
        const NearestOptions some{.k = 1 + random_.below(snapshot_.size() + 5)};
        expect_same(searcher_.nearest(query, some, search), scan(query, some, search));
        expect_same(searcher_.nearest_shapes(query, {.k = 3}, search), scan(query, {.k = 3}, search));
        const double edge = all.empty() ? 1000 : all[random_.below(all.size())].distance;
        const auto within = scan(query, {.k = snapshot_.size() + 1, .max_distance = edge}, search);
        expect_same(searcher_.within_distance(query, edge, search), within);
        expect_same(searcher_.shapes_within_distance(query, edge, search), within);
        expect_same(searcher_.nearest(query, {.k = within.size() + 1, .max_distance = edge}, search), within);
        EXPECT_EQ(searcher_.count_within_distance(query, edge, search), within.size());
        EXPECT_EQ(searcher_.count_within_distance(query, kInf, search), all.size());
        expect_all_by_cursor(query, search, edge, within);
        if (!search.where && snapshot_.options().attributes > 0) {
            const auto found =
                searcher_.nearest_of_each_value(query, 0, {.k = 2, .max_distance = edge}, search);
            EXPECT_EQ(std::vector(found.begin(), found.end()), first_of_values(within, snapshot_, 0, 2));
        }
    }

  private:
    std::vector<ShapeNeighbor> scan(const LiveQuery& query, const NearestOptions& options,
                                    const LiveSearchOptions& search) const {
        return scan_nearest(snapshot_, metric_, query, options, search, order_);
    }

    void expect_all_by_cursor(const LiveQuery& query, const LiveSearchOptions& search, double edge,
                              std::span<const ShapeNeighbor> expected) const {
        LiveCursor cursor(snapshot_, metric_, query, edge, search, order_);
        std::vector<ShapeNeighbor> found;
        while (const auto neighbor = cursor.next()) found.push_back(*neighbor);
        expect_same(found, expected);
        EXPECT_FALSE(cursor.next().has_value());
    }

    tests::Random& random_;
    const LiveSnapshot& snapshot_;
    MetricKind metric_;
    RowOrder order_;
    LiveSearcher searcher_;
};

/// Searches of all kinds from some places.
void examine(tests::Random& random, const LiveSnapshot& snapshot, tests::LiveHistory& history,
             const tests::LiveScene& scene) {
    const MetricKind metric = kMetrics[random.below(3)];
    RowOrder order;
    if (random.below(3) == 0) order = [](std::uint32_t a, std::uint32_t b) { return a > b; };
    Examiner examiner(random, snapshot, metric, order);

    LiveSearchOptions search;
    // Some shapes about a pole have no centroid.
    const bool have_centroids = std::abs(scene.middle.lat) < 80;
    search.match = have_centroids && random.below(3) == 0 ? Match::centroid : Match::geometry;
    if (random.below(4) == 0) search.filter = [](std::uint32_t row) { return row % 3 != 1; };
    if (scene.attributes > 0 && random.below(3) == 0) {
        search.where = AttributeValue{0, static_cast<std::uint32_t>(random.below(5))};
    }
    const double west = scene.middle.lon - scene.spread * random.uniform(0, 1);
    const Area area = Area::box(std::remainder(west, 360), std::max(-90.0, scene.middle.lat - scene.spread),
                                std::remainder(west + scene.spread, 360),
                                std::min(90.0, scene.middle.lat + scene.spread / 3), Crs::wgs84);
    if (random.below(4) == 0) search.area = &area;
    const std::vector<LonLat> positions{
        history.any_position(), scene.middle, {random.uniform(-180, 180), random.uniform(-90, 90)}};
    examiner.examine(positions[random.below(positions.size())], search);
    if (random.below(3) > 0) return;
    const Geometry shape = tests::AnyShape(random, scene.middle, scene.spread)();
    examiner.examine(shape, search);
}

struct NamedScene {
    const char* name;
    tests::LiveScene scene;

    friend std::ostream& operator<<(std::ostream& to, const NamedScene& named) { return to << named.name; }
};

class AnyHistory : public testing::TestWithParam<NamedScene> {};

TEST_P(AnyHistory, AnswersAsTheScanOfTheSameRows) {
    const tests::LiveScene& scene = GetParam().scene;
    tests::Random random;
    for (int trial = 0; trial < 6; ++trial) {
        LiveOptions options{
            .metrics = {kMetrics, kMetrics + 3},
            .attributes = scene.attributes,
            .merging = {
                .growth = 2 + random.below(4), .smallest = 1 + random.below(4), .at_once = random.below(80)}};
        tests::LiveHistory history(random, scene);
        history.next(random.below(2) * scene.rows);
        LiveIndex index(history.columns(), options);
        for (int step = 0; step < 40; ++step) {
            const auto write = history.next(1 + random.below(trial % 2 == 0 ? 4 : 40));
            const auto snapshot = index.apply(write.upserts, write.erased);
            SCOPED_TRACE(testing::Message() << "trial " << trial << ", step " << step << ", "
                                            << snapshot->runs().size() << " runs");
            tests::expect_rows(*snapshot, history.rows());
            examine(random, *snapshot, history, scene);
            if (random.below(3) == 0) index.merge(serial_executor());
            if (random.below(20) == 0) index.merge_all(serial_executor());
            tests::expect_rows(*index.snapshot(), history.rows());
            if (testing::Test::HasFatalFailure() || testing::Test::HasNonfatalFailure()) return;
        }
        const LiveIndex fresh(history.columns(), options);
        Examiner(random, *fresh.snapshot(), MetricKind::spheroid, {}).examine(scene.middle, {});
    }
}

/// One state of a history whose rows are in several runs.
std::shared_ptr<const LiveSnapshot> scattered(tests::LiveHistory& history) {
    LiveIndex index({.metrics = {kMetrics, kMetrics + 3}, .merging = {.at_once = 0}});
    for (const std::size_t most : {4000U, 4000U, 600U, 100U, 20U}) {
        const auto write = history.next(most);
        index.apply(write.upserts, write.erased);
    }
    EXPECT_GE(index.snapshot()->runs().size(), 4U);
    return index.snapshot();
}

TEST(LiveSearcher, FromFarAwayTheSameRowsAsTheScan) {
    tests::Random random;
    for (const double degrees : {0.01, 8.0}) {
        for (const LonLat middle : {LonLat{20, 45}, LonLat{179, 0}, LonLat{-70, -85}}) {
            tests::LiveHistory history(random, {.middle = middle, .spread = degrees, .rows = 3000});
            const auto snapshot = scattered(history);
            Examiner examiner(random, *snapshot, MetricKind::spheroid, {});
            for (const LonLat query : {LonLat{std::remainder(middle.lon + 180, 360), -middle.lat},
                                       LonLat{std::remainder(middle.lon + 91, 360), 1},
                                       LonLat{random.uniform(-180, 180), random.uniform(-60, 60)}}) {
                SCOPED_TRACE(testing::Message() << "from " << query.lon << ' ' << query.lat);
                examiner.examine(query, {});
            }
        }
    }
}

TEST(LiveSearcher, OnEveryKindOfProcessorThatThisOneCanStandInFor) {
    tests::Random random;
    tests::LiveHistory history(random, {.on_lattice = true, .rows = 2000});
    const auto snapshot = scattered(history);
    for (std::int64_t rest = hwy::SupportedTargets(); rest != 0; rest &= rest - 1) {
        SCOPED_TRACE(hwy::TargetName(rest & -rest));
        hwy::SetSupportedTargetsForTest(rest & -rest);
        hwy::GetChosenTarget().Update(hwy::SupportedTargets());
        for (const MetricKind metric : kMetrics) {
            LiveSearcher searcher(*snapshot, metric);
            for (const std::size_t k : {1U, 10U, 50U, 200U}) {
                const LonLat query = history.any_position();
                expect_same(searcher.nearest(query, {.k = k}),
                            scan_nearest(*snapshot, metric, query, {.k = k}));
            }
        }
    }
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

TEST(LiveSearcher, ApproximateDistancesKeepWithinTheirBound) {
    tests::Random random;
    tests::LiveHistory history(random, {.rows = 5000});
    const auto snapshot = scattered(history);
    for (const MetricKind metric : kMetrics) {
        LiveSearcher searcher(*snapshot, metric);
        for (int trial = 0; trial < 30; ++trial) {
            const LonLat query = history.any_position();
            const NearestOptions options{.k = 1 + random.below(30), .epsilon = random.uniform(0, 1)};
            const auto found = searcher.nearest(query, options);
            const auto exact = scan_nearest(*snapshot, metric, query, {.k = options.k});
            ASSERT_EQ(found.size(), exact.size());
            for (std::size_t rank = 0; rank < exact.size(); ++rank) {
                ASSERT_LE(found[rank].distance, (1 + options.epsilon) * exact[rank].distance);
            }
        }
    }
}

TEST(LiveSearcher, SumsTheCountsOfAllRuns) {
    tests::Random random;
    tests::LiveHistory history(random, {.shapes = 0.3, .rows = 3000});
    const auto snapshot = scattered(history);
    LiveSearcher searcher(*snapshot, MetricKind::spheroid);
    searcher.nearest(LonLat{10, 50}, {.k = 5}, {.measure_time = true});
    const SearchCounts one = searcher.counts();
    EXPECT_GE(one.leaves, snapshot->runs().size());
    EXPECT_GE(one.distances, 5U);
    EXPECT_GT(one.time.count(), 0);
    searcher.within_distance(LonLat{10, 50}, 1e6);
    EXPECT_GT(searcher.counts().distances, one.distances + snapshot->size() / 2);
}

TEST(LiveSearcher, StopsWhenItIsCancelledAndCanBeUsedAgain) {
    tests::Random random;
    tests::LiveHistory history(random, {.shapes = 0.2, .rows = 5000});
    const auto snapshot = scattered(history);
    LiveSearcher searcher(*snapshot, MetricKind::spheroid);
    std::stop_source stop;
    LiveSearchOptions search;
    search.control.stop = stop.get_token();
    search.filter = [&](std::uint32_t) { return stop.request_stop(), true; };
    EXPECT_EQ(tests::thrown_code([&] {
                  searcher.nearest(LonLat{10, 50}, {.k = 5000}, search);
              }),
              Code::cancelled);
    expect_same(searcher.nearest(LonLat{10, 50}, {.k = 9}),
                scan_nearest(*snapshot, MetricKind::spheroid, LonLat{10, 50}, {.k = 9}));

    LiveCursor cursor(*snapshot, MetricKind::spheroid, LonLat{10, 50});
    const auto first = cursor.next();
    cursor.set_control(search.control);
    EXPECT_EQ(tests::thrown_code([&] { cursor.next(); }), Code::cancelled);
    cursor.set_control({});
    const auto expected = scan_nearest(*snapshot, MetricKind::spheroid, LonLat{10, 50}, {.k = 300});
    ASSERT_TRUE(first.has_value());
    EXPECT_EQ(first->row, expected[0].row);
    for (std::size_t rank = 1; rank < expected.size(); ++rank) {
        const auto next = cursor.next();
        ASSERT_TRUE(next.has_value());
        EXPECT_EQ(next->row, expected[rank].row);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Scenes, AnyHistory,
    testing::Values(NamedScene{"points", {}}, NamedScene{"ties", {.spread = 1, .on_lattice = true}},
                    NamedScene{"antimeridian", {.middle = {179.9, -17}, .spread = 3, .attributes = 1}},
                    NamedScene{"pole", {.middle = {0, 89.5}, .spread = 2, .on_lattice = true}},
                    NamedScene{"south_pole", {.middle = {20, -90}, .spread = 5, .shapes = 0.3}},
                    NamedScene{"shapes", {.spread = 1, .shapes = 1, .attributes = 1, .rows = 60}},
                    NamedScene{"points_and_shapes",
                               {.spread = 4, .on_lattice = true, .shapes = 0.4, .attributes = 2, .rows = 80}},
                    NamedScene{"shapes_at_the_antimeridian",
                               {.middle = {-179.9, 3}, .spread = 1, .shapes = 0.5, .rows = 60}}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace crowfly
