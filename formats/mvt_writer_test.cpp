#include "formats/mvt_writer.h"

#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "formats/tile_frame.h"
#include "tests/support/csv.h"
#include "tests/support/process.h"
#include "tests/support/seed.h"
#include "tests/support/temporary.h"

namespace crowfly {
namespace {

/// What GDAL reads from tiles.
class MvtByGdal : public testing::Test {
  protected:
    /// Rows of CSV, header and WKT first; coordinates in units, from the south-western corner.
    std::string read(const std::string& tile) const {
        const std::string path = directory_.file("tile.mvt", tile);
        const tests::Finished finished = tests::run(
            {"ogr2ogr", "-f", "CSV", "/vsistdout/", path, "-lco", "GEOMETRY=AS_WKT", "-oo", "CLIP=NO"});
        EXPECT_EQ(finished.exit_code, 0) << finished.err;
        EXPECT_EQ(finished.err, "");
        return finished.out;
    }

    /// The same in longitude and latitude, as the tile of that address.
    std::string read(const std::string& tile, TileAddress address) const {
        const auto folder = fmt::format("{}/{}", address.z, address.x);
        std::filesystem::create_directories(directory_.path(folder));
        const std::string path = directory_.file(fmt::format("{}/{}.mvt", folder, address.y), tile);
        const tests::Finished finished =
            tests::run({"ogr2ogr", "-f", "CSV", "/vsistdout/", path, "-lco", "GEOMETRY=AS_XY", "-oo",
                        "CLIP=NO", "-t_srs", "EPSG:4326", "-explodecollections"});
        EXPECT_EQ(finished.exit_code, 0) << finished.err;
        return finished.out;
    }

    static std::string tile_of(const MvtLayer& layer) {
        std::string tile;
        layer.write(tile);
        return tile;
    }

    tests::TemporaryDirectory directory_;
};

TEST_F(MvtByGdal, ReadsPointsAndProperties) {
    MvtLayer layer("places");
    layer.begin_feature({10, 20});
    layer.add("name", "Mount \"Whitney\" é");
    layer.add("count", std::uint64_t{1});
    layer.end_feature();
    layer.begin_feature({4095, 0});
    layer.add("count", std::uint64_t{12'345'678'901});
    layer.end_feature();
    layer.begin_feature({-5, 4100});
    layer.end_feature();
    EXPECT_EQ(read(tile_of(layer)),
              "WKT,mvt_id,name,count\n"
              "\"POINT (10 4076)\",,\"Mount \"\"Whitney\"\" é\",\"1\"\n"
              "\"POINT (4095 4096)\",,,\"12345678901\"\n"
              "\"POINT (-5 -4)\",,,\n");
    EXPECT_EQ(layer.feature_count(), 3U);
}

TEST_F(MvtByGdal, ReadsEveryKindOfGeometry) {
    MvtLayer layer("shapes");
    const auto add = [&](const TileGeometry& geometry) {
        layer.begin_feature(geometry);
        layer.end_feature();
    };
    using Kind = TileGeometry::Kind;
    add({Kind::points, {{{1, 4095}, {3, 4093}}}});
    add({Kind::lines, {{{0, 4096}, {5, 4096}, {5, 4086}}}});
    add({Kind::lines, {{{0, 4096}, {5, 4096}}, {{7, 4096}, {7, 4080}}}});
    add({Kind::polygons, {{{0, 0}, {10, 0}, {10, 10}, {0, 10}}, {{2, 2}, {2, 4}, {4, 4}}}});
    add({Kind::polygons, {{{0, 0}, {10, 0}, {10, 10}}, {{20, 0}, {30, 0}, {30, 10}}}});
    EXPECT_EQ(read(tile_of(layer)),
              "WKT,mvt_id\n"
              "\"MULTIPOINT ((1 1),(3 3))\",\n"
              "\"LINESTRING (0 0,5 0,5 10)\",\n"
              "\"MULTILINESTRING ((0 0,5 0),(7 0,7 16))\",\n"
              "\"POLYGON ((0 4096,10 4096,10 4086,0 4086,0 4096),(2 4094,2 4092,4 4092,2 4094))\",\n"
              "\"MULTIPOLYGON (((0 4096,10 4096,10 4086,0 4096)),((20 4096,30 4096,30 4086,20 4096)))\",\n");
}

TEST_F(MvtByGdal, ReadsPositionsWhereTheyAre) {
    tests::Random random;
    for (const TileAddress tile : {TileAddress{0, 0, 0}, {1, 1, 1}, {7, 3, 100}, {18, 200'000, 90'000}}) {
        const TileFrame frame(tile);
        const TileBounds bounds = frame.bounds();
        MvtLayer layer("places");
        std::vector<LonLat> positions;
        while (positions.size() < 50) {
            const LonLat position{random.uniform(bounds.west, bounds.east),
                                  random.uniform(bounds.south, bounds.north)};
            const auto point = frame.find(position);
            if (!point) continue;
            positions.push_back(position);
            layer.begin_feature(*point);
            layer.end_feature();
        }
        const auto rows = tests::csv_table(read(tile_of(layer), tile));
        ASSERT_EQ(rows.size(), positions.size() + 1);
        const double unit = (bounds.east - bounds.west) / kTileExtent;
        for (std::size_t i = 0; i < positions.size(); ++i) {
            ASSERT_NEAR(std::stod(rows[i + 1][0]), positions[i].lon, 1.01 * unit);
            ASSERT_NEAR(std::stod(rows[i + 1][1]), positions[i].lat, 1.01 * unit);
        }
    }
}

TEST(MvtWriter, ALayerWithoutFeaturesIsNone) {
    std::string tile;
    MvtLayer("places").write(tile);
    EXPECT_EQ(tile, "");
}

TEST(MvtWriter, TextsThatComeAgainAreWrittenOnce) {
    MvtLayer layer("places");
    const std::string text(1000, 'x');
    for (std::int32_t i = 0; i < 100; ++i) {
        layer.begin_feature({i, i});
        layer.add("name", text);
        layer.end_feature();
    }
    std::string tile;
    layer.write(tile);
    EXPECT_LT(tile.size(), 4000U);
    EXPECT_LE(layer.size(), tile.size());
    EXPECT_LT(tile.size(), layer.size() + 200);
}

}  // namespace
}  // namespace crowfly
