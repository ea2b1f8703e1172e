#include "formats/geojson_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/wkt.h"
#include "tests/support/read_places.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using std::string_literals::operator""s;
using testing::ElementsAre;
using testing::HasSubstr;

tests::ReadPlaces read(std::string_view text, const ReadOptions& options = {},
                       std::string_view name = "t.geojson", OnError policy = OnError::skip) {
    return tests::read_places(text, name, options, policy);
}

std::string error_of(std::string_view text, std::string_view name = "t.geojson") {
    return tests::thrown_text([&] { read(text, {}, name, OnError::abort); });
}

std::string feature(std::string_view coordinates, std::string_view properties = "{}") {
    return R"({"type":"Feature","geometry":{"type":"Point","coordinates":)" + std::string(coordinates) +
           R"(},"properties":)" + std::string(properties) + "}";
}

std::string with_geometry(std::string_view geometry) {
    return R"({"type":"Feature","geometry":)" + std::string(geometry) + R"(,"properties":{}})";
}

std::string collection(std::string_view features) {
    return R"({"type":"FeatureCollection","features":[)" + std::string(features) + "]}";
}

TEST(GeoJson, ReadsIdNameCategoryAndKeepsPropertiesWithTheirTypes) {
    const auto [places, rejects] = read(collection(
        R"({"type":"Feature","id":7,"geometry":{"type":"Point","coordinates":[-118.25,36.5,4418]},)"
        R"("properties":{"name":"Peak","category":null,"e":1.5,"n":3,"ok":true,"tags":[1, {"a":"b"}],"s":"x","z":null}})"));
    ASSERT_EQ(places.size(), 1U) << testing::PrintToString(rejects);
    EXPECT_EQ(places[0], (Place{"7",
                                {-118.25, 36.5},
                                "Peak",
                                "",
                                {{"e", 1.5},
                                 {"n", std::int64_t{3}},
                                 {"ok", true},
                                 {"tags", Json{R"([1,{"a":"b"}])"}},
                                 {"s", "x"s},
                                 {"z", Value()}}}));
}

TEST(GeoJson, TheIdMayBeAPropertyAndTheFeaturesOwnWins) {
    EXPECT_EQ(read(collection(feature("[1,2]", R"({"id":"p"})"))).places.at(0).id, "p");
    const auto both = read(
        R"({"type":"Feature","id":"f","geometry":{"type":"Point","coordinates":[1,2]},"properties":{"id":"p"}})");
    EXPECT_EQ(both.places.at(0).id, "f");
    EXPECT_EQ(both.places.at(0).properties, (std::vector<Property>{{"id", "p"s}}));
}

TEST(GeoJson, UsualNamesMatchWithoutRegardToCaseWhenNoneIsExact) {
    const auto place = read(feature("[1,2]", R"({"NAME":"N","Category":"C","ID":5})")).places.at(0);
    EXPECT_EQ(place, (Place{"5", {1, 2}, "N", "C", {}}));
    EXPECT_EQ(read(feature("[1,2]", R"({"NAME":"N","name":"n"})")).places.at(0).name, "n");
}

TEST(GeoJson, StreamsWhateverTheLayoutOfTheDocument) {
    EXPECT_EQ(read(collection("")).places.size(), 0U);
    EXPECT_EQ(read(collection(" \n" + feature("[1,2]") + " ,\n" + feature("[3,4]") + "\n")).places.size(),
              2U);
    const std::string odd = R"({"note":"\"features\":[","nested":{"features":[1]},"features" : [)" +
                            feature("[1,2]", R"({"name":"}]\\\"{["})") +
                            R"(],"type":"FeatureCollection","more":[[]]})";
    const auto [places, rejects] = read(odd);
    ASSERT_EQ(places.size(), 1U) << testing::PrintToString(rejects);
    EXPECT_EQ(places[0].name, "}]\\\"{[");
}

TEST(GeoJson, ASingleFeatureIsAFileOfOnePlace) {
    EXPECT_EQ(read(feature("[1,2]")).places.size(), 1U);
}

TEST(GeoJson, BadFeaturesAreNamedByLineNumberAndMember) {
    const std::string text = collection(
        feature("[1,2]") + ",\n" + feature("[36.5,-118.2]") + ",\n" + feature("[1]") + ",\n" +
        feature(R"(["1",2])") + ",\n" + R"({"type":"Feature","geometry":null,"properties":{}})" + ",\n" +
        R"({"type":"Feature","geometry":{"type":"Curve","coordinates":[[0,0],[1,1]]},"properties":{}})" +
        ",\n" + feature("[0,0]", R"({"name":[]})") + ",\n" + feature("[0,0]", R"({"a":1,"a":2})") + ",\n" +
        R"({"type":"Feature","geometry":{"type":"Point","coordinates":[1e999,0]}})");
    const auto [places, rejects] = read(text);
    EXPECT_EQ(places.size(), 1U);
    EXPECT_THAT(
        rejects,
        ElementsAre(
            HasSubstr("2: feature 2, geometry.coordinates: latitude -118.2"),
            "3: feature 3, geometry.coordinates: has 1 numbers; expected [longitude, latitude]",
            "4: feature 4, geometry.coordinates: number 1 is not a number",
            "5: feature 5, geometry: is null; a place needs a geometry",
            HasSubstr("6: feature 6, geometry.type: \"Curve\" is not a geometry type; expected Point"),
            "7: feature 7, name: is an array; expected a string or a number",
            "8: feature 8, a: appears twice", HasSubstr("9: : is not JSON")));
}

TEST(GeoJson, ReadsEveryTypeOfGeometry) {
    const std::pair<const char*, const char*> geometries[] = {
        {R"({"type":"LineString","coordinates":[[0,0],[1,1]]})", "LINESTRING (0 0, 1 1)"},
        {R"({"type":"Polygon","coordinates":[[[0,0,7],[4,0,7],[0,4,7],[0,0,7]]]})",
         "POLYGON Z ((0 0 7, 4 0 7, 0 4 7, 0 0 7))"},
        {R"({"type":"MultiPoint","coordinates":[[1,2],[3,4]]})", "MULTIPOINT ((1 2), (3 4))"},
        {R"({"type":"MultiLineString","coordinates":[[[0,0],[1,1]],[[2,2],[3,3]]]})",
         "MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))"},
        {R"({"type":"MultiPolygon","coordinates":[[[[0,0],[4,0],[0,4],[0,0]]]]})",
         "MULTIPOLYGON (((0 0, 4 0, 0 4, 0 0)))"},
        {R"({"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[5,6]}]})",
         "GEOMETRYCOLLECTION (POINT (5 6))"}};
    for (const auto& [json, wkt] : geometries) {
        const auto [places, rejects] = read(collection(with_geometry(json)));
        ASSERT_EQ(places.size(), 1U) << testing::PrintToString(rejects);
        ASSERT_NE(places[0].shape, nullptr);
        EXPECT_EQ(*places[0].shape, parse_wkt(wkt)) << json;
    }
    const auto mixed =
        read(with_geometry(geometries[0].first) + "\n" + feature("[1,2,3]"), {}, "t.ndjson").places;
    EXPECT_EQ(mixed.at(0).position, (LonLat{0.5, 0.5}));
    EXPECT_EQ(mixed.at(1).shape, nullptr) << "a shape must not stay for the next place";
}

TEST(GeoJson, BadGeometriesAreNamedByMemberAndVertex) {
    const std::string line = R"({"type":"LineString","coordinates":)";
    std::string long_line = line + "[";
    for (int i = 0; i < 10'000; ++i) long_line += i % 2 == 0 ? "[0,0]," : "[1,0],";
    const auto [places, rejects] = read(collection(
        with_geometry(line + "[]}") + ",\n" + with_geometry(line + "[[0,0]]}") + ",\n" +
        with_geometry(line + "[[0,0],[1,\"1\"]]}") + ",\n" + with_geometry(long_line + "[0,91]]}") + ",\n" +
        with_geometry(R"({"type":"Polygon","coordinates":[[[0,0],[4,0],[0,4],[1,1]]]})") + ",\n" +
        with_geometry(R"({"type":"GeometryCollection","geometries":[]})") + ",\n" +
        with_geometry(line + "[[0,0],[180,0]]}") + ",\n" + with_geometry("7")));
    EXPECT_TRUE(places.empty());
    EXPECT_THAT(rejects,
                ElementsAre(HasSubstr("1: feature 1, geometry: is empty"),
                            HasSubstr("2: feature 2, geometry: a line of 1 vertex; it needs at least 2"),
                            "3: feature 3, geometry.coordinates[1]: number 2 is a string; expected a number",
                            HasSubstr("4: feature 4, geometry: vertex 10000: latitude 91 is not within"),
                            HasSubstr("5: feature 5, geometry: vertex 3 (ring 0): the ring is not closed"),
                            HasSubstr("6: feature 6, geometry: is empty"),
                            HasSubstr("7: feature 7, geometry: vertex 1: the edge from (0 0) to (180 0)"),
                            "8: feature 8, geometry: is a number; expected a geometry object"));
}

TEST(GeoJson, ADocumentThatIsNoFeatureCollectionIsRefused) {
    EXPECT_THAT(error_of(""), HasSubstr("is not JSON"));
    EXPECT_THAT(error_of("[1,2]"), HasSubstr("is not a GeoJSON FeatureCollection or Feature"));
    EXPECT_THAT(error_of(R"({"type":"Point","coordinates":[1,2]})"),
                HasSubstr("is not a GeoJSON FeatureCollection"));
    EXPECT_THAT(error_of(R"({"type":"FeatureCollection"})"), HasSubstr("has no array \"features\""));
    EXPECT_THAT(error_of(R"({"features":[],"features":[]})"), HasSubstr("appears twice"));
    EXPECT_THAT(error_of(collection(feature("[1,2]") + ",")), HasSubstr("expected a feature"));
    EXPECT_THAT(error_of(collection(feature("[1,2]") + feature("[1,2]"))), HasSubstr("expected a comma"));
    EXPECT_THAT(error_of(collection("null")), HasSubstr("expected a feature"));
    EXPECT_THAT(error_of(R"({"features":[)" + feature("[1,2]")), HasSubstr("the file ends inside"));
    EXPECT_THAT(error_of(collection("") + "}"), HasSubstr("a bracket closes"));
    EXPECT_THAT(error_of(std::string(100'000, '[')), HasSubstr("is not JSON"));
}

TEST(GeoJson, DeepNestingIsAnErrorNotACrash) {
    EXPECT_THAT(error_of(collection(feature(std::string(10'000, '[') + std::string(10'000, ']')))),
                HasSubstr("is not JSON"));
}

TEST(GeoJson, AnotherReferenceSystemIsRefused) {
    const auto with_crs = [](std::string_view name) {
        return R"({"type":"FeatureCollection","crs":{"type":"name","properties":{"name":")" +
               std::string(name) + R"("}},"features":[)" + feature("[1,2]") + "]}";
    };
    EXPECT_EQ(error_of(with_crs("urn:ogc:def:crs:OGC:1.3:CRS84")), "no error");
    EXPECT_THAT(error_of(with_crs("urn:ogc:def:crs:EPSG::3857")), HasSubstr("EPSG::3857; expected WGS84"));
}

TEST(GeoJson, LinesHoldAFeatureEach) {
    const auto [places, rejects] = read(feature("[1,2]") + "\r\n\n\x1E" + feature("[3,4]") + "\nnonsense\n" +
                                            collection("") + "\n" + feature("[5,6]"),
                                        {}, "t.ndjson.gz");
    EXPECT_EQ(places.size(), 3U);
    EXPECT_THAT(rejects,
                ElementsAre(HasSubstr("4: : is not JSON"), "5: type: expected an object of type Feature"));
}

TEST(GeoJson, ALineCutShortIsABadRow) {
    EXPECT_THAT(error_of(feature("[1,2]") + "\n" + feature("[3,4]").substr(0, 40), "t.geojsonl"),
                HasSubstr(":2: is not JSON"));
}

}  // namespace
}  // namespace crowfly
