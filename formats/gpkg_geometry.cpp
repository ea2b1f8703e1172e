#include "formats/gpkg_geometry.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "core/error.h"

namespace crowfly {
namespace {

constexpr std::byte kLittleEndian{1};
constexpr std::uint32_t kWkbPoint = 1;

class ByteReader {
  public:
    explicit ByteReader(std::span<const std::byte> bytes) : rest_(bytes) {}

    std::byte byte() { return take(1)[0]; }

    template <class Number>
    Number number(bool little_endian) {
        std::array<std::byte, sizeof(Number)> bytes{};
        const auto taken = take(sizeof(Number));
        std::copy(taken.begin(), taken.end(), bytes.begin());
        if (little_endian != (std::endian::native == std::endian::little))
            std::reverse(bytes.begin(), bytes.end());
        return std::bit_cast<Number>(bytes);
    }

    std::span<const std::byte> take(std::size_t count) {
        if (count > rest_.size()) throw Error(Code::corrupt, "the geometry is cut short");
        const auto taken = rest_.first(count);
        rest_ = rest_.subspan(count);
        return taken;
    }

  private:
    std::span<const std::byte> rest_;
};

/// Bytes of the envelope, by its code in the header's flags.
std::size_t envelope_size(unsigned code) {
    constexpr std::array<std::size_t, 5> kSizes{0, 32, 48, 48, 64};
    if (code >= kSizes.size()) throw Error(Code::corrupt, "the geometry has an unknown kind of envelope");
    return kSizes[code];
}

}  // namespace

std::array<std::byte, 29> encode_gpkg_point(LonLat point, std::int32_t srs_id) {
    std::array<std::byte, 29> blob{std::byte{'G'}, std::byte{'P'}, std::byte{0}, kLittleEndian};
    static_assert(std::endian::native == std::endian::little);
    std::memcpy(&blob[4], &srs_id, 4);
    blob[8] = kLittleEndian;
    std::memcpy(&blob[9], &kWkbPoint, 4);
    std::memcpy(&blob[13], &point.lon, 8);
    std::memcpy(&blob[21], &point.lat, 8);
    return blob;
}

LonLat decode_gpkg_point(std::span<const std::byte> blob) {
    ByteReader reader(blob);
    if (reader.byte() != std::byte{'G'} || reader.byte() != std::byte{'P'} || reader.byte() != std::byte{0}) {
        throw Error(Code::corrupt, "the geometry is not a GeoPackage BLOB of version 1");
    }
    const auto flags = std::to_integer<unsigned>(reader.byte());
    const bool empty = (flags & 0x10U) != 0;
    reader.take(4);  // srs_id: the column has one for all
    reader.take(envelope_size((flags >> 1U) & 7U));

    const bool little_endian = reader.byte() == kLittleEndian;
    const auto type = reader.number<std::uint32_t>(little_endian);
    // ISO WKB adds 1000 for Z, 2000 for M and 3000 for both.
    if (type % 1000 != kWkbPoint || type > 3001) {
        throw Error(Code::unsupported,
                    fmt::format("geometries of WKB type {} are not read; expected a point", type));
    }
    LonLat point{};
    point.lon = reader.number<double>(little_endian);
    point.lat = reader.number<double>(little_endian);
    if (empty || std::isnan(point.lon)) throw Error(Code::unsupported, "the point is empty");
    return point;
}

}  // namespace crowfly
