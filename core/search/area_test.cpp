#include "core/search/area.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "core/metric/with_metric.h"
#include "tests/support/seed.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Area polygon(const std::vector<std::vector<LonLat>>& rings) {
    return Area::polygon(rings, Crs::wgs84);
}

TEST(Area, TheSidesOfABoxCount) {
    const Area area = Area::box(-10, 40, 5, 50, Crs::wgs84);
    for (const LonLat inside : {LonLat{-10, 40}, {5, 50}, {0, 45}}) EXPECT_TRUE(area.contains(inside));
    for (const LonLat outside : {LonLat{-10.001, 45}, {5.001, 45}, {0, 39.999}, {0, 50.001}}) {
        EXPECT_FALSE(area.contains(outside));
    }
}

TEST(Area, ABoxMayCrossTheAntimeridian) {
    const Area area = Area::box(170, -20, -170, 20, Crs::wgs84);
    for (const LonLat inside : {LonLat{170, 0}, {180, 0}, {-180, 20}, {-170, -20}, {-175, 1}}) {
        EXPECT_TRUE(area.contains(inside)) << inside.lon;
    }
    for (const LonLat outside : {LonLat{169.9, 0}, {-169.9, 0}, {0, 0}, {180, 21}}) {
        EXPECT_FALSE(area.contains(outside)) << outside.lon;
    }
}

TEST(Area, LongitudesOf180AreOneMeridian) {
    EXPECT_TRUE(Area::box(-180, 0, -170, 10, Crs::wgs84).contains({180, 5}));
    EXPECT_TRUE(Area::box(170, 0, 180, 10, Crs::wgs84).contains({-180, 5}));
    EXPECT_FALSE(Area::box(170, 0, 180, 10, Crs::planar).contains({-180, 5}));
}

TEST(Area, APolygonHasHolesAndItsBorderCounts) {
    const Area area =
        polygon({{{0, 0}, {10, 0}, {10, 10}, {0, 10}, {0, 0}}, {{4, 4}, {6, 4}, {6, 6}, {4, 6}, {4, 4}}});
    for (const LonLat inside : {LonLat{1, 1}, {0, 0}, {5, 0}, {10, 7}, {4, 5}, {6, 6}, {5, 3.9}}) {
        EXPECT_TRUE(area.contains(inside)) << inside.lon << " " << inside.lat;
    }
    for (const LonLat outside : {LonLat{5, 5}, {-0.1, 5}, {10.1, 10}, {5, 10.1}, {4.1, 4.1}}) {
        EXPECT_FALSE(area.contains(outside)) << outside.lon << " " << outside.lat;
    }
}

TEST(Area, ARayThroughCornersIsCountedOnce) {
    const Area diamond = polygon({{{0, -1}, {1, 0}, {0, 1}, {-1, 0}, {0, -1}}});
    EXPECT_TRUE(diamond.contains({0, 0}));
    EXPECT_FALSE(diamond.contains({-2, 0}));
    EXPECT_FALSE(diamond.contains({-0.5, 1}));
    EXPECT_FALSE(diamond.contains({-0.5, -1}));
    const Area flat = polygon({{{0, 0}, {1, 0}, {2, 0}, {0, 0}}});
    EXPECT_TRUE(flat.contains({1.5, 0}));
    EXPECT_FALSE(flat.contains({3, 0}));
}

TEST(Area, ARingMayRunAcrossTheAntimeridian) {
    const Area area = polygon({{{170, -10}, {190, -10}, {190, 10}, {170, 10}, {170, -10}}});
    EXPECT_TRUE(area.contains({-175, 0}));
    EXPECT_TRUE(area.contains({175, 0}));
    EXPECT_TRUE(area.contains({-180, 0}));
    EXPECT_FALSE(area.contains({-169, 0}));
}

TEST(Area, ManyEdgesAgreeWithThePlainRay) {
    tests::Random random;
    std::vector<LonLat> ring;
    for (int i = 0; i < 500; ++i) {
        const double angle = i * 2 * 3.14159265358979 / 500;
        const double radius = random.uniform(5, 20);
        ring.push_back({radius * std::cos(angle), radius * std::sin(angle)});
    }
    ring.push_back(ring.front());
    const Area area = polygon({ring});
    for (int trial = 0; trial < 5000; ++trial) {
        const LonLat p{random.uniform(-21, 21), random.uniform(-21, 21)};
        bool inside = false;
        for (std::size_t i = 1; i < ring.size(); ++i) {
            const LonLat a = ring[i - 1];
            const LonLat b = ring[i];
            if ((a.lat > p.lat) == (b.lat > p.lat)) continue;
            if (p.lon < a.lon + (p.lat - a.lat) / (b.lat - a.lat) * (b.lon - a.lon)) inside = !inside;
        }
        ASSERT_EQ(area.contains(p), inside) << p.lon << " " << p.lat;
    }
}

TEST(Area, ARingOfTallEdgesTakesLittleMemory) {
    // Each of the 200,000 edges spans all latitudes of the ring.
    std::vector<LonLat> ring;
    for (int i = 0; i < 200'000; ++i) ring.push_back({i * 1e-4, i % 2 == 0 ? 0.0 : 10.0});
    ring.push_back({20, -1});
    ring.push_back(ring.front());
    const Area area = polygon({ring});
    EXPECT_TRUE(area.contains({0.00005, 5}) != area.contains({0.00005, 11}));
}

TEST(Area, RefusesWhatIsNone) {
    const auto refused = [](const std::function<void()>& make) { return tests::thrown_code(make); };
    EXPECT_EQ(refused([] { Area::box(0, 10, 1, 9, Crs::wgs84); }), Code::invalid_argument);
    EXPECT_EQ(refused([] { Area::box(0, 0, kNan, 9, Crs::wgs84); }), Code::invalid_argument);
    EXPECT_EQ(refused([] { Area::box(0, 0, 181, 9, Crs::wgs84); }), Code::invalid_argument);
    EXPECT_EQ(refused([] { Area::box(5, 0, 1, 9, Crs::planar); }), Code::invalid_argument);
    EXPECT_EQ(refused([] { polygon({}); }), Code::invalid_argument);
    EXPECT_EQ(refused([] { polygon({{{0, 0}, {1, 0}, {0, 0}}}); }), Code::invalid_argument);
    EXPECT_EQ(refused([] { polygon({{{0, 0}, {1, 0}, {1, 1}, {0, 1}}}); }), Code::invalid_argument);
    EXPECT_EQ(refused([] { polygon({{{0, 0}, {1, 0}, {1, 91}, {0, 0}}}); }), Code::invalid_argument);
    EXPECT_EQ(tests::thrown_text([] {
                  polygon({{{0, 0}, {1, 0}, {1, kNan}, {0, 0}}});
              }),
              "invalid_argument area: ring 0, position 2: nan is not a finite number");
}

TEST(AreaGate, LetsEveryBoxThroughThatHoldsAPositionOfTheArea) {
    tests::Random random;
    std::size_t kept_out = 0;
    for (int trial = 0; trial < 3000; ++trial) {
        const double west = random.uniform(-180, 180);
        double east = trial % 3 == 0 ? random.uniform(-180, 180) : west + random.uniform(0, 20);
        if (east > 180) east -= 360;
        const double south = trial % 7 == 0 ? -90 : random.uniform(-90, 89);
        const Area area = Area::box(west, south, east, random.uniform(south, 90), Crs::wgs84);
        for (const MetricKind kind : {MetricKind::plane, MetricKind::sphere, MetricKind::spheroid}) {
            const AreaGate gate(area, kind);
            with_metric(kind, [&]<class M>(M /*metric*/) {
                const LonLat corner{random.uniform(-180, 180), random.uniform(-90, 90)};
                auto box = Box<M::kDimensions>::empty();
                bool holds = false;
                for (int i = 0; i < 6; ++i) {
                    const LonLat p{std::remainder(corner.lon + random.uniform(-5, 5), 360),
                                   std::clamp(corner.lat + random.uniform(-5, 5), -90.0, 90.0)};
                    box.grow(M::embed(p));
                    holds = holds || area.contains(p);
                }
                EXPECT_TRUE(gate.may_hold(box) || !holds);
                kept_out += gate.may_hold(box) ? 0 : 1;
            });
        }
    }
    EXPECT_GT(kept_out, 4000U) << "a gate that lets everything through";
}

}  // namespace
}  // namespace crowfly
