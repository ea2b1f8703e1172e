#include "cli/load_side.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/wkt.h"
#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class LoadSide : public testing::Test {
  protected:
    LoadedSide load(std::string_view name, std::string_view text, SideRequest request = {}) const {
        request.path = directory_.file(name, text);
        return load_side(request, Crs::wgs84);
    }
    std::string error_of(std::string_view name, std::string_view text,
                         const SideRequest& request = {}) const {
        return tests::thrown_text([&] { load(name, text, request); });
    }

    tests::TemporaryDirectory directory_;
};

TEST_F(LoadSide, RowsInColumns) {
    const LoadedSide side =
        load("a.csv", "id,lon,lat,category\nb,1,2,x\na,3,4,\nc,5,6,x\n", {.with_categories = true});
    EXPECT_EQ(side.size(), 3U);
    EXPECT_EQ(side.ids[1], "a");
    EXPECT_THAT(side.positions, ElementsAre(LonLat{1, 2}, LonLat{3, 4}, LonLat{5, 6}));
    EXPECT_THAT(side.category_names, ElementsAre("", "x"));
    EXPECT_THAT(side.categories, ElementsAre(1U, 0U, 1U));
    EXPECT_EQ(side.category_number("x"), 1U);
    EXPECT_EQ(side.category_number("y"), std::nullopt);
    EXPECT_TRUE(side.shapes.empty());
}

TEST_F(LoadSide, RowsWithoutIdsAreNumbered) {
    EXPECT_EQ(load("a.csv", "lon,lat\n1,2\n3,4\n").ids[1], "2");
    EXPECT_EQ(load("a.csv", "id,lon,lat\nx,1,2\n,3,4\n").ids[1], "#2");
}

TEST_F(LoadSide, RowsWithoutAGeometryAreAbsent) {
    const LoadedSide csv = load("a.csv", "id,lon,lat\n1,,\n2,0,0\n3, ,\n");
    EXPECT_THAT(csv.absent, ElementsAre(0U, 2U));
    EXPECT_TRUE(csv.is_absent(2));
    EXPECT_FALSE(csv.is_absent(1));
    const LoadedSide wkt = load("b.csv",
                                "id,wkt\n1,\n2,POINT EMPTY\n3,\"LINESTRING (0 0, 1 1)\"\n4,point z "
                                "empty\n5,POLYGON EMPTY\n6,POINT (7 8)\n");
    EXPECT_THAT(wkt.absent, ElementsAre(0U, 1U, 3U, 4U));
    EXPECT_EQ(wkt.shape(0), nullptr);
    ASSERT_NE(wkt.shape(2), nullptr);
    EXPECT_EQ(*wkt.shape(2), parse_wkt("LINESTRING (0 0, 1 1)"));
    EXPECT_EQ(wkt.positions[5], (LonLat{7, 8}));
    const auto feature = [](const std::string& geometry) {
        return R"({"type":"Feature","geometry":)" + geometry + ",\"properties\":{}}\n";
    };
    EXPECT_THAT(load("c.ndjson", feature("null") + feature(R"({"type":"Point","coordinates":[]})") +
                                     feature(R"({"type":"Point","coordinates":[1,2]})") +
                                     feature(R"({"type":"GeometryCollection","geometries":[]})"))
                    .absent,
                ElementsAre(0U, 1U, 3U));
}

TEST_F(LoadSide, BadRowsAreNamed) {
    EXPECT_THAT(
        error_of("a.csv", "id,lon,lat\n7,0,0\n8,0,0\n7,0,0\n"),
        testing::AllOf(HasSubstr("malformed"), HasSubstr("a.csv:4: column 1 (id): \"7\" appears twice")));
    EXPECT_THAT(error_of("a.csv", "id,lon,lat\n7,0,\n"), HasSubstr("a.csv:2: column 3 (lat): is empty"));
    EXPECT_THAT(error_of("a.csv", "id,lon,lat\n7,0,0\n8,0"),
                HasSubstr("a.csv:3: column 2 (lon): the file ends in the middle of the row"));
    EXPECT_THAT(error_of("a.ndjson", R"({"type":"Feature","geom)"), HasSubstr("a.ndjson:1: is not JSON"));
    EXPECT_THAT(error_of("a.geojson", R"({"type":"FeatureCollection","features":[{"type":"Fea)"),
                HasSubstr("a.geojson:1: the file ends inside feature 1"));
    EXPECT_THAT(error_of("a.csv", "id,lon,lat\n1,0,0\n", {.collection = "places"}),
                HasSubstr("no collection"));
}

TEST_F(LoadSide, EachRowMayHaveItsMaxDistance) {
    const SideRequest request{.max_distance_column = "reach"};
    EXPECT_THAT(load("a.csv", "lon,lat,reach\n0,0,5\n0,0,0\n0,0,1e3\n", request).max_distances,
                ElementsAre(5, 0, 1000));
    const auto reach = [&](const std::string& text) {
        return error_of("a.csv", "lon,lat,reach\n0,0,1\n0,0," + text + "\n", request);
    };
    EXPECT_THAT(reach("-1"), HasSubstr("a.csv:3: column 3 (reach): -1 is below 0"));
    EXPECT_THAT(reach("nan"), HasSubstr("a.csv:3: column 3 (reach): is not a finite number"));
    EXPECT_THAT(reach("far"), HasSubstr("a.csv:3: column 3 (reach): is not a finite number"));
    EXPECT_THAT(reach(""), HasSubstr("a.csv:3: column 3 (reach): is empty"));
    EXPECT_THAT(error_of("b.csv", "lon,lat\n0,0\n", request), HasSubstr("b.csv:2: reach: is empty"));
}

TEST_F(LoadSide, AnEmptyFileIsAnEmptySide) {
    EXPECT_EQ(load("a.csv", "lon,lat\n").size(), 0U);
    EXPECT_EQ(load("a.geojson", R"({"type":"FeatureCollection","features":[]})").size(), 0U);
}

}  // namespace
}  // namespace crowfly
