#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "tests/support/csv.h"
#include "tests/support/process.h"
#include "tests/support/temporary.h"

namespace crowfly {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using tests::crowfly;

constexpr const char* kWaters =
    "id,name,category,wkt\n"
    "1,Dateline,sea,\"POLYGON ((179 -1, -179 -1, -179 1, 179 1, 179 -1))\"\n"
    "2,Ring,lake,\"POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 3 1, 3 3, 1 3, 1 1))\"\n"
    "3,Nile,river,\"LINESTRING Z (30 0 9, 30 10 5, 30 30 0)\"\n"
    "4,Spring,spring,POINT (30 31)\n";

/// The same places as a file of each format, and as a store.
class Waters : public testing::Test {
  protected:
    Waters() {
        const std::string csv = directory_.file("waters.csv", kWaters);
        const auto import = crowfly({"import", csv, "--to", directory_.path("waters.gpkg")});
        EXPECT_EQ(import.exit_code, 0) << import.err;
        sources_ = {csv, directory_.path("waters.gpkg")};
    }

    static tests::Finished search(const std::string& source, std::vector<std::string> more) {
        more.insert(more.begin(), {"search", source});
        return crowfly(more);
    }

    tests::TemporaryDirectory directory_;
    std::vector<std::string> sources_;
};

TEST_F(Waters, TheTableShowsTheNearestPoint) {
    for (const std::string& source : sources_) {
        EXPECT_EQ(search(source, {"--at", "30,30.5", "-k", "2", "--metric", "plane"}).out,
                  "rank  id  name    category  lon  lat  distance  nearest_lon  nearest_lat\n"
                  "   1  3   Nile    river      30   15       0.5           30           30\n"
                  "   2  4   Spring  spring     30   31       0.5           30           31\n");
        EXPECT_THAT(
            search(source, {"--at", "2,2", "--category", "lake"}).out,
            HasSubstr(
                "   1  2   Ring  lake      2.0000000  2.0000000  110558.111    2.0000000    1.0001533\n"));
        EXPECT_THAT(search(source, {"--at", "30,32", "-k", "1"}).out, testing::Not(HasSubstr("nearest_lon")));
    }
}

TEST_F(Waters, TheInsideIsAtDistanceZeroAcrossTheAntimeridianToo) {
    for (const std::string& source : sources_) {
        for (const char* at : {"180,0.5", "-180,0", "179.5,-0.5"}) {
            const auto answer = search(source, {"--at", at, "-k", "1", "--format", "csv"});
            const auto table = tests::csv_table(answer.out);
            EXPECT_EQ(table.at(1).at(1), "1") << answer.err;
            EXPECT_EQ(table.at(1).at(6), "0");
        }
    }
}

TEST_F(Waters, CsvHasColumnsForShapesWhenThereAreSome) {
    for (const std::string& source : sources_) {
        EXPECT_EQ(search(source, {"--at", "30,30.5", "-k", "2", "--metric", "plane", "--format", "csv"}).out,
                  "rank,id,name,category,lon,lat,distance,nearest_lon,nearest_lat,wkt\n"
                  "1,3,Nile,river,30,15,0.5,30,30,\"LINESTRING Z (30 0 9, 30 10 5, 30 30 0)\"\n"
                  "2,4,Spring,spring,30,31,0.5,30,31,POINT (30 31)\n");
        EXPECT_EQ(search(source, {"--at", "30,31", "-k", "1", "--metric", "plane", "--format", "csv"}).out,
                  "rank,id,name,category,lon,lat,distance\n1,4,Spring,spring,30,31,0\n");
    }
}

TEST_F(Waters, GeoJsonHasTheWholeGeometryAndCanBeReadAgain) {
    const std::string geojson = search(sources_[1], {"--at", "29,5", "-k", "4", "--format", "geojson"}).out;
    EXPECT_THAT(geojson, AllOf(HasSubstr(R"("coordinates":[[30,0,9],[30,10,5],[30,30,0]])"),
                               HasSubstr(R"("coordinates":[30,31])")));
    simdjson::dom::parser parser;
    const simdjson::padded_string text(geojson);
    const simdjson::dom::element nile = parser.parse(text).at_pointer("/features/0");
    EXPECT_EQ(std::string_view(nile["id"]), "3");
    EXPECT_DOUBLE_EQ(double(nile.at_pointer("/properties/nearest_point/0")), 30);
    std::size_t with_nearest_point = 0;
    for (std::size_t at = 0; (at = geojson.find("\"nearest_point\"", at)) != std::string::npos; ++at)
        ++with_nearest_point;
    EXPECT_EQ(with_nearest_point, 3U) << "a point has none";
    const std::string again = directory_.file("again.geojson", geojson);
    const std::vector<std::string> arguments{"--at", "29,5", "-k", "4", "--format", "csv"};
    EXPECT_EQ(search(again, arguments).out, search(sources_[0], arguments).out);
}

TEST_F(Waters, AShapeCanBeSearchedFrom) {
    for (const std::string& source : sources_) {
        for (const char* metric : {"plane", "sphere", "spheroid"}) {
            std::vector<std::string> arguments{
                "--near", "LINESTRING (20 20, 40 20)", "--metric", metric, "--format", "csv"};
            const auto index = search(source, arguments);
            EXPECT_EQ(tests::csv_table(index.out).size(), 5U) << index.err;
            EXPECT_THAT(index.out, HasSubstr("\n1,3,Nile,"));
            arguments.emplace_back("--exact-scan");
            EXPECT_EQ(search(source, arguments).out, index.out);
        }
        EXPECT_EQ(search(source, {"--near", "POINT (30 31)", "-k", "1", "--format", "csv"}).out,
                  search(source, {"--at", "30,31", "-k", "1", "--format", "csv"}).out);
    }
}

TEST_F(Waters, CanBeMeasuredByTheirCentroids) {
    for (const std::string& source : sources_) {
        const std::vector<std::string> arguments{"--at",  "30,14",    "-k",  "2",       "--metric",
                                                 "plane", "--format", "csv", "--match", "centroid"};
        EXPECT_EQ(search(source, arguments).out,
                  "rank,id,name,category,lon,lat,distance,nearest_lon,nearest_lat,wkt\n"
                  "1,3,Nile,river,30,15,1,30,15,\"LINESTRING Z (30 0 9, 30 10 5, 30 30 0)\"\n"
                  "2,4,Spring,spring,30,31,17,30,31,POINT (30 31)\n");
        const auto sea = search(source, {"--near", "POLYGON ((170 -1, 172 -1, 172 1, 170 1, 170 -1))", "-k",
                                         "1", "--match", "centroid"});
        EXPECT_THAT(sea.out, HasSubstr("  1001875.417  "));  // 9 degrees of the equator
        for (const char* metric : {"plane", "sphere", "spheroid"}) {
            std::vector<std::string> both{
                "--near", "LINESTRING (20 20, 40 20)", "--metric", metric, "--match", "centroid", "--format",
                "csv"};
            const auto index = search(source, both);
            EXPECT_EQ(tests::csv_table(index.out).size(), 5U) << index.err;
            both.emplace_back("--exact-scan");
            EXPECT_EQ(search(source, both).out, index.out);
        }
        const auto none =
            search(source, {"--near", "LINESTRING (0 0, 120 0, -120 0, 0 0)", "--match", "centroid"});
        EXPECT_EQ(none.exit_code, 64);
        EXPECT_THAT(none.err, HasSubstr("--near: the shape has no centroid"));
        EXPECT_NE(search(source, {"--at", "0,0", "--match", "box"}).exit_code, 0);
    }
}

TEST_F(Waters, AreDescribedWithTheirWholeExtent) {
    for (const std::string& source : sources_)
        EXPECT_THAT(crowfly({"info", source}).out, HasSubstr("extent      -179, -1 to 179, 31"));
}

TEST(Cases, OfPlanarShapesOnTheCommandLine) {
    const tests::TemporaryDirectory directory;
    simdjson::dom::parser parser;
    const simdjson::dom::element document =
        parser.load(CROWFLY_SOURCE_DIR "/tests/cases/geometry/plane_distance.json");
    for (const simdjson::dom::element one : simdjson::dom::array(document["cases"])) {
        const auto place = std::string(std::string_view(one["wkt2"]));
        const std::string file = directory.file("place.csv", "wkt\n\"" + place + "\"\n");
        const auto answer = crowfly({"search", file, "--near", std::string(std::string_view(one["wkt1"])),
                                     "--metric", "plane", "--format", "csv"});
        const auto table = tests::csv_table(answer.out);
        ASSERT_EQ(table.size(), 2U) << place << ": " << answer.err;
        EXPECT_NEAR(std::stod(table[1].at(6)), double(one["distance"]), double(document["tolerance"]))
            << place;
    }
}

TEST(Import, AFaultyGeometryIsNamedByLineColumnAndVertex) {
    const tests::TemporaryDirectory directory;
    const auto import = [&](const std::string& file) {
        return crowfly({"import", file, "--to", directory.path("s.gpkg")});
    };
    const auto csv =
        import(directory.file("a.csv", "id,wkt\n1,POINT (0 0)\n2,\"LINESTRING (0 0, 1 1, 2 91)\"\n"));
    EXPECT_EQ(csv.exit_code, 65);
    EXPECT_THAT(csv.err, HasSubstr("a.csv:3: column 2 (wkt): vertex 2: latitude 91 is not within -90..90"));
    const auto ndjson =
        import(directory.file("a.ndjson", R"({"type":"Feature","geometry":null,"properties":{}})"));
    EXPECT_EQ(ndjson.exit_code, 65);
    EXPECT_THAT(ndjson.err, HasSubstr("a.ndjson:1: geometry: is null; a place needs a geometry"));
}

}  // namespace
}  // namespace crowfly
