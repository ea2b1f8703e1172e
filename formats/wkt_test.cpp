#include "formats/wkt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/thrown.h"

namespace crowfly {
namespace {

std::optional<Code> point_code_of(std::string_view text) {
    return tests::thrown_code([&] { parse_wkt_point(text); });
}

std::string error_of(std::string_view text) {
    return tests::thrown_text([&] { parse_wkt(text); });
}

std::string rewritten(std::string_view text) {
    std::string out;
    write_wkt(parse_wkt(text), out);
    return out;
}

TEST(WktPoint, ReadsAPointHoweverItIsSpelled) {
    for (const char* text :
         {"POINT(-118.25 36.5)", "point ( -118.25   36.5 ) ", "POINT Z (-118.25 36.5 4418)",
          "POINTZM(-118.25 36.5 4418 0)", "SRID=4326;POINT(-118.25 36.5)", "POINT M (-118.25 3.65e1 7)",
          "POINT (-118.25 36.5 1 2)", "srid=0; Point(-118.25 +36.5)"}) {
        EXPECT_EQ(parse_wkt_point(text), (LonLat{-118.25, 36.5})) << text;
        EXPECT_EQ(parse_wkt(text).sequence(0)[0], (LonLat{-118.25, 36.5})) << text;
    }
}

TEST(WktPoint, TellsNonsenseFromWhatIsNotRead) {
    for (const char* text :
         {"", "POINT", "POINT(1)", "POINT(1 2", "POINT(1 2) x", "POINT(1 2 3 4 5)", "POINT(1,2)",
          "POINT Q (1 2)", "1 2", "SRID;POINT(1 2)", "SRID=4326 POINT(1 2)", "POINT((1 2))",
          "POINT(13.4.5 52.5)", "POINT(1-2)", "POINT Z (1 2)", "POINTZ Z (1 2 3)", "POINT M Z (1 2 3 4)"}) {
        EXPECT_EQ(point_code_of(text), Code::malformed) << text;
    }
    for (const char* text :
         {"LINESTRING(0 0, 1 1)", "POLYGON EMPTY", "POINT EMPTY", "SRID=3857;POINT(1 2)", "TIN EMPTY"}) {
        EXPECT_EQ(point_code_of(text), Code::unsupported) << text;
    }
}

TEST(Wkt, WritesWhatItReads) {
    for (const char* text :
         {"POINT (1 2)",
          "POINT Z (1 2 3)",
          "POINT M (1 2 3)",
          "POINT ZM (1 2 3 4)",
          "POINT EMPTY",
          "LINESTRING EMPTY",
          "LINESTRING (0 0, 1 1, 1 1)",
          "LINESTRING (0 0)",
          "LINESTRING ZM (0 0 1 2, 1 1 3 4)",
          "POLYGON EMPTY",
          "POLYGON ((0 0, 4 0, 4 4, 0 0))",
          "POLYGON ((0 0, 4 0, 4 4, 0 0), (2 1, 3 1, 3 2, 2 1))",
          "POLYGON (EMPTY)",
          "POLYGON ((0 0, 1 1), EMPTY)",
          "MULTIPOINT EMPTY",
          "MULTIPOINT ((1 2), EMPTY, (3 4))",
          "MULTIPOINT (EMPTY)",
          "MULTIPOINT Z ((1 2 3), (4 5 nan))",
          "MULTILINESTRING EMPTY",
          "MULTILINESTRING (EMPTY, (0 0, 1 1), EMPTY)",
          "MULTIPOLYGON EMPTY",
          "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 0), (2 1, 3 1, 3 2, 2 1)), EMPTY, ((9 9, 8 9, 8 8, 9 9)))",
          "GEOMETRYCOLLECTION EMPTY",
          "GEOMETRYCOLLECTION (GEOMETRYCOLLECTION EMPTY)",
          "GEOMETRYCOLLECTION (POINT (1 2), GEOMETRYCOLLECTION (LINESTRING EMPTY, MULTIPOINT ((3 4))), "
          "POLYGON ((0 0, 4 0, 4 4, 0 0)))",
          "GEOMETRYCOLLECTION Z (POINT Z (1 2 3), LINESTRING Z EMPTY, POINT Z (4 5 6))"}) {
        EXPECT_EQ(rewritten(text), text);
        EXPECT_EQ(parse_wkt(rewritten(text)), parse_wkt(text)) << text;
    }
}

TEST(Wkt, ReadsEverySpelling) {
    EXPECT_EQ(rewritten(" SRID = 4326 ; multipoint(1 2,3 4) "), "MULTIPOINT ((1 2), (3 4))");
    EXPECT_EQ(rewritten("MultiPoint(1 2, (3 4), empty)"), "MULTIPOINT ((1 2), (3 4), EMPTY)");
    EXPECT_EQ(rewritten("\tLINESTRINGZ\n(1 2 3,\r\n4 5 6)"), "LINESTRING Z (1 2 3, 4 5 6)");
    EXPECT_EQ(rewritten("linestring zm(1 2 3 4,5 6 7 8)"), "LINESTRING ZM (1 2 3 4, 5 6 7 8)");
    EXPECT_EQ(rewritten("LINESTRINGM(1 2 3,4 5 6)"), "LINESTRING M (1 2 3, 4 5 6)");
    EXPECT_EQ(rewritten("GEOMETRYCOLLECTION Z(POINTZ(1 2 3))"), "GEOMETRYCOLLECTION Z (POINT Z (1 2 3))");
    EXPECT_EQ(rewritten("POLYGON((.5 1.,+1 -0,1e2 1E-2,.5 1))"), "POLYGON ((0.5 1, 1 -0, 100 0.01, 0.5 1))");
    EXPECT_EQ(rewritten("POINT Z EMPTY"), "POINT EMPTY");
}

TEST(Wkt, PositionsWithoutZOrMOfTheOthersGetNone) {
    EXPECT_EQ(rewritten("GEOMETRYCOLLECTION (POINT (1 2), POINT Z (3 4 5), POINT M (6 7 8))"),
              "GEOMETRYCOLLECTION ZM (POINT ZM (1 2 nan nan), POINT ZM (3 4 5 nan), POINT ZM (6 7 nan 8))");
}

TEST(Wkt, KeepsEveryBitOfANumber) {
    for (const double value : {0.1, -118.29199999999999, 1e-300, 5e-324, 1.7976931348623157e308, 1 / 3.0}) {
        std::string text;
        write_wkt(Geometry::point({value, -value}), text);
        EXPECT_EQ(parse_wkt(text), Geometry::point({value, -value})) << text;
    }
}

TEST(Wkt, SaysWhatItFoundAndWhere) {
    EXPECT_EQ(error_of(""),
              "malformed WKT, byte 0: found the end; expected the name of a geometry type, such as POINT");
    EXPECT_EQ(error_of("  BOX(1 2)"),
              "malformed WKT, byte 2: found \"BOX\"; expected the name of a geometry type, such as POINT");
    EXPECT_EQ(error_of("LINESTRING 1 2"), "malformed WKT, byte 11: found \"1\"; expected ( or EMPTY");
    EXPECT_EQ(error_of("LINESTRING()"), "malformed WKT, byte 11: found \")\"; expected a number: x");
    EXPECT_EQ(error_of("LINESTRING(1 2, 3)"), "malformed WKT, byte 17: found \")\"; expected a number: y");
    EXPECT_EQ(error_of("LINESTRING(1 2, 3 4 5)"), "malformed WKT, byte 20: found \"5\"; expected , or )");
    EXPECT_EQ(error_of("LINESTRING(1 2 3, 3 4)"),
              "malformed WKT, byte 21: found \")\"; expected a number: z");
    EXPECT_EQ(error_of("LINESTRING M (1 2)"), "malformed WKT, byte 17: found \")\"; expected a number: m");
    EXPECT_EQ(error_of("POLYGON(1 2, 3 4)"), "malformed WKT, byte 8: found \"1\"; expected ( or EMPTY");
    EXPECT_EQ(error_of("POLYGON((1 2, 3 4)"), "malformed WKT, byte 18: found the end; expected , or )");
    EXPECT_EQ(error_of("POINT(1 2),"), "malformed WKT, byte 10: found \",\"; expected the end");
    EXPECT_EQ(error_of("POINT(1 \xC3\xA4)"),
              "malformed WKT, byte 8: found the byte 0xC3; expected a number: y");
    EXPECT_EQ(error_of("POINT(1 1e999)"),
              "malformed WKT, byte 8: found \"1e999\"; expected a number that fits into a double");
    EXPECT_EQ(error_of("GEOMETRYCOLLECTION(1 2)"),
              "malformed WKT, byte 19: found \"1\"; expected the name of a geometry type, such as POINT");
    EXPECT_EQ(error_of("GEOMETRYCOLLECTION(POINT(1 2),)"),
              "malformed WKT, byte 30: found \")\"; expected the name of a geometry type, such as POINT");
    EXPECT_EQ(error_of("SRID=4326POINT(1 2)"),
              "malformed WKT, byte 5: found \"4326POINT\"; expected the number of the reference system");
    EXPECT_EQ(error_of("SRID=25832;POINT(1 2)"), "unsupported SRID 25832; expected 4326");
    EXPECT_EQ(error_of("MULTIPOINT((1 2), CIRCULARSTRING(0 0, 1 1, 2 0))"),
              "malformed WKT, byte 18: found \"CIRCULARSTRING\"; expected a number: x");
    EXPECT_THAT(error_of("GEOMETRYCOLLECTION(CIRCULARSTRING(0 0, 1 1, 2 0))"),
                testing::StartsWith("unsupported WKT, byte 19: CIRCULARSTRING geometries are not read"));
    EXPECT_THAT(error_of("POINT(" + std::string(5000, 'x')),
                testing::EndsWith("found \"" + std::string(24, 'x') + "\"; expected a number: x"));
}

TEST(Wkt, EveryTruncationIsRefused) {
    for (const std::string_view text :
         {"GEOMETRYCOLLECTION Z (POINT Z (1 2 3), MULTIPOINT ((1 2), EMPTY), LINESTRING (0 0, 1 1))",
          "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 0), (2 1, 3 1, 3 2, 2 1)), EMPTY)", "SRID=4326;POINT (1 2)"}) {
        for (std::size_t size = 0; size < text.size(); ++size) {
            EXPECT_THAT(error_of(text.substr(0, size)), testing::StartsWith("malformed")) << size;
        }
    }
}

TEST(Wkt, LimitsNesting) {
    const auto nested = [](std::size_t depth) {
        std::string text;
        for (std::size_t i = 0; i < depth; ++i) text += "GEOMETRYCOLLECTION (";
        text += "POINT (1 2)";
        return text + std::string(depth, ')');
    };
    EXPECT_EQ(rewritten(nested(32)), nested(32));
    for (const std::size_t depth : {33U, 10'000U}) {
        EXPECT_EQ(error_of(nested(depth)),
                  "too_large WKT, byte 640: collections are nested more than 32 deep");
    }
    EXPECT_THAT(error_of(std::string(10'000, '(')), testing::StartsWith("malformed"));
    EXPECT_THAT(error_of("POLYGON" + std::string(10'000, '(')), testing::StartsWith("malformed"));
}

}  // namespace
}  // namespace crowfly
