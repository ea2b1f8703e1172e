#include "core/geometry/ring_crossings.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/geometry/edge.h"

namespace crowfly {
namespace {

constexpr double kDegree = 3.14159265358979323846 / 180;
constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr std::uint32_t kMostEdges = 16;  // of a run that is not in halves

bool at_pole(LonLat p) {
    return std::abs(p.lat) == 90;
}

template <Metric M>
double normal(double lon) {
    return M::kKind != MetricKind::plane && lon >= 180 ? lon - 360 : lon;
}

/// By how much more an edge goes round the earth than the difference of its longitudes.
template <Metric M>
std::int32_t turn_of(LonLat from, LonLat to) {
    if constexpr (M::kKind == MetricKind::plane) return 0;
    const double apart = to.lon - from.lon;
    return apart > 180 ? -1 : apart < -180 ? 1 : 0;
}

/// How far east the edge goes, in degrees.
template <Metric M>
double eastward(LonLat from, LonLat to) {
    return to.lon - from.lon + 360 * turn_of<M>(from, to);
}

/// Degrees, by which a geodesic leaves the latitudes of its ends at most. On the sphere an arc between ends
/// of one latitude is symmetric: with h half its longitudes, the tangents of the latitudes in the middle and
/// at the ends have the ratio 1 / cos h, so that they differ by at most asin((1 / cos h - 1) / 2), which is
/// all but h^2 / 4. There is a tenth more, for the spheroid and for h up to 15 degrees.
template <Metric M>
double beyond(LonLat from, LonLat to) {
    if constexpr (M::kKind == MetricKind::plane) return 0;
    const double apart = std::abs(eastward<M>(from, to));
    return apart <= 30 ? 0.00125 * apart * apart : apart;
}

/// Degrees of latitude, by which a geodesic leaves the line that is straight in longitude and latitude
/// between its ends; infinity when there is no telling. As a function of longitude its latitude f has on the
/// sphere f'' = - sin f cos f - 2 tan f f'^2, on the spheroid hardly more. A slope that is m in the mean is
/// nowhere above 2 |m| plus the longitudes' difference when the condition below holds, since it would take an
/// f'' to get there that is then too large; and between its ends a function leaves its chord by an eighth of
/// the greatest f'' times the square of their distance.
template <Metric M>
double bend(LonLat from, LonLat to) {
    if constexpr (M::kKind == MetricKind::plane) return 0;
    const double east = std::abs(eastward<M>(from, to)) * kDegree,
                 north = std::abs(to.lat - from.lat) * kDegree;
    const double highest = std::max(std::abs(from.lat), std::abs(to.lat)) + beyond<M>(from, to);
    if (highest > 89) return kInf;
    const double tangent = std::tan(highest * kDegree) + 0.01;
    const double steep = 2 * north + east * east;
    if (4 * tangent * steep > 0.98) return kInf;
    return (0.504 * east * east + 2 * tangent * steep * steep) / 8 / kDegree;
}

}  // namespace

template <Metric M>
void RingCrossings<M>::Reach::grow(const Reach& other) {
    west = std::min(west, other.west);
    east = std::max(east, other.east);
    south = std::min(south, other.south);
    north = std::max(north, other.north);
}

/// Puts the rings' vertices one after the other and makes the runs from them.
template <Metric M>
class RingCrossings<M>::Builder {
  public:
    explicit Builder(RingCrossings& made) : vertices_(made.vertices_), runs_(made.runs_) {}

    void add_ring(std::span<const ShapePiece<M>> pieces) {
        const std::size_t begin = vertices_.size();
        add({normal<M>(pieces.front().from.lon), pieces.front().from.lat}, 0);
        for (const ShapePiece<M>& piece : pieces) {
            for (const LonLat end : {piece.from, piece.to}) {
                // An end at a pole has other longitudes on the way there and on the way back.
                const LonLat vertex{normal<M>(end.lon), end.lat};
                if (vertex != vertices_.back()) {
                    add(vertex, turns_.back() + turn_of<M>(vertices_.back(), vertex));
                }
            }
        }
        if (vertices_.size() - begin < 2) add(vertices_.back(), turns_.back());
        rings_.push_back({begin, vertices_.size() - 1, reach(begin, vertices_.size() - 1)});
    }

    void build() {
        for (std::size_t i = 0; i + 1 < vertices_.size(); ++i) {
            beyond_.push_back(beyond<M>(vertices_[i], vertices_[i + 1]));
            bend_.push_back(bend<M>(vertices_[i], vertices_[i + 1]));
        }
        add_rings(rings_);
    }

  private:
    struct Ring {
        std::size_t first, last;  ///< vertices
        Reach reach;              ///< of its vertices alone
    };

    void add(LonLat vertex, std::int32_t turn) {
        vertices_.push_back(vertex);
        turns_.push_back(turn);
    }

    Along along(std::size_t vertex) const { return {turns_[vertex], vertices_[vertex].lon}; }

    /// Of vertices.
    Reach reach(std::size_t first, std::size_t last) const {
        Reach reach{along(first), along(first), vertices_[first].lat, vertices_[first].lat};
        for (std::size_t i = first + 1; i <= last; ++i) {
            reach.grow({along(i), along(i), vertices_[i].lat, vertices_[i].lat});
        }
        return reach;
    }

    /// The rings in halves, of those that are near each other.
    Reach add_rings(std::span<Ring> rings) {
        if (rings.size() == 1) return add_run(rings[0].first, rings[0].last);
        Reach all = rings[0].reach;
        Along turns{0, 0};
        for (const Ring& ring : rings) {
            all.grow(ring.reach);
            turns.turn += turns_[ring.last] - turns_[ring.first];
        }
        const bool by_lat = all.north - all.south > all.east.lon - all.west.lon;
        const auto half = rings.begin() + static_cast<std::ptrdiff_t>(rings.size() / 2);
        std::nth_element(rings.begin(), half, rings.end(), [&](const Ring& a, const Ring& b) {
            return by_lat ? a.reach.south < b.reach.south : a.reach.west < b.reach.west;
        });
        const std::size_t number = runs_.size();
        runs_.emplace_back();
        Reach reach = add_rings(rings.first(rings.size() / 2));
        reach.grow(add_rings(rings.subspan(rings.size() / 2)));
        runs_[number] = {{0, 0}, turns, reach.west, reach.east, 0, reach.south, reach.north, end(), 0, 0};
        return reach;
    }

    Reach add_run(std::size_t first, std::size_t last) {
        const std::size_t number = runs_.size();
        runs_.emplace_back();
        const std::size_t edges = last - first;
        Reach reach;
        if (edges <= kMostEdges) {
            reach = this->reach(first, last);
            for (std::size_t i = first; i < last; ++i) {
                const auto [low, high] = std::minmax(vertices_[i].lat, vertices_[i + 1].lat);
                reach.south = std::min(reach.south, low - beyond_[i]);
                reach.north = std::max(reach.north, high + beyond_[i]);
            }
        } else {
            reach = add_run(first, first + edges / 2);
            reach.grow(add_run(first + edges / 2, last));
        }
        Run& run = runs_[number];
        run = {along(first), along(last), reach.west, reach.east, 0, reach.south, reach.north, end(), 0, 0};
        run.begin = static_cast<std::uint32_t>(first);
        run.edges = edges <= kMostEdges ? static_cast<std::uint32_t>(edges) : 0;
        lean(run, first, last);
        return reach;
    }

    std::uint32_t end() const { return static_cast<std::uint32_t>(runs_.size()); }

    static double unrolled(const Along& along) { return along.lon + 360.0 * along.turn; }

    /// Lets the strip lean as the widest edge does, where that makes it narrower. On earth a run must not go
    /// all around, for then one longitude would be in it twice.
    void lean(Run& run, std::size_t first, std::size_t last) const {
        if (unrolled(run.east) - unrolled(run.west) > 359 && M::kKind != MetricKind::plane) return;
        std::size_t widest = first;
        double width = 0;
        for (std::size_t i = first; i < last; ++i) {
            const double apart = std::abs(eastward<M>(vertices_[i], vertices_[i + 1]));
            if (apart > width) {
                width = apart;
                widest = i;
            }
        }
        if (width == 0) return;
        const LonLat from = vertices_[widest], to = vertices_[widest + 1];
        const double slope = (to.lat - from.lat) / eastward<M>(from, to);
        double low = kInf, high = -kInf, more = 0, greatest = 0;
        for (std::size_t i = first; i <= last; ++i) {
            const double lon = unrolled(along(i));
            const double at = vertices_[i].lat - slope * lon;
            low = std::min(low, at);
            high = std::max(high, at);
            greatest = std::max(greatest, std::abs(vertices_[i].lat) + std::abs(slope * lon));
            if (i < last) more = std::max(more, bend_[i]);
        }
        more += 4 * std::numeric_limits<double>::epsilon() * greatest;  // for what is rounded
        if (!(high - low + 2 * more < run.high - run.low)) return;
        run.slope = slope;
        run.low = low - more;
        run.high = high + more;
    }

    std::vector<LonLat>& vertices_;
    std::vector<Run>& runs_;
    std::vector<std::int32_t> turns_;
    std::vector<double> beyond_, bend_;  // of the edge from each vertex
    std::vector<Ring> rings_;
};

template <Metric M>
RingCrossings<M>::RingCrossings(std::span<const std::vector<ShapePiece<M>>> rings, bool to_north)
    : to_north_(to_north) {
    Builder builder(*this);
    for (const auto& ring : rings) builder.add_ring(ring);
    builder.build();
    vertices_.shrink_to_fit();
    runs_.shrink_to_fit();
}

/// Whether the line crosses an edge that is on both sides of it.
template <Metric M>
bool RingCrossings<M>::crosses(LonLat from, LonLat to, LonLat position, const Embedded<M>& embedded) const {
    // Along a pole, which no line from elsewhere goes to.
    if (M::kKind != MetricKind::plane && at_pole(from) && at_pole(to)) return false;
    // Latitudes first: they are exact where an edge runs all but along the line.
    const double more = beyond<M>(from, to);
    if (position.lat > std::max(from.lat, to.lat) + more) return !to_north_;
    if (position.lat < std::min(from.lat, to.lat) - more) return to_north_;
    // South of an edge is right of it when it goes east, and left when it goes west.
    const double left = side<M>({M::embed(from), M::embed(to)}, embedded);
    const bool goes_east = eastward<M>(from, to) > 0;
    const bool south = goes_east ? left < 0 : left > 0;
    const bool north = goes_east ? left > 0 : left < 0;
    return to_north_ ? south : north;
}

template <Metric M>
bool RingCrossings<M>::odd(LonLat position, const Embedded<M>& embedded) const {
    position.lon = normal<M>(position.lon);
    bool odd = false;
    for (std::uint32_t number = 0; number < runs_.size();) {
        const Run& run = runs_[number];
        const std::int32_t west = passed(run.west, position.lon);
        if (west == passed(run.east, position.lon)) {
            number = run.next;
            continue;
        }
        // The longitude as the run, which is not all around the earth when its strip leans, has it.
        const double at = position.lat - run.slope * (position.lon + 360.0 * west);
        const bool ahead = to_north_ ? at < run.low : at > run.high;
        const bool behind = to_north_ ? at > run.high : at < run.low;
        if (ahead) odd ^= (passed(run.first, position.lon) - passed(run.last, position.lon)) % 2 != 0;
        if (!ahead && !behind) {
            for (std::uint32_t i = run.begin; i < run.begin + run.edges; ++i) {
                const LonLat from = vertices_[i], to = vertices_[i + 1];
                const std::int32_t turned = turn_of<M>(from, to);
                if (passed({0, from.lon}, position.lon) == passed({turned, to.lon}, position.lon)) continue;
                odd ^= crosses(from, to, position, embedded);
            }
        }
        number = ahead || behind || run.edges > 0 ? run.next : number + 1;
    }
    return odd;
}

template class RingCrossings<Plane>;
template class RingCrossings<Sphere>;
template class RingCrossings<Spheroid>;

}  // namespace crowfly
