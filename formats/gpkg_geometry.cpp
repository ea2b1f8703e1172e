#include "formats/gpkg_geometry.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "core/error.h"
#include "formats/byte_order.h"
#include "formats/wkb.h"

namespace crowfly {
namespace {

constexpr std::byte kLittleEndian{1};
constexpr std::uint32_t kWkbPoint = 1;

// Flags of the header; between them the kind of envelope.
constexpr unsigned kLittleEndianHeader = 0x01;
constexpr unsigned kEnvelopeXy = 0x02;
constexpr unsigned kEmpty = 0x10;
constexpr unsigned kExtended = 0x20;

class ByteReader {
  public:
    explicit ByteReader(std::span<const std::byte> bytes) : rest_(bytes) {}

    std::byte byte() { return take(1)[0]; }

    template <class Number>
    Number number(bool little_endian) {
        return number_of<Number>(take(sizeof(Number)).template first<sizeof(Number)>(), little_endian);
    }

    std::span<const std::byte> take(std::size_t count) {
        if (count > rest_.size()) throw Error(Code::corrupt, "the geometry is cut short");
        const auto taken = rest_.first(count);
        rest_ = rest_.subspan(count);
        return taken;
    }

    std::span<const std::byte> rest() const { return rest_; }

  private:
    std::span<const std::byte> rest_;
};

/// Bytes of the envelope, by its code in the header's flags.
std::size_t envelope_size(unsigned code) {
    constexpr std::array<std::size_t, 5> kSizes{0, 32, 48, 48, 64};
    if (code >= kSizes.size()) throw Error(Code::corrupt, "the geometry has an unknown kind of envelope");
    return kSizes[code];
}

/// ISO WKB adds 1000 for Z, 2000 for M and 3000 for both.
bool is_iso_point(std::uint32_t type) {
    return type % 1000 == kWkbPoint && type <= 3001;
}

/// Takes the header, and returns its flags.
unsigned read_header(ByteReader& reader) {
    if (reader.byte() != std::byte{'G'} || reader.byte() != std::byte{'P'} || reader.byte() != std::byte{0}) {
        throw Error(Code::corrupt, "the geometry is not a GeoPackage BLOB of version 1");
    }
    const auto flags = std::to_integer<unsigned>(reader.byte());
    reader.take(4);  // srs_id: the column has one for all
    reader.take(envelope_size((flags >> 1U) & 7U));
    return flags;
}

template <class Number>
void append(std::vector<std::byte>& out, Number number) {
    static_assert(std::endian::native == std::endian::little);
    const auto bytes = std::bit_cast<std::array<std::byte, sizeof(Number)>>(number);
    out.insert(out.end(), bytes.begin(), bytes.end());
}

/// Least and greatest x, then least and greatest y.
void append_envelope(std::vector<std::byte>& out, std::span<const LonLat> positions) {
    LonLat least = positions.front();
    LonLat greatest = least;
    for (const LonLat position : positions) {
        least = {std::min(least.lon, position.lon), std::min(least.lat, position.lat)};
        greatest = {std::max(greatest.lon, position.lon), std::max(greatest.lat, position.lat)};
    }
    for (const double side : {least.lon, greatest.lon, least.lat, greatest.lat}) append(out, side);
}

}  // namespace

std::vector<std::byte> encode_gpkg_geometry(const Geometry& geometry, std::int32_t srs_id) {
    const bool envelope = !geometry.is_empty() && geometry.type() != GeometryType::point;
    const unsigned flags =
        kLittleEndianHeader | (envelope ? kEnvelopeXy : 0U) | (geometry.is_empty() ? kEmpty : 0U);
    constexpr std::size_t kLongestHeader = 40;
    std::vector<std::byte> blob;
    blob.reserve(kLongestHeader);
    for (const unsigned byte : {0x47U, 0x50U, 0U, flags}) blob.push_back(static_cast<std::byte>(byte));
    append(blob, srs_id);
    if (envelope) append_envelope(blob, geometry.positions());
    append_wkb(geometry, blob);
    return blob;
}

Geometry decode_gpkg_geometry(std::span<const std::byte> blob) {
    ByteReader reader(blob);
    if ((read_header(reader) & kExtended) != 0)
        throw Error(Code::unsupported, "extended GeoPackage geometries are not read");
    try {
        return parse_wkb(reader.rest());
    } catch (const Error& error) {
        if (error.code() == Code::malformed) throw Error(Code::corrupt, error.what());
        throw;
    }
}

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

bool is_gpkg_point(std::span<const std::byte> blob) noexcept try {
    ByteReader reader(blob);
    read_header(reader);
    const bool little_endian = reader.byte() == kLittleEndian;
    return is_iso_point(reader.number<std::uint32_t>(little_endian));
} catch (const Error&) {
    return false;
}

LonLat decode_gpkg_point(std::span<const std::byte> blob) {
    ByteReader reader(blob);
    const bool empty = (read_header(reader) & kEmpty) != 0;

    const bool little_endian = reader.byte() == kLittleEndian;
    const auto type = reader.number<std::uint32_t>(little_endian);
    if (!is_iso_point(type)) {
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
