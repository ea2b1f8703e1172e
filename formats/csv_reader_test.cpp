#include "formats/csv_reader.h"

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
                       std::string_view name = "t.csv", OnError policy = OnError::skip) {
    return tests::read_places(text, name, options, policy);
}

std::string error_of(std::string_view text, const ReadOptions& options = {},
                     std::string_view name = "t.csv") {
    return tests::thrown_text([&] { read(text, options, name, OnError::abort); });
}

TEST(Csv, TakesTheUsualColumnsAndKeepsTheRest) {
    const auto [places, rejects] =
        read("ID,Name,category,LON,lat,zip,note\n1,Whitney,peak,-118.29,36.58,01234,\n");
    ASSERT_EQ(places.size(), 1U);
    EXPECT_EQ(places[0], (Place{"1", {-118.29, 36.58}, "Whitney", "peak", {{"zip", "01234"s}}}));
    EXPECT_TRUE(rejects.empty());
}

TEST(Csv, AllUsualNamesOfCoordinatesWork) {
    for (const char* header : {"lon,lat", "lng,latitude", "longitude,y", "x,lat", "X,Y"}) {
        EXPECT_EQ(read(header + "\n1,2\n"s).places.at(0).position, (LonLat{1, 2})) << header;
    }
    EXPECT_EQ(read("wkt\nPOINT (1 2)\n").places.at(0).position, (LonLat{1, 2}));
    for (const char* column : {"Geometry", "geom", "the_geom", "WKT"}) {
        EXPECT_EQ(read("id,"s + column + "\n1,POINT(1 2)\n").places.at(0).position, (LonLat{1, 2})) << column;
    }
}

TEST(Csv, AGeometryColumnMayHoldAnyGeometry) {
    const auto [places, rejects] = read(
        "id,wkt\n1,\"POLYGON Z ((0 0 7, 4 0 7, 0 4 7, 0 0 7))\"\n2,point z (1 2 3)\n"
        "3,\"SRID=4326;MULTIPOINT(1 2,3 4)\"\n4,\"GEOMETRYCOLLECTION(POINT(5 6),LINESTRING(0 0,1 1))\"\n");
    ASSERT_EQ(places.size(), 4U) << testing::PrintToString(rejects);
    EXPECT_EQ(*places[0].shape, parse_wkt("POLYGON Z ((0 0 7, 4 0 7, 0 4 7, 0 0 7))"));
    EXPECT_EQ(places[0].position, (LonLat{2, 2}));
    EXPECT_EQ(places[1], (Place{"2", {1, 2}}));
    EXPECT_EQ(places[2].shape->type(), GeometryType::multi_point);
    EXPECT_EQ(places[3].shape->type(), GeometryType::geometry_collection);
}

TEST(Csv, LongitudeAndLatitudeCountBeforeAGeometryThatWasNotAskedFor) {
    const std::string text = "lon,lat,wkt\n1,2,\"LINESTRING (0 0, 1 1)\"\n";
    const Place place = read(text).places.at(0);
    EXPECT_EQ(place.shape, nullptr);
    EXPECT_EQ(place.properties, (std::vector<Property>{{"wkt", "LINESTRING (0 0, 1 1)"s}}));
    EXPECT_NE(read(text, {.columns = {.geometry = "wkt"}}).places.at(0).shape, nullptr);
}

TEST(Csv, BadGeometriesAreNamedByColumnAndVertex) {
    std::string long_line = "\"LINESTRING (";
    for (int i = 0; i < 10'000; ++i) long_line += i % 2 == 0 ? "0 0, " : "1 0, ";
    const auto [places, rejects] =
        read("id,geom\n1,\n2,POINT EMPTY\n3,POLYGON EMPTY\n4,\"LINESTRING (0 0, 1)\"\n5," + long_line +
             "0 91)\"\n6,\"POLYGON ((0 0, 4 0, 0 4, 1 1))\"\n7,\"POLYGON ((0 0, 4 0, 0 0))\"\n"
             "8,CIRCULARSTRING (0 0)\n9,\"LINESTRING (0 0, 180 0)\"\n10,POINT (0 91)\n11,0101000000\n");
    EXPECT_TRUE(places.empty());
    EXPECT_THAT(
        rejects,
        testing::ElementsAre(
            "2: column 2 (geom): is empty; expected WKT, such as POINT (x y)",
            "3: column 2 (geom): the point is empty", HasSubstr("4: column 2 (geom): is empty; an empty"),
            HasSubstr("5: column 2 (geom): WKT, byte 18: "),
            HasSubstr("6: column 2 (geom): vertex 10000: latitude 91 is not within -90..90"),
            HasSubstr("7: column 2 (geom): vertex 3 (ring 0): the ring is not closed"),
            HasSubstr("8: column 2 (geom): ring 0: a ring of 3 vertices; it needs at least 4"),
            HasSubstr("9: column 2 (geom): "),
            HasSubstr("10: column 2 (geom): vertex 1: the edge from (0 0)"),
            HasSubstr("11: column 2 (geom): latitude 91")));
}

TEST(Csv, ARecordMayBeLongerThanWhatIsReadAtOnce) {
    constexpr std::size_t kVertices = 400'000;
    std::string text = "id,wkt\nlong,\"LINESTRING (";
    for (std::size_t i = 0; i < kVertices; ++i)
        text += (i == 0 ? "" : ", ") + std::to_string(i % 180) + ".125 " + std::to_string(i % 90) + ".25";
    const auto places = read(text + ")\"\nnext,POINT (1 2)\n").places;
    ASSERT_EQ(places.size(), 2U);
    EXPECT_EQ(places[0].shape->positions().size(), kVertices);
    EXPECT_EQ(places[1].id, "next");
}

TEST(Csv, QuotedFieldsMayHoldAnything) {
    const auto [places, rejects] =
        read("name,lon,lat,\"a \"\"b\"\"\"\r\n\"x, \"\"y\"\"\nz\",1,\"2\",q\r\n\"\",3,4,\n\n5\" pipe,5,6,7");
    ASSERT_EQ(places.size(), 3U) << testing::PrintToString(rejects);
    EXPECT_EQ(places[0].name, "x, \"y\"\nz");
    EXPECT_EQ(places[0].properties, (std::vector<Property>{{"a \"b\"", "q"s}}));
    EXPECT_EQ(places[1].name, "");
    EXPECT_EQ(places[2].name, "5\" pipe");
}

TEST(Csv, BetweenTabsQuotesCountWhenTheyCloseTheField) {
    const auto [places, rejects] = read("name\tlon\tlat\n\"half\t1\t2\n", {}, "t.tsv");
    ASSERT_EQ(places.size(), 1U);
    EXPECT_EQ(places[0].name, "\"half");
    EXPECT_EQ(read("name\tlon\tlat\n\"a\tb \"\"c\"\"\"\t1\t2\n", {}, "t.tsv").places.at(0).name,
              "a\tb \"c\"");
    EXPECT_EQ(read("name\tlon\tlat\n\"a\" b\t1\t2\n", {}, "t.tsv").places.at(0).name, "\"a\" b");
    EXPECT_EQ(read("lon\tlat\tname\n1\t2\t\"a\"\r\n1\t2\t\"\n", {}, "t.tsv").places.at(1).name, "\"");
}

TEST(Csv, AHeaderMayHaveDoubledQuotesBesideOtherLetters) {
    EXPECT_EQ(read("lon,lat,\"a\"\"é\"\n1,2,x\n").places.at(0).properties,
              (std::vector<Property>{{"a\"é", "x"s}}));
}

TEST(Csv, TheDelimiterCanBeChosen) {
    EXPECT_EQ(read("lon;lat;name\n1;2;\"a;b\"\n", {.delimiter = ';'}).places.at(0).name, "a;b");
}

TEST(Csv, BadRowsAreNamedByLineAndColumn) {
    const auto [places, rejects] = read(
        "id,lon,lat\n1,0,0\n2,abc,0\n3,0,\n4,36.5,-118.2\n5,0\n6,0,0,0\n7,nan,0\n8,0,1e999\n\"9\"x,0,0\n10,"
        "200,0\n11,1,1\n");
    EXPECT_EQ(places.size(), 2U);
    EXPECT_THAT(
        rejects,
        ElementsAre(
            "3: column 2 (lon): \"abc\" is not a finite number",
            "4: column 3 (lat): is empty; expected a number",
            "5: column 3 (lat): latitude -118.2 is not within -90..90; are longitude and latitude swapped?",
            "6: : has 2 fields; the header has 3", "7: : has 4 fields; the header has 3",
            "8: column 2 (lon): \"nan\" is not a finite number",
            "9: column 3 (lat): \"1e999\" is not a finite number",
            "10: : field 1 has text after its closing quote",
            "11: column 2 (lon): longitude 200 is not within -180..180"));
}

TEST(Csv, LinesAreCountedThroughQuotedBreaksAndBlankLines) {
    EXPECT_THAT(read("name,lon,lat\n\"a\n\nb\",1,1\n\nbad,x,1\n").rejects,
                ElementsAre(HasSubstr("6: column 2 (lon)")));
}

TEST(Csv, AbortStopsAtTheFirstBadRowWithFileAndLine) {
    EXPECT_THAT(error_of("lon,lat\n0,0\n0,91\n"),
                testing::MatchesRegex("malformed .*/t.csv:3: column 2 .lat.: latitude 91 .*"));
}

TEST(Csv, AFileThatEndsInTheMiddleOfARow) {
    EXPECT_THAT(error_of("id,lon,lat\n1,0,0\n2,0"),
                HasSubstr(":3: column 2 (lon): the file ends in the middle of the row, after 2 of 3"));
    EXPECT_THAT(error_of("id,lon,lat\n1,0,0\n\"2,0,0\n3,0,0\n"),
                HasSubstr(":3: field 1: the file ends within its quotes"));
    EXPECT_EQ(read("lon,lat\n1,2").places.size(), 1U);
}

TEST(Csv, TextMustBeUtf8WithoutNul) {
    EXPECT_THAT(read("name,lon,lat\n\xFFx,0,0\n"s + "a\0b,0,0\n"s).rejects,
                ElementsAre("2: column 1 (name): is not UTF-8 text", "3: column 1 (name): has a NUL byte"));
}

TEST(Csv, DeclaredAttributesAreConvertedAndJudged) {
    const ReadOptions options{.attributes = {{"population", AttributeType::integer}}};
    const auto [places, rejects] = read("lon,lat,population\n0,0,1052\n0,0,\n0,0,many\n", options);
    ASSERT_EQ(places.size(), 2U);
    EXPECT_EQ(places[0].properties, (std::vector<Property>{{"population", std::int64_t{1052}}}));
    EXPECT_TRUE(places[1].properties.empty());
    EXPECT_THAT(rejects, ElementsAre("4: column 3 (population): \"many\" is not of type integer"));
}

TEST(Csv, ColumnsCanBeMapped) {
    const ReadOptions options{.columns = {.id = "code", .name = "title", .lon = "east", .lat = "north"}};
    const auto place = read("code,title,east,north,name\nA,t,1,2,own\n", options).places.at(0);
    EXPECT_EQ(place, (Place{"A", {1, 2}, "t", "", {{"name", "own"s}}}));
    EXPECT_THAT(error_of("lon,lat\n1,2\n", {.columns = {.name = "title"}}),
                HasSubstr("there is no column \"title\"; the header has: lon, lat"));
}

TEST(Csv, AHeaderWithoutAPositionSaysWhatIsMissing) {
    EXPECT_THAT(error_of("id,lat\n1,2\n"),
                testing::AllOf(HasSubstr("invalid_argument"), HasSubstr("the header has: id, lat")));
    EXPECT_THAT(error_of(""), HasSubstr("is empty; expected a header line"));
    EXPECT_THAT(error_of("lon,lat,lon\n"), HasSubstr("two columns are called \"lon\""));
}

TEST(Csv, ThePlaneTakesAnyFiniteCoordinates) {
    EXPECT_EQ(read("x,y\n531234.5,180000\n", {.crs = Crs::planar}).places.at(0).position,
              (LonLat{531234.5, 180000}));
}

TEST(Csv, ALargeFileStreamsInPieces) {
    std::string text = "id,lon,lat,name\n";
    for (int i = 0; i < 60'000; ++i)
        text += std::to_string(i) + ",1,2,\"name \"\"" + std::to_string(i) + "\"\"\"\n";
    const auto places = read(text, {}, "t.csv.gz").places;
    ASSERT_EQ(places.size(), 60'000U);
    for (std::size_t i = 0; i < places.size(); ++i) {
        ASSERT_EQ(places[i].id, std::to_string(i));
        ASSERT_EQ(places[i].name, "name \"" + std::to_string(i) + "\"");
    }
}

}  // namespace
}  // namespace crowfly
