#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "core/executor.h"
#include "core/join/join.h"
#include "core/place_id.h"
#include "formats/gdal_reader.h"
#include "tests/support/cases.h"
#include "tests/support/csv.h"
#include "tests/support/process.h"
#include "tests/support/seed.h"
#include "tests/support/temporary.h"

namespace crowfly {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using tests::crowfly;

class Join : public testing::Test {
  protected:
    tests::Finished join(const std::string& queries, const std::string& objects,
                         const std::vector<std::string>& more = {}) const {
        std::vector<std::string> arguments{"join", queries, objects};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return crowfly(arguments);
    }

    /// The output of a join that must succeed.
    std::string rows(const std::string& queries, const std::string& objects,
                     const std::vector<std::string>& more = {}) const {
        const tests::Finished finished = join(queries, objects, more);
        EXPECT_EQ(finished.exit_code, 0) << finished.err;
        EXPECT_EQ(finished.err, "");
        return finished.out;
    }

    std::size_t files() const {
        const std::filesystem::directory_iterator entries(directory_.path(""));
        return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
    }

    tests::TemporaryDirectory directory_;
    std::string queries_ = directory_.file("q.csv", "id,lon,lat\nb,0,0\na,3,0\n");
    std::string objects_ =
        directory_.file("o.csv", "id,lon,lat,category\n10,1,0,x\n9,1,0,y\n1,2,0,x\n2,9,0,y\n");
};

TEST_F(Join, GivesTheNearestInTheOrderOfTheQueries) {
    EXPECT_EQ(rows(queries_, objects_, {"-k", "2", "--metric", "plane"}),
              "query_id,rank,object_id,distance\nb,1,9,1\nb,2,10,1\na,1,1,1\na,2,9,2\n");
    EXPECT_EQ(rows(queries_, objects_),
              "query_id,rank,object_id,distance_m\nb,1,9,111319.49079327355\na,1,1,111319.49079327361\n");
    EXPECT_EQ(rows(queries_, objects_, {"--metric", "plane", "--ties", "include"}),
              "query_id,rank,object_id,distance\nb,1,9,1\nb,2,10,1\na,1,1,1\n");
    EXPECT_EQ(
        rows(queries_, objects_, {"-k", "99", "--metric", "plane", "--category", "x", "--max-distance", "1"}),
        "query_id,rank,object_id,distance\nb,1,10,1\na,1,1,1\n");
}

TEST_F(Join, TheKNearestOfEachCategory) {
    EXPECT_EQ(rows(queries_, objects_, {"--metric", "plane", "--partition-by", "category"}),
              "query_id,rank,object_id,category,distance\nb,1,10,x,1\nb,1,9,y,1\na,1,1,x,1\na,1,9,y,2\n");
}

TEST_F(Join, ALeftJoinKeepsQueriesWithoutNeighbors) {
    const std::string queries = directory_.file("left.csv", "id,lon,lat,reach\n1,0,0,0.5\n2,,,9\n3,3,0,1\n");
    const std::vector<std::string> flags{"--metric", "plane", "--max-distance-column", "reach"};
    EXPECT_EQ(rows(queries, objects_, flags), "query_id,rank,object_id,distance\n3,1,1,1\n");
    auto left = flags;
    left.emplace_back("--left");
    EXPECT_EQ(rows(queries, objects_, left), "query_id,rank,object_id,distance\n1,,,\n2,,,\n3,1,1,1\n");
    left.insert(left.end(), {"--format", "ndjson"});
    EXPECT_EQ(
        rows(queries, objects_, left),
        R"({"type":"Feature","geometry":null,"properties":{"query_id":"1","rank":null,"object_id":null,"distance":null}}
{"type":"Feature","geometry":null,"properties":{"query_id":"2","rank":null,"object_id":null,"distance":null}}
{"type":"Feature","geometry":{"type":"LineString","coordinates":[[3,0],[2,0]]},"properties":{"query_id":"3","rank":1,"object_id":"1","distance":1}}
)");
}

TEST_F(Join, ASelfJoinLeavesOutThePlaceItself) {
    const std::string expected = "query_id,rank,object_id,distance\n10,1,9,0\n9,1,10,0\n1,1,9,1\n2,1,1,7\n";
    EXPECT_EQ(rows(objects_, objects_, {"--metric", "plane", "--exclude-self"}), expected);
    const std::string copy = directory_.file("copy.csv", tests::read_file(objects_));
    EXPECT_EQ(rows(objects_, copy, {"--metric", "plane", "--exclude-self"}), expected);
}

TEST_F(Join, ShapesAreMeasuredAsTheyAreOrByTheirCentroids) {
    const std::string shapes =
        directory_.file("s.csv", "id,wkt\nsquare,\"POLYGON ((4 -1, 6 -1, 6 1, 4 1, 4 -1))\"\n");
    EXPECT_EQ(rows(queries_, shapes, {"--metric", "plane"}),
              "query_id,rank,object_id,distance\nb,1,square,4\na,1,square,1\n");
    EXPECT_EQ(rows(queries_, shapes, {"--metric", "plane", "--match", "centroid"}),
              "query_id,rank,object_id,distance\nb,1,square,5\na,1,square,2\n");
    EXPECT_THAT(rows(queries_, shapes, {"--metric", "plane", "--format", "ndjson"}),
                HasSubstr(R"("coordinates":[[3,0],[4,0]])"));
}

TEST_F(Join, EmptySidesGiveEmptyAnswers) {
    const std::string none = directory_.file("none.csv", "id,lon,lat\n");
    EXPECT_EQ(rows(none, objects_), "query_id,rank,object_id,distance_m\n");
    EXPECT_EQ(rows(queries_, none), "query_id,rank,object_id,distance_m\n");
    EXPECT_EQ(rows(queries_, none, {"--left"}), "query_id,rank,object_id,distance_m\nb,,,\na,,,\n");
    EXPECT_EQ(rows(none, none, {"--format", "geojson"}),
              "{\"type\":\"FeatureCollection\",\"features\":[\n]}\n");
}

TEST_F(Join, EveryFormatGivesTheSameRows) {
    const std::vector<std::string> flags{"-k", "3", "--metric", "plane", "--partition-by", "category"};
    const auto with_output = [&](const std::string& name) {
        std::vector<std::string> arguments = flags;
        arguments.insert(arguments.end(), {"-o", directory_.path(name)});
        const auto finished = join(queries_, objects_, arguments);
        EXPECT_EQ(finished.exit_code, 0) << finished.err;
        EXPECT_THAT(finished.out, HasSubstr("joined 2 queries with 4 objects: 8 rows into"));
        return directory_.path(name);
    };
    const auto table = tests::csv_table(tests::read_file(with_output("a.csv")));
    ASSERT_EQ(table.size(), 9U);
    std::vector<std::vector<std::string>> found;
    simdjson::dom::parser parser;
    const std::string geojson = tests::read_file(with_output("a.geojson"));
    for (const auto feature : parser.parse(geojson)["features"].get_array()) {
        const auto properties = feature["properties"];
        found.push_back({std::string(properties["query_id"].get_string().value()),
                         std::to_string(properties["rank"].get_int64().value()),
                         std::string(properties["object_id"].get_string().value()),
                         std::string(properties["category"].get_string().value()),
                         fmt::format("{}", properties["distance"].get_double().value())});
        EXPECT_EQ(feature["geometry"]["coordinates"].get_array().size(), 2U);
    }
    EXPECT_EQ(found, std::vector(table.begin() + 1, table.end()));
    std::string lines = tests::read_file(with_output("a.ndjson"));
    std::string features = geojson.substr(geojson.find('\n') + 1);
    features.resize(features.size() - 3);
    std::string joined;
    for (std::size_t begin = 0; begin < features.size();) {
        const std::size_t end = features.find('\n', begin);
        const std::string line = features.substr(begin, end - begin);
        joined += line.substr(0, line.size() - (line.ends_with(",") ? 1 : 0)) + "\n";
        begin = end + 1;
    }
    EXPECT_EQ(joined, lines);
}

TEST_F(Join, AGeoPackageIsOneForGdal) {
    const std::string path = directory_.path("a.gpkg");
    const std::string queries = directory_.file("near.csv", "id,lon,lat\n1,179.5,0\n2,,\n");
    const std::string objects = directory_.file("far.csv", "id,lon,lat\nx,-179.5,0\n");
    ASSERT_EQ(join(queries, objects, {"--left", "-o", path}).exit_code, 0);
    const auto info = tests::run({"ogrinfo", "-al", path});
    EXPECT_EQ(info.exit_code, 0);
    EXPECT_EQ(info.err, "");
    EXPECT_THAT(info.out,
                AllOf(HasSubstr("Layer name: join"), HasSubstr("Geometry: Multi Line String"),
                      HasSubstr("Feature Count: 2"), HasSubstr("WGS 84"), HasSubstr("query_id (String) = 1"),
                      HasSubstr("rank (Integer64) = 1"), HasSubstr("object_id (String) = x"),
                      HasSubstr("distance_m (Real) = 111319.49"),
                      HasSubstr("MULTILINESTRING ((179.5 0.0,180 0),(-180 0,-179.5 0.0))"),
                      HasSubstr("object_id (String) = (null)")));
    EXPECT_THAT(info.out, HasSubstr("Extent: (-180.000000, 0.000000) - (180.000000, 0.000000)"));
    EXPECT_EQ(files(), 5U);
    // It is also a file of places.
    EXPECT_THAT(crowfly({"info", path}).out, HasSubstr("places      1"));
}

TEST_F(Join, StoresAndFilesOfEveryKindAreSides) {
    const std::string store = directory_.path("s.gpkg");
    ASSERT_EQ(crowfly({"import", objects_, "--to", store, "--collection", "things"}).exit_code, 0);
    const std::string expected = rows(queries_, objects_, {"-k", "3"});
    EXPECT_EQ(rows(queries_, store, {"-k", "3"}), expected);
    EXPECT_EQ(rows(queries_, store, {"-k", "3", "--object-collection", "things"}), expected);
    EXPECT_EQ(join(queries_, store, {"--object-collection", "nothing"}).exit_code, 66);
    EXPECT_EQ(rows(queries_, store, {"-k", "3", "--id-column", "id"}), expected) << "is for the file";
    EXPECT_THAT(join(queries_, store, {"--object-id-column", "id"}).err,
                HasSubstr("is a store; this is for files"));
    EXPECT_THAT(join(store, store, {"--id-column", "id"}).err, HasSubstr("is a store; this is for files"));
    EXPECT_EQ(
        crowfly({"join", "-", objects_, "--query-input-format", "csv", "-k", "3"}, tests::read_file(queries_))
            .out,
        expected);
    const std::string tsv = directory_.file("q.tsv.gz", "key\teast\tnorth\nb\t0\t0\na\t3\t0\n");
    EXPECT_EQ(rows(tsv, objects_,
                   {"-k", "3", "--query-id-column", "key", "--query-lon-column", "east", "--query-lat-column",
                    "north"}),
              expected);
}

TEST_F(Join, LayersAreSides) {
    if (!has_gdal()) GTEST_SKIP() << "this build is without GDAL";
    const std::string csv = directory_.file("w.csv", "id,WKT\n1,POINT (15 0)\n2,POINT (15 50)\n3,\n");
    const auto layer = [&](const std::string& name, const char* crs) {
        const auto made = tests::run({"ogr2ogr", directory_.path(name), csv, "-oo", "GEOM_POSSIBLE_NAMES=WKT",
                                      "-oo", "KEEP_GEOM_COLUMNS=NO", "-s_srs", "EPSG:4326", "-t_srs", crs});
        EXPECT_EQ(made.exit_code, 0) << made.err;
        return directory_.path(name);
    };
    const std::string utm = layer("utm.gpkg", "EPSG:32633");
    const std::string lambert = layer("lambert.fgb", "EPSG:3035");
    // Both are converted, each by its own formulas.
    const auto table = tests::csv_table(rows(utm, lambert, {"--left"}));
    ASSERT_EQ(table.size(), 4U);
    for (std::size_t row = 1; row < 3; ++row) {
        EXPECT_EQ(table[row].at(0), table[row].at(2));
        EXPECT_LT(std::stod(table[row].at(3)), 1e-3);
    }
    EXPECT_EQ(table[3], (std::vector<std::string>{"3", "", "", ""}));
    EXPECT_THAT(rows(utm, utm, {"--metric", "plane", "--exclude-self"}), HasSubstr("1,1,2,5538630.70"));
    EXPECT_THAT(join(utm, lambert, {"--metric", "plane"}).err,
                AllOf(HasSubstr("is in EPSG:32633, "), HasSubstr("in EPSG:3035; expected the same")));
    EXPECT_THAT(crowfly({"search", utm, "--at", "15,50", "-k", "1"}).err,
                HasSubstr("feature 3, geometry: is null"));
    EXPECT_THAT(join(queries_, objects_, {"--layer", "x"}).err, HasSubstr("has no layers"));
}

TEST_F(Join, TheAnswerIsTheSameForAnyNumberOfThreadsAndMemory) {
    tests::Random random;
    std::string text = "id,lon,lat\n";
    for (int i = 0; i < 20'000; ++i)
        text += fmt::format("{},{},{}\n", i, random.uniform(-180, 180), random.uniform(-90, 90));
    const std::string file = directory_.file("many.csv", text);
    const std::string one = rows(file, file, {"-k", "3", "--threads", "1"});
    EXPECT_EQ(std::count(one.begin(), one.end(), '\n'), 60'001);
    EXPECT_EQ(rows(file, file, {"-k", "3", "--threads", "3"}), one);
    EXPECT_EQ(rows(file, file, {"-k", "3", "--memory", "1M"}), one);
}

/// Ids that are out of order, so that ties are broken by ids and not by rows.
TEST_F(Join, IsTheJoinOfTheEngine) {
    tests::Random random;
    for (const char* metric : {"plane", "sphere", "spheroid"}) {
        std::vector<std::vector<LonLat>> positions(2);
        std::vector<std::string> texts(2, "id,lon,lat\n");
        std::vector<std::vector<std::string>> ids(2);
        for (std::size_t side = 0; side < 2; ++side) {
            for (int i = 0; i < 300; ++i) {
                // A grid, so that there are many ties.
                positions[side].push_back({static_cast<double>(random.below(20)) * 18 - 180,
                                           static_cast<double>(random.below(20)) * 9 - 90});
                ids[side].push_back(std::to_string(i));
            }
            std::shuffle(ids[side].begin(), ids[side].end(), random.engine());
            for (std::size_t i = 0; i < ids[side].size(); ++i)
                texts[side] +=
                    fmt::format("{},{},{}\n", ids[side][i], positions[side][i].lon, positions[side][i].lat);
        }
        for (const bool left : {false, true}) {
            JoinOptions options{.metric = *metric_named(metric), .k = 4, .max_distance = left ? 10.0 : 1e6};
            options.kind = left ? JoinKind::left : JoinKind::inner;
            options.order = [&](auto a, auto b) { return compare_ids(ids[1][a], ids[1][b]) < 0; };
            std::string expected =
                fmt::format("query_id,rank,object_id,{}\n",
                            options.metric == MetricKind::plane ? "distance" : "distance_m");
            crowfly::join({.positions = positions[0]}, {.positions = positions[1]}, options,
                          serial_executor(), [&](std::span<const JoinRow> rows) {
                              for (const JoinRow& row : rows) {
                                  expected += row.rank == 0
                                                  ? fmt::format("{},,,\n", ids[0][row.query])
                                                  : fmt::format("{},{},{},{}\n", ids[0][row.query], row.rank,
                                                                ids[1][row.object], row.distance);
                              }
                          });
            std::vector<std::string> flags{
                "-k", "4", "--metric", metric, "--max-distance", left ? "10" : "1000000"};
            if (left) flags.emplace_back("--left");
            EXPECT_EQ(rows(directory_.file("q1.csv", texts[0]), directory_.file("o1.csv", texts[1]), flags),
                      expected)
                << metric;
        }
    }
}

TEST_F(Join, StKnnIsTheJoinThatSparkHas) {
    for (const tests::Case& expected : tests::all_cases()) {
        if (expected.metric == MetricKind::spheroid || expected.category) continue;
        // ST_KNN measures between centroids.
        if (expected.has_shapes() && expected.match == Match::geometry) continue;
        const std::string query = directory_.file(
            "query.csv", fmt::format("id,lon,lat\nq,{},{}\n", expected.query.lon, expected.query.lat));
        std::vector<std::string> flags{"--st-knn", "-k", std::to_string(expected.k), "--use-sphere",
                                       expected.metric == MetricKind::sphere ? "true" : "false"};
        if (expected.max_distance < std::numeric_limits<double>::infinity())
            flags.insert(flags.end(), {"--search-radius", fmt::format("{}", expected.max_distance)});
        const auto table = tests::csv_table(
            rows(query, directory_.file("places.csv", tests::csv_of(expected.places)), flags));
        std::vector<tests::CaseRow> found;
        for (std::size_t row = 1; row < table.size(); ++row) {
            EXPECT_EQ(table[row].at(0), "q");
            EXPECT_EQ(table[row].at(1), std::to_string(row));
            found.push_back({table[row].at(2), std::stod(table[row].at(3))});
        }
        tests::expect_answer(expected, found);
    }
    EXPECT_THAT(join(queries_, objects_, {"--st-knn", "--metric", "plane"}).err,
                HasSubstr("--metric: does not go with"));
    EXPECT_THAT(join(queries_, objects_, {"--st-knn", "--left"}).err, HasSubstr("--left: does not go with"));
    EXPECT_THAT(join(queries_, objects_, {"--st-knn", "--use-sphere", "maybe"}).err,
                HasSubstr("--use-sphere \"maybe\": expected true or false"));
    EXPECT_THAT(join(queries_, objects_, {"--use-sphere", "true"}).err, HasSubstr("goes with --st-knn"));
    EXPECT_EQ(join(queries_, objects_, {"--search-radius", "1"}).exit_code, 64);
}

TEST_F(Join, BadFlagsAreRefusedBeforeAnythingIsRead) {
    const std::string missing = directory_.path("missing.csv");
    const auto refused = [&](const std::vector<std::string>& more) {
        const auto finished = join(missing, missing, more);
        EXPECT_EQ(finished.exit_code, 64) << finished.err;
        return finished.err;
    };
    for (const char* k : {"0", "-1", "2.5", "many"}) {
        EXPECT_THAT(refused({"-k", k}),
                    HasSubstr(fmt::format("-k \"{}\": expected a whole number of 1 or more", k)));
    }
    EXPECT_THAT(refused({"--max-distance", "-5"}),
                HasSubstr("--max-distance \"-5\": expected a number of 0 or more"));
    EXPECT_THAT(refused({"--max-distance", "nan"}), HasSubstr("--max-distance"));
    EXPECT_THAT(refused({"--max-distance", "5", "--max-distance-column", "r"}), HasSubstr("both given"));
    EXPECT_THAT(refused({"--epsilon", "-0.1"}), HasSubstr("--epsilon \"-0.1\""));
    EXPECT_THAT(refused({"--threads", "x"}), HasSubstr("--threads \"x\""));
    EXPECT_THAT(refused({"--memory", "1GB"}), HasSubstr("--memory \"1GB\""));
    EXPECT_THAT(refused({"--ties", "all"}), HasSubstr("--ties"));
    EXPECT_THAT(refused({"--metric", "haversine"}), HasSubstr("--metric"));
    EXPECT_THAT(refused({"--partition-by", "name"}), HasSubstr("--partition-by"));
    EXPECT_THAT(refused({"-o", directory_.path("a.xyz")}), HasSubstr("expected one that ends in .csv"));
    EXPECT_THAT(refused({"-o", "-", "--format", "gpkg"}), HasSubstr("cannot go to standard output"));
    EXPECT_THAT(refused({"--crs", "planar", "--metric", "spheroid"}), HasSubstr("spheroid"));
    EXPECT_EQ(join(missing, missing).exit_code, 66);
    EXPECT_EQ(join(queries_, objects_, {"-o", directory_.path("no/where.csv")}).exit_code, 66);
}

TEST_F(Join, ReferenceSystemsMustBeTheSame) {
    const std::string store = directory_.path("planar.gpkg");
    ASSERT_EQ(crowfly({"import", objects_, "--to", store, "--crs", "planar"}).exit_code, 0);
    EXPECT_THAT(rows(queries_, store), HasSubstr("distance\n")) << "what is not said is as on the other side";
    EXPECT_THAT(join(queries_, store, {"--query-crs", "EPSG:4326"}).err,
                HasSubstr("one has planar coordinates, the other longitude and latitude"));
}

TEST_F(Join, ABadRowLeavesNoOutput) {
    const std::string output = directory_.path("out.csv");
    const auto error_of = [&](std::string_view name, std::string_view text,
                              std::vector<std::string> more = {}) {
        more.insert(more.end(), {"-o", output});
        const auto finished = join(directory_.file(name, text), objects_, more);
        EXPECT_EQ(finished.exit_code, 65) << finished.err;
        EXPECT_FALSE(std::filesystem::exists(output));
        std::filesystem::remove(directory_.path(name));
        EXPECT_EQ(files(), 2U);
        return finished.err;
    };
    EXPECT_THAT(
        error_of("c.csv", "id,lon,lat\n1,0,0\n2,0"),
        HasSubstr("c.csv:3: column 2 (lon): the file ends in the middle of the row, after 2 of 3 fields"));
    EXPECT_THAT(error_of("c.csv", "id,lon,lat\n1,0,0\n1,0,0\n"),
                HasSubstr("c.csv:3: column 1 (id): \"1\" appears twice"));
    EXPECT_THAT(error_of("c.csv", "id,lon,lat,r\n1,0,0,-2\n", {"--max-distance-column", "r"}),
                HasSubstr("c.csv:2: column 4 (r): -2 is below 0"));
    EXPECT_THAT(
        error_of("c.ndjson", "{\"type\":\"Feature\",\"geometry\":null,\"properties\":{}}\n{\"type\":\"Fea"),
        HasSubstr("c.ndjson:2: is not JSON"));
}

TEST_F(Join, AnInterruptLeavesNothingAndSparesWhatWasThere) {
    tests::Random random;
    std::string text = "lon,lat\n";
    for (int i = 0; i < 400'000; ++i)
        text += fmt::format("{:.3f},{:.3f}\n", random.uniform(-180, 180), random.uniform(-90, 90));
    const std::string file = directory_.file("many.csv", text);
    const std::string output = directory_.file("out.csv", "before");
    for (const char* seconds : {"0.3", "0.8", "1.6"}) {
        const auto finished = tests::run({"timeout", "--signal=INT", seconds, CROWFLY_PROGRAM, "join", file,
                                          file, "-k", "200", "-o", output});
        EXPECT_EQ(finished.exit_code, 124) << "timeout's own code for a command that it stopped";
        EXPECT_THAT(finished.err, HasSubstr("interrupted; nothing was changed"));
        EXPECT_EQ(tests::read_file(output), "before");
        EXPECT_EQ(files(), 4U);
    }
}

TEST_F(Join, AReaderThatGoesAwayEndsIt) {
    const auto finished =
        tests::run({"bash", "-o", "pipefail", "-c",
                    fmt::format("{} join {} {} -k 4 | true; {} join {} {} --format csv -o /dev/full",
                                CROWFLY_PROGRAM, queries_, objects_, CROWFLY_PROGRAM, queries_, objects_)});
    EXPECT_EQ(finished.exit_code, 74);
    EXPECT_EQ(finished.err, "crowfly: /dev/full: No space left on device\n");
}

TEST_F(Join, DrawsAMap) {
    const std::string map = directory_.path("map.svg");
    const std::string expected = rows(queries_, objects_, {"-k", "2"});
    EXPECT_EQ(rows(queries_, objects_, {"-k", "2", "--map", map}), expected);
    const std::string svg = tests::read_file(map);
    EXPECT_THAT(svg, AllOf(HasSubstr("<svg "), HasSubstr("objects: 4"), HasSubstr("queries: 2")));
    EXPECT_EQ(join(queries_, objects_, {"--map", directory_.path("no/map.svg")}).exit_code, 66);
}

}  // namespace
}  // namespace crowfly
