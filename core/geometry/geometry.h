#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain.h"
#include "core/lonlat.h"

namespace crowfly {

/// The types of OGC Simple Features (06-103r4) and GeoJSON, by their codes in WKB.
enum class GeometryType : std::uint8_t {
    point = 1,
    line_string = 2,
    polygon = 3,
    multi_point = 4,
    multi_line_string = 5,
    multi_polygon = 6,
    geometry_collection = 7,
};

/// In upper case, as WKT has it.
std::string_view wkt_name(GeometryType type) noexcept;

/// As GeoJSON has it.
std::string_view geojson_name(GeometryType type) noexcept;

/// Any geometry, in flat arrays (the layout of GeoArrow): the vertices of all its sequences one after the
/// other, the sequences of all its parts, the parts of all its members.
///
///     sequence  a point's one vertex, a line, or a ring, whose last vertex repeats its first
///     part      a point, a line or a polygon: its sequences. Of a polygon the first is the outer ring, the
///               others are holes. A part that is EMPTY within a multi type has no sequence at all.
///     member    a node of what WKT and GeoJSON nest, in preorder. Only a collection has members within; any
///               other geometry is a single member.
///
/// What needs distances reads parts and sequences alone; members are there so that a geometry is written as
/// it was read. A geometry that came from outside may break the rules of `geometry_fault` until it is judged.
class Geometry {
  public:
    enum class PartKind : std::uint8_t { point, line, polygon };

    /// The sequences `begin` up to, but not including, `end`.
    struct Part {
        PartKind kind;
        std::uint32_t begin;
        std::uint32_t end;

        bool is_empty() const noexcept { return begin == end; }
    };

    struct Member {
        GeometryType type;
        /// Of a collection the members directly within it; of a multi type its parts; of a simple type 1, or
        /// 0 when it is EMPTY.
        std::uint32_t count;

        friend bool operator==(const Member&, const Member&) = default;
    };

    /// There are at most so many vertices, sequences, parts and members each.
    static constexpr std::size_t kGreatestCount = 0xFFFF'FFFE;

    /// Collections are nested at most so deep; one that holds no other is 1 deep.
    static constexpr std::size_t kDeepestNesting = 32;

    /// GEOMETRYCOLLECTION EMPTY.
    Geometry() = default;

    static Geometry point(LonLat position);

    GeometryType type() const noexcept { return members_.front().type; }

    /// Whether it has no vertex, and so no distance to anything.
    bool is_empty() const noexcept { return positions_.empty(); }

    /// All vertices, in order.
    std::span<const LonLat> positions() const noexcept { return positions_; }

    /// Third coordinates and measures: one for each position, NaN where it has none; empty when no position
    /// has one. Distances know nothing of them.
    std::span<const double> z() const noexcept { return z_; }
    std::span<const double> m() const noexcept { return m_; }

    std::size_t part_count() const noexcept { return parts_.size(); }
    Part part(std::size_t number) const noexcept;

    std::size_t sequence_count() const noexcept { return sequence_begin_.size(); }
    std::span<const LonLat> sequence(std::size_t number) const noexcept;

    /// The place of a sequence's first vertex among all positions.
    std::size_t sequence_begin(std::size_t number) const noexcept { return sequence_begin_[number]; }

    /// In preorder; never empty.
    std::span<const Member> members() const noexcept { return members_; }

    /// Whether both have the same structure and coordinates; a NaN as z or m equals another.
    friend bool operator==(const Geometry& a, const Geometry& b);

  private:
    friend class GeometryBuilder;

    struct PartBegin {
        PartKind kind;
        std::uint32_t first_sequence;

        friend bool operator==(const PartBegin&, const PartBegin&) = default;
    };

    std::vector<LonLat> positions_;
    std::vector<double> z_, m_;
    std::vector<std::uint32_t> sequence_begin_;
    std::vector<PartBegin> parts_;
    std::vector<Member> members_{{GeometryType::geometry_collection, 0}};
};

/// Puts a geometry together in the order in which every format has it:
///
///     GeometryBuilder builder;
///     builder.begin(GeometryType::line_string);
///     builder.add_part();
///     builder.add_sequence();
///     builder.add_position({-118.29, 36.58});
///     builder.add_position({-118.24, 36.61});
///     builder.end();
///     Geometry line = builder.finish();
///
/// An EMPTY member is one without parts, an EMPTY part one without sequences. Throws Error(internal) for
/// calls in an order that makes no geometry, Error(too_large) beyond the limits of Geometry. It does not
/// judge coordinates, nor how many vertices a line or a ring has.
class GeometryBuilder {
  public:
    /// Opens the geometry itself or, within an open collection, its next member.
    void begin(GeometryType type);
    void end();

    /// The next point, line or polygon of the open member, of which a simple type has one.
    void add_part();

    /// The next ring of a polygon, or the one sequence of a point or a line.
    void add_sequence();

    /// The next vertex of the sequence.
    void add_position(LonLat position, std::optional<double> z = std::nullopt,
                      std::optional<double> m = std::nullopt);

    /// Makes room for so many positions more, which the caller knows to come.
    void reserve_positions(std::size_t count);

    /// How many collections are open.
    std::size_t depth() const noexcept;

    /// The geometry. The builder can then be used for another one.
    Geometry finish();

  private:
    std::vector<std::uint32_t> open_;  // members that have begun, the innermost last
    bool begun_ = false;
    bool part_open_ = false;
    bool sequence_open_ = false;
    Geometry geometry_;
};

/// Why a geometry cannot be searched for or measured.
struct GeometryFault {
    /// What was found, where, and what would be right, without a full stop. Numbers count from 0.
    std::string reason;
    /// The vertex at fault, or the first of the sequence at fault, counted through the whole geometry.
    std::optional<std::size_t> vertex;
};

/// Judges a whole geometry before anything is computed from it, and gives its first fault: a position that
/// `coordinate_fault` refuses, a line of fewer than 2 vertices, a ring of fewer than 4 or whose last is not
/// its first, on WGS84 an edge between antipodes, which has no one shortest way, and a polygon with edges
/// through both poles, and a geometry that has no vertex at all.
/// Not faults: EMPTY members and parts beside others, repeated vertices, lines of length zero, rings that
/// cross themselves or others. Cost: linear in vertices.
std::optional<GeometryFault> geometry_fault(const Geometry& geometry, Crs crs);

}  // namespace crowfly
