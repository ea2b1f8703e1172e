#include <atomic>
#include <chrono>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/join/join.h"
#include "core/join/scan_join.h"
#include "tests/support/seed.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<LonLat> grid(std::size_t count) {
    std::vector<LonLat> positions;
    for (std::size_t i = 0; i < count; ++i) {
        positions.push_back({static_cast<double>(i % 300) / 10, static_cast<double>(i / 300) / 10});
    }
    return positions;
}

const std::vector<LonLat> kThree{{0, 0}, {1, 0}, {2, 0}};

/// What join says of these, and the scan says the same; no row must have been given.
std::string said(const JoinOptions& options, const JoinSide& queries = {.positions = kThree},
                 const JoinSide& objects = {.positions = kThree}) {
    const std::string text = tests::thrown_text([&] {
        join(queries, objects, options, serial_executor(),
             [](std::span<const JoinRow>) { FAIL() << "a row was given"; });
    });
    EXPECT_EQ(text, tests::thrown_text([&] { scan_join(queries, objects, options); }));
    return text;
}

TEST(JoinErrors, OfOptionsNameWhatWasFoundAndWhatWouldBeRight) {
    JoinOptions options;
    options.k = 0;
    EXPECT_EQ(said(options), "invalid_argument k is 0; it must be at least 1");
    options = {};
    options.max_distance = -1;
    EXPECT_EQ(said(options), "invalid_argument max_distance is -1; it must be 0 or more");
    options.max_distance = kNan;
    EXPECT_EQ(said(options), "invalid_argument max_distance is nan; it must be 0 or more");
    options = {};
    const std::vector<double> limits{1, kInfinity, -2};
    options.max_distances = limits;
    EXPECT_EQ(said(options), "invalid_argument max_distances, row 2: -2; it must be 0 or more");
    options.max_distances = std::span(limits).first(2);
    EXPECT_EQ(said(options), "invalid_argument max_distances has 2 values for 3 query rows");
    options = {};
    const std::vector<std::uint32_t> column{1, 2};
    options.self = column;
    EXPECT_EQ(said(options), "invalid_argument self has 2 values for 3 query rows");
    options = {};
    options.partition = column;
    EXPECT_EQ(said(options), "invalid_argument partition has 2 values for 3 object rows");
    for (const double epsilon : {-0.1, kNan, kInfinity}) {
        options = {};
        options.epsilon = epsilon;
        EXPECT_NE(said(options).find("it must be a number of 0 or more"), std::string::npos);
    }
}

TEST(JoinErrors, OfSidesNameSideRowAndVertex) {
    const std::vector<LonLat> bad{{0, 0}, {0, 91}, {kNan, 0}};
    EXPECT_NE(said({}, {.positions = bad}).find("invalid_argument query side, row 1: latitude 91"),
              std::string::npos);
    EXPECT_NE(said({}, {.positions = kThree}, {.positions = bad}).find("object side, row 1: latitude 91"),
              std::string::npos);
    JoinOptions plane;
    plane.metric = MetricKind::plane;
    EXPECT_NE(said(plane, {.positions = bad}).find("query side, row 2: nan"), std::string::npos);
    const std::vector<std::uint32_t> both{1, 2};
    {
        std::size_t rows = 0;
        join({.positions = bad, .absent = both}, {.positions = kThree}, {}, serial_executor(),
             [&](std::span<const JoinRow> batch) { rows += batch.size(); });
        EXPECT_EQ(rows, 1U);
    }
    const std::vector<std::uint32_t> unordered{1, 1}, beyond{3};
    EXPECT_EQ(said({}, {.positions = kThree, .absent = unordered}),
              "invalid_argument query side: the absent rows do not ascend: 1 stands before 1");
    EXPECT_EQ(said({}, {.positions = kThree}, {.positions = kThree, .absent = beyond}),
              "invalid_argument object side: row 3 cannot be absent; there are 3 rows");
}

TEST(JoinErrors, OfShapesNameTheVertex) {
    GeometryBuilder builder;
    builder.begin(GeometryType::line_string);
    builder.add_part();
    builder.add_sequence();
    builder.add_position({0, 0});
    builder.add_position({0, 95});
    builder.end();
    const Geometry line = builder.finish();
    const std::vector<const Geometry*> shapes{nullptr, &line, nullptr};
    EXPECT_NE(said({}, {.positions = kThree, .shapes = shapes}).find("query side, row 1: vertex 1: "),
              std::string::npos);
    EXPECT_NE(said({}, {.positions = kThree}, {.positions = kThree, .shapes = shapes})
                  .find("object side, row 1: vertex 1: "),
              std::string::npos);
    EXPECT_EQ(said({}, {.positions = kThree, .shapes = std::span(shapes).first(2)}),
              "invalid_argument query side: 2 shapes for 3 positions");
    const Geometry empty;
    const std::vector<const Geometry*> with_empty{nullptr, nullptr, &empty};
    EXPECT_NE(said({}, {.positions = kThree, .shapes = with_empty}).find("query side, row 2: "),
              std::string::npos);
}

TEST(JoinErrors, AnIndexMustBeOfTheMetric) {
    const PointIndex index(kThree, MetricKind::plane);
    const auto over_index = [&](const JoinOptions& options) {
        return tests::thrown_text([&] {
            join({.positions = kThree}, index, options, serial_executor(), [](std::span<const JoinRow>) {});
        });
    };
    EXPECT_EQ(over_index({}), "invalid_argument the index is for the metric plane; the join is by spheroid");
    JoinOptions options;
    options.metric = MetricKind::plane;
    const std::vector<std::uint32_t> partition{0, 0, 1};
    options.partition = partition;
    EXPECT_EQ(over_index(options).rfind("unsupported ", 0), 0U);
}

/// A join of so many queries that it is still under way when something happens.
struct Great {
    std::vector<LonLat> positions = grid(60'000);
    JoinOptions options;

    void run(Executor& executor, const JoinSink& sink) const {
        join({.positions = positions}, {.positions = positions}, options, executor, sink);
    }
};

void ignore(std::span<const JoinRow> /*rows*/) {}

TEST(JoinErrors, ADeadlineOrAStopEndsTheJoin) {
    for (const std::size_t width : {1U, 3U}) {
        ThreadExecutor executor(width);
        Great great;
        great.options.control.deadline = std::chrono::steady_clock::now();
        EXPECT_EQ(tests::thrown_code([&] { great.run(executor, ignore); }), Code::deadline_exceeded);
        great.options.control = {};
        std::stop_source stop;
        great.options.control.stop = stop.get_token();
        std::atomic<int> asked = 0;
        great.options.ties = Ties::include;
        // Ties abound, so the order is asked while the search is under way.
        for (LonLat& position : great.positions) position = {0, 0};
        great.positions.resize(3000);
        great.options.order = [&](std::uint32_t a, std::uint32_t b) {
            if (++asked == 100) stop.request_stop();
            return a > b;
        };
        EXPECT_EQ(tests::thrown_code([&] { great.run(executor, ignore); }), Code::cancelled);
    }
}

TEST(JoinErrors, WhatCallbacksThrowComesOutAndNothingIsLeftUnderWay) {
    const auto thrower = [](auto&&...) -> bool { throw std::runtime_error("from outside"); };
    for (const std::size_t width : {1U, 3U}) {
        ThreadExecutor executor(width);
        Great great;
        EXPECT_THROW(great.run(executor, thrower), std::runtime_error);
        great.options.filter = thrower;
        EXPECT_THROW(great.run(executor, ignore), std::runtime_error);
        great.options.filter = {};
        great.options.post_filter = thrower;
        EXPECT_THROW(great.run(executor, ignore), std::runtime_error);
        great.options.post_filter = {};
        great.options.progress = thrower;
        EXPECT_THROW(great.run(executor, ignore), std::runtime_error);
        great.options.progress = {};
        // The executor is free again, and the same join runs to its end.
        std::uint64_t rows = 0;
        great.run(executor, [&](std::span<const JoinRow> batch) { rows += batch.size(); });
        EXPECT_EQ(rows, great.positions.size());
    }
}

/// Throws at its second block.
class BrokenBlocks final : public ObjectBlocks {
  public:
    explicit BrokenBlocks(std::vector<LonLat> second) : second_(std::move(second)) {}

    bool next(JoinSide& block) override {
        if (++calls_ == 1) {
            block.positions = kThree;
            return true;
        }
        if (second_.empty()) throw std::runtime_error("from the source");
        block.positions = second_;
        return true;
    }

  private:
    std::vector<LonLat> second_;
    int calls_ = 0;
};

TEST(JoinErrors, OfALaterBlockComeBeforeAnyRow) {
    const auto never = [](std::span<const JoinRow>) { FAIL() << "a row was given"; };
    BrokenBlocks broken({});
    EXPECT_THROW(join({.positions = kThree}, broken, {}, serial_executor(), never), std::runtime_error);
    BrokenBlocks faulty({{0, 0}, {0, -91}});
    EXPECT_NE(tests::thrown_text([&] {
                  join({.positions = kThree}, faulty, {}, serial_executor(), never);
              }).find("object side, row 4: latitude -91"),
              std::string::npos);
}

TEST(JoinErrors, ProgressTellsOfAllQueriesAndRows) {
    Great great;
    great.options.k = 2;
    const std::thread::id caller = std::this_thread::get_id();
    JoinProgress last{};
    great.options.progress = [&](const JoinProgress& progress) {
        EXPECT_EQ(std::this_thread::get_id(), caller);
        EXPECT_GE(progress.queries_done, last.queries_done);
        EXPECT_GE(progress.rows, last.rows);
        last = progress;
    };
    ThreadExecutor executor(3);
    great.run(executor, ignore);
    EXPECT_EQ(last.queries_done, great.positions.size());
    EXPECT_EQ(last.queries_total, great.positions.size());
    EXPECT_EQ(last.rows, 2 * great.positions.size());
}

}  // namespace
}  // namespace crowfly
