#include "core/cluster/concave_hull.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace crowfly {
namespace {

double area(const Path& ring) {
    double doubled = 0;
    for (std::size_t i = 1; i < ring.size(); ++i) {
        doubled += (ring[i - 1].lon - ring[0].lon) * (ring[i].lat - ring[0].lat) -
                   (ring[i].lon - ring[0].lon) * (ring[i - 1].lat - ring[0].lat);
    }
    return doubled / 2;
}

std::vector<LonLat> unique(std::vector<LonLat> points) {
    const auto key = [](LonLat p) { return std::pair(p.lon, p.lat); };
    std::sort(points.begin(), points.end(), [&](LonLat a, LonLat b) { return key(a) < key(b); });
    points.erase(std::unique(points.begin(), points.end()), points.end());
    return points;
}

/// The hull must hold all points and have them for vertices, be counterclockwise, and shrink with the ratio.
void expect_hulls(const std::vector<LonLat>& points, const std::string& what) {
    const PlanarGeos geos;
    double larger = std::abs(area(geos.convex_hull(points))) * (1 + 1e-9);
    for (const double ratio : {1.0, 0.7, 0.3, 0.05, 0.0}) {
        const Path hull = concave_hull(points, ratio, geos);
        if (hull.size() < 4) continue;
        EXPECT_EQ(hull.front(), hull.back());
        EXPECT_TRUE(geos.outside(hull, points).empty()) << what << ' ' << ratio;
        for (const LonLat vertex : hull) {
            EXPECT_NE(std::find(points.begin(), points.end(), vertex), points.end()) << what << ' ' << ratio;
        }
        EXPECT_GE(area(hull), 0) << what << ' ' << ratio;
        EXPECT_LE(area(hull), larger * (1 + 1e-9)) << what << ' ' << ratio;
        if (what != "thin") larger = area(hull);  // else it may be the convex one again
    }
}

TEST(ConcaveHull, HoldsAllPointsAndShrinksWithTheRatio) {
    tests::Random random;
    for (const std::size_t count : {3U, 4U, 5U, 20U, 300U}) {
        for (int trial = 0; trial < 20; ++trial) {
            std::vector<LonLat> scattered, gridded, thin, twins;
            for (std::size_t i = 0; i < count; ++i) {
                const double x = random.uniform(0, 1), y = random.uniform(0, 1);
                scattered.push_back({x, y});
                gridded.push_back({std::floor(x * 12) / 10, std::floor(y * 12) / 10});
                thin.push_back({x, 0.3 * x + 1e-13 * y});
                twins.push_back({x, y});
                twins.push_back({x + 1e-12 * y, y});
            }
            expect_hulls(unique(scattered), "scattered");
            expect_hulls(unique(gridded), "gridded");
            expect_hulls(unique(thin), "thin");
            expect_hulls(unique(twins), "twins");
        }
    }
}

// Sets that crash GEOS 3.11.1, from issues 719 and 946 of libgeos/geos and 1971 of shapely/shapely.
TEST(ConcaveHull, OfPointsNearlyInALine) {
    expect_hulls({{584245.72096874, 7549593.72686167},
                  {584251.71398371, 7549594.01629478},
                  {584242.72446125, 7549593.58214511},
                  {584230.73978847, 7549592.9760418},
                  {584233.73581213, 7549593.13045099},
                  {584236.7318358, 7549593.28486019},
                  {584239.72795377, 7549593.43742855},
                  {584227.74314188, 7549592.83423486}},
                 "946");
    expect_hulls({{1139294.6389832512941211, 8201313.5346954688429832},
                  {1139360.8549531854223460, 8201271.1898052766919136},
                  {1139497.5995843114797026, 8201199.9955425458028913},
                  {1139567.7837303513661027, 8201163.3485335074365139},
                  {1139635.3942210066597909, 8201119.9025274068117142}},
                 "719");
    expect_hulls({{175682.210293, 505233.365178},
                  {175682.210295, 505233.365177},
                  {175684.375108, 505254.524644},
                  {175684.375109, 505254.524642},
                  {175683.226468, 505243.284373}},
                 "1971");
}

TEST(ConcaveHull, GoesIntoANotch) {
    std::vector<LonLat> points;
    for (int x = 0; x <= 10; ++x) {
        for (int y = 0; y <= 10; ++y) {
            if (y <= 5 || x <= 3 || x >= 7) points.push_back({x * 1.0, y * 1.0});
        }
    }
    const PlanarGeos geos;
    EXPECT_EQ(area(concave_hull(points, 1, geos)), 100);
    // Edges are 1 to 4 long; up to 1.9 the diagonals in the two corners stay.
    EXPECT_EQ(area(concave_hull(points, 0.3, geos)), 81);
    EXPECT_EQ(area(concave_hull(points, 0.1, geos)), 80);
}

TEST(ConcaveHull, OfALineIsTheLine) {
    const PlanarGeos geos;
    const std::vector<LonLat> line{{0, 0}, {1, 1}, {2, 2}, {5, 5}};
    EXPECT_EQ(concave_hull(line, 0.2, geos).size(), 2U);
    EXPECT_EQ(concave_hull(std::vector<LonLat>{{3, 4}}, 0.2, geos), (Path{{3, 4}}));
}

}  // namespace
}  // namespace crowfly
