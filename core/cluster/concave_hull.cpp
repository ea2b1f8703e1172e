#include "core/cluster/concave_hull.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <queue>
#include <utility>

#include <boost/polygon/voronoi.hpp>

namespace crowfly {
namespace {

constexpr std::size_t kTriangleRing = 4;
constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

/// A point on the grid, and which one it was.
struct GridPoint {
    std::int32_t x;
    std::int32_t y;
    std::uint32_t number;
};

using GridSite = boost::polygon::point_data<std::int32_t>;

/// In order, each place once, with the first of the points that fall on it. Nothing when there is no room for
/// a grid.
std::vector<GridPoint> on_grid(std::span<const LonLat> points) {
    const auto [left, right] =
        std::minmax_element(points.begin(), points.end(), [](LonLat a, LonLat b) { return a.lon < b.lon; });
    const auto [low, high] =
        std::minmax_element(points.begin(), points.end(), [](LonLat a, LonLat b) { return a.lat < b.lat; });
    const double scale = 0x1p30 / std::max(right->lon - left->lon, high->lat - low->lat);
    if (!std::isfinite(scale)) return {};
    std::vector<GridPoint> grid;
    for (std::uint32_t i = 0; i < points.size(); ++i) {
        grid.push_back({static_cast<std::int32_t>(std::lround((points[i].lon - left->lon) * scale)),
                        static_cast<std::int32_t>(std::lround((points[i].lat - low->lat) * scale)), i});
    }
    const auto place = [](const GridPoint& p) { return std::pair(p.x, p.y); };
    std::stable_sort(grid.begin(), grid.end(),
                     [&](const GridPoint& a, const GridPoint& b) { return place(a) < place(b); });
    grid.erase(std::unique(grid.begin(), grid.end(),
                           [&](const GridPoint& a, const GridPoint& b) { return place(a) == place(b); }),
               grid.end());
    return grid;
}

/// Its corners counterclockwise, and across from each the triangle beyond the edge there, or kNone.
struct Triangle {
    std::array<std::uint32_t, 3> corners;
    std::array<std::uint32_t, 3> beyond{kNone, kNone, kNone};
};

/// A triangulation that is worn off from the outside.
class Erosion {
  public:
    explicit Erosion(const std::vector<GridPoint>& points) : points_(points), outside_(points.size()) {
        triangulate();
        join();
    }

    void run(double ratio) {
        double shortest = std::numeric_limits<double>::infinity(), longest = 0;
        for (std::uint32_t t = 0; t < triangles_.size(); ++t) {
            for (std::size_t i = 0; i < 3; ++i) {
                shortest = std::min(shortest, length(t, i));
                longest = std::max(longest, length(t, i));
            }
            enqueue(t);
        }
        const double target = shortest + ratio * (longest - shortest);
        while (!queue_.empty() && queue_.top().first > target) {
            const std::uint32_t t = kNone - queue_.top().second;
            queue_.pop();
            take_off(t);
        }
    }

    /// The outline as numbers of the points on the grid, or nothing when it is no single ring.
    std::optional<std::vector<std::uint32_t>> outline() const {
        std::vector<std::uint32_t> next(points_.size(), kNone);
        std::size_t edges = 0;
        std::uint32_t first = kNone;
        for (std::uint32_t t = 0; t < triangles_.size(); ++t) {
            for (std::size_t i = 0; i < 3 && !gone_[t]; ++i) {
                if (triangles_[t].beyond[i] != kNone) continue;
                first = triangles_[t].corners[(i + 1) % 3];
                if (next[first] != kNone) return std::nullopt;
                next[first] = triangles_[t].corners[(i + 2) % 3];
                ++edges;
            }
        }
        if (first == kNone) return std::nullopt;
        std::vector<std::uint32_t> ring;
        for (std::uint32_t at = first; ring.empty() || at != first; at = next[at]) {
            if (at == kNone || ring.size() == edges) return std::nullopt;
            ring.push_back(at);
        }
        if (ring.size() != edges) return std::nullopt;
        return ring;
    }

  private:
    /// Around each vertex of the Voronoi diagram stand the points of a triangle, or of more, in a circle.
    void triangulate() {
        std::vector<GridSite> sites;
        for (const GridPoint& point : points_) sites.emplace_back(point.x, point.y);
        boost::polygon::voronoi_diagram<double> diagram;
        boost::polygon::construct_voronoi(sites.begin(), sites.end(), &diagram);
        for (const auto& vertex : diagram.vertices()) {
            std::vector<std::uint32_t> around;
            const auto* edge = vertex.incident_edge();
            do {
                around.push_back(static_cast<std::uint32_t>(edge->cell()->source_index()));
                edge = edge->rot_next();
            } while (edge != vertex.incident_edge());
            for (std::size_t i = 2; i < around.size(); ++i) {
                triangles_.push_back({{around[0], around[i - 1], around[i]}});
            }
        }
        gone_.resize(triangles_.size());
    }

    /// Finds neighbors by the edges that they share, and who is on the outside.
    void join() {
        struct Edge {
            std::uint32_t from, to, triangle;
            std::size_t place;
        };
        std::vector<Edge> edges;
        for (std::uint32_t t = 0; t < triangles_.size(); ++t) {
            for (std::size_t i = 0; i < 3; ++i) {
                const std::uint32_t a = triangles_[t].corners[(i + 1) % 3];
                const std::uint32_t b = triangles_[t].corners[(i + 2) % 3];
                edges.push_back({std::min(a, b), std::max(a, b), t, i});
            }
        }
        const auto ends = [](const Edge& edge) { return std::pair(edge.from, edge.to); };
        std::stable_sort(edges.begin(), edges.end(),
                         [&](const Edge& a, const Edge& b) { return ends(a) < ends(b); });
        for (std::size_t i = 0; i < edges.size(); ++i) {
            if (i + 1 < edges.size() && ends(edges[i]) == ends(edges[i + 1])) {
                triangles_[edges[i].triangle].beyond[edges[i].place] = edges[i + 1].triangle;
                triangles_[edges[i + 1].triangle].beyond[edges[i + 1].place] = edges[i].triangle;
                ++i;
            } else {
                outside_[edges[i].from] = outside_[edges[i].to] = true;
            }
        }
    }

    double length(std::uint32_t triangle, std::size_t place) const {
        const auto& corners = triangles_[triangle].corners;
        const GridPoint &a = points_[corners[(place + 1) % 3]], &b = points_[corners[(place + 2) % 3]];
        return std::hypot(static_cast<double>(a.x) - b.x, static_cast<double>(a.y) - b.y);
    }

    /// The place of its one outer edge; of a triangle with none or several nothing.
    std::optional<std::size_t> outer_edge(std::uint32_t triangle) const {
        std::optional<std::size_t> found;
        for (std::size_t i = 0; i < 3; ++i) {
            if (triangles_[triangle].beyond[i] != kNone) continue;
            if (found) return std::nullopt;
            found = i;
        }
        return found;
    }

    /// The longest edge is first, then the triangle of the least number.
    void enqueue(std::uint32_t triangle) {
        if (const auto edge = outer_edge(triangle)) queue_.emplace(length(triangle, *edge), kNone - triangle);
    }

    void take_off(std::uint32_t triangle) {
        const auto edge = outer_edge(triangle);
        // Without it the outline would touch itself at the third corner.
        if (!edge || outside_[triangles_[triangle].corners[*edge]]) return;
        outside_[triangles_[triangle].corners[*edge]] = true;
        gone_[triangle] = true;
        for (const std::uint32_t neighbor : triangles_[triangle].beyond) {
            if (neighbor == kNone) continue;
            std::replace(triangles_[neighbor].beyond.begin(), triangles_[neighbor].beyond.end(), triangle,
                         kNone);
            enqueue(neighbor);
        }
    }

    const std::vector<GridPoint>& points_;
    std::vector<Triangle> triangles_;
    std::vector<bool> gone_;     // of each triangle
    std::vector<bool> outside_;  // of each point
    std::priority_queue<std::pair<double, std::uint32_t>> queue_;
};

double squared_distance(LonLat p, LonLat a, LonLat b) {
    const double dx = b.lon - a.lon, dy = b.lat - a.lat;
    const double along = ((p.lon - a.lon) * dx + (p.lat - a.lat) * dy) / (dx * dx + dy * dy);
    const double share = std::clamp(along, 0.0, 1.0);
    const double x = a.lon + share * dx - p.lon, y = a.lat + share * dy - p.lat;
    return x * x + y * y;
}

/// Whether the point lies to the right of the way from a to b, where the outside of a ring is.
bool is_right_of(LonLat p, LonLat a, LonLat b) {
    return (b.lon - a.lon) * (p.lat - a.lat) < (b.lat - a.lat) * (p.lon - a.lon);
}

/// Makes a point outside a vertex, on the edge that is nearest to it of those that have it outside: of the
/// two edges at a corner the other one would turn the ring inside out.
void insert_into(Path& ring, LonLat point) {
    std::size_t nearest = 1;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t i = 1; i < ring.size(); ++i) {
        if (!is_right_of(point, ring[i - 1], ring[i])) continue;
        const double square = squared_distance(point, ring[i - 1], ring[i]);
        if (square < least) {
            least = square;
            nearest = i;
        }
    }
    ring.insert(ring.begin() + static_cast<std::ptrdiff_t>(nearest), point);
}

}  // namespace

Path concave_hull(std::span<const LonLat> points, double ratio, const PlanarGeos& geos) {
    Path convex = geos.convex_hull(points);
    if (ratio >= 1 || convex.size() < kTriangleRing) return convex;
    const std::vector<GridPoint> grid = on_grid(points);
    if (grid.size() < kTriangleRing) return convex;
    Erosion erosion(grid);
    erosion.run(ratio);
    const auto outline = erosion.outline();
    if (!outline) return convex;
    Path ring;
    for (const std::uint32_t at : *outline) ring.push_back(points[grid[at].number]);
    ring.push_back(ring.front());
    // Where the points are nearly in a line, the grid may show them from behind.
    turn_counterclockwise(ring);
    for (const std::size_t outside : geos.outside(ring, points)) insert_into(ring, points[outside]);
    return geos.outside(ring, points).empty() ? ring : convex;
}

}  // namespace crowfly
