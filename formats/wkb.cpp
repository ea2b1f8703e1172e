#include "formats/wkb.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "core/error.h"
#include "formats/byte_order.h"

namespace crowfly {
namespace {

constexpr std::uint32_t kEwkbZ = 0x8000'0000;
constexpr std::uint32_t kEwkbM = 0x4000'0000;
constexpr std::uint32_t kEwkbSrid = 0x2000'0000;
constexpr std::uint32_t kIsoZ = 1000;
constexpr std::uint32_t kIsoM = 2000;
constexpr std::byte kLittleEndian{1};

/// Types of WKB end here; Geometry knows the first seven.
constexpr std::uint32_t kLastType = 17;

/// The least that a geometry within another takes: order of bytes, type, and a count.
constexpr std::size_t kLeastMember = 9;
constexpr std::size_t kCountSize = 4;

struct Header {
    GeometryType type = GeometryType::point;
    bool z = false;
    bool m = false;
    bool little_endian = true;

    std::size_t vertex_size() const { return 16U + (z ? 8U : 0U) + (m ? 8U : 0U); }
};

std::string in_bytes(std::size_t count) {
    return fmt::format("{} byte{}", count, count == 1 ? "" : "s");
}

class Parser {
  public:
    explicit Parser(std::span<const std::byte> bytes) : bytes_(bytes) {}

    Geometry parse() {
        member();
        if (next_ != bytes_.size())
            fail(next_, fmt::format("found {} more; expected the end", in_bytes(bytes_.size() - next_)));
        return builder_.finish();
    }

  private:
    void member() {
        const std::size_t begin = next_;
        const Header header = read_header();
        if (header.type == GeometryType::geometry_collection &&
            builder_.depth() == Geometry::kDeepestNesting) {
            throw Error(Code::too_large, fmt::format("WKB, byte {}: collections are nested more than {} deep",
                                                     begin, Geometry::kDeepestNesting));
        }
        builder_.begin(header.type);
        if (header.type <= GeometryType::polygon) {
            part(header, false);
        } else {
            const std::uint32_t count = read_count(header, kLeastMember, "members");
            for (std::uint32_t i = 0; i < count; ++i) {
                if (header.type == GeometryType::geometry_collection) {
                    member();
                } else {
                    part_of_multi(header.type);
                }
            }
        }
        builder_.end();
    }

    void part_of_multi(GeometryType multi) {
        const auto expected = static_cast<GeometryType>(static_cast<unsigned>(multi) - 3);
        const std::size_t begin = next_;
        const Header header = read_header();
        if (header.type != expected) {
            fail(begin, fmt::format("found a {} in a {}; expected a {}", wkt_name(header.type),
                                    wkt_name(multi), wkt_name(expected)));
        }
        part(header, true);
    }

    /// What follows the header of a simple type. EMPTY is a part of its own only within a multi type.
    void part(const Header& header, bool in_multi) {
        if (header.type == GeometryType::point) return point(header, in_multi);
        const bool polygon = header.type == GeometryType::polygon;
        const std::uint32_t count = polygon ? read_count(header, kCountSize, "rings")
                                            : read_count(header, header.vertex_size(), "vertices");
        if (count > 0 || in_multi) builder_.add_part();
        if (!polygon) return sequence(header, count, count > 0);
        for (std::uint32_t ring = 0; ring < count; ++ring) {
            sequence(header, read_count(header, header.vertex_size(), "vertices"), true);
        }
    }

    void point(const Header& header, bool in_multi) {
        const std::size_t begin = next_;
        const double x = number<double>(header.little_endian);
        const double y = number<double>(header.little_endian);
        const bool empty = std::isnan(x) && std::isnan(y);
        if (!empty || in_multi) builder_.add_part();
        if (empty) {
            take(header.vertex_size() - 16);
        } else {
            next_ = begin;
            sequence(header, 1, true);
        }
    }

    void sequence(const Header& header, std::uint32_t vertices, bool exists) {
        if (exists) builder_.add_sequence();
        builder_.reserve_positions(vertices);
        for (std::uint32_t i = 0; i < vertices; ++i) {
            LonLat position{};
            std::optional<double> z, m;
            position.lon = number<double>(header.little_endian);
            position.lat = number<double>(header.little_endian);
            if (header.z) z = number<double>(header.little_endian);
            if (header.m) m = number<double>(header.little_endian);
            builder_.add_position(position, z, m);
        }
    }

    Header read_header() {
        const std::size_t begin = next_;
        const std::byte order = take(1)[0];
        if (std::to_integer<unsigned>(order) > 1) {
            fail(begin, fmt::format("found {} as the order of bytes; expected 0 (big-endian) or 1 "
                                    "(little-endian)",
                                    std::to_integer<unsigned>(order)));
        }
        Header header{.little_endian = order == kLittleEndian};
        const auto code = number<std::uint32_t>(header.little_endian);
        const std::uint32_t iso = code & ~(kEwkbZ | kEwkbM | kEwkbSrid);
        const std::uint32_t type = iso % 1000;
        if (type == 0 || type > kLastType || iso / 1000 > 3) {
            fail(begin + 1,
                 fmt::format("found the type {}; expected 1 to 7, with the flags of Z and M", code));
        }
        if (type > 7) {
            throw Error(Code::unsupported,
                        fmt::format("WKB, byte {}: geometries of WKB type {} are not read; expected 1 to 7, "
                                    "point to collection",
                                    begin + 1, code));
        }
        header.type = static_cast<GeometryType>(type);
        header.z = (code & kEwkbZ) != 0 || iso / 1000 % 2 == 1;
        header.m = (code & kEwkbM) != 0 || iso / 1000 >= 2;
        if ((code & kEwkbSrid) != 0) require_wgs84(number<std::uint32_t>(header.little_endian));
        return header;
    }

    static void require_wgs84(std::uint32_t srid) {
        if (srid != 0 && srid != 4326)
            throw Error(Code::unsupported, fmt::format("SRID {}; expected 4326", srid));
    }

    /// A count of things that take at least so many bytes each, judged by what is left before anything is
    /// made of it.
    std::uint32_t read_count(const Header& header, std::size_t least_size, std::string_view things) {
        const std::size_t begin = next_;
        const auto count = number<std::uint32_t>(header.little_endian);
        const std::size_t left = bytes_.size() - next_;
        if (count > left / least_size) {
            fail(begin, fmt::format("found {} {}, and {} after it; expected at least {} for each", count,
                                    things, in_bytes(left), in_bytes(least_size)));
        }
        return count;
    }

    template <class Number>
    Number number(bool little_endian) {
        return number_of<Number>(take(sizeof(Number)).template first<sizeof(Number)>(), little_endian);
    }

    std::span<const std::byte> take(std::size_t count) {
        if (count > bytes_.size() - next_) {
            fail(bytes_.size(),
                 fmt::format("found the end; expected {} more", in_bytes(count - (bytes_.size() - next_))));
        }
        next_ += count;
        return bytes_.subspan(next_ - count, count);
    }

    [[noreturn]] static void fail(std::size_t byte, std::string_view what) {
        throw Error(Code::malformed, fmt::format("WKB, byte {}: {}", byte, what));
    }

    std::span<const std::byte> bytes_;
    std::size_t next_ = 0;
    GeometryBuilder builder_;
};

class Writer {
  public:
    Writer(const Geometry& geometry, std::vector<std::byte>& out) : geometry_(geometry), out_(out) {}

    void member() {
        const Geometry::Member member = geometry_.members()[next_member_++];
        if (member.type <= GeometryType::polygon) {
            if (member.count == 0) {
                write_empty(member.type);
            } else {
                part(member.type);
            }
            return;
        }
        header(member.type);
        append(member.count);
        const auto within = static_cast<GeometryType>(static_cast<unsigned>(member.type) - 3);
        for (std::uint32_t i = 0; i < member.count; ++i) {
            if (member.type == GeometryType::geometry_collection) {
                this->member();
            } else {
                part(within);
            }
        }
    }

  private:
    void part(GeometryType type) {
        const Geometry::Part part = geometry_.part(next_part_++);
        if (part.is_empty()) return write_empty(type);
        header(type);
        if (type == GeometryType::polygon) append(part.end - part.begin);
        for (std::uint32_t number = part.begin; number < part.end; ++number) {
            const std::size_t begin = geometry_.sequence_begin(number);
            const auto count = static_cast<std::uint32_t>(geometry_.sequence(number).size());
            if (type != GeometryType::point) append(count);
            for (std::size_t vertex = begin; vertex < begin + count; ++vertex) write_vertex(vertex);
        }
    }

    /// A point has no count, and says by NaN that it is none.
    void write_empty(GeometryType type) {
        header(type);
        if (type != GeometryType::point) return append(std::uint32_t{0});
        const std::size_t numbers = 2U + (has_z() ? 1U : 0U) + (has_m() ? 1U : 0U);
        for (std::size_t i = 0; i < numbers; ++i) append(std::numeric_limits<double>::quiet_NaN());
    }

    void write_vertex(std::size_t vertex) {
        append(geometry_.positions()[vertex].lon);
        append(geometry_.positions()[vertex].lat);
        if (has_z()) append(geometry_.z()[vertex]);
        if (has_m()) append(geometry_.m()[vertex]);
    }

    void header(GeometryType type) {
        out_.push_back(kLittleEndian);
        append(static_cast<std::uint32_t>(type) + (has_z() ? kIsoZ : 0) + (has_m() ? kIsoM : 0));
    }

    template <class Number>
    void append(Number number) {
        static_assert(std::endian::native == std::endian::little);
        const auto bytes = std::bit_cast<std::array<std::byte, sizeof(Number)>>(number);
        out_.insert(out_.end(), bytes.begin(), bytes.end());
    }

    bool has_z() const { return !geometry_.z().empty(); }
    bool has_m() const { return !geometry_.m().empty(); }

    const Geometry& geometry_;
    std::vector<std::byte>& out_;
    std::size_t next_member_ = 0;
    std::size_t next_part_ = 0;
};

}  // namespace

Geometry parse_wkb(std::span<const std::byte> bytes) {
    return Parser(bytes).parse();
}

std::vector<std::byte> encode_wkb(const Geometry& geometry) {
    std::vector<std::byte> bytes;
    append_wkb(geometry, bytes);
    return bytes;
}

void append_wkb(const Geometry& geometry, std::vector<std::byte>& out) {
    out.reserve(out.size() + kLeastMember * (geometry.members().size() + geometry.part_count()) +
                kCountSize * geometry.sequence_count() +
                8 * (2 * geometry.positions().size() + geometry.z().size() + geometry.m().size()));
    Writer(geometry, out).member();
}

}  // namespace crowfly
