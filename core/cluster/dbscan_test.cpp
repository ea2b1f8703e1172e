#include "core/cluster/dbscan.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include <gtest/gtest.h>

#include "core/cluster/scan_dbscan.h"
#include "core/error.h"
#include "core/search/scan.h"
#include "tests/support/seed.h"
#include "tests/support/shapes.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

constexpr MetricKind kMetrics[] = {MetricKind::plane, MetricKind::sphere, MetricKind::spheroid};
using Labels = std::vector<std::int64_t>;

void expect_scan(std::span<const LonLat> positions, MetricKind metric, const DbscanOptions& options,
                 const std::string& what) {
    const Clustering expected = scan_dbscan(positions, metric, options);
    const auto note = [&] {
        return what + ", " + std::string(name(metric)) + ", eps " + std::to_string(options.eps) +
               ", min_points " + std::to_string(options.min_points);
    };
    EXPECT_EQ(dbscan(positions, metric, options), expected) << note();
    const PointIndex best(positions, metric);
    EXPECT_EQ(dbscan(best, options), expected) << note();
    ThreadExecutor two(2), three(3);
    for (Executor* executor : {&two, &three}) {
        DbscanOptions parallel = options;
        parallel.executor = executor;
        EXPECT_EQ(dbscan(positions, metric, parallel), expected) << note() << " in threads";
    }
}

/// Metres, or for the plane about as many degrees.
double in_units(double metres, MetricKind metric) {
    return metric == MetricKind::plane ? metres / 111'000 : metres;
}

TEST(Dbscan, EqualsTheScanOnHurtfulShapes) {
    for (const tests::Shape& shape : tests::hurtful_shapes()) {
        for (const MetricKind metric : kMetrics) {
            for (const double metres : {0.0, 25'000.0, 2e6}) {
                for (const std::size_t min_points : {2U, 7U}) {
                    expect_scan(shape.points, metric,
                                {.eps = in_units(metres, metric), .min_points = min_points}, shape.name);
                }
            }
        }
    }
}

std::vector<LonLat> crowds(tests::Random& random, std::size_t count, LonLat middle, double spread) {
    std::vector<LonLat> points;
    while (points.size() < count) {
        const LonLat heart{middle.lon + random.uniform(-spread, spread),
                           middle.lat + random.uniform(-spread, spread)};
        const double reach = spread * std::pow(10.0, random.uniform(-4, -0.5));
        for (std::size_t size = 1 + random.below(80); size > 0 && points.size() < count; --size) {
            LonLat at{heart.lon + random.uniform(-reach, reach), heart.lat + random.uniform(-reach, reach)};
            // Some come again at the very same place.
            for (std::size_t times = random.below(10) == 0 ? 1 + random.below(30) : 1; times > 0; --times) {
                points.push_back(at);
            }
        }
    }
    for (LonLat& at : points) {
        at.lon = std::remainder(at.lon, 360);
        at.lat = std::clamp(at.lat, -90.0, 90.0);
    }
    return points;
}

TEST(Dbscan, EqualsTheScanOnCrowdsAnywhere) {
    tests::Random random;
    const LonLat middles[] = {{10, 50}, {179.9, -17}, {-180, 0}, {30, 89.5}, {-100, -89.9}, {0, 0}};
    for (const LonLat middle : middles) {
        for (const double spread : {1e-5, 0.01, 1.0}) {
            const std::vector<LonLat> points = crowds(random, 500, middle, spread);
            for (const MetricKind metric : kMetrics) {
                for (int trial = 0; trial < 3; ++trial) {
                    const double eps = spread * std::pow(10.0, random.uniform(-3, 0)) * 111'000;
                    const std::size_t min_points = 1 + random.below(trial % 2 == 0 ? 12 : 200);
                    expect_scan(points, metric, {.eps = in_units(eps, metric), .min_points = min_points},
                                "crowds");
                }
            }
        }
    }
}

TEST(Dbscan, EqualsTheScanWhereManyDistancesAreEpsItself) {
    std::vector<LonLat> grid;
    for (int x = 0; x < 16; ++x) {
        for (int y = 0; y < 16; ++y) {
            if ((x * 7 + y * 3) % 11 < 8) grid.push_back({x * 0.25, y * 0.25});
        }
    }
    for (const MetricKind metric : kMetrics) {
        for (const LonLat to : {grid[1], LonLat{0.25, 0}, LonLat{0.25, 0.25}, LonLat{0.5, 0.25}}) {
            const double eps = scan_nearest(std::vector{to}, metric, {0, 0}, {.k = 1}).front().distance;
            for (const std::size_t min_points : {1U, 3U, 4U, 5U, 9U}) {
                expect_scan(grid, metric, {.eps = eps, .min_points = min_points}, "grid");
                const double less = std::nextafter(eps, 0);
                expect_scan(grid, metric, {.eps = less, .min_points = min_points}, "grid");
            }
        }
    }
}

TEST(Dbscan, DoesNotDependOnTheOrderOfTheRows) {
    tests::Random random;
    const std::vector<LonLat> points = crowds(random, 3000, {179.99, 60}, 0.5);
    std::vector<std::uint32_t> ids(points.size());
    std::iota(ids.begin(), ids.end(), 0U);
    for (const MetricKind metric : kMetrics) {
        const DbscanOptions options{.eps = in_units(2000, metric), .min_points = 6};
        const Clustering expected = dbscan(points, metric, options);
        ASSERT_GT(expected.clusters, 3U);
        for (int trial = 0; trial < 5; ++trial) {
            std::shuffle(ids.begin(), ids.end(), random.engine());
            std::vector<LonLat> shuffled;
            std::vector<std::int64_t> column;
            for (const std::uint32_t id : ids) {
                shuffled.push_back(points[id]);
                column.push_back(id);
            }
            DbscanOptions by_id = options;
            by_id.order = [&](std::uint32_t a, std::uint32_t b) { return ids[a] < ids[b]; };
            const Clustering found = dbscan(shuffled, metric, by_id);
            const PointIndex index({.positions = shuffled, .ids = column}, metric);
            const Clustering of_index = dbscan(index, options);
            EXPECT_EQ(of_index, found);
            for (std::size_t row = 0; row < ids.size(); ++row) {
                ASSERT_EQ(found.labels[row], expected.labels[ids[row]]);
                ASSERT_EQ(found.core[row], expected.core[ids[row]]);
            }
        }
    }
}

// Three in a row are core; the point between two rows is as far from both, and goes to the core point of
// the lesser id.
TEST(Dbscan, GivesABorderPointToTheNearestCorePointAndThenById) {
    const std::vector<LonLat> points{{10, 0}, {11, 0}, {12, 0}, {0, 0}, {1, 0}, {2, 0}, {6, 0}};
    const DbscanOptions options{.eps = 4, .min_points = 3};
    EXPECT_EQ(dbscan(points, MetricKind::plane, options).labels, (Labels{0, 0, 0, 0, 0, 0, 0}));
    const std::vector<LonLat> apart{{10, 0}, {11, 0}, {11, 1},  {11, -1}, {0, 0},
                                    {-1, 0}, {-1, 1}, {-1, -1}, {5, 0}};
    const DbscanOptions five{.eps = 5, .min_points = 4};
    // The point in the middle sees two others: it is a border point of both.
    EXPECT_EQ(dbscan(apart, MetricKind::plane, five).labels, (Labels{0, 0, 0, 0, 1, 1, 1, 1, 0}));
    DbscanOptions reversed = five;
    reversed.order = [](std::uint32_t a, std::uint32_t b) { return a > b; };
    EXPECT_EQ(dbscan(apart, MetricKind::plane, reversed).labels, (Labels{1, 1, 1, 1, 0, 0, 0, 0, 0}));
    std::vector<LonLat> nearer = apart;
    nearer.back().lon = 4.5;
    EXPECT_EQ(dbscan(nearer, MetricKind::plane, five).labels, (Labels{0, 0, 0, 0, 1, 1, 1, 1, 1}));
}

// The border point has the least id of all, so its cluster comes first.
TEST(Dbscan, NumbersClustersByTheirLeastMemberBorderPointsIncluded) {
    const std::vector<LonLat> points{{10.9, 0}, {0, 0}, {0.5, 0}, {0, 0.5}, {10, 0}, {9.5, 0}, {10, 0.5}};
    EXPECT_EQ(dbscan(points, MetricKind::plane, {.eps = 1, .min_points = 3}).labels,
              (Labels{0, 1, 1, 1, 0, 0, 0}));
}

TEST(Dbscan, OfNothingAndOfLittle) {
    for (const MetricKind metric : kMetrics) {
        EXPECT_EQ(dbscan(std::vector<LonLat>(), metric, {.eps = 1, .min_points = 1}), Clustering());
        const std::vector<LonLat> one{{5, 5}};
        EXPECT_EQ(dbscan(one, metric, {.eps = 0, .min_points = 1}).labels, Labels{0});
        EXPECT_EQ(dbscan(one, metric, {.eps = 0, .min_points = 2}).labels, Labels{kNoise});
    }
}

TEST(Dbscan, JudgesItsInput) {
    const std::vector<LonLat> points{{0, 0}, {0, 95}};
    const auto text = [&](double eps, std::size_t min_points, MetricKind metric) {
        return tests::thrown_text([&] { dbscan(points, metric, {.eps = eps, .min_points = min_points}); });
    };
    const double infinity = std::numeric_limits<double>::infinity();
    const double nan = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(text(-1, 5, MetricKind::plane),
              "invalid_argument eps is -1; it must be a finite number of 0 or more");
    EXPECT_EQ(text(infinity, 5, MetricKind::plane),
              "invalid_argument eps is inf; it must be a finite number of 0 or more");
    EXPECT_EQ(text(nan, 5, MetricKind::plane),
              "invalid_argument eps is nan; it must be a finite number of 0 or more");
    EXPECT_EQ(text(1, 0, MetricKind::plane), "invalid_argument min_points is 0; it must be at least 1");
    EXPECT_EQ(text(1, 1, MetricKind::plane), "no error");
    EXPECT_NE(text(1, 1, MetricKind::sphere).find("point 1: "), std::string::npos);
    EXPECT_EQ(
        tests::thrown_text([&] { scan_dbscan(points, MetricKind::sphere, {.eps = 1, .min_points = 1}); }),
        text(1, 1, MetricKind::sphere));
}

TEST(Dbscan, EndsWhenItIsToldTo) {
    tests::Random random;
    const std::vector<LonLat> points = crowds(random, 20'000, {0, 0}, 1);
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(tests::thrown_code([&] {
                  dbscan(points, MetricKind::plane, {.eps = 0.1, .control = {.stop = stop.get_token()}});
              }),
              Code::cancelled);
    EXPECT_EQ(tests::thrown_code([&] {
                  dbscan(points, MetricKind::plane,
                         {.eps = 0.1, .control = {.deadline = std::chrono::steady_clock::now()}});
              }),
              Code::deadline_exceeded);
    EXPECT_EQ(tests::thrown_code([&] {
                  dbscan(points, MetricKind::plane,
                         {.eps = 0.1, .progress = [](std::uint64_t, std::uint64_t) {
                              throw Error(Code::cancelled, "enough");
                          }});
              }),
              Code::cancelled);
}

TEST(Dbscan, TellsHowFarItIs) {
    tests::Random random;
    const std::vector<LonLat> points = crowds(random, 20'000, {0, 0}, 1);
    ThreadExecutor executor(3);
    std::uint64_t last = 0, whole = 0;
    dbscan(points, MetricKind::spheroid,
           {.eps = 500, .executor = &executor, .progress = [&](std::uint64_t done, std::uint64_t total) {
                EXPECT_GE(done, last);
                last = done;
                whole = total;
            }});
    EXPECT_GT(whole, 0U);
    EXPECT_EQ(last, whole);
    last = whole = 0;
    scan_dbscan(std::span(points).first(500), MetricKind::plane,
                {.eps = 0.01, .progress = [&](std::uint64_t done, std::uint64_t total) {
                     EXPECT_EQ(done, last + 1);
                     last = done;
                     whole = total;
                 }});
    EXPECT_EQ(last, 1000U);
    EXPECT_EQ(whole, 1000U);
}

/// Of so many points the scan would take hours: what is expected is known beforehand.
TEST(Dbscan, TakesPointsByTheHundredThousandWhateverEpsIs) {
    constexpr std::size_t kCount = 200'000;
    const std::vector<LonLat> same(kCount, LonLat{-118.29, 36.58});
    std::vector<LonLat> meridian, line;
    for (std::size_t i = 0; i < kCount; ++i) {
        const double share = static_cast<double>(i) / static_cast<double>(kCount - 1);
        meridian.push_back({30, -90 + 180 * share});
        line.push_back({530'000 + 1e-5 * share, 180'000});
    }
    for (const MetricKind metric : kMetrics) {
        for (const double eps : {0.0, 1e-9, 1.0, 3e7}) {
            for (const std::size_t min_points : {std::size_t{1}, std::size_t{5}, kCount}) {
                const Clustering found = dbscan(same, metric, {.eps = eps, .min_points = min_points});
                EXPECT_EQ(found.labels, Labels(kCount, 0)) << name(metric) << ' ' << eps;
                EXPECT_EQ(found.clusters, 1U);
            }
        }
        const Clustering none = dbscan(same, metric, {.eps = 1, .min_points = kCount + 1});
        EXPECT_EQ(none.labels, Labels(kCount, kNoise));
        // They stand 100 m apart.
        EXPECT_EQ(dbscan(meridian, metric, {.eps = in_units(20, metric), .min_points = 2}).labels,
                  Labels(kCount, kNoise));
        EXPECT_EQ(dbscan(meridian, metric, {.eps = in_units(250, metric), .min_points = 5}).labels,
                  Labels(kCount, 0));
        EXPECT_EQ(dbscan(meridian, metric, {.eps = in_units(1e6, metric), .min_points = 3000}).labels,
                  Labels(kCount, 0));
        EXPECT_EQ(dbscan(meridian, metric, {.eps = 3e7, .min_points = kCount}).labels, Labels(kCount, 0));
    }
    // Closer together than a float can tell.
    EXPECT_EQ(dbscan(line, MetricKind::plane, {.eps = 1e-7, .min_points = 100}).labels, Labels(kCount, 0));
}

/// A ring of border points around core points that all stand at one place, and tie.
TEST(Dbscan, TakesTiesByTheHundredThousand) {
    constexpr std::size_t kHalf = 100'000;
    std::vector<LonLat> points(kHalf, LonLat{0, 0});
    for (std::size_t i = 0; i < kHalf; ++i) {
        const double angle = 6.283185307179586 * static_cast<double>(i) / kHalf;
        points.push_back({std::cos(angle), std::sin(angle)});
    }
    // From the ring, all in the middle and two thirds of the ring are within 1.8.
    const Clustering found = dbscan(points, MetricKind::plane, {.eps = 1.8, .min_points = 2 * kHalf});
    EXPECT_EQ(found.labels, Labels(2 * kHalf, 0));
    EXPECT_EQ(std::count(found.core.begin(), found.core.end(), true), static_cast<std::ptrdiff_t>(kHalf));
}

}  // namespace
}  // namespace crowfly
