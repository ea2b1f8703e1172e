#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/wkt.h"
#include "store/embedded/embedded_store.h"
#include "tests/support/process.h"
#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr double kInf = std::numeric_limits<double>::infinity();

Place place_of(std::string id, std::string_view wkt) {
    Place place{.id = std::move(id)};
    place.set_geometry(parse_wkt(wkt));
    return place;
}

const std::vector<Place> kPoint{place_of("p", "POINT (1 2)")};
const std::vector<Place> kShapes{
    place_of("lake", "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 2 1, 1 2, 1 1))"),
    place_of("road", "MULTILINESTRING Z ((10 10 5, 11 11 6), (12 12 7, 13 13 8))")};

class ShapeStore : public testing::Test {
  protected:
    void create(std::span<const Place> places) const {
        PlaceList list(places);
        EmbeddedStore(path_, sqlite::Access::create).create_collection({.name = "places"}, {}, list);
    }

    void upsert(std::span<const Place> places) const {
        PlaceList list(places);
        EmbeddedStore(path_, sqlite::Access::read_write).open_collection("places", {})->upsert(list);
    }

    /// Type, z and m of the geometry column, and its type in the table's SQL.
    std::string column() const {
        sqlite::Database database(path_, sqlite::Access::read_only);
        sqlite::Statement row(database,
                              "SELECT geometry_type_name || ' ' || z || ' ' || m || ' ' || type FROM "
                              "gpkg_geometry_columns, pragma_table_info('places') WHERE name = 'geometry'");
        return row.step() ? std::string(row.text(0)) : "none";
    }

    std::string ogrinfo(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), "ogrinfo");
        arguments.push_back(path_);
        const auto finished = tests::run(arguments);
        EXPECT_EQ(finished.exit_code, 0) << finished.err;
        EXPECT_EQ(finished.err, "");
        return finished.out;
    }

    tests::TemporaryDirectory directory_;
    std::string path_ = directory_.path("s.gpkg");
};

TEST_F(ShapeStore, IsReadByOgrinfo) {
    create(kShapes);
    EXPECT_EQ(column(), "GEOMETRY 2 0 GEOMETRY");
    EXPECT_THAT(
        ogrinfo({"-al"}),
        AllOf(HasSubstr("Feature Count: 2"), HasSubstr("Extent: (0.000000, 0.000000) - (13.000000, 13.0"),
              HasSubstr("POLYGON ((0 0,4 0,4 4,0 4,0 0),(1 1,2 1,1 2,1 1))"),
              HasSubstr("MULTILINESTRING Z ((10 10 5,11 11 6),(12 12 7,13 13 8))")));
    EXPECT_THAT(ogrinfo({"-sql", "PRAGMA integrity_check"}), HasSubstr("= ok"));
}

TEST_F(ShapeStore, IsThereAfterReopening) {
    create(kShapes);
    const auto collection =
        EmbeddedStore(path_, sqlite::Access::read_only).open_collection("places", {MetricKind::spheroid});
    for (const Place& place : kShapes) EXPECT_EQ(collection->get(place.id), place);
    const auto nearest = collection->nearest({.point = {3, 3}}, 1, kInf);
    EXPECT_EQ(nearest.at(0).place, kShapes[0]);
    EXPECT_EQ(nearest.at(0).distance, 0);
}

TEST_F(ShapeStore, ThePointsColumnBecomesOneOfGeometriesWithTheFirstShape) {
    create(kPoint);
    EXPECT_EQ(column(), "POINT 0 0 POINT");
    upsert(std::span(kShapes).first(1));
    EXPECT_EQ(column(), "GEOMETRY 0 0 GEOMETRY");
    upsert(kShapes);
    EXPECT_EQ(column(), "GEOMETRY 2 0 GEOMETRY");
    upsert(std::vector{place_of("m", "LINESTRING M (0 0 1, 1 1 2)")});
    EXPECT_EQ(column(), "GEOMETRY 2 2 GEOMETRY");
    EXPECT_THAT(ogrinfo({"-al"}), AllOf(HasSubstr("Feature Count: 4"), HasSubstr("POINT (1 2)"),
                                        HasSubstr("LINESTRING M (0 0 1,1 1 2)")));
}

TEST_F(ShapeStore, TheColumnStaysAsItWasWhenTheWriteFails) {
    create(kPoint);
    const std::vector<Place> batch{kShapes[0], {.id = "bad", .position = {0, 91}}};
    EXPECT_EQ(tests::thrown_code([&] { upsert(batch); }), Code::invalid_argument);
    EXPECT_EQ(column(), "POINT 0 0 POINT");
    EXPECT_EQ(EmbeddedStore(path_, sqlite::Access::read_only).open_collection("places", {})->count(), 1U);
}

TEST_F(ShapeStore, AnOpenCollectionGoesOnAfterItsColumnWasWidened) {
    create(kPoint);
    const auto collection = EmbeddedStore(path_, sqlite::Access::read_write).open_collection("places", {});
    EXPECT_TRUE(collection->get("p"));
    for (const Place& place : kShapes) {
        PlaceList list(std::span(&place, 1));
        collection->upsert(list);
        EXPECT_EQ(collection->get(place.id), place);
    }
    EXPECT_EQ(collection->erase(std::vector<std::string>{"lake", "road"}), 2U);
    EXPECT_EQ(column(), "GEOMETRY 2 0 GEOMETRY");
}

TEST_F(ShapeStore, ASpatialIndexOfAnotherProgramIsKeptTrue) {
    create(kPoint);
    ogrinfo({"-sql", "SELECT CreateSpatialIndex('places', 'geometry')"});
    upsert(kShapes);
    EXPECT_THAT(
        ogrinfo({"-al", "-spat", "12.4", "12.4", "12.6", "12.6"}),
        AllOf(HasSubstr("Feature Count: 1"), HasSubstr("MULTILINESTRING Z"), Not(HasSubstr("POLYGON"))));
    EXPECT_THAT(ogrinfo({"-al", "-spat", "3", "3", "3.5", "3.5"}), HasSubstr("POLYGON ((0 0"));
}

TEST_F(ShapeStore, ReadsWhatAnotherProgramHasWritten) {
    create(kPoint);
    ogrinfo({"-sql", "INSERT INTO places (id, geometry) SELECT 'sql', geometry FROM places"});
    const std::string from = directory_.file(
        "l.csv", "id,WKT\ngdal,\"GEOMETRYCOLLECTION (POINT (1 2),LINESTRING (0 0 1,1 1 1))\"\n");
    const auto appended = tests::run({"ogr2ogr", "-append", "-nln", "places", path_, from});
    ASSERT_EQ(appended.exit_code, 0) << appended.err;
    const auto collection = EmbeddedStore(path_, sqlite::Access::read_only).open_collection("places", {});
    EXPECT_EQ(collection->count(), 3U);
    ASSERT_NE(collection->get("gdal")->shape, nullptr);
    EXPECT_EQ(collection->get("gdal")->shape->type(), GeometryType::geometry_collection);
}

TEST_F(ShapeStore, AnEmptyOrFaultyGeometryIsNamedByItsRow) {
    create(kShapes);
    const auto spoiled = [&](const std::string& geometry) {
        sqlite::Database(path_, sqlite::Access::read_write)
            .execute("UPDATE places SET geometry = " + geometry + " WHERE id = 'road'");
        return tests::thrown_text(
            [&] { EmbeddedStore(path_, sqlite::Access::read_only).open_collection("places", {}); });
    };
    // LINESTRING EMPTY, and LINESTRING (0 91, 0 0).
    EXPECT_THAT(spoiled("x'4750001100000000' || x'010200000000000000'"),
                HasSubstr("places, row 2: is empty"));
    EXPECT_THAT(
        spoiled("x'4750000100000000' || x'0102000000020000000000000000000000' || x'0000000000C05640' || "
                "x'00000000000000000000000000000000'"),
        AllOf(HasSubstr("corrupt"), HasSubstr("places, row 2: vertex 0: latitude 91")));
    EXPECT_THAT(spoiled("x'4750000100000000' || x'0108000000'"), HasSubstr("unsupported"));
}

}  // namespace
}  // namespace crowfly
