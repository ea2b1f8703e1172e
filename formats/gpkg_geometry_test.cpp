#include "formats/gpkg_geometry.h"

#include <vector>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace crowfly
