#include "formats/geojson_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
        R"({"type":"Feature","geometry":{"type":"LineString","coordinates":[[0,0],[1,1]]},"properties":{}})" +
        ",\n" + feature("[0,0]", R"({"name":[]})") + ",\n" + feature("[0,0]", R"({"a":1,"a":2})") + ",\n" +
        R"({"type":"Feature","geometry":{"type":"Point","coordinates":[1e999,0]}})");
    const auto [places, rejects] = read(text);
    EXPECT_EQ(places.size(), 1U);
    EXPECT_THAT(
        rejects,
        ElementsAre(HasSubstr("2: feature 2, geometry.coordinates: latitude -118.2"),
                    "3: feature 3, geometry.coordinates: has 1 numbers; expected [longitude, latitude]",
                    "4: feature 4, geometry.coordinates: number 1 is not a number",
                    "5: feature 5, geometry: is null; a place needs a point",
                    "6: feature 6, geometry: LineString geometries are not read; expected Point",
                    "7: feature 7, name: is an array; expected a string or a number",
                    "8: feature 8, a: appears twice", HasSubstr("9: : is not JSON")));
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
