#include "formats/tile_frame.h"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/wkt.h"
#include "tests/support/any_shape.h"
#include "tests/support/seed.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Kind = TileGeometry::Kind;

constexpr TileAddress kWorld{0, 0, 0};

TileAddress any_tile(tests::Random& random, std::uint32_t zoom) {
    const std::size_t side = std::size_t{1} << zoom;
    return {zoom, static_cast<std::uint32_t>(random.below(side)),
            static_cast<std::uint32_t>(random.below(side))};
}

std::vector<TileGeometry> clip(TileAddress tile, const std::string& wkt) {
    return TileFrame(tile).clip(parse_wkt(wkt));
}

/// Square units, holes taken off.
double area_of(const std::vector<TileGeometry>& geometries) {
    double area = 0;
    for (const TileGeometry& geometry : geometries) {
        if (geometry.kind != Kind::polygons) continue;
        for (const auto& ring : geometry.sequences) {
            for (std::size_t i = 0; i < ring.size(); ++i) {
                const TilePoint a = ring[i], b = ring[(i + 1) % ring.size()];
                area += (static_cast<double>(a.x) * b.y - static_cast<double>(b.x) * a.y) / 2;
            }
        }
    }
    return area;
}

constexpr double kWholeTile = (4096.0 + 128) * (4096 + 128);

TEST(TileFrame, JudgesTheAddress) {
    const auto fault = [](TileAddress tile) { return tests::thrown_text([&] { TileFrame frame(tile); }); };
    EXPECT_THAT(fault({25, 0, 0}), HasSubstr("zoom level is 25; expected 0 to 24"));
    EXPECT_THAT(fault({2, 4, 0}), HasSubstr("column is 4; expected 0 to 3"));
    EXPECT_THAT(fault({2, 0, 4}), HasSubstr("row is 4; expected 0 to 3"));
    EXPECT_EQ(fault({24, (1U << 24U) - 1, (1U << 24U) - 1}), "no error");
}

TEST(TileFrame, FindsPositions) {
    EXPECT_EQ(TileFrame(kWorld).find({0, 0}), (TilePoint{2048, 2048}));
    EXPECT_EQ(TileFrame(kWorld).find({-180, 85.051}), (TilePoint{0, 0}));
    EXPECT_EQ(TileFrame(kWorld).find({180, -85.051}), (TilePoint{4095, 4095}));
    EXPECT_EQ(TileFrame({1, 1, 1}).find({0, 0}), (TilePoint{0, 0}));
    EXPECT_FALSE(TileFrame({1, 0, 0}).find({0, 0}));
    for (const double lat : {85.06, 90.0, -85.06, -90.0}) EXPECT_FALSE(TileFrame(kWorld).find({0, lat}));
}

TEST(TileFrame, EveryPositionIsInOneTileOfALevel) {
    tests::Random random;
    for (std::uint32_t zoom = 0; zoom < 4; ++zoom) {
        for (int i = 0; i < 300; ++i) {
            LonLat position{random.uniform(-180, 180), random.uniform(-85, 85)};
            if (i % 3 == 0) position.lon = 45.0 * (static_cast<double>(random.below(9)) - 4);
            if (i % 5 == 0) position.lat = 0;
            int found = 0;
            for (std::uint32_t x = 0; x < 1U << zoom; ++x) {
                for (std::uint32_t y = 0; y < 1U << zoom; ++y) {
                    const TileFrame frame({zoom, x, y});
                    if (!frame.find(position)) continue;
                    ++found;
                    const TileBounds bounds = frame.bounds();
                    EXPECT_LE(bounds.west, position.lon);
                    EXPECT_GE(bounds.east, position.lon);
                    EXPECT_LE(bounds.south, position.lat);
                    EXPECT_GE(bounds.north, position.lat);
                }
            }
            ASSERT_EQ(found, 1) << position.lon << " " << position.lat;
        }
    }
}

TEST(TileFrame, CutsLinesAtTheBuffer) {
    const auto line = clip({1, 1, 1}, "LINESTRING (-90 -40.97989806962013, 90 -40.97989806962013)");
    ASSERT_EQ(line.size(), 1U);
    EXPECT_EQ(line[0].kind, Kind::lines);
    ASSERT_EQ(line[0].sequences.size(), 1U);
    EXPECT_THAT(line[0].sequences[0], ElementsAre(TilePoint{-64, 1024}, TilePoint{2048, 1024}));
    EXPECT_TRUE(clip({1, 0, 0}, "LINESTRING (-90 -41, 90 -41)").empty());
}

TEST(TileFrame, ALineThatLeavesAndComesBackIsSeveral) {
    const auto lines = clip({2, 2, 1}, "LINESTRING (10 10, 10 -60, 60 -60, 60 10, 50 10)");
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].sequences.size(), 2U);
}

TEST(TileFrame, EdgesGoTheShorterWay) {
    const std::string line = "LINESTRING (170 0, -170 0)";
    EXPECT_TRUE(clip({2, 1, 2}, line).empty());
    EXPECT_FALSE(clip({2, 0, 2}, line).empty());
    EXPECT_FALSE(clip({2, 3, 2}, line).empty());
    const auto world = clip(kWorld, line);
    ASSERT_EQ(world.size(), 1U);
    EXPECT_EQ(world[0].sequences.size(), 2U);
}

TEST(TileFrame, APolygonAroundATileFillsIt) {
    const std::string polygon =
        "POLYGON ((-60 -60, 60 -60, 60 60, -60 60, -60 -60), (20 20, 21 20, 21 21, 20 20))";
    EXPECT_EQ(area_of(clip({4, 8, 8}, polygon)), kWholeTile);
    EXPECT_LT(area_of(clip({4, 8, 7}, polygon)), kWholeTile);
    EXPECT_EQ(area_of(clip({8, 141, 112}, polygon)), kWholeTile);
    EXPECT_TRUE(clip({4, 0, 0}, polygon).empty());
}

TEST(TileFrame, ARingAroundAPoleIsClosedOverIt) {
    const std::string cap = "POLYGON ((0 -60, -90 -60, 180 -60, 90 -60, 0 -60))";
    EXPECT_TRUE(clip({2, 1, 0}, cap).empty());
    for (std::uint32_t x = 0; x < 8; ++x) EXPECT_EQ(area_of(clip({3, x, 7}, cap)), kWholeTile) << x;
    const std::string cut = "POLYGON ((-180 -90, 180 -90, 180 -60, 0 -60, -180 -60, -180 -90))";
    for (std::uint32_t x = 0; x < 8; ++x) EXPECT_EQ(area_of(clip({3, x, 7}, cut)), kWholeTile) << x;
}

TEST(TileFrame, APolygonAcrossTheAntimeridianIsOnBothSides) {
    const std::string polygon = "POLYGON ((170 -10, -170 -10, -170 10, 170 10, 170 -10))";
    const double east = area_of(clip({2, 3, 1}, polygon)), west = area_of(clip({2, 0, 1}, polygon));
    EXPECT_GT(east, 0);
    EXPECT_NEAR(east, west, 20);
    EXPECT_EQ(area_of(clip({2, 1, 1}, polygon)), 0);
}

TEST(TileFrame, SaysHowLargeAShapeIs) {
    const TileFrame frame(kWorld);
    EXPECT_NEAR(frame.size(parse_wkt("LINESTRING (0 0, 90 0)")), 1024, 1e-9);
    EXPECT_NEAR(frame.size(parse_wkt("LINESTRING (170 0, -170 0)")), 4096.0 / 18, 1e-9);
    EXPECT_EQ(frame.size(parse_wkt("MULTIPOINT (1 1, 2 2)")), 0);
}

/// What a tile has of a shape, whatever that is, is within its buffer, and sound.
TEST(TileFrame, GivesSoundGeometries) {
    tests::Random random;
    for (int i = 0; i < 3000; ++i) {
        const LonLat middle{random.uniform(-180, 180), random.uniform(-80, 80)};
        const Geometry shape = tests::AnyShape(random, middle, random.uniform(0.1, 10))();
        const TileFrame frame(any_tile(random, static_cast<std::uint32_t>(random.below(8))));
        const auto geometries = frame.clip(shape);
        ASSERT_TRUE(frame.meets(shape) || geometries.empty());
        ASSERT_GE(area_of(geometries), 0);
        for (const TileGeometry& geometry : geometries) {
            for (const auto& sequence : geometry.sequences) {
                ASSERT_GE(sequence.size(), static_cast<std::size_t>(geometry.kind));
                for (const TilePoint point : sequence) {
                    ASSERT_TRUE(std::min(point.x, point.y) >= -64 && std::max(point.x, point.y) <= 4160);
                }
            }
        }
    }
}

/// The tiles of a level have all of a polygon between them.
TEST(TileFrame, TilesHaveAllOfAPolygonBetweenThem) {
    const Geometry polygon =
        parse_wkt("POLYGON ((-100 -50, 0 -55, 120 -40, 130 60, 10 20, -90 70, -100 -50))");
    const double whole = area_of(TileFrame(kWorld).clip(polygon));
    double sum = 0;
    for (std::uint32_t x = 0; x < 8; ++x) {
        for (std::uint32_t y = 0; y < 8; ++y) {
            // Of a tile and its buffer, without the buffer: by what share of it, about.
            sum += area_of(TileFrame({3, x, y}).clip(polygon)) * 4096 * 4096 / kWholeTile;
        }
    }
    EXPECT_NEAR(sum / 64, whole, whole / 50);
}

}  // namespace
}  // namespace crowfly
