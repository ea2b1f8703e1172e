#include <filesystem>
#include <thread>

#include <GeographicLib/Geodesic.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <simdjson.h>

#include "tests/support/csv.h"
#include "tests/support/process.h"
#include "tests/support/temporary.h"

namespace crowfly {
namespace {

using testing::HasSubstr;
using tests::crowfly;

constexpr const char* kCities = CROWFLY_SOURCE_DIR "/data/cities.tsv.gz";
constexpr const char* kWhitney = "-118.291995,36.578581";

/// The shipped places, imported anew for each process of this test program.
class ShippedPlaces : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        directory_ = new tests::TemporaryDirectory;
        const auto import =
            crowfly({"import", kCities, "--to", store(), "--attribute", "population:integer"});
        ASSERT_EQ(import.exit_code, 0) << import.err;
        EXPECT_THAT(import.out, HasSubstr("imported 135,233 places"));
    }
    static void TearDownTestSuite() { delete directory_; }
    static std::string store() { return directory_->path("demo.gpkg"); }

  private:
    static inline tests::TemporaryDirectory* directory_ = nullptr;
};

TEST_F(ShippedPlaces, TheIndexAgreesWithTheScanRowForRow) {
    for (const char* metric : {"plane", "sphere", "spheroid"}) {
        for (const char* at : {kWhitney, "180,-16.5", "0,90", "-68.3,-54.8", "61.7,-36.6"}) {
            for (const std::string& source : {store(), std::string(kCities)}) {
                std::vector<std::string> arguments{"search", source,     "--at", at,         "-k",
                                                   "500",    "--metric", metric, "--format", "csv"};
                const auto index = crowfly(arguments);
                arguments.emplace_back("--exact-scan");
                const auto scan = crowfly(arguments);
                ASSERT_EQ(index.exit_code, 0) << index.err;
                EXPECT_EQ(tests::csv_table(index.out).size(), 501U);
                EXPECT_EQ(index.out, scan.out) << metric << " at " << at;
            }
        }
    }
}

TEST_F(ShippedPlaces, SpheroidDistancesAreThoseOfGeographicLib) {
    const auto search = crowfly({"search", store(), "--at", kWhitney, "-k", "1000", "--format", "csv"});
    const auto table = tests::csv_table(search.out);
    ASSERT_EQ(table.size(), 1001U);
    double before = 0;
    for (std::size_t i = 1; i < table.size(); ++i) {
        // Names may hold commas; the numbers are counted from the end.
        const auto& row = table[i];
        double metres = 0;
        GeographicLib::Geodesic::WGS84().Inverse(36.578581, -118.291995, std::stod(row.at(row.size() - 2)),
                                                 std::stod(row.at(row.size() - 3)), metres);
        const double found = std::stod(row.back());
        EXPECT_NEAR(found, metres, 1e-8);
        EXPECT_LE(before, found);
        before = found;
    }
}

TEST_F(ShippedPlaces, EveryFormatGivesTheSamePlaces) {
    const auto csv =
        tests::csv_table(crowfly({"search", store(), "--at", kWhitney, "-k", "3", "--format", "csv"}).out);
    const auto table = crowfly({"search", store(), "--at", kWhitney, "-k", "3"}).out;
    const auto ndjson = crowfly({"search", store(), "--at", kWhitney, "-k", "3", "--format", "ndjson"}).out;
    simdjson::dom::parser parser;
    const simdjson::padded_string geojson(
        crowfly({"search", store(), "--at", kWhitney, "-k", "3", "--format", "geojson"}).out);
    const simdjson::dom::array features = parser.parse(geojson)["features"];
    ASSERT_EQ(features.size(), 3U);
    EXPECT_EQ(std::count(ndjson.begin(), ndjson.end(), '\n'), 3);
    for (std::size_t i = 0; i < 3; ++i) {
        const simdjson::dom::element feature = features.at(i);
        EXPECT_EQ(std::string_view(feature["id"]), csv[i + 1][1]);
        EXPECT_EQ(double(feature["properties"]["distance_meters"]), std::stod(csv[i + 1][6]));
        EXPECT_EQ(std::uint64_t(feature["properties"]["rank"]), i + 1);
        EXPECT_TRUE(feature["properties"]["population"].is_int64());
        EXPECT_THAT(table, HasSubstr(csv[i + 1][2]));
        EXPECT_THAT(ndjson, HasSubstr(csv[i + 1][2]));
    }
}

TEST_F(ShippedPlaces, OgrinfoOpensTheStore) {
    const auto ogrinfo = tests::run({"ogrinfo", "-al", "-so", store()});
    ASSERT_EQ(ogrinfo.exit_code, 0) << ogrinfo.err;
    EXPECT_THAT(ogrinfo.out,
                testing::AllOf(HasSubstr("Layer name: places"), HasSubstr("Geometry: Point"),
                               HasSubstr("Feature Count: 135233"),
                               HasSubstr("Extent: (-179.121980, -77.846000) - (179.364510, 78.223340)"),
                               HasSubstr("ID[\"EPSG\",4326]"), HasSubstr("population: Integer64")));
    EXPECT_EQ(ogrinfo.err, "");
    const auto one = tests::run({"ogrinfo", "-al", store(), "-where", "id = '5367846'"});
    EXPECT_THAT(one.out, testing::AllOf(HasSubstr("POINT (-118.06462 36.60626)"),
                                        HasSubstr("name (String) = Lone Pine")));
    const auto checked = tests::run({"ogrinfo", "-sql", "PRAGMA integrity_check", store()});
    EXPECT_THAT(checked.out, HasSubstr("= ok"));
}

TEST_F(ShippedPlaces, ImportingAgainChangesNothing) {
    const auto again = crowfly({"import", kCities, "--to", store()});
    EXPECT_EQ(again.exit_code, 0) << again.err;
    EXPECT_THAT(
        crowfly({"info", store()}).out,
        testing::AllOf(HasSubstr("places      135,233"), HasSubstr("attribute   population (integer)"),
                       HasSubstr("extent      -179.12198, -77.846 to 179.36451, 78.22334")));
}

TEST(Import, TakesEveryFormatAndStandardInput) {
    const tests::TemporaryDirectory directory;
    const auto feature = [](const std::string& id) {
        return R"({"type":"Feature","id":")" + id +
               R"(","geometry":{"type":"Point","coordinates":[1,2]},"properties":{"name":"N"}})";
    };
    const std::string store = directory.path("s.gpkg");
    const std::string csv = directory.file("a.csv.gz", "id,lon,lat\nc,1,2\n");
    const std::string geojson =
        directory.file("a.geojson", R"({"type":"FeatureCollection","features":[)" + feature("f") + "]}");
    const auto files = crowfly({"import", csv, geojson, "--to", store});
    EXPECT_EQ(files.exit_code, 0) << files.err;
    const auto input = crowfly({"import", "-", "--input-format", "ndjson", "--to", store},
                               feature("f") + "\n" + feature("g"));
    EXPECT_EQ(input.exit_code, 0) << input.err;
    EXPECT_THAT(input.out, HasSubstr("imported 2 places"));
    EXPECT_THAT(crowfly({"info", store}).out, HasSubstr("places      3"));
    EXPECT_EQ(crowfly({"search", store, "--at", "1,2", "-k", "9", "--format", "csv"}).out,
              "rank,id,name,category,lon,lat,distance_m\n1,c,,,1,2,0\n2,f,N,,1,2,0\n3,g,N,,1,2,0\n");
}

TEST(Import, ABadRowAbortsAndLeavesNothing) {
    const tests::TemporaryDirectory directory;
    const std::string store = directory.path("s.gpkg");
    const std::string bad = directory.file("bad.csv", "id,lon,lat\n1,0,0\n2,36.5,-118\n3,0,0\n1,5,5\n");
    const auto first = crowfly({"import", bad, "--to", store});
    EXPECT_EQ(first.exit_code, 65);
    EXPECT_THAT(first.err, HasSubstr("bad.csv:3: column 3 (lat): latitude -118 is not within -90..90; are "
                                     "longitude and latitude swapped?"));
    EXPECT_FALSE(std::filesystem::exists(store));

    const auto skipping = crowfly({"import", bad, "--to", store, "--on-error", "skip"});
    EXPECT_EQ(skipping.exit_code, 0);
    EXPECT_THAT(skipping.out, HasSubstr("imported 2 places into"));
    EXPECT_THAT(skipping.out, HasSubstr("2 rows refused"));
    EXPECT_THAT(skipping.err, HasSubstr("bad.csv:5: column 1 (id): \"1\" appears twice"));

    EXPECT_EQ(crowfly({"import", bad, "--to", store}).exit_code, 65);
    EXPECT_THAT(crowfly({"info", store}).out, HasSubstr("places      2"));
}

TEST(Import, SeveralFilesAreOneImport) {
    const tests::TemporaryDirectory directory;
    const std::string store = directory.path("s.gpkg");
    const std::string good = directory.file("good.csv", "id,lon,lat\n1,0,0\n");
    EXPECT_EQ(
        crowfly({"import", good, directory.file("bad.csv", "id,lon,lat\n2,0,\n"), "--to", store}).exit_code,
        65);
    EXPECT_EQ(crowfly({"import", good, directory.path("missing.csv"), "--to", store}).exit_code, 66);
    EXPECT_EQ(crowfly({"import", good, good, "--to", store}).exit_code, 65);
    EXPECT_FALSE(std::filesystem::exists(store));
}

TEST(Import, VeryLargeNumbersComeBack) {
    const tests::TemporaryDirectory directory;
    const std::string store = directory.path("s.gpkg");
    const auto import =
        crowfly({"import", "-", "--input-format", "ndjson", "--to", store},
                R"({"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":[0,0]},)"
                R"("properties":{"a":18446744073709551615,"b":123456789012345678901.5,"c":1e308}})");
    ASSERT_EQ(import.exit_code, 0) << import.err;
    EXPECT_THAT(crowfly({"search", store, "--at", "0,0", "--format", "geojson"}).out,
                HasSubstr(R"("a":18446744073709551615,"b":1.2345678901234568e+20,"c":1e+308)"));
}

TEST(Import, AFailureTakesNothingFromAnotherImportIntoTheSameNewStore) {
    const tests::TemporaryDirectory directory;
    std::string rows = "id,lon,lat\n";
    for (int i = 0; i < 20'000; ++i) rows += std::to_string(i) + ",1,2\n";
    const std::string good = directory.file("good.csv", rows);
    const std::string bad = directory.file("bad.csv", rows + "x,1,\n");
    for (int round = 0; round < 10; ++round) {
        const std::string store = directory.path(std::to_string(round) + ".gpkg");
        tests::Finished failed;
        std::thread other([&] { failed = crowfly({"import", bad, "--to", store}); });
        const auto worked = crowfly({"import", good, "--to", store});
        other.join();
        EXPECT_NE(failed.exit_code, 0);
        if (worked.exit_code == 0) {
            EXPECT_THAT(crowfly({"info", store}).out, HasSubstr("places      20,000"));
        } else {
            EXPECT_EQ(worked.exit_code, 75) << worked.err;
        }
    }
}

TEST(Import, AnInterruptLeavesNothing) {
    const tests::TemporaryDirectory directory;
    const std::string store = directory.path("s.gpkg");
    std::string rows = "id,lon,lat\n";
    for (int i = 0; i < 3'000'000; ++i)
        rows += "1,2\n";  // all bad: also those must not keep the signal waiting
    const auto import = tests::run({"timeout", "--signal=INT", "0.2", CROWFLY_PROGRAM, "import",
                                    directory.file("a.csv", rows), "--to", store, "--on-error", "skip"});
    EXPECT_EQ(import.exit_code, 124) << "timeout's own code for a command that it stopped";
    EXPECT_THAT(import.err, HasSubstr("interrupted; nothing was changed"));
    EXPECT_FALSE(std::filesystem::exists(store));
}

TEST(Import, AStoreThatIsServedIsOneFileAfterwards) {
    const tests::TemporaryDirectory directory;
    const std::string store = directory.path("s.gpkg");
    ASSERT_EQ(crowfly({"import", directory.file("a.csv", "id,lon,lat\n1,0,0\n"), "--to", store}).exit_code,
              0);
    {
        const tests::ServeProcess server(store, {"--read-only"});
        ASSERT_EQ(crowfly({"import", directory.file("b.csv", "id,lon,lat\n2,0,0\n3,0,0\n"), "--to", store})
                      .exit_code,
                  0);
        std::filesystem::copy_file(store, directory.path("copy.gpkg"));
    }
    EXPECT_THAT(crowfly({"info", directory.path("copy.gpkg")}).out, HasSubstr("places      3"));
    EXPECT_FALSE(std::filesystem::exists(store + "-wal"));
    EXPECT_FALSE(std::filesystem::exists(store + "-shm"));
}

TEST(Import, ContradictionsAreRefused) {
    const tests::TemporaryDirectory directory;
    const std::string store = directory.path("s.gpkg");
    const std::string file = directory.file("a.csv", "id,lon,lat,n\n1,0,0,5\n");
    const auto import = [&](std::vector<std::string> more) {
        std::vector<std::string> arguments{"import", file, "--to", store};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return crowfly(arguments).exit_code;
    };
    EXPECT_EQ(import({"--attribute", "n:number"}), 64);
    EXPECT_EQ(import({"--attribute", "id:text"}), 64);
    EXPECT_EQ(import({"--collection", "gpkg_contents"}), 64);
    EXPECT_EQ(import({"--crs", "EPSG:3857"}), 64);
    EXPECT_EQ(import({"--lon-column", "east"}), 64);
    EXPECT_EQ(import({"--delimiter", "ab"}), 64);
    EXPECT_EQ(import({"--attribute", "n:integer"}), 0);
    EXPECT_EQ(import({"--attribute", "n:text"}), 65);
    EXPECT_EQ(import({"--crs", "planar"}), 65);
    for (const char* content : {"x", "hello, this is text"}) {
        const std::string other = directory.file("not-a-store.gpkg", content);
        EXPECT_EQ(crowfly({"import", file, "--to", other}).exit_code, 65);
        EXPECT_EQ(tests::read_file(other), content);
    }
    EXPECT_EQ(crowfly({"import", file, "--to", ""}).exit_code, 64);
}

TEST(Search, SaysWhatIsWrong) {
    const tests::TemporaryDirectory directory;
    const std::string file = directory.file("a.csv", "id,lon,lat\n1,0,0\n");
    const auto search = [&](std::vector<std::string> more) {
        std::vector<std::string> arguments{"search", file};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return crowfly(arguments);
    };
    EXPECT_EQ(search({"--at", "0,0", "-k", "0"}).exit_code, 64);
    EXPECT_EQ(search({"--at", "0,0", "-k", "-1"}).exit_code, 64);
    EXPECT_EQ(search({"--at", "0,0", "-k", "2.5"}).exit_code, 64);
    EXPECT_EQ(search({"--at", "0,0", "-k", "0x10"}).exit_code, 64);
    EXPECT_EQ(search({"--at", "0,0", "-k", "18446744073709551616"}).exit_code, 64);
    EXPECT_EQ(search({"--at", "0,0", "--max-distance", ""}).exit_code, 64);
    EXPECT_EQ(search({"--at", "0,0", "--max-distance", "-1"}).exit_code, 64);
    EXPECT_EQ(search({"--at", "0,0", "--max-distance", "nan"}).exit_code, 64);
    EXPECT_EQ(search({"--at", "0,91"}).exit_code, 64);
    EXPECT_EQ(search({"--at", "nan,0"}).exit_code, 64);
    EXPECT_THAT(search({"--at", "0"}).err, HasSubstr("--at \"0\": expected LON,LAT"));
    EXPECT_THAT(search({}).err,
                HasSubstr("neither --at nor --near is given; expected --at LON,LAT or --near"));
    EXPECT_EQ(search({"--at", "0,0", "--near", "POINT (0 0)"}).exit_code, 64);
    EXPECT_THAT(search({"--near", "LINESTRING (0 0"}).err, HasSubstr("--near: WKT, byte 15: "));
    EXPECT_THAT(search({"--near", "LINESTRING (0 0, 5 91)"}).err, HasSubstr("--near: vertex 1: latitude 91"));
    EXPECT_EQ(search({"--near", "POINT EMPTY"}).exit_code, 64);
    EXPECT_EQ(search({"--near", "CIRCULARSTRING (0 0, 1 1, 2 0)"}).exit_code, 64);
    EXPECT_EQ(search({}).exit_code, 64);
    EXPECT_EQ(search({"--at", "0,0", "--metric", "haversine"}).exit_code, 64);
    EXPECT_EQ(search({"--at", "0,0", "--crs", "planar", "--metric", "spheroid"}).exit_code, 64);
    EXPECT_EQ(crowfly({"search", directory.path("missing.csv"), "--at", "0,0"}).exit_code, 66);
    EXPECT_EQ(crowfly({"search", directory.path("missing.gpkg"), "--at", "0,0"}).exit_code, 66);
    EXPECT_EQ(search({"--at", "0,0", "--max-distance", "0"}).exit_code, 0);
}

TEST_F(ShippedPlaces, FiltersAndAreasSayWhichCount) {
    const auto ids = [](const std::vector<std::string>& more) {
        std::vector<std::string> arguments{"search", more[0], "--at",     "139.7,35.7",
                                           "-k",     "40",    "--format", "csv"};
        arguments.insert(arguments.end(), more.begin() + 1, more.end());
        const auto search = crowfly(arguments);
        EXPECT_EQ(search.exit_code, 0) << search.err;
        std::vector<std::string> ids;
        for (const auto& row : tests::csv_table(search.out)) ids.push_back(row[1]);
        return ids;
    };
    const std::string filter = "population >= 1000000 AND NOT category = 'PPLX'";
    const std::string json = R"({"op":"and","args":[{"op":">=","args":[{"property":"population"},1e6]},)"
                             R"({"op":"not","args":[{"op":"=","args":[{"property":"category"},"PPLX"]}]}]})";
    const auto large = ids({store(), "--filter", filter});
    EXPECT_EQ(large.size(), 41U);
    EXPECT_EQ(ids({store(), "--filter", json, "--exact-scan"}), large);
    EXPECT_EQ(ids({kCities, "--filter", filter}), large);

    const auto near_fiji = ids({store(), "--bbox", "175,-20,-175,-15"});
    EXPECT_EQ(near_fiji.size(), 8U);
    EXPECT_EQ(ids({kCities, "--area", "POLYGON ((175 -20, 185 -20, 185 -15, 175 -15, 175 -20))"}), near_fiji);
}

TEST(Search, SaysWhatIsWrongWithAFilter) {
    const tests::TemporaryDirectory directory;
    const std::string file = directory.file("p.csv", "lon,lat,n,t\n0,0,1,a\n0,1,2,b\n0,2,x,\n");
    const auto search = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {"search", file, "--at", "0,0", "--format", "csv"});
        return crowfly(more);
    };
    EXPECT_THAT(search({"--filter", "n >"}).err, HasSubstr("--filter: character 4: found the end"));
    EXPECT_EQ(search({"--filter", "n >"}).exit_code, 64);
    EXPECT_THAT(search({"--filter", "{}"}).err, HasSubstr("--filter: at its beginning"));
    EXPECT_THAT(search({"--filter", "m = 1"}).err, HasSubstr("--filter: there is no property \"m\""));
    EXPECT_THAT(search({"--filter", "n = 1"}).err, HasSubstr("--filter: 1 is a number; expected a text"));
    EXPECT_THAT(search({"--bbox", "1,2,3"}).err,
                HasSubstr("--bbox: \"1,2,3\": expected WEST,SOUTH,EAST,NORTH"));
    EXPECT_EQ(tests::csv_table(search({"--filter", "n = '2' OR t = 'a'"}).out).size(), 3U);
    EXPECT_EQ(tests::csv_table(search({"--filter", "t IS NULL"}).out).size(), 2U);
}

TEST(Search, RowsWithoutIdsAreNumbered) {
    const tests::TemporaryDirectory directory;
    EXPECT_EQ(crowfly({"search", directory.file("none.csv", "lon,lat\n0,0\n0,1\n"), "--at", "0,0", "--format",
                       "csv", "--metric", "plane"})
                  .out,
              "rank,id,name,category,lon,lat,distance\n1,1,,,0,0,0\n2,2,,,0,1,1\n");
    EXPECT_EQ(crowfly({"search", directory.file("some.csv", "id,lon,lat\n2,0,0\n,0,1\n"), "--at", "0,0",
                       "--format", "csv", "--metric", "plane"})
                  .out,
              "rank,id,name,category,lon,lat,distance\n1,2,,,0,0,0\n2,#2,,,0,1,1\n");
}

TEST(Search, APipeIsReadFromItsStart) {
    const std::string feature =
        R"({"type":"Feature","id":"near","geometry":{"type":"Point","coordinates":[1,2]},"properties":{}})";
    const auto search = crowfly(
        {"search", "/dev/stdin", "--input-format", "ndjson", "--at", "0,0", "--format", "csv"}, feature);
    EXPECT_EQ(search.exit_code, 0) << search.err;
    EXPECT_THAT(search.out, HasSubstr("1,near,"));
}

TEST(Search, FlagsThatCannotApplyAreRefused) {
    const tests::TemporaryDirectory directory;
    const std::string file = directory.file("a.csv", "id,lon,lat\n1,0,0\n");
    const std::string store = directory.path("s.gpkg");
    ASSERT_EQ(crowfly({"import", file, "--to", store}).exit_code, 0);
    EXPECT_EQ(crowfly({"search", file, "--at", "0,0", "--collection", "a"}).exit_code, 64);
    EXPECT_EQ(crowfly({"search", store, "--at", "0,0", "--crs", "planar"}).exit_code, 64);
    EXPECT_EQ(crowfly({"info", store, "--delimiter", ";"}).exit_code, 64);
}

TEST(Search, PlanarCoordinatesAreTakenAsTheyStand) {
    const tests::TemporaryDirectory directory;
    const std::string file = directory.file("a.csv", "id,x,y\n1,530000,180000\n2,530003,180004\n");
    const std::string expected =
        "rank,id,name,category,lon,lat,distance\n1,2,,,530003,180004,0\n2,1,,,530000,180000,5\n";
    EXPECT_EQ(crowfly({"search", file, "--at", "530003,180004", "--metric", "plane", "--format", "csv"}).out,
              expected);
    const std::string store = directory.path("s.gpkg");
    ASSERT_EQ(crowfly({"import", file, "--to", store, "--crs", "planar"}).exit_code, 0);
    EXPECT_EQ(crowfly({"search", store, "--at", "530003,180004", "--format", "csv"}).out, expected);
    EXPECT_EQ(crowfly({"search", store, "--at", "530003,180004", "--metric", "sphere"}).exit_code, 64);
}

TEST(Search, ACollectionIsChosenByName) {
    const tests::TemporaryDirectory directory;
    const std::string store = directory.path("s.gpkg");
    const std::string file = directory.file("a.csv", "id,lon,lat\n1,0,0\n");
    for (const char* name : {"a", "b"})
        ASSERT_EQ(crowfly({"import", file, "--to", store, "--collection", name}).exit_code, 0);
    const auto unnamed = crowfly({"search", store, "--at", "0,0"});
    EXPECT_EQ(unnamed.exit_code, 64);
    EXPECT_THAT(unnamed.err, HasSubstr("choose one with --collection: a, b"));
    EXPECT_EQ(crowfly({"search", store, "--at", "0,0", "--collection", "b"}).exit_code, 0);
    EXPECT_EQ(crowfly({"search", store, "--at", "0,0", "--collection", "c"}).exit_code, 66);
}

TEST(Info, DescribesAFileAndCountsWhatIsRefused) {
    const tests::TemporaryDirectory directory;
    const auto info = crowfly({"info", directory.file("a.csv", "lon,lat\n1,2\n3,x\n")});
    EXPECT_EQ(info.exit_code, 0);
    EXPECT_THAT(info.out, testing::AllOf(HasSubstr("places      1"), HasSubstr("refused     1"),
                                         HasSubstr("extent      1, 2 to 1, 2")));
    EXPECT_THAT(info.err, HasSubstr("a.csv:3: column 2 (lat): \"x\" is not a finite number"));
}

TEST(Program, ExplainsItself) {
    for (const char* command : {"import", "search", "info", "serve"}) {
        const auto help = crowfly({command, "--help"});
        EXPECT_EQ(help.exit_code, 0);
        EXPECT_THAT(help.out, testing::AllOf(HasSubstr("Usage: crowfly " + std::string(command)),
                                             HasSubstr("Examples:")));
    }
    EXPECT_EQ(crowfly({"--version"}).out, tests::read_file(CROWFLY_SOURCE_DIR "/VERSION"));
    EXPECT_EQ(crowfly({}).exit_code, 64);
    EXPECT_EQ(crowfly({"fly"}).exit_code, 64);
}

TEST(Serve, RefusesWhatItCannotServe) {
    const tests::TemporaryDirectory directory;
    EXPECT_EQ(crowfly({"serve", directory.path("missing.gpkg")}).exit_code, 66);
    const std::string file = directory.file("a.csv", "id,lon,lat\n1,0,0\n");
    const auto csv = crowfly({"serve", file});
    EXPECT_EQ(csv.exit_code, 64);
    EXPECT_THAT(csv.err, HasSubstr("crowfly import"));
    const std::string store = directory.path("s.gpkg");
    ASSERT_EQ(crowfly({"import", file, "--to", store}).exit_code, 0);
    EXPECT_EQ(crowfly({"serve", store, "--listen", "nowhere"}).exit_code, 64);
    EXPECT_THAT(crowfly({"serve", store, "--listen", "0.0.0.0:0"}).err, HasSubstr("--insecure"));
    const tests::ServeProcess server(store);
    EXPECT_EQ(crowfly({"serve", store, "--listen", "127.0.0.1:" + std::to_string(server.port())}).exit_code,
              75);
}

TEST(Serve, StopsOnSigtermAndSigint) {
    const tests::TemporaryDirectory directory;
    const std::string store = directory.path("s.gpkg");
    ASSERT_EQ(crowfly({"import", directory.file("a.csv", "id,lon,lat\n1,0,0\n"), "--to", store}).exit_code,
              0);
    for (const int signal : {SIGTERM, SIGINT}) {
        tests::ServeProcess server(store);
        EXPECT_EQ(server.stop(signal), 0);
        EXPECT_THAT(server.log(), HasSubstr("stopped"));
    }
}

}  // namespace
}  // namespace crowfly
