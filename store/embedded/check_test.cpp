#include "store/embedded/check.h"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/wkt.h"
#include "store/embedded/embedded_store.h"
#include "tests/support/child.h"
#include "tests/support/process.h"
#include "tests/support/seed.h"
#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using sqlite::Access;
using testing::AllOf;
using testing::AnyOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

MATCHER_P2(Fault, where, what, "") {
    return testing::ExplainMatchResult(
        AllOf(Field(&CheckFault::where, where), Field(&CheckFault::what, HasSubstr(what))), arg,
        result_listener);
}

std::vector<Place> some_places(std::size_t count) {
    std::vector<Place> places;
    for (std::size_t i = 0; i < count; ++i) {
        const auto x = static_cast<double>(i);
        places.push_back({.id = std::to_string(i),
                          .position = {std::fmod(x * 7.3, 360) - 180, std::fmod(x * 3.1, 180) - 90},
                          .name = "name " + std::to_string(i),
                          .category = i % 3 == 0 ? "a" : ""});
    }
    return places;
}

class CheckTest : public testing::Test {
  protected:
    void make(std::vector<Place> places) const {
        PlaceList list(places);
        EmbeddedStore(path_, Access::create).create_collection({.name = "places"}, {}, list);
    }

    void execute(const std::string& sql) const { sqlite::Database(path_, Access::read_write).execute(sql); }

    tests::TemporaryDirectory directory_;
    std::string path_ = directory_.path("s.gpkg");
};

TEST_F(CheckTest, FindsNoFaultWhereThereIsNone) {
    std::vector<Place> places = some_places(2500);
    places[7].set_geometry(parse_wkt("POLYGON Z ((0 0 1, 4 0 1, 0 4 1, 0 0 1))"));
    for (Place& place : places) {
        if (place.position.lon > 100) place.position = {101, 2};  // many at one position
    }
    make(places);
    for (const bool full : {false, true}) {
        const CheckReport report = check(path_, {.full = full});
        EXPECT_THAT(report.faults, IsEmpty());
        EXPECT_THAT(report.notes, IsEmpty());
        EXPECT_EQ(report.bytes, std::filesystem::file_size(path_));
        EXPECT_EQ(report.version.format, store_format::kFormat);
        ASSERT_EQ(report.collections.size(), 1U);
        const CheckedCollection& found = report.collections.front();
        EXPECT_EQ(found.places, 2500U);
        EXPECT_EQ(found.extent->max_lat,
                  EmbeddedStore(path_, Access::read_only).open_collection("places", {})->extent()->max_lat);
        EXPECT_EQ(found.points_compared, full ? 32U : 8U);
        EXPECT_EQ(found.places_sought, full ? 2500U : 834U);
    }
}

TEST_F(CheckTest, AnEmptyCollectionIsSound) {
    make({});
    EXPECT_EQ(check(path_, {.full = true}).fault_count, 0U);
}

TEST_F(CheckTest, NamesEachRowThatIsSpoiled) {
    make(some_places(5));
    execute(
        "UPDATE places SET geometry = x'00' WHERE fid = 2; UPDATE places SET properties = '[' WHERE fid = 4");
    const CheckReport report = check(path_);
    EXPECT_EQ(report.fault_count, 2U);
    EXPECT_THAT(report.faults, ElementsAre(Fault("places, row 2", ""), Fault("places, row 4", "")));
    EXPECT_EQ(report.collections.at(0).places, 3U);
}

TEST_F(CheckTest, ComparesTheExtentWithThePlaces) {
    make(some_places(5));
    execute("UPDATE gpkg_contents SET max_x = max_x + 1 WHERE table_name = 'places'");
    EXPECT_EQ(check(path_).fault_count, 0U);
    EXPECT_THAT(check(path_).notes, ElementsAre(HasSubstr("gpkg_contents says the extent is")));
    execute("UPDATE gpkg_contents SET max_x = max_x - 2 WHERE table_name = 'places'");
    EXPECT_THAT(check(path_).faults, ElementsAre(Fault("places", "gpkg_contents says the extent is")));
}

TEST_F(CheckTest, ComparesTheTypeOfGeometryWithThePlaces) {
    std::vector<Place> places = some_places(5);
    places[3].set_geometry(parse_wkt("LINESTRING Z (0 0 1, 4 0 1)"));
    make(places);
    execute("UPDATE gpkg_geometry_columns SET geometry_type_name = 'POINT', z = 0");
    EXPECT_THAT(check(path_).faults,
                ElementsAre(Fault("places", "says POINT"), Fault("places", "prohibits z")));
}

TEST_F(CheckTest, ComparesWhatGdalHasAddedWithThePlaces) {
    make(some_places(50));
    const auto made =
        tests::run({"ogrinfo", path_, "-sql", "SELECT CreateSpatialIndex('places', 'geometry')"});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    EXPECT_THAT(check(path_, {.full = true}).faults, IsEmpty());
    execute(
        "DELETE FROM rtree_places_geometry WHERE id = 3;"
        "CREATE TABLE IF NOT EXISTS gpkg_ogr_contents (table_name TEXT NOT NULL PRIMARY KEY, feature_count "
        "INTEGER);"
        "INSERT OR REPLACE INTO gpkg_ogr_contents VALUES ('places', 49)");
    EXPECT_THAT(check(path_).faults, ElementsAre(Fault("places", "says it has 49 places, and it has 50"),
                                                 Fault("places", "has 49 entries for 50 places")));
}

TEST_F(CheckTest, ComparesSqlitesIndexWithItsTableInFull) {
    make(some_places(5));
    execute(
        "PRAGMA writable_schema = ON; CREATE TABLE twin (id TEXT NOT NULL UNIQUE);"
        "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = "
        "'sqlite_autoindex_twin_1') WHERE name = 'sqlite_autoindex_places_1'");
    EXPECT_THAT(check(path_, {.full = true}).faults, Contains(Fault("file", "sqlite_autoindex_places_1")));
}

TEST_F(CheckTest, WorksWhileAnotherProcessWrites) {
    make(some_places(500));
    const tests::Child writer([&](const auto& ready) {
        const auto collection = EmbeddedStore(path_, Access::read_write).open_collection("places", {});
        ready();
        for (std::vector<Place> places = some_places(20);; places[3].position.lat += 0.001) {
            PlaceList list(places);
            collection->upsert(list);
        }
    });
    for (int i = 0; i < 5; ++i) {
        const CheckReport report = check(path_, {.full = true});
        EXPECT_THAT(report.faults, IsEmpty());
        EXPECT_EQ(report.collections.at(0).places, 500U);
        ASSERT_TRUE(report.holder.has_value());
        EXPECT_EQ(report.holder->pid, writer.pid());
    }
}

TEST_F(CheckTest, AFileThatIsNoStoreHasAFaultAndOneThatIsNotThereIsAnError) {
    const CheckReport text = check(directory_.file("a.gpkg", std::string(5000, 'x')));
    EXPECT_THAT(text.faults, ElementsAre(Fault("file", "is no GeoPackage")));
    EXPECT_EQ(tests::thrown_code([&] { check(directory_.path("none.gpkg")); }), Code::not_found);
}

/// Bytes of a file are changed, or its end is lost. Whatever that hits: opening, searching, checking and
/// backing up give an answer or an Error, and what was damaged where SQLite looks is found.
TEST_F(CheckTest, AnyDamageGivesAnErrorOrAReportAndNothingWorse) {
    make(some_places(400));
    const std::string whole = tests::read_file(path_);
    tests::Random random;
    int found = 0;
    constexpr int kFiles = 150;
    for (int i = 0; i < kFiles; ++i) {
        std::string bytes = whole;
        const std::size_t kind = random.below(3);
        if (kind == 0) {
            bytes.resize(random.below(whole.size()));
        } else {
            const std::size_t begin = random.below(kind == 1 ? 100 : whole.size());
            const std::size_t count = kind == 1 ? 1 : 1 + random.below(64);
            for (std::size_t at = begin; at < std::min(begin + count, bytes.size()); ++at)
                bytes[at] = static_cast<char>(random.below(256));
        }
        const std::string path = directory_.file("damaged.gpkg", bytes);
        const auto code =
            tests::thrown_code([&] { found += check(path, {.full = true}).fault_count > 0 ? 1 : 0; });
        EXPECT_THAT(code, AnyOf(std::nullopt, Code::unsupported)) << "file " << i;
        tests::thrown_code([&] {
            const auto collection =
                EmbeddedStore(path, Access::read_only).open_collection("places", {MetricKind::spheroid});
            collection->nearest({.point = {1, 2}}, 400, 1e9);
            collection->scan([](const Place&) {});
        });
        tests::thrown_code([&] {
            const auto collection = EmbeddedStore(path, Access::read_write).open_collection("places", {});
            std::vector<Place> places = some_places(3);
            PlaceList list(places);
            collection->upsert(list);
        });
        for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(path + suffix);
    }
    EXPECT_GT(found, kFiles / 2);
}

}  // namespace
}  // namespace crowfly
