#include "formats/gpkg_geometry.h"

#include <bit>
#include <vector>

#include <gtest/gtest.h>

#include "formats/wkb.h"
#include "formats/wkt.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

std::vector<std::byte> bytes(std::initializer_list<unsigned> values) {
    std::vector<std::byte> result;
    for (const unsigned value : values) result.push_back(static_cast<std::byte>(value));
    return result;
}

std::optional<Code> code_of(std::span<const std::byte> blob) {
    return tests::thrown_code([&] { decode_gpkg_point(blob); });
}

TEST(GpkgGeometry, APointReadsBack) {
    const LonLat point{-118.291995, 36.578581};
    EXPECT_EQ(decode_gpkg_point(encode_gpkg_point(point, 4326)), point);
}

TEST(GpkgGeometry, ReadsBigEndianWithEnvelopeAndZ) {
    auto blob = bytes({'G', 'P', 0, 0x02, 0, 0, 0x10, 0xE6});
    blob.insert(blob.end(), 32, std::byte{0});
    const auto wkb = bytes({0, 0, 0, 0x03, 0xE9, 0x3F, 0xF0, 0, 0, 0, 0, 0, 0, 0x40, 0,
                            0, 0, 0, 0,    0,    0,    0,    0, 0, 0, 0, 0, 0, 0});
    blob.insert(blob.end(), wkb.begin(), wkb.end());
    EXPECT_EQ(decode_gpkg_point(blob), (LonLat{1, 2}));
}

TEST(GpkgGeometry, EveryTruncationIsRefused) {
    const auto blob = encode_gpkg_point({1, 2}, 4326);
    for (std::size_t size = 0; size < blob.size(); ++size) {
        EXPECT_EQ(code_of(std::span(blob).first(size)), Code::corrupt) << size;
    }
}

TEST(GpkgGeometry, TellsNonsenseFromWhatIsNotRead) {
    auto blob = encode_gpkg_point({1, 2}, 4326);
    blob[9] = std::byte{2};
    EXPECT_EQ(code_of(blob), Code::unsupported);
    blob = encode_gpkg_point({1, 2}, 4326);
    blob[3] = std::byte{0x11};
    EXPECT_EQ(code_of(blob), Code::unsupported);
    blob[3] = std::byte{0x0F};
    EXPECT_EQ(code_of(blob), Code::corrupt);
    blob[0] = std::byte{'X'};
    EXPECT_EQ(code_of(blob), Code::corrupt);
}

std::optional<Code> geometry_code_of(std::span<const std::byte> blob) {
    return tests::thrown_code([&] { decode_gpkg_geometry(blob); });
}

TEST(GpkgGeometry, APointIsWrittenAsByItsOwnFunction) {
    const auto point = encode_gpkg_point({1, 2}, 4326);
    EXPECT_EQ(encode_gpkg_geometry(Geometry::point({1, 2}), 4326), std::vector(point.begin(), point.end()));
    EXPECT_EQ(decode_gpkg_geometry(point), Geometry::point({1, 2}));
}

TEST(GpkgGeometry, WritesAnEnvelopeForWhatIsNoPoint) {
    const Geometry line = parse_wkt("LINESTRING Z (3 -4 9, -1 2 9)");
    const auto blob = encode_gpkg_geometry(line, 4326);
    auto expected = bytes({'G', 'P', 0, 0x03, 0xE6, 0x10, 0, 0});
    for (const double side : {-1.0, 3.0, -4.0, 2.0}) {
        const auto number = std::bit_cast<std::array<std::byte, 8>>(side);
        expected.insert(expected.end(), number.begin(), number.end());
    }
    const auto wkb = encode_wkb(line);
    expected.insert(expected.end(), wkb.begin(), wkb.end());
    EXPECT_EQ(blob, expected);
    EXPECT_EQ(decode_gpkg_geometry(blob), line);
}

TEST(GpkgGeometry, MarksWhatIsEmpty) {
    for (const char* text : {"POINT EMPTY", "POLYGON EMPTY", "GEOMETRYCOLLECTION (MULTIPOINT (EMPTY))"}) {
        const auto blob = encode_gpkg_geometry(parse_wkt(text), -1);
        EXPECT_EQ(blob[3], std::byte{0x11}) << text;
        EXPECT_EQ(decode_gpkg_geometry(blob), parse_wkt(text));
    }
    EXPECT_EQ(code_of(encode_gpkg_geometry(parse_wkt("POINT EMPTY"), 4326)), Code::unsupported);
}

TEST(GpkgGeometry, EveryTruncationOfAGeometryIsRefused) {
    const auto blob = encode_gpkg_geometry(parse_wkt("MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), EMPTY)"), 4326);
    for (std::size_t size = 0; size < blob.size(); ++size) {
        EXPECT_EQ(geometry_code_of(std::span(blob).first(size)), Code::corrupt) << size;
    }
}

TEST(GpkgGeometry, RefusesWhatIsNoGeometryOfItsKind) {
    auto blob = encode_gpkg_geometry(parse_wkt("LINESTRING (0 0, 1 1)"), 4326);
    constexpr std::size_t kWkb = 40;
    blob[kWkb + 1] = std::byte{8};
    EXPECT_EQ(geometry_code_of(blob), Code::unsupported);
    blob[kWkb + 1] = std::byte{99};
    EXPECT_EQ(geometry_code_of(blob), Code::corrupt);
    blob = encode_gpkg_geometry(parse_wkt("LINESTRING (0 0, 1 1)"), 4326);
    blob[3] |= std::byte{0x20};
    EXPECT_EQ(geometry_code_of(blob), Code::unsupported);
    blob[3] = std::byte{0x0B};
    EXPECT_EQ(geometry_code_of(blob), Code::corrupt);
    blob[2] = std::byte{1};
    EXPECT_EQ(geometry_code_of(blob), Code::corrupt);
}

TEST(GpkgGeometry, PointsAreToldFromOthersBeforeTheyAreRead) {
    EXPECT_TRUE(is_gpkg_point(encode_gpkg_point({1, 2}, 4326)));
    EXPECT_TRUE(is_gpkg_point(encode_gpkg_geometry(parse_wkt("POINT ZM (1 2 3 4)"), 4326)));
    for (const char* wkt : {"MULTIPOINT ((1 2))", "LINESTRING Z (1 2 3, 4 5 6)", "GEOMETRYCOLLECTION EMPTY"})
        EXPECT_FALSE(is_gpkg_point(encode_gpkg_geometry(parse_wkt(wkt), 4326))) << wkt;
    const auto point = encode_gpkg_point({1, 2}, 4326);
    for (std::size_t size = 0; size < 13; ++size) EXPECT_FALSE(is_gpkg_point(std::span(point).first(size)));
}

}  // namespace
}  // namespace crowfly
