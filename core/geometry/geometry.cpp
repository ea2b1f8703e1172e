#include "core/geometry/geometry.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "core/error.h"

namespace crowfly {
namespace {

using PartKind = Geometry::PartKind;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

PartKind part_kind(GeometryType type) {
    switch (type) {
        case GeometryType::point:
        case GeometryType::multi_point:
            return PartKind::point;
        case GeometryType::line_string:
        case GeometryType::multi_line_string:
            return PartKind::line;
        default:
            return PartKind::polygon;
    }
}

bool is_simple(GeometryType type) {
    return type <= GeometryType::polygon;
}

/// Holds the callers, which are all ours, to the order of calls.
void require(bool holds, std::string_view what) {
    if (!holds) throw Error(Code::internal, fmt::format("geometry builder: {}", what));
}

template <class T>
void require_room(const std::vector<T>& array, std::string_view what) {
    if (array.size() >= Geometry::kGreatestCount) {
        throw Error(Code::too_large,
                    fmt::format("the geometry has more than {} {}", Geometry::kGreatestCount, what));
    }
}

bool same_numbers(std::span<const double> a, std::span<const double> b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

/// Sets the newest position's value in an array that starts with the first value that is given.
void set_last(std::vector<double>& values, std::optional<double> value, std::size_t positions) {
    if (!value && values.empty()) return;
    values.resize(positions, kNone);
    values.back() = value.value_or(kNone);
}

/// The shortest way between the two is not one but many, or on the ellipsoid two. The difference of
/// longitudes is the rounded one: what it takes for 180 degrees is some nanometres off at most.
bool are_antipodes(LonLat a, LonLat b) {
    if (a.lat != -b.lat) return false;
    return std::abs(a.lat) == 90 || std::abs(a.lon - b.lon) == 180;
}

class Judge {
  public:
    Judge(const Geometry& geometry, Crs crs) : geometry_(geometry), crs_(crs) {}

    std::optional<GeometryFault> fault() {
        if (geometry_.is_empty())
            return GeometryFault{"is empty; an empty geometry has no distance", std::nullopt};
        for (part_ = 0; part_ < geometry_.part_count(); ++part_) {
            const Geometry::Part part = geometry_.part(part_);
            for (std::size_t sequence = part.begin; sequence < part.end; ++sequence) {
                ring_ = sequence - part.begin;
                begin_ = geometry_.sequence_begin(sequence);
                if (auto found = sequence_fault(part.kind, geometry_.sequence(sequence))) return found;
            }
            if (auto found = poles_fault(part)) return found;
        }
        return std::nullopt;
    }

  private:
    std::optional<GeometryFault> sequence_fault(PartKind kind, std::span<const LonLat> sequence) const {
        for (std::size_t i = 0; i < sequence.size(); ++i) {
            if (const auto fault = coordinate_fault(sequence[i], crs_)) return at_vertex(i, fault->message);
        }
        if (kind == PartKind::point) return std::nullopt;
        if (auto fault = kind == PartKind::line ? line_fault(sequence) : ring_fault(sequence)) return fault;
        return crs_ == Crs::wgs84 ? antipodes_fault(sequence) : std::nullopt;
    }

    std::optional<GeometryFault> line_fault(std::span<const LonLat> line) const {
        if (line.size() >= 2) return std::nullopt;
        return at_sequence(fmt::format("a line of {}; it needs at least 2", vertices(line.size())));
    }

    std::optional<GeometryFault> ring_fault(std::span<const LonLat> ring) const {
        if (ring.size() < 4) {
            return at_sequence(fmt::format("a ring of {}; it needs at least 4", vertices(ring.size())));
        }
        const LonLat first = ring.front();
        const LonLat last = ring.back();
        if (first == last) return std::nullopt;
        return at_vertex(ring.size() - 1,
                         fmt::format("the ring is not closed; its last position ({} {}) must be its first "
                                     "({} {})",
                                     last.lon, last.lat, first.lon, first.lat));
    }

    std::optional<GeometryFault> antipodes_fault(std::span<const LonLat> sequence) const {
        for (std::size_t i = 1; i < sequence.size(); ++i) {
            const LonLat from = sequence[i - 1];
            const LonLat to = sequence[i];
            if (!are_antipodes(from, to)) continue;
            return at_vertex(i, fmt::format("the edge from ({} {}) to ({} {}) joins antipodes, which is "
                                            "undefined; a vertex between them says which way it goes",
                                            from.lon, from.lat, to.lon, to.lat));
        }
        return std::nullopt;
    }

    /// Whether a position is inside a polygon is judged by edges between it and a pole that none goes
    /// through.
    std::optional<GeometryFault> poles_fault(const Geometry::Part& part) {
        if (crs_ != Crs::wgs84 || part.kind != PartKind::polygon) return std::nullopt;
        std::array<bool, 2> met{};
        for (std::size_t sequence = part.begin; sequence < part.end; ++sequence) {
            ring_ = sequence - part.begin;
            begin_ = geometry_.sequence_begin(sequence);
            const std::span<const LonLat> ring = geometry_.sequence(sequence);
            for (std::size_t i = 1; i < ring.size(); ++i) {
                const LonLat from = ring[i - 1], to = ring[i];
                const bool over = std::abs(to.lat) == 90 || std::abs(to.lon - from.lon) == 180;
                if (over) met[from.lat + to.lat > 0 ? 1 : 0] = true;
                if (met[0] && met[1]) return at_vertex(i, "a polygon may not have edges through both poles");
            }
        }
        return std::nullopt;
    }

    static std::string vertices(std::size_t count) {
        return fmt::format("{} {}", count, count == 1 ? "vertex" : "vertices");
    }

    bool is_in_multi() const { return geometry_.part_count() > 1; }
    bool is_in_polygon() const { return geometry_.part(part_).kind == PartKind::polygon; }

    /// "part 3, ring 1", as far as there is a choice.
    std::string place() const {
        std::string text;
        if (is_in_multi()) text = fmt::format("part {}", part_);
        if (is_in_polygon()) text += fmt::format("{}ring {}", text.empty() ? "" : ", ", ring_);
        return text;
    }

    GeometryFault at_sequence(std::string_view reason) const {
        const std::string where = place();
        // A ring without vertices may follow the last of them.
        const auto vertex = begin_ < geometry_.positions().size() ? std::optional(begin_) : std::nullopt;
        return {fmt::format("{}{}{}", where, where.empty() ? "" : ": ", reason), vertex};
    }

    /// A vertex of the sequence, by its number in the whole and, where that is another, in the sequence.
    GeometryFault at_vertex(std::size_t number, std::string_view reason) const {
        const std::size_t vertex = begin_ + number;
        if (geometry_.positions().size() == 1) return {std::string(reason), vertex};
        std::string where = place();
        if (begin_ > 0) where += fmt::format("{}vertex {} there", where.empty() ? "" : ", ", number);
        if (!where.empty()) where = fmt::format(" ({})", where);
        return {fmt::format("vertex {}{}: {}", vertex, where, reason), vertex};
    }

    const Geometry& geometry_;
    Crs crs_;
    std::size_t part_ = 0;
    std::size_t ring_ = 0;   // of the sequence that is judged, within its part
    std::size_t begin_ = 0;  // and its first vertex
};

}  // namespace

std::string_view wkt_name(GeometryType type) noexcept {
    constexpr std::array<std::string_view, 7> kNames{
        "POINT",           "LINESTRING",   "POLYGON",           "MULTIPOINT",
        "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"};
    return kNames[static_cast<std::size_t>(type) - 1];
}

std::string_view geojson_name(GeometryType type) noexcept {
    constexpr std::array<std::string_view, 7> kNames{
        "Point",           "LineString",   "Polygon",           "MultiPoint",
        "MultiLineString", "MultiPolygon", "GeometryCollection"};
    return kNames[static_cast<std::size_t>(type) - 1];
}

Geometry Geometry::point(LonLat position) {
    Geometry geometry;
    geometry.positions_ = {position};
    geometry.sequence_begin_ = {0};
    geometry.parts_ = {{PartKind::point, 0}};
    geometry.members_.front() = {GeometryType::point, 1};
    return geometry;
}

Geometry::Part Geometry::part(std::size_t number) const noexcept {
    const PartBegin& part = parts_[number];
    const std::size_t end =
        number + 1 < parts_.size() ? parts_[number + 1].first_sequence : sequence_begin_.size();
    return {part.kind, part.first_sequence, static_cast<std::uint32_t>(end)};
}

std::span<const LonLat> Geometry::sequence(std::size_t number) const noexcept {
    const std::size_t begin = sequence_begin_[number];
    const std::size_t end =
        number + 1 < sequence_begin_.size() ? sequence_begin_[number + 1] : positions_.size();
    return std::span(positions_).subspan(begin, end - begin);
}

bool operator==(const Geometry& a, const Geometry& b) {
    return a.members_ == b.members_ && a.parts_ == b.parts_ && a.sequence_begin_ == b.sequence_begin_ &&
           a.positions_ == b.positions_ && same_numbers(a.z_, b.z_) && same_numbers(a.m_, b.m_);
}

void GeometryBuilder::begin(GeometryType type) {
    std::vector<Geometry::Member>& members = geometry_.members_;
    if (open_.empty()) {
        require(!begun_, "a second geometry");
        members.clear();
        begun_ = true;
    } else {
        Geometry::Member& parent = members[open_.back()];
        require(parent.type == GeometryType::geometry_collection, "only a collection has members within");
        require_room(members, "members");
        if (type == GeometryType::geometry_collection && depth() >= Geometry::kDeepestNesting) {
            throw Error(Code::too_large,
                        fmt::format("collections are nested more than {} deep", Geometry::kDeepestNesting));
        }
        ++parent.count;
    }
    open_.push_back(static_cast<std::uint32_t>(members.size()));
    members.push_back({type, 0});
    part_open_ = sequence_open_ = false;
}

void GeometryBuilder::end() {
    require(!open_.empty(), "no member is open");
    const bool complete = !part_open_ || sequence_open_;
    require(complete || !is_simple(geometry_.members_[open_.back()].type),
            "a simple type with an empty part");
    open_.pop_back();
    part_open_ = sequence_open_ = false;
}

void GeometryBuilder::add_part() {
    require(!open_.empty(), "a part outside a member");
    Geometry::Member& member = geometry_.members_[open_.back()];
    require(member.type != GeometryType::geometry_collection, "a part directly in a collection");
    require(!is_simple(member.type) || member.count == 0, "a second part of a simple type");
    require_room(geometry_.parts_, "parts");
    ++member.count;
    geometry_.parts_.push_back(
        {part_kind(member.type), static_cast<std::uint32_t>(geometry_.sequence_begin_.size())});
    part_open_ = true;
    sequence_open_ = false;
}

void GeometryBuilder::add_sequence() {
    require(part_open_, "a sequence outside a part");
    require(!sequence_open_ || geometry_.parts_.back().kind == PartKind::polygon,
            "a second sequence of a point or a line");
    require_room(geometry_.sequence_begin_, "sequences");
    geometry_.sequence_begin_.push_back(static_cast<std::uint32_t>(geometry_.positions_.size()));
    sequence_open_ = true;
}

void GeometryBuilder::add_position(LonLat position, std::optional<double> z, std::optional<double> m) {
    std::vector<LonLat>& positions = geometry_.positions_;
    require(sequence_open_, "a position outside a sequence");
    require(geometry_.parts_.back().kind != PartKind::point ||
                positions.size() == geometry_.sequence_begin_.back(),
            "a second position of a point");
    require_room(positions, "vertices");
    positions.push_back(position);
    set_last(geometry_.z_, z, positions.size());
    set_last(geometry_.m_, m, positions.size());
}

void GeometryBuilder::reserve_positions(std::size_t count) {
    std::vector<LonLat>& positions = geometry_.positions_;
    const std::size_t wanted = positions.size() + count;
    // Growing by exactly what each sequence asks for would copy everything for each.
    if (wanted > positions.capacity()) positions.reserve(std::max(wanted, 2 * positions.capacity()));
}

std::size_t GeometryBuilder::depth() const noexcept {
    // Only the innermost of the open members can be anything but a collection.
    if (open_.empty()) return 0;
    const bool innermost = geometry_.members_[open_.back()].type == GeometryType::geometry_collection;
    return open_.size() - (innermost ? 0 : 1);
}

Geometry GeometryBuilder::finish() {
    require(begun_ && open_.empty(), "the geometry is not complete");
    begun_ = false;
    return std::exchange(geometry_, Geometry());
}

std::optional<GeometryFault> geometry_fault(const Geometry& geometry, Crs crs) {
    return Judge(geometry, crs).fault();
}

}  // namespace crowfly
