#include "core/search/shape_searcher.h"

#include <cmath>
#include <functional>
#include <limits>
#include <thread>

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "core/error.h"
#include "core/metric/distance.h"
#include "tests/support/any_shape.h"
#include "tests/support/seed.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

constexpr MetricKind kMetrics[] = {MetricKind::plane, MetricKind::sphere, MetricKind::spheroid};

struct Scene {
    LonLat middle;
    double spread;  ///< degrees
};
constexpr Scene kScenes[] = {{{10, 50}, 1},  {{179.9, -17}, 3}, {{0, 89}, 2},     {{0, -90}, 5},
                             {{0, 0}, 0.01}, {{-100, 40}, 30},  {{-179, 0}, 1e-4}};

std::vector<Geometry> shapes_of(tests::Random& random, const Scene& scene, std::size_t count) {
    tests::AnyShape any(random, scene.middle, scene.spread);
    std::vector<Geometry> shapes;
    while (shapes.size() < count) {
        shapes.push_back(any());
        // Ties: the same shape again.
        if (random.below(10) == 0) shapes.push_back(shapes.back());
    }
    return shapes;
}

void expect_same(std::span<const ShapeNeighbor> found, std::span<const ShapeNeighbor> expected) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        ASSERT_EQ(found[i].row, expected[i].row) << i;
        ASSERT_EQ(found[i].distance, expected[i].distance) << i;
    }
}

TEST(ShapeSearcher, AnswersAsTheScanDoesForQueriesOfEveryKind) {
    tests::Random random;
    for (const MetricKind metric : kMetrics) {
        for (const Scene& scene : kScenes) {
            const std::vector<Geometry> shapes = shapes_of(random, scene, 50);
            const ShapeIndex index(shapes, metric);
            ShapeSearcher searcher(index);
            tests::AnyShape any(random, scene.middle, scene.spread * 1.5);
            for (int trial = 0; trial < 8; ++trial) {
                const Geometry query = trial % 2 == 0 ? any.of(GeometryType::point) : any();
                SCOPED_TRACE(testing::Message() << name(metric) << ", scene " << scene.middle.lon << ','
                                                << scene.middle.lat << ", trial " << trial);
                const NearestOptions options{.k = 1 + random.below(trial % 3 == 0 ? 70 : 6)};
                const auto expected = scan_nearest_shapes(shapes, metric, query, options);
                expect_same(searcher.nearest(query, options), expected);
                if (query.type() == GeometryType::point) {
                    expect_same(searcher.nearest(query.positions()[0], options), expected);
                }
                const double limit = expected[random.below(expected.size())].distance;
                const NearestOptions all{.k = shapes.size(), .max_distance = limit};
                expect_same(searcher.within_distance(query, limit),
                            scan_nearest_shapes(shapes, metric, query, all));
                const NearestOptions limited{.k = options.k, .max_distance = limit};
                expect_same(searcher.nearest(query, limited),
                            scan_nearest_shapes(shapes, metric, query, limited));
                const SearchOptions filtered{.filter = [](std::uint32_t row) { return row % 7 == 3; }};
                expect_same(searcher.nearest(query, options, filtered),
                            scan_nearest_shapes(shapes, metric, query, options, filtered));
            }
        }
    }
}

LonLat on_earth(tests::Random& random) {
    return {random.uniform(-180, 180), std::asin(random.uniform(-1, 1)) * 57.29577951308232};
}

TEST(ShapeSearcher, FromFarAwayTheSameRowsAsTheScan) {
    tests::Random random;
    for (const Scene& scene : kScenes) {
        const std::vector<Geometry> shapes = shapes_of(random, scene, 100);
        const ShapeIndex index(shapes, MetricKind::spheroid);
        ShapeSearcher searcher(index);
        const LonLat antipode{std::remainder(scene.middle.lon + 180, 360), -scene.middle.lat};
        for (int trial = 0; trial < 12; ++trial) {
            // About the antipode, a quarter turn away, and anywhere.
            const LonLat quarter{std::remainder(scene.middle.lon + 90 + random.uniform(-2, 2), 360),
                                 random.uniform(-2, 2)};
            const LonLat query = trial % 3 == 0 ? antipode : trial % 3 == 1 ? quarter : on_earth(random);
            SCOPED_TRACE(testing::Message() << "scene " << scene.middle.lon << ',' << scene.middle.lat
                                            << " from " << query.lon << ',' << query.lat);
            const NearestOptions options{.k = trial % 2 == 0 ? 1 : 1 + random.below(30)};
            const auto expected =
                scan_nearest_shapes(shapes, MetricKind::spheroid, Geometry::point(query), options);
            expect_same(searcher.nearest(query, options), expected);
            const NearestOptions within{.k = shapes.size(),
                                        .max_distance = expected[expected.size() / 2].distance};
            const auto expected_within =
                scan_nearest_shapes(shapes, MetricKind::spheroid, Geometry::point(query), within);
            expect_same(searcher.nearest(query, within), expected_within);
        }
    }
}

TEST(ShapeSearcher, FromFarAwayMeasuresFewPieces) {
    tests::Random random;
    const std::vector<Geometry> shapes = shapes_of(random, {{10, 50}, 5}, 2000);
    const ShapeIndex index(shapes, MetricKind::spheroid);
    ShapeSearcher searcher(index);
    constexpr std::uint64_t kSearches = 200;
    for (std::uint64_t i = 0; i < kSearches; ++i) {
        searcher.nearest({random.uniform(-120, -60), random.uniform(-30, 30)}, {.k = 1});
    }
    EXPECT_LT(searcher.counts().distances, 10 * kSearches);
}

TEST(ShapeSearcher, NearestLocationsAreAtTheDistanceReported) {
    tests::Random random;
    for (const MetricKind metric : kMetrics) {
        for (const Scene& scene : kScenes) {
            const std::vector<Geometry> shapes = shapes_of(random, scene, 60);
            const ShapeIndex index(shapes, metric);
            ShapeSearcher searcher(index);
            tests::AnyShape any(random, scene.middle, scene.spread);
            for (int trial = 0; trial < 10; ++trial) {
                for (const ShapeNeighbor& n : searcher.nearest(any(), {.k = 5})) {
                    // A position in degrees is right to some nanometres.
                    ASSERT_NEAR(distance(metric, n.on_query, n.on_shape), n.distance,
                                1e-7 + 1e-12 * n.distance);
                }
            }
        }
    }
}

TEST(ShapeSearcher, DistancesAreTheSameBothWaysAndKeepTheTriangleInequality) {
    tests::Random random;
    for (const MetricKind metric : kMetrics) {
        for (const Scene& scene : kScenes) {
            tests::AnyShape any(random, scene.middle, scene.spread);
            for (int trial = 0; trial < 30; ++trial) {
                const Geometry a = any(), b = any(), c = any.of(GeometryType::point);
                const double there = distance_between(a, b, metric).distance;
                ASSERT_NEAR(distance_between(b, a, metric).distance, there, 1e-8 + 1e-12 * there);
                // Through a point, which has no extent.
                ASSERT_LE(there, distance_between(a, c, metric).distance +
                                     distance_between(c, b, metric).distance + 2e-8);
            }
        }
    }
}

TEST(ShapeSearcher, TurningTheEarthChangesNothing) {
    tests::Random random;
    const auto turned = [](const Geometry& geometry, double by) {
        GeometryBuilder builder;
        builder.begin(GeometryType::multi_line_string);
        for (std::size_t s = 0; s < geometry.sequence_count(); ++s) {
            builder.add_part();
            builder.add_sequence();
            for (const LonLat p : geometry.sequence(s)) builder.add_position({wrapped(p.lon + by), p.lat});
        }
        builder.end();
        return builder.finish();
    };
    for (const Scene& scene : kScenes) {
        tests::AnyShape any(random, scene.middle, scene.spread);
        for (int trial = 0; trial < 20; ++trial) {
            const Geometry a = any.of(GeometryType::multi_line_string);
            const Geometry b = any.of(GeometryType::line_string);
            const double by = random.uniform(0, 360);
            const double there = distance_between(a, b, MetricKind::spheroid).distance;
            ASSERT_NEAR(distance_between(turned(a, by), turned(b, by), MetricKind::spheroid).distance, there,
                        3e-8 + 1e-12 * there);
        }
    }
}

/// All kinds of processors that there are here, one after the other.
TEST(ShapeSearcher, GivesTheSameBitsOnEveryKindOfProcessor) {
    tests::Random random;
    const std::vector<Geometry> shapes = shapes_of(random, kScenes[0], 60);
    tests::AnyShape any(random, kScenes[0].middle, kScenes[0].spread);
    std::vector<Geometry> queries;
    for (int i = 0; i < 20; ++i) queries.push_back(any());
    for (const MetricKind metric : kMetrics) {
        const ShapeIndex index(shapes, metric);
        std::vector<std::vector<ShapeNeighbor>> expected;
        for (const Geometry& query : queries) {
            expected.push_back(scan_nearest_shapes(shapes, metric, query, {.k = 8}));
        }
        for (std::int64_t rest = hwy::SupportedTargets(); rest != 0; rest &= rest - 1) {
            hwy::SetSupportedTargetsForTest(rest & -rest);
            hwy::GetChosenTarget().Update(hwy::SupportedTargets());
            ShapeSearcher searcher(index);
            for (std::size_t i = 0; i < queries.size(); ++i) {
                expect_same(searcher.nearest(queries[i], {.k = 8}), expected[i]);
            }
            hwy::SetSupportedTargetsForTest(0);
        }
        hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    }
}

Geometry line(const std::vector<LonLat>& positions) {
    GeometryBuilder builder;
    builder.begin(GeometryType::line_string);
    builder.add_part();
    builder.add_sequence();
    for (const LonLat p : positions) builder.add_position(p);
    builder.end();
    return builder.finish();
}

TEST(ShapeSearcher, EdgesThatMeetOnlyAtTheAntipodeAreFarApart) {
    // The great circles of both edges cross on the far side of the earth.
    const auto found =
        distance_between(line({{-90, 0}, {0, 0}}), line({{90, 0}, {0, 60}}), MetricKind::spheroid);
    EXPECT_NEAR(found.distance, 6'654'072.819, 1e-3);
}

TEST(ShapeSearcher, AVertexIsAtDistanceZero) {
    tests::Random random;
    for (const MetricKind metric : kMetrics) {
        for (const Scene& scene : kScenes) {
            tests::AnyShape any(random, scene.middle, scene.spread);
            const Geometry shape = any();
            for (const LonLat at : shape.positions()) {
                ASSERT_EQ(distance_between(Geometry::point(at), shape, metric).distance, 0);
            }
        }
    }
}

TEST(ShapeSearcher, ALongEdgeIsAGeodesicAndNotAParallel) {
    // From 0 to 90 east at 60 north a geodesic passes 9 degrees farther north.
    const Geometry edge = line({{0, 60}, {90, 60}});
    const auto found = distance_between(Geometry::point({45, 60}), edge, MetricKind::spheroid);
    EXPECT_GT(found.distance, 800'000);
    EXPECT_GT(found.on_shape.lat, 67);
    EXPECT_NEAR(found.on_shape.lon, 45, 1e-6);
}

TEST(ShapeSearcher, MillionVerticesAndDegenerateLinesAreNoTrouble) {
    std::vector<LonLat> circle;
    for (int i = 0; i < 1'000'000; ++i) {
        const double angle = 6.283185307179586 * i / 1e6;
        circle.push_back({10 * std::cos(angle), 10 * std::sin(angle)});
    }
    const std::vector<Geometry> shapes{line(circle), line({{20, 20}, {20, 20}}),
                                       line({{5, 5}, {5, 5}, {5, 5}})};
    for (const MetricKind metric : kMetrics) {
        const ShapeIndex index(shapes, metric);
        ShapeSearcher searcher(index);
        const auto found = searcher.nearest(LonLat{20, 20}, {.k = 3});
        ASSERT_EQ(found.size(), 3U);
        EXPECT_EQ(found[0].row, 1U);
        EXPECT_EQ(found[0].distance, 0);
        EXPECT_EQ(searcher.nearest(LonLat{5, 5}, {.k = 1})[0].row, 2U);
        // From the middle all of it is about as far.
        EXPECT_EQ(searcher.nearest(LonLat{0, 0}, {.k = 3}).size(), 3U);
    }
}

/// Ends a search by a stop, or by a deadline, as soon as the filter is asked, which is when work has begun.
struct Interruption {
    SearchOptions options() {
        SearchOptions options;
        options.control.stop = stop.get_token();
        options.filter = [this](std::uint32_t) {
            stop.request_stop();
            return true;
        };
        return options;
    }
    static SearchOptions deadline() {
        SearchOptions options;
        const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
        options.control.deadline = end;
        options.filter = [end](std::uint32_t) {
            std::this_thread::sleep_until(end);
            return true;
        };
        return options;
    }
    std::stop_source stop;
};

TEST(ShapeSearcher, EndsInTheMiddleOfItsWorkWhenItIsToldTo) {
    std::vector<LonLat> spiral;
    for (int i = 0; i < 20'000; ++i) spiral.push_back({i * 1e-4 * std::cos(i), i * 1e-4 * std::sin(i)});
    const Geometry one = line(spiral);
    const auto square_at = [](double lon) {
        GeometryBuilder builder;
        builder.begin(GeometryType::polygon);
        builder.add_part();
        builder.add_sequence();
        for (const LonLat p : {LonLat{-3, -3}, {3, -3}, {3, 3}, {-3, 3}, {-3, -3}}) {
            builder.add_position({p.lon + lon, p.lat});
        }
        builder.end();
        return builder.finish();
    };
    const Geometry square = square_at(0), aside = square_at(20);
    const std::vector<Geometry> huge{one};
    const std::vector<Geometry> many(5'000, square);
    constexpr double kAll = std::numeric_limits<double>::infinity();
    for (const MetricKind metric : kMetrics) {
        const ShapeIndex of_one(huge, metric), of_many(many, metric);
        const std::vector<std::function<void(const SearchOptions&)>> works{
            [&](const SearchOptions& search) {
                ShapeSearcher(of_one).within_distance(LonLat{1, 1}, kAll, search);
            },
            [&](const SearchOptions& search) { ShapeSearcher(of_one).nearest(one, {.k = 1}, search); },
            [&](const SearchOptions& search) { ShapeSearcher(of_one).nearest(square, {.k = 1}, search); },
            [&](const SearchOptions& search) {
                ShapeSearcher(of_many).nearest(LonLat{1, 1}, {.k = 1}, search);
            },
            [&](const SearchOptions& search) {
                ShapeSearcher(of_many).within_distance(LonLat{5, 5}, kAll, search);
            },
            [&](const SearchOptions& search) { scan_nearest_shapes(huge, metric, one, {.k = 1}, search); },
            [&](const SearchOptions& search) { scan_nearest_shapes(huge, metric, aside, {.k = 1}, search); },
            [&](const SearchOptions& search) {
                scan_nearest_shapes(many, metric, Geometry::point({5, 5}), {.k = 1}, search);
            }};
        for (std::size_t i = 0; i < works.size(); ++i) {
            Interruption interruption;
            EXPECT_EQ(tests::thrown_code([&] { works[i](interruption.options()); }), Code::cancelled)
                << name(metric) << ", work " << i;
            EXPECT_EQ(tests::thrown_code([&] { works[i](Interruption::deadline()); }),
                      Code::deadline_exceeded)
                << name(metric) << ", work " << i;
        }
    }
}

TEST(ShapeSearcher, RefusesWhatHasNoMeaning) {
    const std::vector<Geometry> shapes{line({{0, 0}, {1, 1}})};
    const ShapeIndex index(shapes, MetricKind::spheroid);
    ShapeSearcher searcher(index);
    const auto code = [&](auto search) { return tests::thrown_code(search); };
    EXPECT_EQ(code([&] { searcher.nearest(LonLat{0, 91}, {.k = 1}); }), Code::invalid_argument);
    EXPECT_EQ(code([&] { searcher.nearest(LonLat{0, 0}, {.k = 0}); }), Code::invalid_argument);
    EXPECT_EQ(code([&] { searcher.nearest(Geometry(), {.k = 1}); }), Code::invalid_argument);
    EXPECT_EQ(code([&] { searcher.within_distance(LonLat{0, 0}, -1); }), Code::invalid_argument);
    EXPECT_EQ(code([&] {
                  searcher.nearest(LonLat{0, 0}, {.k = 1}, {.where = AttributeValue{}});
              }),
              Code::unsupported);
    const SearchOptions late{.control = {.deadline = std::chrono::steady_clock::now()}};
    EXPECT_EQ(code([&] { searcher.nearest(LonLat{0, 0}, {.k = 1}, late); }), Code::deadline_exceeded);
    const std::vector<Geometry> bad{shapes[0], line({{0, 0}, {180, 0}})};
    EXPECT_EQ(code([&] { ShapeIndex(bad, MetricKind::sphere); }), Code::invalid_argument);
    const ShapeIndex empty(std::vector<Geometry>(), MetricKind::sphere);
    EXPECT_EQ(empty.size(), 0U);
    ShapeSearcher of_nothing(empty);
    EXPECT_TRUE(of_nothing.nearest(LonLat{0, 0}, {.k = 3}).empty());
}

}  // namespace
}  // namespace crowfly
