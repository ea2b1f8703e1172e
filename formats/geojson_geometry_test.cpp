#include "formats/geojson_geometry.h"

#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/wkt.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

std::string error_of(std::string_view text) {
    return tests::thrown_text([&] { parse_geojson_geometry(text); });
}

std::string json_of(const Geometry& geometry) {
    std::string text;
    JsonWriter json(text);
    write_geojson_geometry(geometry, json);
    return text;
}

std::string wkt_of(std::string_view json) {
    std::string text;
    write_wkt(parse_geojson_geometry(json), text);
    return text;
}

TEST(GeoJsonGeometry, ReadsAndWritesEveryType) {
    const std::pair<const char*, const char*> cases[] = {
        {"POINT (1 2)", R"({"type":"Point","coordinates":[1,2]})"},
        {"POINT Z (1 2 3)", R"({"type":"Point","coordinates":[1,2,3]})"},
        {"POINT EMPTY", R"({"type":"Point","coordinates":[]})"},
        {"LINESTRING (0 0, 1 1)", R"({"type":"LineString","coordinates":[[0,0],[1,1]]})"},
        {"LINESTRING EMPTY", R"({"type":"LineString","coordinates":[]})"},
        {"LINESTRING Z (0 0 5, 1 1 nan)", R"({"type":"LineString","coordinates":[[0,0,5],[1,1]]})"},
        {"POLYGON ((0 0, 4 0, 4 4, 0 0), (2 1, 3 1, 3 2, 2 1))",
         R"({"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4],[0,0]],[[2,1],[3,1],[3,2],[2,1]]]})"},
        {"POLYGON EMPTY", R"({"type":"Polygon","coordinates":[]})"},
        {"POLYGON (EMPTY)", R"({"type":"Polygon","coordinates":[[]]})"},
        {"MULTIPOINT ((1 2), (3 4))", R"({"type":"MultiPoint","coordinates":[[1,2],[3,4]]})"},
        {"MULTIPOINT (EMPTY, (3 4))", R"({"type":"MultiPoint","coordinates":[[],[3,4]]})"},
        {"MULTILINESTRING ((0 0, 1 1), EMPTY)",
         R"({"type":"MultiLineString","coordinates":[[[0,0],[1,1]],[]]})"},
        {"MULTIPOLYGON (((0 0, 4 0, 4 4, 0 0)), EMPTY)",
         R"({"type":"MultiPolygon","coordinates":[[[[0,0],[4,0],[4,4],[0,0]]],[]]})"},
        {"MULTIPOLYGON EMPTY", R"({"type":"MultiPolygon","coordinates":[]})"},
        {"GEOMETRYCOLLECTION EMPTY", R"({"type":"GeometryCollection","geometries":[]})"},
        {"GEOMETRYCOLLECTION (GEOMETRYCOLLECTION (POINT (1 2)), LINESTRING EMPTY)",
         R"({"type":"GeometryCollection","geometries":[{"type":"GeometryCollection","geometries":)"
         R"([{"type":"Point","coordinates":[1,2]}]},{"type":"LineString","coordinates":[]}]})"},
    };
    for (const auto& [wkt, json] : cases) {
        EXPECT_EQ(json_of(parse_wkt(wkt)), json);
        EXPECT_EQ(wkt_of(json), wkt);
    }
}

TEST(GeoJsonGeometry, PassesOverWhatItHasNoUseFor) {
    EXPECT_EQ(wkt_of(R"({"bbox":[0,0,1,1],"coordinates":[1,2.5,3,4,5],"x":{"type":"No"},"type":"Point"})"),
              "POINT Z (1 2.5 3)");
    EXPECT_EQ(wkt_of(R"({"type":"Point","coordinates":[18446744073709551615,-9223372036854775808]})"),
              "POINT (18446744073709551616 -9223372036854775808)");
    EXPECT_EQ(json_of(parse_wkt("LINESTRING ZM (1 2 3 4, 5 6 7 8)")),
              R"({"type":"LineString","coordinates":[[1,2,3],[5,6,7]]})");
    EXPECT_EQ(json_of(parse_wkt("LINESTRING M (1 2 3, 5 6 7)")),
              R"({"type":"LineString","coordinates":[[1,2],[5,6]]})");
}

TEST(GeoJsonGeometry, SaysWhatItFoundAndWhere) {
    EXPECT_THAT(error_of(""), testing::StartsWith("malformed is not JSON: "));
    EXPECT_THAT(error_of("{"), testing::StartsWith("malformed is not JSON: "));
    EXPECT_EQ(error_of("null"), "malformed is null; expected a geometry object");
    EXPECT_EQ(error_of("[1,2]"), "malformed is an array; expected a geometry object");
    EXPECT_EQ(error_of("{}"), "malformed type: is missing; expected Point or such");
    EXPECT_EQ(error_of(R"({"type":7})"), "malformed type: is a number; expected Point or such");
    EXPECT_EQ(
        error_of(R"({"type":"point"})"),
        "malformed type: \"point\" is not a geometry type; expected Point, LineString, Polygon, a Multi "
        "type of these or GeometryCollection");
    EXPECT_EQ(error_of(R"({"type":"Point"})"), "malformed coordinates: is missing in a Point");
    EXPECT_EQ(error_of(R"({"type":"GeometryCollection","coordinates":[]})"),
              "malformed geometries: is missing in a GeometryCollection");
    EXPECT_EQ(error_of(R"({"type":"Point","coordinates":null})"),
              "malformed coordinates: is null; expected [longitude, latitude]");
    EXPECT_EQ(error_of(R"({"type":"Point","coordinates":[1]})"),
              "malformed coordinates: has 1 number; expected [longitude, latitude]");
    EXPECT_EQ(error_of(R"({"type":"Point","coordinates":[1,"2"]})"),
              "malformed coordinates: number 2 is a string; expected a number");
    EXPECT_EQ(error_of(R"({"type":"Point","coordinates":[1,2,null]})"),
              "malformed coordinates: number 3 is null; expected a number");
    EXPECT_EQ(error_of(R"({"type":"LineString","coordinates":[1,2]})"),
              "malformed coordinates[0]: is a number; expected [longitude, latitude]");
    EXPECT_EQ(error_of(R"({"type":"LineString","coordinates":[[1,2],[]]})"),
              "malformed coordinates[1]: has 0 numbers; expected [longitude, latitude]");
    EXPECT_EQ(error_of(R"({"type":"Polygon","coordinates":[[[1,2],[3,4]],[[1,2],[3,[4]]]]})"),
              "malformed coordinates[1][1]: number 2 is an array; expected a number");
    EXPECT_EQ(error_of(R"({"type":"Polygon","coordinates":[{}]})"),
              "malformed coordinates[0]: is an object; expected an array of positions");
    EXPECT_EQ(error_of(R"({"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]},)"
                       R"({"type":"MultiPolygon","coordinates":[[[[1,2],[3]]]]}]})"),
              "malformed geometries[1].coordinates[0][0][1]: has 1 number; expected [longitude, latitude]");
    EXPECT_EQ(error_of(R"({"type":"GeometryCollection","geometries":[null]})"),
              "malformed geometries[0]: is null; expected a geometry object");
}

TEST(GeoJsonGeometry, FaultsSayTheMemberAlone) {
    try {
        parse_geojson_geometry(R"({"type":"LineString","coordinates":[[1,2],[3]]})");
        FAIL();
    } catch (const GeoJsonFault& fault) {
        EXPECT_EQ(fault.code(), Code::malformed);
        EXPECT_EQ(fault.member(), "coordinates[1]");
        EXPECT_EQ(fault.reason(), "has 1 number; expected [longitude, latitude]");
    }
}

TEST(GeoJsonGeometry, EveryTruncationIsRefused) {
    const std::string text =
        json_of(parse_wkt("GEOMETRYCOLLECTION (MULTIPOINT ((1 2), EMPTY), POINT Z (1 2 3))"));
    for (std::size_t size = 0; size < text.size(); ++size) {
        EXPECT_THAT(error_of(text.substr(0, size)), testing::StartsWith("malformed")) << size;
    }
}

TEST(GeoJsonGeometry, LimitsNesting) {
    const auto nested = [](std::size_t depth) {
        std::string text;
        for (std::size_t i = 0; i < depth; ++i) text += R"({"type":"GeometryCollection","geometries":[)";
        for (std::size_t i = 0; i < depth; ++i) text += "]}";
        return text;
    };
    EXPECT_EQ(json_of(parse_geojson_geometry(nested(32))), nested(32));
    EXPECT_THAT(error_of(nested(33)),
                testing::AllOf(testing::StartsWith("too_large geometries[0].geometries"),
                               testing::EndsWith("collections are nested more than 32 deep")));
    EXPECT_EQ(error_of(nested(10'000)),
              "too_large is nested too deep; expected at most 32 collections in each other");
    const std::string brackets = std::string(10'000, '[') + std::string(10'000, ']');
    EXPECT_THAT(error_of(R"({"type":"MultiPolygon","coordinates":)" + brackets + "}"),
                testing::StartsWith("too_large is nested too deep"));
    const std::string fewer = std::string(500, '[') + std::string(500, ']');
    EXPECT_EQ(error_of(R"({"type":"Polygon","coordinates":)" + fewer + "}"),
              "malformed coordinates[0][0]: number 1 is an array; expected a number");
}

}  // namespace
}  // namespace crowfly
