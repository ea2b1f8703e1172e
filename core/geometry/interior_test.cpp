#include "core/geometry/interior.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "core/geometry/geometry.h"
#include "core/index/shape_index.h"
#include "core/search/area.h"
#include "tests/support/seed.h"

namespace crowfly {
namespace {

using Ring = std::vector<LonLat>;

Geometry polygon(const std::vector<Ring>& rings) {
    GeometryBuilder builder;
    builder.begin(GeometryType::polygon);
    builder.add_part();
    for (const Ring& ring : rings) {
        builder.add_sequence();
        for (const LonLat position : ring) builder.add_position(position);
    }
    builder.end();
    return builder.finish();
}

template <Metric M>
bool inside(const Geometry& shape, LonLat position) {
    const auto prepared = PreparedShape<M>::of(shape);
    const auto embedded = M::embed(position);
    const bool contains = prepared.polygons.at(0).contains(position, embedded);
    EXPECT_TRUE(!contains || prepared.polygons[0].box_holds(embedded))
        << "outside the box: " << position.lon << ',' << position.lat;
    return contains;
}

/// By every metric that measures on earth.
void expect_inside(bool expected, const Geometry& shape, LonLat position) {
    EXPECT_EQ(inside<Sphere>(shape, position), expected) << position.lon << ',' << position.lat;
    EXPECT_EQ(inside<Spheroid>(shape, position), expected) << position.lon << ',' << position.lat;
}

TEST(PolygonInterior, OfASquareWithAHoleIsBetweenItsRings) {
    const Geometry shape =
        polygon({{{0, 0}, {10, 0}, {10, 10}, {0, 10}, {0, 0}}, {{4, 4}, {6, 4}, {6, 6}, {4, 6}, {4, 4}}});
    for (const LonLat in : {LonLat{1, 1}, LonLat{5, 3}, LonLat{9, 9}, LonLat{6.5, 5}}) {
        EXPECT_TRUE(inside<Plane>(shape, in));
        expect_inside(true, shape, in);
    }
    for (const LonLat out : {LonLat{5, 5}, LonLat{-1, 5}, LonLat{11, 5}, LonLat{5, 11}, LonLat{5, -1},
                             LonLat{180, 0}, LonLat{-170, -5}, LonLat{0, 90}, LonLat{0, -90}}) {
        EXPECT_FALSE(inside<Plane>(shape, out));
        expect_inside(false, shape, out);
    }
}

TEST(PolygonInterior, IsTheSmallerSideWhateverTheDirectionOfTheRing) {
    Ring ring{{-20, -30}, {40, -30}, {40, 30}, {-20, 30}, {-20, -30}};
    for (int turn = 0; turn < 2; ++turn) {
        expect_inside(true, polygon({ring}), {10, 0});
        expect_inside(false, polygon({ring}), {170, 0});
        std::reverse(ring.begin(), ring.end());
    }
}

TEST(PolygonInterior, MayHoldAPole) {
    for (const double lat : {80.0, -80.0}) {
        Ring ring{{0, lat}, {90, lat}, {180, lat}, {-90, lat}, {0, lat}};
        for (int turn = 0; turn < 2; ++turn) {
            const Geometry cap = polygon({ring});
            const double sign = lat > 0 ? 1 : -1;
            expect_inside(true, cap, {0, 90 * sign});
            expect_inside(true, cap, {123, 89 * sign});
            expect_inside(true, cap, {-180, 81 * sign});
            expect_inside(false, cap, {0, 79 * sign});
            expect_inside(false, cap, {0, -90 * sign});
            expect_inside(false, cap, {45, -89 * sign});
            std::reverse(ring.begin(), ring.end());
        }
    }
}

TEST(PolygonInterior, MayRunAlongAPoleAndTheAntimeridianAsMapsOfAntarcticaDo) {
    const Geometry antarctica = polygon(
        {{{-180, -70}, {-90, -75}, {0, -70}, {90, -65}, {180, -70}, {180, -90}, {-180, -90}, {-180, -70}}});
    expect_inside(true, antarctica, {0, -89});
    expect_inside(true, antarctica, {179, -80});
    expect_inside(true, antarctica, {-179, -80});
    expect_inside(true, antarctica, {45, -75});
    expect_inside(false, antarctica, {0, -60});
    expect_inside(false, antarctica, {0, 90});
}

TEST(PolygonInterior, MayHaveACornerAtAPole) {
    const Geometry sector = polygon({{{0, 90}, {0, 60}, {90, 60}, {90, 90}, {0, 90}}});
    expect_inside(true, sector, {45, 75});
    expect_inside(true, sector, {1, 89});
    expect_inside(false, sector, {-45, 75});
    expect_inside(false, sector, {135, 89});
    expect_inside(false, sector, {45, 50});
    expect_inside(false, sector, {45, -75});
}

TEST(PolygonInterior, MayCrossTheAntimeridian) {
    const Geometry shape = polygon({{{170, -10}, {-170, -10}, {-170, 10}, {170, 10}, {170, -10}}});
    expect_inside(true, shape, {180, 0});
    expect_inside(true, shape, {-180, 0});
    expect_inside(true, shape, {175, 5});
    expect_inside(true, shape, {-175, -5});
    expect_inside(false, shape, {0, 0});
    expect_inside(false, shape, {165, 0});
    expect_inside(false, shape, {-165, 0});
}

TEST(PolygonInterior, AnEdgeOverAPoleIsMetThere) {
    // From 80 degrees on one meridian over the pole to 80 on the opposite one, back east of it.
    const Geometry half_cap = polygon({{{0, 80}, {180, 80}, {90, 80}, {0, 80}}});
    expect_inside(true, half_cap, {90, 85});
    expect_inside(false, half_cap, {-90, 85});
    expect_inside(false, half_cap, {90, 75});
}

TEST(PolygonInterior, WithEdgesThroughBothPolesIsRefused) {
    const Geometry lune = polygon({{{0, 0}, {0, 90}, {60, 0}, {30, -90}, {0, 0}}});
    const auto fault = geometry_fault(lune, Crs::wgs84);
    ASSERT_TRUE(fault);
    EXPECT_EQ(fault->vertex, 3U);
    EXPECT_FALSE(geometry_fault(polygon({{{0, 0}, {0, 90}, {60, 0}, {30, 20}, {0, 0}}}), Crs::wgs84));
}

TEST(PolygonInterior, EdgesAlongTheMeridianOfAPositionAreNotMistaken) {
    // An edge of the L lies on the meridian; cut into pieces, its longitudes are off by their last bits.
    for (int lon = -180; lon < 180; ++lon) {
        const auto at = [&](double east, double lat) { return LonLat{wrapped(lon + east), lat}; };
        const Geometry shape =
            polygon({{at(0, 0), at(20, 0), at(20, 10), at(10, 10), at(10, 20), at(0, 20), at(0, 0)}});
        for (const double lat : {1.0, 3.0, 5.0, 7.0, 9.0}) expect_inside(true, shape, at(10, lat));
        for (const double lat : {21.0, 25.0, -1.0, -60.0}) expect_inside(false, shape, at(10, lat));
        expect_inside(true, shape, at(9, 15));
        expect_inside(false, shape, at(11, 15));
    }
}

TEST(PolygonInterior, OnThePlaneIsThatOfTheAreaOfTheSameRings) {
    tests::Random random;
    for (int trial = 0; trial < 50; ++trial) {
        // Crossing itself anyhow: even-odd has a meaning for that. No edge is upright, so that no position is
        // on one.
        std::vector<Ring> rings(1 + random.below(3));
        for (Ring& ring : rings) {
            for (std::size_t i = 3 + 2 * random.below(10); i > 0; --i) {
                ring.push_back({static_cast<double>(2 * random.below(6) + i % 2), random.uniform(0, 12)});
            }
            ring.push_back({0, random.uniform(0, 12)});
            ring.push_back(ring.front());
        }
        const auto shape = PreparedShape<Plane>::of(polygon(rings));
        const Area area = Area::polygon(rings, Crs::planar);
        for (int i = 0; i < 500; ++i) {
            const LonLat at{i % 3 == 0 ? static_cast<double>(random.below(13)) : random.uniform(-1, 13),
                            random.uniform(-1, 13)};
            ASSERT_EQ(shape.polygons[0].contains(at, Plane::embed(at)), area.contains(at))
                << at.lon << ',' << at.lat;
        }
    }
}

TEST(PolygonInterior, TurnsWithTheEarth) {
    tests::Random random;
    for (int trial = 0; trial < 40; ++trial) {
        // A star around a place, anywhere, so that it holds poles and the antimeridian by and by.
        const LonLat middle{random.uniform(-180, 180), random.uniform(-90, 90)};
        const double by = random.uniform(0, 360);
        Ring ring, turned;
        for (int corner = 0; corner < 12; ++corner) {
            const double angle = corner * 30 * 3.14159265358979323846 / 180;
            const double lat = std::clamp(middle.lat + (5 + corner % 3 * 6) * std::sin(angle), -89.0, 89.0);
            const double lon = middle.lon + (5 + corner % 3 * 6) * std::cos(angle) / std::cos(lat * 0.01745);
            ring.push_back({wrapped(lon), lat});
            turned.push_back({wrapped(lon + by), lat});
        }
        ring.push_back(ring.front());
        turned.push_back(turned.front());
        for (int i = 0; i < 100; ++i) {
            const LonLat at{random.uniform(-180, 180), random.uniform(-90, 90)};
            ASSERT_EQ(inside<Spheroid>(polygon({ring}), at),
                      inside<Spheroid>(polygon({turned}), {wrapped(at.lon + by), at.lat}))
                << trial << ": " << at.lon << ',' << at.lat;
        }
    }
}

}  // namespace
}  // namespace crowfly
