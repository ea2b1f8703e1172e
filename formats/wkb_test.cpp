#include "formats/wkb.h"

#include <limits>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/wkt.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using Bytes = std::vector<std::byte>;

Bytes from_hex(std::string_view hex) {
    Bytes bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        bytes.push_back(static_cast<std::byte>(std::stoul(std::string(hex.substr(i, 2)), nullptr, 16)));
    }
    return bytes;
}

std::string wkt_of(const Geometry& geometry) {
    std::string text;
    write_wkt(geometry, text);
    return text;
}

std::string wkt_of_hex(std::string_view hex) {
    return wkt_of(parse_wkb(from_hex(hex)));
}

std::string error_of(std::span<const std::byte> bytes) {
    return tests::thrown_text([&] { parse_wkb(bytes); });
}

std::string error_of_hex(std::string_view hex) {
    return error_of(from_hex(hex));
}

// The numbers 1, 2, 3, 4 and NaN as doubles, little-endian.
#define ONE "000000000000F03F"
#define TWO "0000000000000040"
#define THREE "0000000000000840"
#define FOUR "0000000000001040"
#define NAN_ "000000000000F87F"

TEST(Wkb, ReadsBothOrdersOfBytes) {
    EXPECT_EQ(wkt_of_hex("0101000000" ONE TWO), "POINT (1 2)");
    EXPECT_EQ(wkt_of_hex("0000000001"
                         "3FF0000000000000"
                         "4000000000000000"),
              "POINT (1 2)");
    // A big-endian collection of a little-endian point and a big-endian one.
    EXPECT_EQ(wkt_of_hex("000000000700000002"
                         "0101000000" ONE TWO "0000000001"
                         "3FF0000000000000"
                         "4000000000000000"),
              "GEOMETRYCOLLECTION (POINT (1 2), POINT (1 2))");
}

TEST(Wkb, ReadsZAndMOfIsoAndEwkb) {
    for (const char* hex :
         {"01E9030000" ONE TWO THREE, "0101000080" ONE TWO THREE, "01E9030080" ONE TWO THREE}) {
        EXPECT_EQ(wkt_of_hex(hex), "POINT Z (1 2 3)") << hex;
    }
    for (const char* hex : {"01D1070000" ONE TWO THREE, "0101000040" ONE TWO THREE}) {
        EXPECT_EQ(wkt_of_hex(hex), "POINT M (1 2 3)") << hex;
    }
    for (const char* hex : {"01B90B0000" ONE TWO THREE FOUR, "01010000C0" ONE TWO THREE FOUR}) {
        EXPECT_EQ(wkt_of_hex(hex), "POINT ZM (1 2 3 4)") << hex;
    }
    // SRID=4326;LINESTRING ZM, and members that have no z of their own.
    EXPECT_EQ(wkt_of_hex("01020000E0"
                         "E6100000"
                         "02000000" ONE TWO THREE FOUR FOUR THREE TWO ONE),
              "LINESTRING ZM (1 2 3 4, 4 3 2 1)");
    EXPECT_EQ(wkt_of_hex("01EC030000"
                         "02000000"
                         "0101000000" ONE TWO "01E9030000" ONE TWO THREE),
              "MULTIPOINT Z ((1 2 nan), (1 2 3))");
}

TEST(Wkb, TakesSridsThatMeanWgs84OrNothing) {
    EXPECT_EQ(wkt_of_hex("0101000020E6100000" ONE TWO), "POINT (1 2)");
    EXPECT_EQ(wkt_of_hex("010100002000000000" ONE TWO), "POINT (1 2)");
    EXPECT_EQ(error_of_hex("0101000020110F0000" ONE TWO), "unsupported SRID 3857; expected 4326");
}

TEST(Wkb, ReadsEmpty) {
    EXPECT_EQ(wkt_of_hex("0101000000" NAN_ NAN_), "POINT EMPTY");
    EXPECT_EQ(wkt_of_hex("01B90B0000" NAN_ NAN_ NAN_ NAN_), "POINT EMPTY");
    EXPECT_EQ(wkt_of_hex("010200000000000000"), "LINESTRING EMPTY");
    EXPECT_EQ(wkt_of_hex("010300000000000000"), "POLYGON EMPTY");
    EXPECT_EQ(wkt_of_hex("01030000000100000000000000"), "POLYGON (EMPTY)");
    EXPECT_EQ(wkt_of_hex("010700000000000000"), "GEOMETRYCOLLECTION EMPTY");
    EXPECT_EQ(wkt_of_hex("010400000002000000"
                         "0101000000" NAN_ NAN_ "0101000000" ONE TWO),
              "MULTIPOINT (EMPTY, (1 2))");
    EXPECT_EQ(wkt_of_hex("010600000001000000"
                         "010300000000000000"),
              "MULTIPOLYGON (EMPTY)");
}

TEST(Wkb, WritesIsoLittleEndian) {
    EXPECT_EQ(encode_wkb(Geometry::point({1, 2})), from_hex("0101000000" ONE TWO));
    EXPECT_EQ(encode_wkb(parse_wkt("POINT ZM (1 2 3 4)")), from_hex("01B90B0000" ONE TWO THREE FOUR));
    EXPECT_EQ(encode_wkb(parse_wkt("POINT EMPTY")), from_hex("0101000000" NAN_ NAN_));
    EXPECT_EQ(encode_wkb(parse_wkt("MULTILINESTRING M ((1 2 3, 4 3 2), EMPTY)")),
              from_hex("01D5070000"
                       "02000000"
                       "01D2070000"
                       "02000000" ONE TWO THREE FOUR THREE TWO "01D2070000"
                       "00000000"));
}

TEST(Wkb, SaysWhatItFoundAndWhere) {
    EXPECT_EQ(error_of_hex(""), "malformed WKB, byte 0: found the end; expected 1 byte more");
    EXPECT_EQ(error_of_hex("02"),
              "malformed WKB, byte 0: found 2 as the order of bytes; expected 0 (big-endian) or 1 "
              "(little-endian)");
    EXPECT_EQ(error_of_hex("0100000000"),
              "malformed WKB, byte 1: found the type 0; expected 1 to 7, with the flags of Z and M");
    EXPECT_THAT(error_of_hex("01A10F0000"),
                testing::StartsWith("malformed WKB, byte 1: found the type 4001"));
    EXPECT_THAT(error_of_hex("0101000010"),
                testing::StartsWith("malformed WKB, byte 1: found the type 26843"));
    EXPECT_EQ(error_of_hex("0108000000"),
              "unsupported WKB, byte 1: geometries of WKB type 8 are not read; expected 1 to 7, point to "
              "collection");
    EXPECT_EQ(error_of_hex("0101000000" ONE TWO "00"),
              "malformed WKB, byte 21: found 1 byte more; expected the end");
    EXPECT_EQ(error_of_hex("0101000000" ONE "0000"),
              "malformed WKB, byte 15: found the end; expected 6 bytes more");
    EXPECT_EQ(error_of_hex("010400000001000000"
                           "010200000000000000"),
              "malformed WKB, byte 9: found a LINESTRING in a MULTIPOINT; expected a POINT");
}

TEST(Wkb, BelievesNoCountThatTheBytesCannotHold) {
    EXPECT_EQ(error_of_hex("0102000000"
                           "FFFFFFFF" ONE TWO),
              "malformed WKB, byte 5: found 4294967295 vertices, and 16 bytes after it; expected at least 16 "
              "bytes for each");
    for (const char* type : {"02", "03", "04", "05", "06", "07"}) {
        for (const char* count : {"FFFFFFFF", "FFFFFF7F", "00000080", "03000000"}) {
            const std::string hex = std::string("01") + type + "000000" + count + ONE;
            EXPECT_THAT(error_of_hex(hex), testing::StartsWith("malformed WKB, byte 5: found ")) << hex;
        }
    }
    EXPECT_THAT(error_of_hex("010300000001000000"
                             "FFFFFFFF"),
                testing::StartsWith("malformed WKB, byte 9: found 4294967295 vertices"));
}

TEST(Wkb, EveryTruncationAndEveryExtraByteIsRefused) {
    for (const char* text : {"POINT ZM (1 2 3 4)", "LINESTRING (0 0, 1 1)",
                             "POLYGON ((0 0, 4 0, 4 4, 0 0), (2 1, 3 1, 3 2, 2 1))",
                             "GEOMETRYCOLLECTION (MULTIPOINT ((1 2), EMPTY), GEOMETRYCOLLECTION EMPTY, "
                             "MULTIPOLYGON (((0 0, 4 0, "
                             "4 4, 0 0)), EMPTY))"}) {
        Bytes bytes = encode_wkb(parse_wkt(text));
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            EXPECT_THAT(error_of(std::span(bytes).first(size)), testing::StartsWith("malformed WKB, byte"))
                << text << ' ' << size;
        }
        bytes.push_back(std::byte{0});
        EXPECT_THAT(error_of(bytes), testing::StartsWith("malformed")) << text;
    }
}

TEST(Wkb, LimitsNesting) {
    const auto nested = [](std::size_t depth) {
        std::string hex;
        for (std::size_t i = 1; i < depth; ++i) hex += "010700000001000000";
        return hex + "010700000000000000";
    };
    EXPECT_EQ(parse_wkb(from_hex(nested(32))).members().size(), 32U);
    EXPECT_EQ(encode_wkb(parse_wkb(from_hex(nested(32)))), from_hex(nested(32)));
    for (const std::size_t depth : {33U, 10'000U}) {
        EXPECT_EQ(error_of_hex(nested(depth)),
                  "too_large WKB, byte 288: collections are nested more than 32 deep");
    }
}

}  // namespace
}  // namespace crowfly
