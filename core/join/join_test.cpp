#include "core/join/join.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "core/geometry/centroid.h"
#include "core/join/scan_join.h"
#include "core/live/live_index.h"
#include "core/metric/distance.h"
#include "tests/support/any_shape.h"
#include "tests/support/seed.h"
#include "tests/support/shapes.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

constexpr MetricKind kMetrics[] = {MetricKind::plane, MetricKind::sphere, MetricKind::spheroid};
constexpr std::uint64_t kTinyBudget = 1;

/// One side of a join, and what it is made of.
struct Side {
    std::vector<LonLat> positions;
    std::vector<Geometry> geometries;  ///< of the rows that have one
    std::vector<const Geometry*> shapes;
    std::vector<std::uint32_t> absent;

    JoinSide columns() const { return {positions, shapes, absent}; }
};

/// Positions within some degrees of a place, many of them several times.
std::vector<LonLat> crowded(tests::Random& random, std::size_t count, LonLat middle, double spread) {
    std::vector<LonLat> positions;
    while (positions.size() < count) {
        if (!positions.empty() && random.below(3) == 0) {
            positions.push_back(positions[random.below(positions.size())]);
            continue;
        }
        const double lon = middle.lon + random.uniform(-spread, spread);
        const double lat = middle.lat + random.uniform(-spread, spread);
        positions.push_back({lon > 180 ? lon - 360 : lon, std::clamp(lat, -90.0, 90.0)});
    }
    return positions;
}

std::vector<std::uint32_t> some_rows(tests::Random& random, std::size_t count, std::size_t one_in) {
    std::vector<std::uint32_t> rows;
    for (std::uint32_t row = 0; row < count; ++row) {
        if (random.below(one_in) == 0) rows.push_back(row);
    }
    return rows;
}

Side point_side(tests::Random& random, std::size_t count, LonLat middle, double spread) {
    Side side;
    side.positions = crowded(random, count, middle, spread);
    if (random.below(3) == 0) side.absent = some_rows(random, count, 5);
    return side;
}

/// Not so when the mean of its points is the middle of the earth.
bool has_centroid(const Geometry& geometry) {
    return !tests::thrown_code([&] {
        for (const MetricKind metric : kMetrics) static_cast<void>(centroid(geometry, metric));
    });
}

Side shape_side(tests::Random& random, std::size_t count, LonLat middle, double spread) {
    Side side = point_side(random, count, middle, spread);
    tests::AnyShape any(random, middle, spread);
    side.geometries.reserve(count);
    for (std::size_t row = 0; row < count; ++row) {
        if (random.below(3) == 0) {
            side.shapes.push_back(nullptr);
        } else {
            side.geometries.push_back(random.below(4) == 0 && !side.geometries.empty()
                                          ? side.geometries[random.below(side.geometries.size())]
                                          : any());
            side.shapes.push_back(has_centroid(side.geometries.back()) ? &side.geometries.back() : nullptr);
        }
    }
    return side;
}

/// Options of every kind, and the columns that they refer to.
struct AnyOptions {
    JoinOptions options;
    std::vector<double> max_distances;
    std::vector<std::uint32_t> self, partition;

    AnyOptions(tests::Random& random, MetricKind metric, std::size_t queries, std::size_t objects) {
        options.metric = metric;
        options.k = random.below(4) == 0 ? 1 + random.below(2 * objects + 2) : 1 + random.below(6);
        const double scale = metric == MetricKind::plane ? 1 : 111e3;
        if (random.below(3) == 0) options.max_distance = random.uniform(0, 2 * scale);
        if (random.below(3) == 0) {
            for (std::size_t row = 0; row < queries; ++row) {
                max_distances.push_back(random.below(5) == 0 ? 0 : random.uniform(0, 2 * scale));
            }
            options.max_distances = max_distances;
        }
        if (random.below(3) == 0) options.filter = [](std::uint32_t row) { return row % 3 != 1; };
        if (random.below(3) == 0) {
            options.post_filter = [](const JoinRow& row) { return (row.query + row.object) % 2 == 0; };
        }
        if (random.below(2) == 0) options.ties = Ties::include;
        if (random.below(2) == 0) options.kind = JoinKind::left;
        if (random.below(3) == 0 && objects > 0) {
            for (std::size_t row = 0; row < queries; ++row) {
                self.push_back(random.below(6) == 0 ? kNoRow
                                                    : static_cast<std::uint32_t>(random.below(objects)));
            }
            options.self = self;
        }
        if (random.below(3) == 0 && objects > 0) {
            const std::size_t values = 1 + random.below(9);
            for (std::size_t row = 0; row < objects; ++row) {
                partition.push_back(static_cast<std::uint32_t>(100 * random.below(values)));
            }
            options.partition = partition;
        }
        if (random.below(3) == 0) options.order = [](std::uint32_t a, std::uint32_t b) { return a > b; };
    }
    AnyOptions(const AnyOptions&) = delete;
    AnyOptions& operator=(const AnyOptions&) = delete;
};

/// Cuts a side into blocks of some rows each, now and then none.
class CutSide final : public ObjectBlocks {
  public:
    CutSide(const JoinSide& side, std::size_t rows) : side_(side), rows_(rows) {}

    bool next(JoinSide& block) override {
        if (++calls_ % 3 == 0) {
            block = {};
            return true;
        }
        if (begin_ == side_.size()) return false;
        const std::size_t count = std::min(rows_, side_.size() - begin_);
        absent_.clear();
        for (const std::uint32_t row : side_.absent) {
            if (row >= begin_ && row < begin_ + count) {
                absent_.push_back(row - static_cast<std::uint32_t>(begin_));
            }
        }
        block.positions = side_.positions.subspan(begin_, count);
        block.shapes = side_.shapes.empty() ? side_.shapes : side_.shapes.subspan(begin_, count);
        block.absent = absent_;
        begin_ += count;
        return true;
    }

  private:
    const JoinSide side_;
    std::size_t rows_;
    std::size_t begin_ = 0;
    std::size_t calls_ = 0;
    std::vector<std::uint32_t> absent_;
};

/// A sink that keeps all rows.
class Kept {
  public:
    JoinSink sink() {
        return [this](std::span<const JoinRow> batch) {
            EXPECT_FALSE(batch.empty());
            rows_.insert(rows_.end(), batch.begin(), batch.end());
        };
    }
    const std::vector<JoinRow>& rows() const { return rows_; }

  private:
    std::vector<JoinRow> rows_;
};

void expect_same(const std::vector<JoinRow>& found, const std::vector<JoinRow>& expected) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        ASSERT_EQ(found[i].query, expected[i].query) << "row " << i;
        ASSERT_EQ(found[i].rank, expected[i].rank) << "row " << i;
        ASSERT_EQ(found[i].object, expected[i].object) << "row " << i;
        ASSERT_EQ(std::bit_cast<std::uint64_t>(found[i].distance),
                  std::bit_cast<std::uint64_t>(expected[i].distance))
            << "row " << i << ": " << found[i].distance << " for " << expected[i].distance;
    }
}

/// The objects that are there, in a live index of several runs; some more rows have come and gone.
std::shared_ptr<const LiveSnapshot> live_rows(const Side& objects, MetricKind metric) {
    LiveIndex index({.metrics = {metric}});
    std::vector<LiveRow> rows;
    std::vector<std::uint32_t> gone;
    const auto put_rows = [&] {
        index.apply(rows, {});
        index.apply({}, gone);
        rows.clear();
        gone.clear();
    };
    for (std::uint32_t row = 0; row < objects.positions.size(); ++row) {
        const Geometry* shape = objects.shapes.empty() ? nullptr : objects.shapes[row];
        rows.push_back({.row = row,
                        .position = objects.positions[row],
                        .shape = shape != nullptr ? std::make_shared<const Geometry>(*shape) : nullptr});
        if (std::binary_search(objects.absent.begin(), objects.absent.end(), row)) gone.push_back(row);
        if (row % 300 == 41) put_rows();
    }
    put_rows();
    return index.snapshot();
}

/// Every way to join these must give the rows of the scan.
void expect_scan(const Side& queries, const Side& objects, JoinOptions options, std::size_t block_rows) {
    const std::vector<JoinRow> expected = scan_join(queries.columns(), objects.columns(), options);
    const auto live = live_rows(objects, options.metric);
    for (const std::size_t width : {1U, 2U, 3U}) {
        ThreadExecutor executor(width);
        for (const std::uint64_t budget : {JoinOptions().memory_budget, kTinyBudget}) {
            SCOPED_TRACE(testing::Message() << "width " << width << ", budget " << budget);
            options.memory_budget = budget;
            Kept kept;
            const JoinSummary summary =
                join(queries.columns(), objects.columns(), options, executor, kept.sink());
            expect_same(kept.rows(), expected);
            EXPECT_EQ(summary.rows, expected.size());
            if (!options.partition.empty()) continue;
            Kept of_live;
            join(queries.columns(), LiveObjects{*live}, options, executor, of_live.sink());
            expect_same(of_live.rows(), expected);
        }
        SCOPED_TRACE(testing::Message() << "width " << width << ", blocks of " << block_rows);
        CutSide blocks(objects.columns(), block_rows);
        Kept kept;
        join(queries.columns(), blocks, options, executor, kept.sink());
        expect_same(kept.rows(), expected);
    }
}

struct Scene {
    LonLat middle;
    double spread;  ///< degrees
};
constexpr Scene kScenes[] = {{{10, 50}, 1}, {{180, -17}, 3}, {{0, 89}, 2}, {{0, 0}, 170}, {{-100, 40}, 1e-4}};

TEST(Join, OfPointsGivesTheRowsOfTheScan) {
    tests::Random random;
    for (int trial = 0; trial < 60; ++trial) {
        const MetricKind metric = kMetrics[random.below(3)];
        const Scene& scene = kScenes[random.below(std::size(kScenes))];
        const Side queries = point_side(random, random.below(600), scene.middle, scene.spread);
        const Side objects = point_side(random, random.below(900), scene.middle, scene.spread);
        const AnyOptions any(random, metric, queries.positions.size(), objects.positions.size());
        SCOPED_TRACE(testing::Message() << "trial " << trial << ", " << name(metric));
        expect_scan(queries, objects, any.options, 1 + random.below(500));
    }
}

TEST(Join, OfShapesGivesTheRowsOfTheScan) {
    tests::Random random;
    for (int trial = 0; trial < 45; ++trial) {
        const MetricKind metric = kMetrics[random.below(3)];
        const Scene& scene = kScenes[random.below(3)];
        const auto side = [&](bool shapes, std::size_t count) {
            return shapes ? shape_side(random, count, scene.middle, scene.spread)
                          : point_side(random, count, scene.middle, scene.spread);
        };
        const Side queries = side(trial % 3 != 0, random.below(30));
        const Side objects = side(trial % 3 != 1, random.below(300));
        AnyOptions any(random, metric, queries.positions.size(), objects.positions.size());
        if (random.below(4) == 0) any.options.match = Match::centroid;
        SCOPED_TRACE(testing::Message() << "trial " << trial << ", " << name(metric));
        expect_scan(queries, objects, any.options, 1 + random.below(100));
    }
}

/// A line around `middle` with so many vertices.
Geometry winding(LonLat middle, double radius, int vertices) {
    GeometryBuilder builder;
    builder.begin(GeometryType::line_string);
    builder.add_part();
    builder.add_sequence();
    for (int i = 0; i < vertices; ++i) {
        const double angle = 0.1 * i;
        const double away = radius * i / vertices;
        builder.add_position({middle.lon + away * std::cos(angle), middle.lat + away * std::sin(angle)});
    }
    builder.end();
    return builder.finish();
}

TEST(Join, OfManyPointsWithFewShapesGivesTheRowsOfTheScan) {
    // Queries are close together, so that they are given the shapes around them as a group; where a line has
    // too many vertices for that, they are not.
    tests::Random random;
    for (int trial = 0; trial < 24; ++trial) {
        const MetricKind metric = kMetrics[trial % 3];
        const Scene& scene = kScenes[trial % 2];
        const Side queries = point_side(random, 300, scene.middle, scene.spread / 4);
        Side objects = shape_side(random, 40, scene.middle, scene.spread);
        const Geometry line = winding({scene.middle.lon > 179 ? 178 : scene.middle.lon, scene.middle.lat},
                                      scene.spread / 4, 400);
        if (trial % 4 == 3) objects.shapes[7] = &line;
        AnyOptions any(random, metric, queries.positions.size(), objects.positions.size());
        any.options.k = 1 + random.below(5);
        if (trial % 4 != 0) any.options.partition = {};
        SCOPED_TRACE(testing::Message() << "trial " << trial << ", " << name(metric));
        expect_scan(queries, objects, any.options, 1 + random.below(40));
    }
}

TEST(Join, OfHurtfulPointsGivesTheRowsOfTheScan) {
    tests::Random random;
    for (const tests::Shape& shape : tests::hurtful_shapes()) {
        if (shape.points.size() > 3000) continue;
        Side queries, objects;
        queries.positions.assign(shape.queries.begin(),
                                 shape.queries.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(
                                                             shape.queries.size(), 40)));
        objects.positions = shape.points;
        for (const MetricKind metric : kMetrics) {
            const AnyOptions any(random, metric, queries.positions.size(), objects.positions.size());
            SCOPED_TRACE(testing::Message() << shape.name << ", " << name(metric));
            expect_scan(queries, objects, any.options, 1 + random.below(1000));
        }
    }
}

TEST(Join, OfASetWithItselfLeavesOutEachPlaceItself) {
    tests::Random random;
    const Side side = point_side(random, 700, {10, 50}, 0.5);
    std::vector<std::uint32_t> self(side.positions.size());
    std::iota(self.begin(), self.end(), 0U);
    for (const MetricKind metric : kMetrics) {
        for (const Ties ties : {Ties::none, Ties::include}) {
            JoinOptions options;
            options.metric = metric;
            options.k = 3;
            options.self = self;
            options.ties = ties;
            expect_scan(side, side, options, 200);
            Kept kept;
            join(side.columns(), side.columns(), options, serial_executor(), kept.sink());
            for (const JoinRow& row : kept.rows()) ASSERT_NE(row.query, row.object);
        }
    }
}

TEST(Join, TiesIncludeAllOfAGreatCrowdInBoundedWindows) {
    // 4 places, each 400 times: every query ties with a crowd, and rows are far more than wait at a time.
    Side queries, objects;
    for (int i = 0; i < 1600; ++i) {
        const LonLat corner{i % 2 == 0 ? 1.0 : -1.0, i % 4 < 2 ? 1.0 : -1.0};
        objects.positions.push_back(corner);
        queries.positions.push_back({corner.lon / 2, corner.lat / 2});
    }
    JoinOptions options;
    options.metric = MetricKind::plane;
    options.ties = Ties::include;
    options.k = 2;
    ThreadExecutor executor(2);
    // With the first the objects come in blocks; with the second they do not, but not all rows may wait.
    for (const std::uint64_t budget : {kTinyBudget, std::uint64_t{200'000}}) {
        options.memory_budget = budget;
        JoinProgress told{};
        options.progress = [&](const JoinProgress& progress) {
            EXPECT_GE(progress.queries_done, told.queries_done);
            told = progress;
        };
        std::uint64_t rows = 0;
        std::uint32_t query = 0, rank = 0;
        join(queries.columns(), objects.columns(), options, executor, [&](std::span<const JoinRow> batch) {
            for (const JoinRow& row : batch) {
                if (row.query != query) {
                    ASSERT_EQ(rank, 400U);
                    ASSERT_EQ(row.query, ++query);
                    rank = 0;
                }
                ASSERT_EQ(row.rank, ++rank);
                ASSERT_EQ(row.object % 4, row.query % 4);
                ++rows;
            }
        });
        EXPECT_EQ(rows, 1600U * 400U);
        EXPECT_EQ(told.rows, rows);
        if (budget == kTinyBudget) continue;
        EXPECT_EQ(told.queries_done, 1600U);
        EXPECT_EQ(told.queries_total, 1600U);
    }
}

TEST(Join, OverAnIndexThatIsThereGivesTheSameRows) {
    tests::Random random;
    for (int trial = 0; trial < 24; ++trial) {
        const MetricKind metric = kMetrics[trial % 3];
        Side queries = point_side(random, 200, {10, 50}, 1);
        Side objects =
            trial % 2 == 0 ? point_side(random, 500, {10, 50}, 1) : shape_side(random, 100, {10, 50}, 1);
        objects.absent.clear();
        AnyOptions any(random, metric, queries.positions.size(), objects.positions.size());
        any.options.partition = {};
        SCOPED_TRACE(testing::Message() << "trial " << trial << ", " << name(metric));
        const auto expected = scan_join(queries.columns(), objects.columns(), any.options);
        ThreadExecutor executor(2);
        Kept kept;
        if (trial % 2 == 0) {
            const PointIndex index(objects.positions, metric);
            join(queries.columns(), index, any.options, executor, kept.sink());
        } else {
            std::vector<Geometry> shapes;
            for (std::size_t row = 0; row < objects.positions.size(); ++row) {
                shapes.push_back(objects.shapes[row] != nullptr ? *objects.shapes[row]
                                                                : Geometry::point(objects.positions[row]));
            }
            const ShapeIndex index(shapes, metric);
            join(queries.columns(), index, any.options, executor, kept.sink());
        }
        expect_same(kept.rows(), expected);
    }
}

/// Each row is a pair that counts with its exact distance, in order, and none is farther than epsilon allows.
void expect_bound(const std::vector<JoinRow>& found, const std::vector<JoinRow>& exact, const Side& queries,
                  const Side& objects, const JoinOptions& options) {
    ASSERT_EQ(found.size(), exact.size());
    for (std::size_t i = 0; i < exact.size(); ++i) {
        ASSERT_EQ(found[i].query, exact[i].query);
        ASSERT_EQ(found[i].rank, exact[i].rank);
        if (exact[i].rank == 0) continue;
        ASSERT_LE(found[i].distance, (1 + options.epsilon) * exact[i].distance);
        ASSERT_EQ(found[i].distance, distance(options.metric, queries.positions[found[i].query],
                                              objects.positions[found[i].object]));
        if (found[i].rank > 1) {
            ASSERT_TRUE((NeighborBefore{options.order}({found[i - 1].object, found[i - 1].distance},
                                                       {found[i].object, found[i].distance})));
        }
        ASSERT_TRUE(options.self.empty() || found[i].object != options.self[found[i].query]);
    }
}

TEST(Join, WithEpsilonKeepsItsBoundAtEveryRank) {
    tests::Random random;
    std::size_t other_objects = 0;
    for (int trial = 0; trial < 60; ++trial) {
        const MetricKind metric = kMetrics[trial % 3];
        const Scene& scene = kScenes[random.below(std::size(kScenes))];
        const Side queries = point_side(random, 300, scene.middle, scene.spread);
        const Side objects = point_side(random, 1 + random.below(4000), scene.middle, scene.spread);
        AnyOptions any(random, metric, queries.positions.size(), objects.positions.size());
        any.options.ties = Ties::none;
        any.options.partition = {};
        any.options.post_filter = {};
        const std::vector<JoinRow> exact = scan_join(queries.columns(), objects.columns(), any.options);
        for (const double epsilon : {1e-9, 0.1, 1.0, 100.0}) {
            SCOPED_TRACE(testing::Message() << "trial " << trial << ", " << name(metric) << ", " << epsilon);
            any.options.epsilon = epsilon;
            Kept one, three, in_blocks;
            join(queries.columns(), objects.columns(), any.options, serial_executor(), one.sink());
            expect_bound(one.rows(), exact, queries, objects, any.options);
            ThreadExecutor executor(3);
            join(queries.columns(), objects.columns(), any.options, executor, three.sink());
            expect_same(three.rows(), one.rows());
            CutSide blocks(objects.columns(), 1 + random.below(2000));
            join(queries.columns(), blocks, any.options, executor, in_blocks.sink());
            expect_bound(in_blocks.rows(), exact, queries, objects, any.options);
            for (std::size_t i = 0; i < exact.size(); ++i) {
                other_objects += one.rows()[i].object != exact[i].object ? 1 : 0;
            }
        }
    }
    EXPECT_GT(other_objects, 0U);  // else nothing was approximate
}

TEST(Join, WithEmptySidesHasNoPairs) {
    Side none, one;
    one.positions = {{1, 1}, {2, 2}};
    Side absent = one;
    absent.absent = {0, 1};
    for (const auto& [queries, objects] :
         {std::pair(none, one), std::pair(one, none), std::pair(none, none), std::pair(one, absent),
          std::pair(absent, one), std::pair(absent, absent)}) {
        for (const JoinKind kind : {JoinKind::inner, JoinKind::left}) {
            JoinOptions options;
            options.kind = kind;
            expect_scan(queries, objects, options, 1);
            EXPECT_EQ(scan_join(queries.columns(), objects.columns(), options).size(),
                      kind == JoinKind::left ? queries.positions.size() : 0);
        }
    }
}

}  // namespace
}  // namespace crowfly
