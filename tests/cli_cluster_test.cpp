#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "tests/support/process.h"
#include "tests/support/temporary.h"

namespace crowfly {
namespace {

using testing::HasSubstr;
using tests::crowfly;

constexpr const char* kCities = CROWFLY_SOURCE_DIR "/data/cities.tsv.gz";

/// Two crowds, one over the antimeridian, and a place on its own.
constexpr const char* kShops =
    "id,name,category,lon,lat,seats\n"
    "10,A,bar,179.999,0,1\n"
    "9,B,bar,-179.999,0,2\n"
    "8,,,180,0.001,3\n"
    "7,,,50,50,4\n"
    "text,,,20,10,5\n"
    "6,,,20,10.001,6\n"
    "5,,,20.001,10,7\n";

TEST(Cluster, GivesEachPlaceItsCluster) {
    const tests::TemporaryDirectory directory;
    const std::string file = directory.file("shops.csv", kShops);
    const auto found = crowfly({"cluster", file, "--eps", "300", "--min-points", "3"});
    EXPECT_EQ(found.exit_code, 0) << found.err;
    // The crowd with the place 5 comes first.
    EXPECT_EQ(found.out, "id,cluster\n10,1\n9,1\n8,1\n7,-1\ntext,0\n6,0\n5,0\n");
    // On the plane the antimeridian parts them.
    const auto plane = crowfly({"cluster", file, "--metric", "plane", "--eps", "0.01", "--min-points", "2"});
    EXPECT_EQ(plane.out, "id,cluster\n10,1\n9,-1\n8,1\n7,-1\ntext,0\n6,0\n5,0\n");
}

TEST(Cluster, WritesEveryFormat) {
    const tests::TemporaryDirectory directory;
    const std::string file = directory.file("shops.csv", kShops);
    const auto written = [&](const std::string& name, std::vector<std::string> more = {}) {
        std::vector<std::string> arguments{"cluster",      file, "--eps", "300",
                                           "--min-points", "3",  "-o",    directory.path(name)};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const auto found = crowfly(arguments);
        EXPECT_EQ(found.exit_code, 0) << found.err;
        EXPECT_EQ(found.out, "");
        return tests::read_file(directory.path(name));
    };
    EXPECT_THAT(written("out.csv"), HasSubstr("id,cluster\n10,1\n"));
    const std::string feature =
        R"({"type":"Feature","id":"10","geometry":{"type":"Point","coordinates":[179.999,0]},)"
        R"("properties":{"name":"A","category":"bar","cluster":1,"core":true,"seats":"1"}})";
    EXPECT_THAT(written("out.ndjson"), testing::StartsWith(feature + "\n"));
    EXPECT_THAT(written("out.geojson"),
                testing::StartsWith(R"({"type":"FeatureCollection","features":[)" + feature + ","));
    EXPECT_THAT(written("out.txt", {"--format", "csv"}), HasSubstr("7,-1\n"));
    for (const auto& entry : std::filesystem::directory_iterator(directory.path("."))) {
        EXPECT_THAT(entry.path().string(), testing::Not(HasSubstr(".part")));
    }
}

TEST(Cluster, SumsUpClusters) {
    const tests::TemporaryDirectory directory;
    const std::string file = directory.file("shops.csv", kShops);
    const auto summary = [&](std::vector<std::string> more) {
        std::vector<std::string> arguments{"cluster", file, "--eps", "300", "--min-points", "3", "--summary"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const auto found = crowfly(arguments);
        EXPECT_EQ(found.exit_code, 0) << found.err;
        return found.out;
    };
    EXPECT_THAT(
        summary({"--hull", "none"}),
        HasSubstr("cluster,size,core,centroid_lon,centroid_lat,west,south,east,north,wkt\n0,3,3,20.0003"));
    simdjson::dom::parser parser;
    const simdjson::padded_string text(summary({"--format", "geojson"}));
    const simdjson::dom::array features = parser.parse(text)["features"];
    ASSERT_EQ(features.size(), 2U);
    const simdjson::dom::element across = features.at(1);
    EXPECT_EQ(simdjson::minify(across["bbox"]), "[179.999,0,-179.999,0.001]");
    EXPECT_EQ(std::string_view(across["geometry"]["type"]), "MultiPolygon");
    EXPECT_EQ(std::string_view(features.at(0)["geometry"]["type"]), "Polygon");
    EXPECT_EQ(std::int64_t(across["properties"]["size"]), 3);
    EXPECT_THAT(summary({"--hull", "concave", "--ratio", "0.5", "--format", "ndjson"}), HasSubstr("Polygon"));
}

TEST(Cluster, DrawsAMap) {
    const tests::TemporaryDirectory directory;
    const std::string file = directory.file("shops.csv", kShops);
    const std::string map = directory.path("map.svg");
    const auto found = crowfly({"cluster", file, "--eps", "300", "--min-points", "3", "--map", map});
    EXPECT_EQ(found.exit_code, 0) << found.err;
    EXPECT_THAT(found.out, testing::StartsWith("id,cluster\n"));
    EXPECT_THAT(tests::read_file(map),
                testing::AllOf(HasSubstr("<svg "), HasSubstr("clusters: 2"), HasSubstr("in no cluster")));
    EXPECT_EQ(crowfly({"cluster", file, "--eps", "300", "--map", directory.path("no/map.svg")}).exit_code,
              66);
}

TEST(Cluster, OfAStoreAndAFileAreTheSame) {
    const tests::TemporaryDirectory directory;
    const std::string store = directory.path("cities.gpkg");
    ASSERT_EQ(crowfly({"import", kCities, "--to", store}).exit_code, 0);
    const std::vector<std::string> flags{"--eps", "4000", "--min-points", "4"};
    const auto of = [&](const std::string& source, std::vector<std::string> more) {
        std::vector<std::string> arguments{"cluster", source};
        arguments.insert(arguments.end(), flags.begin(), flags.end());
        arguments.insert(arguments.end(), more.begin(), more.end());
        const auto found = crowfly(arguments);
        EXPECT_EQ(found.exit_code, 0) << found.err;
        return found.out;
    };
    const std::string expected = of(kCities, {"--threads", "1"});
    EXPECT_EQ(std::count(expected.begin(), expected.end(), '\n'), 135'234);
    EXPECT_TRUE(of(store, {"--threads", "3"}) == expected);
    const std::string summary = of(kCities, {"--summary", "--hull", "concave", "--threads", "1"});
    EXPECT_TRUE(of(store, {"--summary", "--hull", "concave", "--threads", "2"}) == summary);
}

TEST(Cluster, TheIndexAgreesWithTheScan) {
    const tests::TemporaryDirectory directory;
    std::string rows = "lon,lat\n";
    for (int i = 0; i < 1500; ++i) {  // 40 crowds
        const double lon = i % 40 * 0.02 + i * 7919 % 1000 * 1e-5;
        const double lat = i % 40 * 13 % 40 * 0.02 + i * 104729 % 997 * 1e-5;
        rows += fmt::format("{},{}\n", lon, lat);
    }
    const std::string file = directory.file("p.csv", rows);
    for (const char* metric : {"plane", "sphere", "spheroid"}) {
        std::vector<std::string> arguments{"cluster",  file,   "--eps", metric[0] == 'p' ? "0.002" : "220",
                                           "--metric", metric, "--crs", "EPSG:4326"};
        const auto index = crowfly(arguments);
        arguments.emplace_back("--exact-scan");
        const auto scan = crowfly(arguments);
        ASSERT_EQ(index.exit_code, 0) << index.err;
        EXPECT_TRUE(index.out == scan.out) << metric;
        EXPECT_TRUE(index.out.find(",3\n") != std::string::npos &&
                    index.out.find(",-1\n") != std::string::npos)
            << "too simple a case";
    }
}

TEST(Cluster, TakesOtherGeometriesByTheirCentroids) {
    const tests::TemporaryDirectory directory;
    const std::string file = directory.file("p.csv",
                                            "id,wkt\n"
                                            "a,POINT (0 0)\n"
                                            "b,\"LINESTRING (0 0, 0.002 0)\"\n"
                                            "c,\"POLYGON ((0 0, 0.002 0, 0.002 0.002, 0 0.002, 0 0))\"\n");
    const auto refused = crowfly({"cluster", file, "--eps", "200", "--min-points", "2"});
    EXPECT_EQ(refused.exit_code, 69);
    EXPECT_THAT(refused.err,
                HasSubstr("place \"b\" is a LineString, and only points can be clustered; --match "
                          "centroid takes the centroids of other places"));
    const auto taken = crowfly({"cluster", file, "--eps", "200", "--min-points", "2", "--match", "centroid"});
    EXPECT_EQ(taken.out, "id,cluster\na,0\nb,0\nc,0\n") << taken.err;
}

TEST(Cluster, SaysWhatIsWrong) {
    const tests::TemporaryDirectory directory;
    const std::string file = directory.file("p.csv", "id,lon,lat\n1,0,0\n");
    const auto error = [&](std::vector<std::string> more, int exit_code = 64) {
        std::vector<std::string> arguments{"cluster", file};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const auto found = crowfly(arguments);
        EXPECT_EQ(found.exit_code, exit_code);
        EXPECT_EQ(found.out, "");
        return found.err;
    };
    EXPECT_THAT(error({}), HasSubstr("--eps is required"));
    for (const char* eps : {"-1", "nan", "inf", "near", ""}) {
        EXPECT_THAT(error({"--eps", eps}), HasSubstr("expected a finite number of 0 or more")) << eps;
    }
    for (const char* count : {"0", "-3", "2.5", "x"}) {
        EXPECT_THAT(error({"--eps", "1", "--min-points", count}),
                    HasSubstr("expected a whole number of 1 or more"))
            << count;
    }
    EXPECT_THAT(error({"--eps", "1", "--hull", "convex"}), HasSubstr("--summary"));
    EXPECT_THAT(error({"--eps", "1", "--summary", "--ratio", "0.5"}), HasSubstr("--hull concave"));
    EXPECT_THAT(error({"--eps", "1", "--summary", "--hull", "concave", "--ratio", "2"}),
                HasSubstr("expected a number from 0 to 1"));
    EXPECT_THAT(error({"--eps", "1", "-o", directory.path("out.xyz")}), HasSubstr("--format"));
    EXPECT_THAT(error({"--eps", "1", "--crs", "planar", "--metric", "sphere"}), HasSubstr("sphere"));
    EXPECT_THAT(error({"--eps", "1", "--collection", "c"}), HasSubstr("is a file, which has none"));
    error({"--eps", "1", "-o", directory.path("missing/out.csv")}, 66);
}

TEST(Cluster, LeavesNothingOfAnAnswerThatFails) {
    const tests::TemporaryDirectory directory;
    const std::string bad = directory.file("bad.csv", "id,lon,lat\n1,0,0\n2,0,99\n");
    const std::string out = directory.file("out.csv", "as before\n");
    const auto found = crowfly({"cluster", bad, "--eps", "1", "-o", out});
    EXPECT_EQ(found.exit_code, 65);
    EXPECT_THAT(found.err, HasSubstr("bad.csv:3: column 3 (lat)"));
    EXPECT_EQ(tests::read_file(out), "as before\n");
    const std::string twice = directory.file("twice.csv", "id,lon,lat\n1,0,0\n1,0,9\n");
    EXPECT_THAT(crowfly({"cluster", twice, "--eps", "1", "-o", out}).err, HasSubstr("\"1\" appears twice"));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path(".")), {}), 3);
    // Of no places there are no clusters.
    const std::string none = directory.file("none.csv", "id,lon,lat\n");
    EXPECT_EQ(crowfly({"cluster", none, "--eps", "1"}).out, "id,cluster\n");
    EXPECT_EQ(crowfly({"cluster", none, "--eps", "1", "--summary", "--format", "geojson"}).out,
              "{\"type\":\"FeatureCollection\",\"features\":[]}\n");
}

}  // namespace
}  // namespace crowfly
