#include "core/live/live_index.h"

#include <functional>
#include <utility>

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/live/live_scan.h"
#include "core/live/live_searcher.h"
#include "tests/support/live_history.h"
#include "tests/support/seed.h"
#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using Rows = std::map<std::uint32_t, LiveRow>;

/// Runs what is to happen while a merge is under way, before each of its tasks.
class InterruptedExecutor final : public Executor {
  public:
    explicit InterruptedExecutor(std::function<void()> meanwhile) : meanwhile_(std::move(meanwhile)) {}

    std::size_t width() const noexcept override { return 1; }
    void run(std::size_t count, const std::function<void(std::size_t)>& task) override {
        for (std::size_t i = 0; i < count; ++i) {
            meanwhile_();
            task(i);
        }
    }

  private:
    std::function<void()> meanwhile_;
};

std::vector<LiveRow> points(std::uint32_t begin, std::uint32_t end) {
    std::vector<LiveRow> rows;
    for (std::uint32_t row = begin; row < end; ++row)
        rows.push_back({.row = row, .position = {row * 1e-3, 1}});
    return rows;
}

void expect_searches_as_the_scan(const LiveSnapshot& snapshot, LonLat query) {
    const MetricKind metric = snapshot.options().metrics.front();
    LiveSearcher searcher(snapshot, metric);
    const auto found = searcher.nearest_shapes(query, {.k = 20});
    const auto expected = scan_nearest(snapshot, metric, query, {.k = 20});
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        ASSERT_EQ(found[i].row, expected[i].row);
        ASSERT_EQ(found[i].distance, expected[i].distance);
    }
}

TEST(LiveIndex, ErasesFirstAndOfSeveralUpsertsTakesTheLast) {
    LiveIndex index;
    const std::vector<LiveRow> rows{
        {.row = 7, .position = {1, 2}}, {.row = 3, .position = {3, 4}}, {.row = 7, .position = {5, 6}}};
    const std::vector<std::uint32_t> erased{7, 9, 9};
    const auto first = index.apply(rows, erased);
    EXPECT_EQ(first, index.snapshot());
    tests::expect_rows(*first, {{3, rows[1]}, {7, rows[2]}});
    tests::expect_rows(*index.apply({}, erased), {{3, rows[1]}});
    EXPECT_EQ(index.apply({}, std::vector<std::uint32_t>{3})->size(), 0U);
    EXPECT_TRUE(index.snapshot()->runs().empty());
    tests::expect_rows(*first, {{3, rows[1]}, {7, rows[2]}});
}

TEST(LiveIndex, WithoutRowsFindsNothing) {
    LiveIndex index;
    const auto snapshot = index.snapshot();
    LiveSearcher searcher(*snapshot, MetricKind::spheroid);
    EXPECT_TRUE(searcher.nearest(LonLat{0, 0}, {.k = 3}).empty());
    EXPECT_EQ(searcher.count_within_distance(LonLat{0, 0}, 1e9), 0U);
    EXPECT_FALSE(index.merge_is_due());
    EXPECT_FALSE(index.merge(serial_executor()));
    EXPECT_FALSE(index.merge_all(serial_executor()));
    EXPECT_EQ(index.apply({}, {})->size(), 0U);
}

TEST(LiveIndex, AWriteWithAFaultChangesNothing) {
    LiveIndex index;
    const auto before = index.apply(points(0, 10), {});
    std::vector<LiveRow> rows = points(5, 20);
    rows[9].position = {0, 91};
    const std::vector<std::uint32_t> erased{1};
    const auto write = [&] { index.apply(rows, erased); };
    EXPECT_EQ(tests::thrown_text(write).substr(0, 24), "invalid_argument row 14:");
    EXPECT_EQ(index.snapshot(), before);
    rows[9] = {.row = kNoRow, .position = {0, 0}};
    EXPECT_EQ(tests::thrown_code(write), Code::invalid_argument);
    rows[9] = {.row = 1, .position = {0, 0}, .values = {4}};
    EXPECT_EQ(tests::thrown_text(write),
              "invalid_argument row 1: has 1 values; expected one for each of 0 attributes");
    rows[9] = {.row = 1, .position = {0, 0}, .shape = std::make_shared<const Geometry>()};
    EXPECT_EQ(tests::thrown_code(write), Code::invalid_argument);
    EXPECT_EQ(index.snapshot(), before);
}

TEST(LiveIndex, SnapshotsTakenEarlierKeepTheirState) {
    tests::Random random;
    tests::LiveHistory history(random, {.shapes = 0.2, .rows = 300});
    LiveIndex index({.merging = {.growth = 3, .smallest = 2, .at_once = 30}});
    std::vector<std::pair<std::shared_ptr<const LiveSnapshot>, Rows>> taken;
    for (int step = 0; step < 60; ++step) {
        const auto write = history.next(25);
        taken.emplace_back(index.apply(write.upserts, write.erased), history.rows());
        if (step % 4 == 0) index.merge(serial_executor());
        if (step % 25 == 0) index.merge_all(serial_executor());
    }
    for (const auto& [snapshot, rows] : taken) {
        tests::expect_rows(*snapshot, rows);
        expect_searches_as_the_scan(*snapshot, history.any_position());
    }
}

TEST(LiveIndex, WritesDuringAMergeAreInItsResult) {
    tests::Random random;
    for (const bool all : {false, true}) {
        for (int trial = 0; trial < 20; ++trial) {
            tests::LiveHistory history(random, {.shapes = trial % 3 * 0.3, .rows = 400});
            LiveIndex index({.merging = {.growth = 2, .smallest = 1, .at_once = 10}});
            for (int i = 0; i < 6; ++i) {
                const auto write = history.next(100);
                index.apply(write.upserts, write.erased);
            }
            std::size_t writes = 0;
            InterruptedExecutor meanwhile([&] {
                const auto write = history.next(40);
                index.apply(write.upserts, write.erased);
                tests::expect_rows(*index.snapshot(), history.rows());
                ++writes;
            });
            ASSERT_TRUE(all ? index.merge_all(meanwhile) : index.merge(meanwhile));
            ASSERT_GT(writes, 0U);
            tests::expect_rows(*index.snapshot(), history.rows());
            expect_searches_as_the_scan(*index.snapshot(), history.any_position());
        }
    }
}

TEST(LiveIndex, EverythingMayGoDuringAMerge) {
    LiveIndex index({.merging = {.at_once = 0}});
    index.apply(points(0, 50), {});
    index.apply(points(50, 100), {});
    std::vector<std::uint32_t> rows;
    for (std::uint32_t row = 0; row < 100; ++row) rows.push_back(row);
    InterruptedExecutor meanwhile([&] { index.apply({}, rows); });
    EXPECT_TRUE(index.merge(meanwhile));
    EXPECT_EQ(index.snapshot()->size(), 0U);
    EXPECT_TRUE(index.snapshot()->runs().empty());
}

TEST(LiveIndex, ACancelledMergeLeavesEverythingAsItWas) {
    LiveIndex index({.merging = {.at_once = 0}});
    index.apply(points(0, 50), {});
    const auto before = index.apply(points(50, 100), {});
    std::stop_source stop;
    InterruptedExecutor cancel([&] { stop.request_stop(); });
    const Control control{.deadline = {}, .stop = stop.get_token()};
    EXPECT_EQ(tests::thrown_code([&] { index.merge(cancel, control); }), Code::cancelled);
    EXPECT_EQ(index.snapshot(), before);
    EXPECT_TRUE(index.merge_is_due());
    EXPECT_TRUE(index.merge(serial_executor()));
    EXPECT_FALSE(index.merge_is_due());
    EXPECT_EQ(index.snapshot()->runs().size(), 1U);
    EXPECT_EQ(index.snapshot()->size(), 100U);
}

TEST(LiveIndex, ARunOfWhichMuchIsDeadIsRebuilt) {
    LiveIndex index({.merging = {.at_once = 0}});
    index.apply(points(0, 90), {});
    std::vector<std::uint32_t> erased;
    for (std::uint32_t row = 0; row < 30; ++row) erased.push_back(row);
    index.apply({}, erased);
    EXPECT_FALSE(index.merge_is_due());
    index.apply({}, std::vector<std::uint32_t>{30});
    EXPECT_TRUE(index.merge_is_due());
    EXPECT_TRUE(index.merge(serial_executor()));
    EXPECT_EQ(index.snapshot()->runs().front().run->size(), 59U);
    EXPECT_EQ(index.snapshot()->runs().front().dead, nullptr);
}

TEST(LiveIndex, StaysInFewRunsAndItsMemoryIsThatOfItsRows) {
    tests::Random random;
    tests::LiveHistory history(random, {.rows = 3000});
    LiveIndex index(LiveOptions{.merging = {.growth = 4, .smallest = 8, .at_once = 100}});
    for (int step = 0; step < 1000; ++step) {
        const auto write = history.next(30);
        index.apply(write.upserts, write.erased);
        while (index.merge_is_due()) ASSERT_TRUE(index.merge(serial_executor()));
        // Levels of at most 8, 32, 128, 512, 2048 and 8192.
        ASSERT_LE(index.snapshot()->runs().size(), 6U);
        ASSERT_LE(index.snapshot()->memory(), 60'000 + 120 * index.snapshot()->size());
    }
}

TEST(LiveIndex, AllInOneRunWhenThatIsAskedFor) {
    tests::Random random;
    tests::LiveHistory history(random, {.shapes = 0.5});
    LiveIndex index(LiveOptions{.merging = {.at_once = 0}});
    for (int step = 0; step < 10; ++step) {
        const auto write = history.next(30);
        index.apply(write.upserts, write.erased);
    }
    EXPECT_TRUE(index.merge_all(serial_executor()));
    const auto whole = index.snapshot();
    ASSERT_EQ(whole->runs().size(), 2U);
    EXPECT_NE(whole->runs()[0].run->has_shapes(), whole->runs()[1].run->has_shapes());
    EXPECT_FALSE(index.merge_all(serial_executor()));
    EXPECT_EQ(index.snapshot(), whole);
    tests::expect_rows(*whole, history.rows());
}

TEST(LiveIndex, StartsFromARunThatWasSaved) {
    tests::Random random;
    tests::LiveHistory history(random, {.attributes = 1, .rows = 2000});
    for (int step = 0; step < 5; ++step) history.next(2000);
    const LiveOptions options{.metrics = {MetricKind::plane, MetricKind::spheroid}, .attributes = 1};
    const LiveIndex first(history.columns(), options);
    const auto before = first.snapshot();
    ASSERT_EQ(before->runs().size(), 1U);
    const PackedRun& run = *before->runs().front().run;

    const tests::TemporaryDirectory directory;
    LiveBase base{.points = run.columns(), .indexes = {}};
    for (std::size_t metric = 0; metric < 2; ++metric) {
        const std::string path = directory.path(std::to_string(metric));
        run.points(metric).save(path);
        base.indexes.push_back(PointIndex::load(path));
    }
    LiveIndex second(base, options);
    tests::expect_rows(*second.snapshot(), history.rows());
    expect_searches_as_the_scan(*second.snapshot(), {10, 50});
    const auto write = history.next(500);
    tests::expect_rows(*second.apply(write.upserts, write.erased), history.rows());
    expect_searches_as_the_scan(*second.snapshot(), {10, 50});

    const auto start = [&](const LiveOptions& other) {
        return tests::thrown_code([&] { LiveIndex(base, other); });
    };
    EXPECT_EQ(start({.metrics = {MetricKind::spheroid, MetricKind::plane}, .attributes = 1}),
              Code::invalid_argument);
    EXPECT_EQ(start({.metrics = {MetricKind::plane}, .attributes = 1}), Code::invalid_argument);
    EXPECT_EQ(start({.metrics = {MetricKind::plane, MetricKind::spheroid}, .attributes = 0}),
              Code::invalid_argument);
}

TEST(LiveIndex, RefusesWhatHasNoMeaning) {
    EXPECT_THROW(LiveIndex({.metrics = {}}), Error);
    EXPECT_THROW(LiveIndex({.metrics = {MetricKind::plane, MetricKind::plane}}), Error);
    EXPECT_THROW(LiveIndex({.merging = {.growth = 1}}), Error);
    EXPECT_THROW(LiveIndex({.merging = {.smallest = 0}}), Error);
    const auto columns = [](std::vector<std::uint32_t> rows, std::vector<LonLat> positions) {
        LiveColumns columns;
        columns.rows = std::move(rows);
        columns.positions = std::move(positions);
        return columns;
    };
    EXPECT_THROW(LiveIndex(columns({1, 1}, {{0, 0}, {0, 0}})), Error);
    EXPECT_THROW(LiveIndex(columns({2, 1}, {{0, 0}, {0, 0}})), Error);
    EXPECT_THROW(LiveIndex(columns({1, 2}, {{0, 0}})), Error);
    EXPECT_THROW(LiveIndex(columns({1}, {{0, 100}})), Error);
    EXPECT_EQ(LiveIndex(columns({1}, {{0, 100}}), {.metrics = {MetricKind::plane}}).snapshot()->size(), 1U);

    const LiveIndex index(columns({1}, {{0, 0}}));
    const auto snapshot = index.snapshot();
    EXPECT_EQ(tests::thrown_text([&] { LiveSearcher(*snapshot, MetricKind::plane); }),
              "invalid_argument there is no index for the metric plane");
    LiveSearcher searcher(*snapshot, MetricKind::spheroid);
    const Area area = Area::box(0, 0, 1, 1, Crs::planar);
    EXPECT_THROW(searcher.nearest(LonLat{0, 91}, {}), Error);
    EXPECT_THROW(searcher.nearest(LonLat{0, 0}, {.k = 0}), Error);
    EXPECT_THROW(searcher.within_distance(LonLat{0, 0}, -1), Error);
    EXPECT_THROW(searcher.nearest(LonLat{0, 0}, {}, {.where = AttributeValue{0, 1}}), Error);
    EXPECT_THROW(searcher.nearest(LonLat{0, 0}, {}, {.area = &area}), Error);
    EXPECT_THROW(searcher.nearest(Geometry(), {}), Error);
    EXPECT_THROW(searcher.nearest_of_each_value(LonLat{0, 0}, 0, {}), Error);
}

}  // namespace
}  // namespace crowfly
