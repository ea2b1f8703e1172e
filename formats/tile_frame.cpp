#include "formats/tile_frame.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "core/error.h"

namespace crowfly {
namespace {

using Point = std::array<double, 2>;
using Path = std::vector<Point>;

constexpr double kBuffer = 64;
constexpr double kLow = -kBuffer;
constexpr double kHigh = kTileExtent + kBuffer;

// A sixteenth of a map's pixel is a unit; what is nearer than a quarter of one is not seen.
constexpr double kLeastStep = 4;

// Beyond it a map goes on to infinity; tiles end at 85.05.
constexpr double kGreatestLatitude = 89.9;

/// Of the world as a square of side 1, from the north-western corner.
Point on_map(LonLat position) {
    const double lat = std::clamp(position.lat, -kGreatestLatitude, kGreatestLatitude);
    const double y = std::asinh(std::tan(lat * std::numbers::pi / 180)) / std::numbers::pi;
    return {(position.lon + 180) / 360, (1 - y) / 2};
}

double latitude_on_map(double y) {
    return std::atan(std::sinh((1 - 2 * y) * std::numbers::pi)) * 180 / std::numbers::pi;
}

/// The points of a path or ring on one side of a line through axis = limit (I. E. Sutherland, G. W. Hodgman,
/// "Reentrant polygon clipping", Communications of the ACM 17, 1974, doi:10.1145/360767.360802).
Path clip_ring(const Path& ring, std::size_t axis, double limit, bool keeps_less) {
    const auto is_in = [&](const Point& p) { return keeps_less ? p[axis] <= limit : p[axis] >= limit; };
    Path kept;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const Point& from = ring[i == 0 ? ring.size() - 1 : i - 1];
        const Point& to = ring[i];
        if (is_in(from) != is_in(to)) {
            const double share = (limit - from[axis]) / (to[axis] - from[axis]);
            Point crossing;
            crossing[axis] = limit;
            crossing[1 - axis] = from[1 - axis] + share * (to[1 - axis] - from[1 - axis]);
            kept.push_back(crossing);
        }
        if (is_in(to)) kept.push_back(to);
    }
    return kept;
}

/// The part of a segment that is in the box, as shares of its length (Y.-D. Liang, B. A. Barsky, "A new
/// concept and method for line clipping", ACM Transactions on Graphics 3, 1984, doi:10.1145/357332.357333).
std::optional<std::pair<double, double>> clip_segment(const Point& from, const Point& to) {
    double begin = 0, end = 1;
    for (std::size_t axis = 0; axis < 2; ++axis) {
        const double way = to[axis] - from[axis];
        const double low = kLow - from[axis], high = kHigh - from[axis];
        if (way == 0) {
            if (low > 0 || high < 0) return std::nullopt;
            continue;
        }
        begin = std::max(begin, std::min(low / way, high / way));
        end = std::min(end, std::max(low / way, high / way));
    }
    if (begin > end) return std::nullopt;
    return std::pair(begin, end);
}

TilePoint rounded(const Point& point) {
    return {static_cast<std::int32_t>(std::lround(point[0])),
            static_cast<std::int32_t>(std::lround(point[1]))};
}

bool is_near(TilePoint a, TilePoint b) {
    return std::abs(a.x - b.x) < kLeastStep && std::abs(a.y - b.y) < kLeastStep;
}

/// Without vertices that are near the one before; first and last stay.
std::vector<TilePoint> thinned(const Path& path) {
    std::vector<TilePoint> points;
    for (std::size_t i = 0; i < path.size(); ++i) {
        const TilePoint point = rounded(path[i]);
        if (points.empty() || !is_near(points.back(), point)) {
            points.push_back(point);
        } else if (i + 1 == path.size() && points.back() != point) {
            if (points.size() > 1) points.pop_back();
            points.push_back(point);
        }
    }
    return points;
}

/// Twice the area, positive when it is clockwise on the map.
std::int64_t area_of(const std::vector<TilePoint>& ring) {
    std::int64_t area = 0;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const TilePoint a = ring[i], b = ring[i + 1 == ring.size() ? 0 : i + 1];
        area += std::int64_t{a.x} * b.y - std::int64_t{b.x} * a.y;
    }
    return area;
}

/// A ring as a tile has it; empty when nothing is left of it.
std::vector<TilePoint> clipped_ring(Path ring, bool is_outer) {
    for (const std::size_t axis : {std::size_t{0}, std::size_t{1}}) {
        ring = clip_ring(ring, axis, kLow, false);
        ring = clip_ring(ring, axis, kHigh, true);
    }
    std::vector<TilePoint> points = thinned(ring);
    while (points.size() > 1 && is_near(points.front(), points.back())) points.pop_back();
    const std::int64_t area = area_of(points);
    if (points.size() < 3 || area == 0) return {};
    if ((area > 0) != is_outer) std::reverse(points.begin(), points.end());
    return points;
}

Path moved(Path path, double x) {
    for (Point& point : path) point[0] += x;
    return path;
}

}  // namespace

void require_valid(TileAddress tile) {
    const auto require = [](std::string_view member, std::uint32_t found, std::uint32_t most) {
        if (found <= most) return;
        throw Error(Code::invalid_argument,
                    fmt::format("tile: {} is {}; expected 0 to {}", member, found, most));
    };
    require("zoom level", tile.z, TileAddress::kMostZoom);
    require("column", tile.x, (1U << tile.z) - 1);
    require("row", tile.y, (1U << tile.z) - 1);
}

TileFrame::TileFrame(TileAddress tile) : tile_(tile) {
    require_valid(tile);
    scale_ = std::ldexp(1.0, static_cast<int>(tile.z));
    most_turned_ = std::nextafter(scale_, 0.0);
    north_ = latitude(0);
    south_ = latitude(1);
}

double TileFrame::latitude(double share_of_height) const {
    return latitude_on_map((tile_.y + share_of_height) / scale_);
}

TileBounds TileFrame::bounds() const {
    // Degrees, for what rounding does.
    constexpr double kSlack = 1e-9;
    const double west = tile_.x / scale_ * 360 - 180, east = (tile_.x + 1) / scale_ * 360 - 180;
    return {std::max(west - kSlack, -180.0), south_ - kSlack, std::min(east + kSlack, 180.0),
            north_ + kSlack};
}

std::optional<TilePoint> TileFrame::find(LonLat position) const {
    if (!contains(position)) return std::nullopt;
    return nearest(position);
}

TilePoint TileFrame::nearest(LonLat position) const {
    const Point point = project(position);
    const auto unit = [](double coordinate) {
        return static_cast<std::int32_t>(std::clamp(coordinate, 0.0, kTileExtent - 1.0));
    };
    return {unit(point[0]), unit(point[1])};
}

TileFrame::Point TileFrame::project(LonLat position) const {
    const Point point = on_map(position);
    return {(point[0] * scale_ - tile_.x) * kTileExtent, (point[1] * scale_ - tile_.y) * kTileExtent};
}

/// Vertices on the map, where longitudes run on beyond the antimeridian. A ring comes without its last
/// vertex, which is its first.
TileFrame::Path TileFrame::path_of(std::span<const LonLat> sequence, bool is_ring) const {
    Path path;
    path.reserve(sequence.size() + 2);
    double turn = 0;
    for (std::size_t i = 0; i < sequence.size(); ++i) {
        if (i != 0) {
            const double step = sequence[i].lon - sequence[i - 1].lon;
            if (std::abs(step) > 180) turn -= std::copysign(360.0, step);
        }
        path.push_back(project({sequence[i].lon + turn, sequence[i].lat}));
    }
    if (!is_ring) return path;
    if (turn == 0) {
        path.pop_back();
        return path;
    }
    // It went around a pole: the nearer one.
    double sum = 0;
    for (const LonLat vertex : sequence) sum += vertex.lat;
    const double y = project({0, std::copysign(90.0, sum)})[1];
    path.push_back({path.back()[0], y});
    path.push_back({path.front()[0], y});
    return path;
}

TileFrame::PathBox TileFrame::box_of(std::span<const LonLat> sequence) const {
    constexpr double kInf = std::numeric_limits<double>::infinity();
    PathBox box{{kInf, kInf}, {-kInf, -kInf}};
    for (const Point& point : path_of(sequence, false)) {
        for (std::size_t axis = 0; axis < 2; ++axis) {
            box.min[axis] = std::min(box.min[axis], point[axis]);
            box.max[axis] = std::max(box.max[axis], point[axis]);
        }
    }
    return box;
}

/// By how much what goes from min to max in x must be moved to meet the tile: whole turns around the earth.
std::vector<double> TileFrame::turns(double min, double max) const {
    const double turn = scale_ * kTileExtent;
    std::vector<double> turns;
    for (double count = std::ceil((kLow - max) / turn); min + count * turn <= kHigh; ++count)
        turns.push_back(count * turn);
    return turns;
}

double TileFrame::size(const Geometry& shape) const {
    double size = 0;
    for (std::size_t i = 0; i < shape.sequence_count(); ++i) {
        const PathBox box = box_of(shape.sequence(i));
        size = std::max({size, box.max[0] - box.min[0], box.max[1] - box.min[1]});
    }
    return size;
}

bool TileFrame::meets(const Geometry& shape) const {
    for (std::size_t i = 0; i < shape.sequence_count(); ++i) {
        const PathBox box = box_of(shape.sequence(i));
        // A ring around a pole goes beyond its vertices.
        const bool is_around = box.max[0] - box.min[0] >= scale_ * kTileExtent;
        if (is_around ||
            (box.min[1] <= kHigh && box.max[1] >= kLow && !turns(box.min[0], box.max[0]).empty()))
            return true;
    }
    return false;
}

void TileFrame::clip_points(std::span<const LonLat> sequence, TileGeometry& points) const {
    for (const LonLat vertex : sequence) {
        const auto point = find(vertex);
        if (!point) continue;
        if (points.sequences.empty()) points.sequences.emplace_back();
        points.sequences.front().push_back(*point);
    }
}

void TileFrame::clip_line(const Path& line, TileGeometry& lines) const {
    Path kept;
    const auto finish = [&] {
        std::vector<TilePoint> points = thinned(kept);
        if (points.size() > 1) lines.sequences.push_back(std::move(points));
        kept.clear();
    };
    for (std::size_t i = 1; i < line.size(); ++i) {
        const Point &from = line[i - 1], &to = line[i];
        const auto shares = clip_segment(from, to);
        if (!shares) {
            finish();
            continue;
        }
        const auto at = [&](double share) {
            return Point{from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])};
        };
        if (shares->first > 0) finish();
        if (kept.empty()) kept.push_back(at(shares->first));
        kept.push_back(shares->second < 1 ? at(shares->second) : to);
        if (shares->second < 1) finish();
    }
    finish();
}

void TileFrame::clip_polygon(const Geometry& shape, const Geometry::Part& part,
                             TileGeometry& polygons) const {
    // Holes go where their polygon goes: whichever turn brings them into the tile.
    const Path outer = path_of(shape.sequence(part.begin), true);
    const auto [west, east] = std::minmax_element(outer.begin(), outer.end());
    for (const double turn : turns((*west)[0], (*east)[0])) {
        std::vector<TilePoint> ring = clipped_ring(moved(outer, turn), true);
        if (ring.empty()) continue;
        polygons.sequences.push_back(std::move(ring));
        for (std::uint32_t i = part.begin + 1; i < part.end; ++i) {
            const Path hole = path_of(shape.sequence(i), true);
            const auto [hole_west, hole_east] = std::minmax_element(hole.begin(), hole.end());
            for (const double hole_turn : turns((*hole_west)[0], (*hole_east)[0])) {
                std::vector<TilePoint> inner = clipped_ring(moved(hole, hole_turn), false);
                if (!inner.empty()) polygons.sequences.push_back(std::move(inner));
            }
        }
    }
}

std::vector<TileGeometry> TileFrame::clip(const Geometry& shape) const {
    std::array<TileGeometry, 3> kinds{TileGeometry{TileGeometry::Kind::points},
                                      TileGeometry{TileGeometry::Kind::lines},
                                      TileGeometry{TileGeometry::Kind::polygons}};
    for (std::size_t i = 0; i < shape.part_count(); ++i) {
        const Geometry::Part part = shape.part(i);
        if (part.is_empty()) continue;
        if (part.kind == Geometry::PartKind::point) {
            clip_points(shape.sequence(part.begin), kinds[0]);
        } else if (part.kind == Geometry::PartKind::polygon) {
            clip_polygon(shape, part, kinds[2]);
        } else {
            const Path line = path_of(shape.sequence(part.begin), false);
            const auto [west, east] = std::minmax_element(line.begin(), line.end());
            for (const double turn : turns((*west)[0], (*east)[0])) clip_line(moved(line, turn), kinds[1]);
        }
    }
    std::vector<TileGeometry> geometries;
    for (TileGeometry& geometry : kinds) {
        if (!geometry.is_empty()) geometries.push_back(std::move(geometry));
    }
    return geometries;
}

}  // namespace crowfly
