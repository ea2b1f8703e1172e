#include "formats/gdal_reader.h"

#include <algorithm>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/wkt.h"
#include "tests/support/process.h"
#include "tests/support/read_places.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::string_literals;

/// Files that GDAL's own tool has written.
class Gdal : public testing::Test {
  protected:
    void SetUp() override {
        if (!has_gdal()) GTEST_SKIP() << "this build is without GDAL";
    }

    /// Writes rows of CSV with a column WKT as the file of that name.
    std::string layer(const std::string& name, const std::string& csv,
                      std::vector<std::string> more = {}) const {
        const std::string source = directory_.file("source.csv", csv);
        std::vector<std::string> arguments{"ogr2ogr",
                                           directory_.path(name),
                                           source,
                                           "-oo",
                                           "GEOM_POSSIBLE_NAMES=WKT",
                                           "-oo",
                                           "KEEP_GEOM_COLUMNS=NO",
                                           "-oo",
                                           "AUTODETECT_TYPE=YES",
                                           "-nln",
                                           "things"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const tests::Finished made = tests::run(arguments);
        EXPECT_EQ(made.exit_code, 0) << made.err;
        return directory_.path(name);
    }

    static tests::ReadPlaces read(const std::string& path, const ReadOptions& options = {}) {
        Rejects rejects(OnError::skip);
        const auto reader = open_places(path, std::nullopt, options, rejects);
        tests::ReadPlaces result;
        for (Place place; reader->next(place);) result.places.push_back(place);
        for (const Reject& reject : rejects.first()) result.rejects.push_back(reject.message());
        return result;
    }

    static std::string error_of(const std::string& path, const ReadOptions& options = {}) {
        return tests::thrown_text([&] { read(path, options); });
    }

    tests::TemporaryDirectory directory_;
};

TEST_F(Gdal, ReadsEveryFormatAlike) {
    const std::string csv =
        "id,name,category,seats,price,WKT\n5,Café,food,12,2.5,POINT (13.5 52.5)\n7,,,,,POINT (14 53)\n";
    for (const char* name : {"a.gpkg", "a.shp", "a.fgb"}) {
        const auto [places, rejects] =
            read(layer(name, csv, {"-a_srs", "EPSG:4326", "-lco", "ENCODING=UTF-8"}));
        ASSERT_EQ(places.size(), 2U) << name << testing::PrintToString(rejects);
        std::vector<Place> by_id = places;  // a FlatGeobuf is in the order of its index
        std::sort(by_id.begin(), by_id.end(), [](const Place& a, const Place& b) { return a.id < b.id; });
        EXPECT_EQ(by_id[0], (Place{.id = "5",
                                   .position = {13.5, 52.5},
                                   .name = "Café",
                                   .category = "food",
                                   .properties = {{"seats", std::int64_t{12}}, {"price", 2.5}}}))
            << name;
        EXPECT_EQ(by_id[1], (Place{.id = "7", .position = {14, 53}})) << name;
    }
}

TEST_F(Gdal, ShapesKeepTheirZAndM) {
    const std::string path = layer("a.gpkg",
                                   "n,WKT\n1,\"POLYGON ((0 0, 4 0, 0 4, 0 0), (1 1, 2 1, 1 2, 1 1))\"\n"
                                   "2,\"LINESTRING ZM (0 0 1 2, 1 1 3 4)\"\n");
    const auto [places, rejects] = read(path);
    ASSERT_EQ(places.size(), 2U) << testing::PrintToString(rejects);
    EXPECT_EQ(*places[0].shape, parse_wkt("POLYGON ((0 0, 4 0, 0 4, 0 0), (1 1, 2 1, 1 2, 1 1))"));
    EXPECT_EQ(*places[1].shape, parse_wkt("LINESTRING ZM (0 0 1 2, 1 1 3 4)"));
    EXPECT_EQ(places[0].id, "1") << "the feature id, where no column is one";
}

TEST_F(Gdal, AnotherReferenceSystemIsConvertedUnlessThePlaneIsAskedFor) {
    // The corner of UTM zone 33 where 15 E meets the equator, and a point that proj 9 puts beside it.
    const std::string path = layer("a.shp", "id,WKT\n1,POINT (500000 0)\n2,POINT (500000 5538630.70286887)\n",
                                   {"-a_srs", "EPSG:32633"});
    const auto earth = read(path);
    ASSERT_EQ(earth.places.size(), 2U) << testing::PrintToString(earth.rejects);
    EXPECT_NEAR(earth.places[0].position.lon, 15, 1e-9);
    EXPECT_NEAR(earth.places[0].position.lat, 0, 1e-9);
    EXPECT_NEAR(earth.places[1].position.lon, 15, 1e-9);
    EXPECT_NEAR(earth.places[1].position.lat, 50, 1e-9);
    EXPECT_EQ(read(path, {.crs = Crs::planar}).places.at(0).position, (LonLat{500000, 0}));
    Rejects rejects(OnError::abort);
    EXPECT_EQ(open_places(path, std::nullopt, {.crs = Crs::planar}, rejects)->reference_system(),
              "EPSG:32633");
    EXPECT_EQ(open_places(path, std::nullopt, {}, rejects)->reference_system(), "");
    const std::string unknown = layer("b.shp", "n,WKT\n1,POINT (13 52)\n");
    EXPECT_EQ(read(unknown).places.at(0).position, (LonLat{13, 52}));
}

TEST_F(Gdal, TheOrderIsLongitudeLatitude) {
    for (const char* name : {"a.gpkg", "a.shp", "a.fgb"}) {
        const std::string path = layer(name, "n,WKT\n1,POINT (13 52)\n", {"-a_srs", "EPSG:4258"});
        const LonLat position = read(path).places.at(0).position;
        EXPECT_NEAR(position.lon, 13, 1e-6) << name;
        EXPECT_NEAR(position.lat, 52, 1e-6) << name;
    }
}

TEST_F(Gdal, RowsWithoutAGeometryAreRejectsUnlessKept) {
    const std::string path = layer("a.gpkg", "id,WKT\n1,\n2,POINT EMPTY\n3,POINT (1 2)\n");
    EXPECT_THAT(read(path).rejects,
                ElementsAre(HasSubstr("a.gpkg (layer things): feature 1, geometry: is null"),
                            HasSubstr("(layer things): feature 2, geometry: is empty")));
    const auto kept = read(path, {.keep_without_geometry = true}).places;
    ASSERT_EQ(kept.size(), 3U);
    EXPECT_FALSE(kept[0].has_geometry);
    EXPECT_FALSE(kept[1].has_geometry);
    EXPECT_TRUE(kept[2].has_geometry);
}

TEST_F(Gdal, WhatIsNoPlaceIsNamed) {
    const std::string path = layer("a.gpkg",
                                   "n,WKT\n1,POINT (0 91)\n2,\"CIRCULARSTRING (0 0, 1 1, 2 0)\"\n"
                                   "3,\"LINESTRING (0 0, 1 95)\"\n");
    EXPECT_THAT(read(path).rejects, ElementsAre(HasSubstr("feature 1, geometry: latitude 91 is not within"),
                                                HasSubstr("feature 2, geometry: is a CIRCULARSTRING: "),
                                                HasSubstr("feature 3, geometry: vertex 1: latitude 95")));
    EXPECT_EQ(read(path, {.attributes = {}, .crs = Crs::planar}).places.size(), 2U);
}

TEST_F(Gdal, ALayerIsChosenByName) {
    const std::string path = layer("a.gpkg", "n,WKT\n1,POINT (1 2)\n");
    layer("a.gpkg", "n,WKT\n1,POINT (3 4)\n", {"-update", "-nln", "others"});
    EXPECT_THAT(error_of(path), HasSubstr("several layers; choose one with --layer: "));
    EXPECT_EQ(read(path, {.layer = "others"}).places.at(0).position, (LonLat{3, 4}));
    EXPECT_THAT(error_of(path, {.layer = "none"}),
                testing::AllOf(HasSubstr("not_found"), HasSubstr("no layer \"none\""), HasSubstr("things")));
    EXPECT_THAT(error_of(directory_.file("a.csv", "lon,lat\n"), {.layer = "x"}), HasSubstr("has no layers"));
}

TEST_F(Gdal, ColumnsCanBeMappedAndLeftOut) {
    const std::string path = layer("a.gpkg", "id,code,title,kind,n,WKT\n1,K,Title,C,9,POINT (1 2)\n");
    const ReadOptions options{.columns = {.id = "code", .name = "title", .category = "kind"},
                              .properties = std::vector{"n"s}};
    EXPECT_EQ(read(path, options).places.at(0), (Place{.id = "K",
                                                       .position = {1, 2},
                                                       .name = "Title",
                                                       .category = "C",
                                                       .properties = {{"n", std::int64_t{9}}}}));
    EXPECT_THAT(error_of(path, {.columns = {.id = "nix"}}),
                HasSubstr("there is no column \"nix\"; the layer has: id, code, title"));
    EXPECT_THAT(error_of(path, {.columns = {.lon = "n"}}), HasSubstr("no column can stand in for it"));
}

TEST_F(Gdal, WhatCannotBeReadIsSaidAndNothingPrinted) {
    testing::internal::CaptureStderr();
    EXPECT_THAT(error_of(directory_.path("no.shp")), HasSubstr("not_found"));
    EXPECT_THAT(error_of(directory_.file("a.fgb", "this is text")), HasSubstr("malformed"));
    const std::string whole = layer("b.fgb", "n,WKT\n1,POINT (1 2)\n2,POINT (3 4)\n3,POINT (5 6)\n");
    const std::string bytes = tests::read_file(whole);
    const std::string cut = directory_.file("cut.fgb", bytes.substr(0, bytes.size() - 30));
    EXPECT_THAT(error_of(cut), testing::AllOf(HasSubstr("malformed"), HasSubstr("cut.fgb (layer ")));
    const std::string lonely = layer("c.shp", "n,WKT\n1,POINT (1 2)\n");
    std::filesystem::remove(directory_.path("c.shx"));
    EXPECT_THAT(error_of(lonely), HasSubstr(".shx"));
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace crowfly
