#include "core/geometry/edge.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/geometry/geodesic_arc.h"
#include "core/metric/box.h"
#include "core/metric/earth.h"

namespace crowfly {
namespace {

using Vector = std::array<double, 3>;

Vector minus(const Vector& a, const Vector& b) {
    return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
}

Vector plus(const Vector& a, const Vector& b) {
    return {a[0] + b[0], a[1] + b[1], a[2] + b[2]};
}

double dot(const Vector& a, const Vector& b) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

Vector cross(const Vector& a, const Vector& b) {
    return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

/// Twice the cross product of both, without its cancellation where they are close.
Vector normal_of(const Vector& from, const Vector& to) {
    return cross(plus(from, to), minus(to, from));
}

/// Then the distance is 0, which a foot of it may miss by its rounding.
template <Metric M>
bool is_end(const Piece<M>& piece, const Embedded<M>& q) {
    return q == piece.from || q == piece.to;
}

template <Metric M>
Embedded<M> nearer_end(const Piece<M>& piece, const Embedded<M>& q) {
    return squared_straight_distance(q, piece.to) < squared_straight_distance(q, piece.from) ? piece.to
                                                                                             : piece.from;
}

/// What a piece's curve may be off its formula by, and distances by theirs.
constexpr double kBulgeSlack = 1e-6;

double bulge_of(double chord2, double curvature) {
    // A curve of at most that curvature leaves a chord c by at most c^2 curvature / 8 and terms of c^4, which
    // for pieces are below a ten-thousandth of that.
    return chord2 * curvature / 8 * 1.001 + kBulgeSlack;
}

/// What share of the piece is before the foot of q on its chord.
double share_on_chord(const Piece<Spheroid>& piece, const Vector& q) {
    const Vector d = minus(piece.to, piece.from);
    return std::clamp(dot(minus(q, piece.from), d) / dot(d, d), 0.0, 1.0);
}

/// Where on a geodesic the straight distance from q is least, from 0 to its extent.
double nearest_by_chord(const GeodesicArc& arc, const Piece<Spheroid>& piece, const Vector& q) {
    constexpr int kSteps = 4;
    double sigma = share_on_chord(piece, q) * arc.extent();
    for (int i = 0; i < kSteps; ++i) {
        const auto [at, velocity] = arc.step(sigma);
        const Vector gap = minus(at, q);
        // The second derivative of a point on the arc is about the point itself, inward.
        const double slope = dot(velocity, velocity) - dot(gap, at);
        if (!(slope > 0)) break;
        sigma = std::clamp(sigma - dot(gap, velocity) / slope, 0.0, arc.extent());
    }
    return sigma;
}

/// Where the distance is least, beginning `near` there; by I. Newton's method, from the slope, which is the
/// cosine between the way from q and the piece (the first variation of length), and from how circles around q
/// bend.
double nearest_by_slope(const GeodesicArc& arc, double near, const Vector& q) {
    constexpr int kSteps = 4;
    // A step that is shorter, in radians, leaves an error whose square is below a nanometre.
    constexpr double kShortStep = 1e-6;
    double sigma = near;
    for (int i = 0; i < kSteps; ++i) {
        const auto [at, velocity] = arc.step(sigma);
        const Arrival way = arrival(q, at);
        const double slope = dot(way.direction, velocity);
        const double bend = (dot(velocity, velocity) - slope * slope) / way.radius;
        const double next = slope == 0 ? sigma : std::clamp(sigma - slope / bend, 0.0, arc.extent());
        const bool is_short = std::abs(next - sigma) < kShortStep;
        sigma = next;
        if (is_short) break;
    }
    return sigma;
}

/// The nearest point, for q about a quarter of the way round the earth: there distances along a piece bend
/// hardly, up in one place and down in another. So the piece is cut, and each part in which the slope goes
/// from down to up is halved until it has the least.
Vector nearest_at_quarter_turn(const Piece<Spheroid>& piece, const Vector& q) {
    constexpr int kParts = 8;
    constexpr int kHalvings = 30;
    const GeodesicArc arc(piece.from, piece.to);
    const auto slope = [&](double sigma) {
        const auto [at, velocity] = arc.step(sigma);
        return dot(arrival(q, at).direction, velocity);
    };
    Vector best = piece.from;
    double least = Spheroid::distance(q, best);
    const auto offer = [&](const Vector& at) {
        const double distance = Spheroid::distance(q, at);
        if (distance >= least) return;
        least = distance;
        best = at;
    };
    offer(piece.to);
    double last = slope(0);
    for (int part = 0; part < kParts; ++part) {
        double low = arc.extent() * part / kParts, high = arc.extent() * (part + 1) / kParts;
        const double next = slope(high);
        if (std::exchange(last, next) < 0 && next > 0) {
            for (int i = 0; i < kHalvings; ++i) {
                const double middle = (low + high) / 2;
                (slope(middle) < 0 ? low : high) = middle;
            }
            offer(arc.step(low).at);
        }
    }
    return best;
}

/// The nearest point, for q so far away that straight distances tell but about where. The slopes at the ends
/// mostly settle it: a distance that bends up has one least.
std::optional<Vector> nearest_far(const Piece<Spheroid>& piece, const Vector& q, double at_most) {
    // On the ellipsoid the bend changes its direction up to 22 km from the quarter turn of the sphere; a
    // piece reaches 50 km farther, and a circle of 50 radii is 127 km from it.
    constexpr double kQuarterTurn = 50 * earth::kMeanRadius;
    // By so much at most the distance of an arrival differs from the metric's.
    constexpr double kFarSlack = 1e-6;
    const Vector d = minus(piece.to, piece.from);
    // The piece leaves its chord by an angle whose sine is below four bulges over its length.
    const double doubt = 4 * bulge(piece);
    const Arrival at_from = arrival(q, piece.from);
    if (std::abs(at_from.radius) > kQuarterTurn) return nearest_at_quarter_turn(piece, q);
    const double onward = dot(at_from.direction, d);
    const auto end = [&](const Vector& at, double distance) {
        return distance > at_most + kFarSlack ? std::nullopt : std::optional(at);
    };
    if (at_from.radius > 0 && onward >= doubt) return end(piece.from, at_from.distance);
    if (at_from.radius > 0 && at_from.distance + onward - doubt > at_most) return std::nullopt;
    const Arrival at_to = arrival(q, piece.to);
    if (std::abs(at_to.radius) > kQuarterTurn) return nearest_at_quarter_turn(piece, q);
    const double back = dot(at_to.direction, d);
    if (at_from.radius < 0) {
        // More than a quarter of the way round the earth distances along a piece bend down.
        return at_from.distance <= at_to.distance ? piece.from : piece.to;
    }
    if (back <= -doubt) return end(piece.to, at_to.distance);
    const GeodesicArc arc(piece.from, piece.to);
    const double share = std::clamp(onward / (onward - back), 0.0, 1.0);
    const double sigma = nearest_by_slope(arc, share * arc.extent(), q);
    if (sigma <= 0) return piece.from;
    return sigma >= arc.extent() ? piece.to : arc.step(sigma).at;
}

}  // namespace

template <>
std::optional<Plane::Point> nearest_within<Plane>(const Piece<Plane>& piece, const Plane::Point& q,
                                                  double /*at_most*/) {
    const double dx = piece.to[0] - piece.from[0];
    const double dy = piece.to[1] - piece.from[1];
    const double length2 = dx * dx + dy * dy;
    if (!(length2 > 0)) return nearer_end(piece, q);
    const double share = ((q[0] - piece.from[0]) * dx + (q[1] - piece.from[1]) * dy) / length2;
    if (!(share > 0)) return piece.from;
    if (share >= 1) return piece.to;
    return Plane::Point{piece.from[0] + share * dx, piece.from[1] + share * dy};
}

template <>
std::optional<Sphere::Point> nearest_within<Sphere>(const Piece<Sphere>& piece, const Sphere::Point& q,
                                                    double /*at_most*/) {
    if (is_end(piece, q)) return q;
    const Vector normal = normal_of(piece.from, piece.to);
    const double normal2 = dot(normal, normal);
    if (!(normal2 > 0)) return nearer_end(piece, q);
    if (!(dot(cross(normal, piece.from), q) > 0) || !(dot(cross(piece.to, normal), q) > 0)) {
        return nearer_end(piece, q);
    }
    const double off = dot(q, normal) / normal2;
    const Vector foot{q[0] - off * normal[0], q[1] - off * normal[1], q[2] - off * normal[2]};
    const double scale = earth::kMeanRadius / std::sqrt(dot(foot, foot));
    return Sphere::Point{foot[0] * scale, foot[1] * scale, foot[2] * scale};
}

template <>
std::optional<Spheroid::Point> nearest_within<Spheroid>(const Piece<Spheroid>& piece,
                                                        const Spheroid::Point& q, double at_most) {
    // Nearer than that the way of least chord is that of least distance, to within a nanometre of distance.
    constexpr double kNear = 40'000;
    // The cosine of an angle that is so far beyond a right one that no curvature of piece or way makes up for
    // it.
    constexpr double kClearlyBeyond = 0.02;
    if (is_end(piece, q)) return q;
    if (piece.from == piece.to) return piece.from;
    const Vector d = minus(piece.to, piece.from);
    const auto beyond = [&](const Vector& end, const Vector& outward) {
        const Vector gap = minus(q, end);
        const double gap2 = dot(gap, gap);
        const double along = dot(gap, outward);
        return along > 0 && gap2 <= kNear * kNear &&
               along * along > kClearlyBeyond * kClearlyBeyond * gap2 * dot(outward, outward);
    };
    if (beyond(piece.to, d)) return piece.to;
    if (beyond(piece.from, minus(piece.from, piece.to))) return piece.from;
    const double share = share_on_chord(piece, q);
    const Vector foot{piece.from[0] + share * d[0], piece.from[1] + share * d[1],
                      piece.from[2] + share * d[2]};
    const double square = squared_straight_distance(q, foot);
    constexpr double kFar = Spheroid::kFarChord - GeodesicArc::kLongest;
    if (square > kNear * kNear && square <= kFar * kFar) return nearest_far(piece, q, at_most);
    if (square > kFar * kFar) {
        // On the far side of the earth distances along a piece bend down, so that an end is nearest.
        return Spheroid::distance(q, piece.from) <= Spheroid::distance(q, piece.to) ? piece.from : piece.to;
    }
    const GeodesicArc arc(piece.from, piece.to);
    const double sigma = nearest_by_chord(arc, piece, q);
    if (sigma <= 0) return piece.from;
    if (sigma >= arc.extent()) return piece.to;
    return arc.step(sigma).at;
}

template <>
double bulge<Plane>(const Piece<Plane>& piece) {
    // What rounding may move a foot by.
    constexpr double kRounding = 1e-14;
    double greatest = 0;
    for (const Plane::Point& end : {piece.from, piece.to}) {
        greatest = std::max({greatest, std::abs(end[0]), std::abs(end[1])});
    }
    return greatest * kRounding;
}

template <>
double bulge<Sphere>(const Piece<Sphere>& piece) {
    return bulge_of(squared_straight_distance(piece.from, piece.to), 1 / earth::kMeanRadius);
}

template <>
double bulge<Spheroid>(const Piece<Spheroid>& piece) {
    return bulge_of(squared_straight_distance(piece.from, piece.to), earth::kGreatestCurvature);
}

template <>
double side<Plane>(const Piece<Plane>& piece, const Plane::Point& q) {
    return (piece.to[0] - piece.from[0]) * (q[1] - piece.from[1]) -
           (piece.to[1] - piece.from[1]) * (q[0] - piece.from[0]);
}

template <>
double side<Sphere>(const Piece<Sphere>& piece, const Sphere::Point& q) {
    // Measured from an end, as the other two are about as long as the earth's radius.
    return dot(normal_of(piece.from, piece.to), minus(q, piece.from));
}

template <>
double side<Spheroid>(const Piece<Spheroid>& piece, const Spheroid::Point& q) {
    // The plane through the ends and the centre is off the geodesic by less than this, for pieces.
    constexpr double kDoubt = 1;
    const Vector normal = normal_of(piece.from, piece.to);
    const double length2 = dot(normal, normal);
    if (!(length2 > 0)) return 0;
    const double off = dot(normal, minus(q, piece.from)) / std::sqrt(length2);
    if (std::abs(off) > kDoubt) return off;
    const GeodesicArc arc(piece.from, piece.to);
    const auto [at, velocity] = arc.step(nearest_by_chord(arc, piece, q));
    return dot(cross(at, velocity), minus(q, at));
}

namespace {

template <Metric M>
Embedded<M> middle_of(const Piece<M>& piece) {
    Embedded<M> middle;
    for (std::size_t d = 0; d < M::kDimensions; ++d) middle[d] = (piece.from[d] + piece.to[d]) / 2;
    return middle;
}

/// Whether two pieces are near enough to meet: on earth lines that cross also do so at the antipode.
template <Metric M>
bool may_meet(const Piece<M>& a, const Piece<M>& b) {
    const double reach = (straight_distance(a.from, a.to) + straight_distance(b.from, b.to)) / 2;
    return straight_distance(middle_of(a), middle_of(b)) <= reach + bulge(a) + bulge(b);
}

bool opposite(double a, double b) {
    return (a > 0 && b < 0) || (a < 0 && b > 0);
}

}  // namespace

template <Metric M>
PieceDistance<M> distance_between(const Piece<M>& first, const Piece<M>& second, double at_most) {
    if (first.from == first.to) {
        const auto at = nearest_within(second, first.from, at_most);
        if (!at) return {std::numeric_limits<double>::infinity(), {}, {}};
        return {M::distance(first.from, *at), first.from, *at};
    }
    if (may_meet(first, second)) {
        const double before = side(second, first.from), behind = side(second, first.to);
        if (opposite(before, behind) && opposite(side(first, second.from), side(first, second.to))) {
            Embedded<M> about;
            const double share = before / (before - behind);
            for (std::size_t d = 0; d < M::kDimensions; ++d) {
                about[d] = first.from[d] + share * (first.to[d] - first.from[d]);
            }
            const Embedded<M> at = nearest_on(second, about);
            return {0, at, at};
        }
    }
    PieceDistance<M> best{std::numeric_limits<double>::infinity(), {}, {}};
    const auto offer = [&](const std::optional<Embedded<M>>& on_first,
                           const std::optional<Embedded<M>>& on_second) {
        if (!on_first || !on_second) return;
        const double distance = M::distance(*on_first, *on_second);
        if (distance < best.distance) best = {distance, *on_first, *on_second};
    };
    for (const Embedded<M>& end : {first.from, first.to}) {
        offer(end, nearest_within(second, end, std::min(at_most, best.distance)));
    }
    for (const Embedded<M>& end : {second.from, second.to}) {
        offer(nearest_within(first, end, std::min(at_most, best.distance)), end);
    }
    return best;
}

template PieceDistance<Plane> distance_between(const Piece<Plane>&, const Piece<Plane>&, double);
template PieceDistance<Sphere> distance_between(const Piece<Sphere>&, const Piece<Sphere>&, double);
template PieceDistance<Spheroid> distance_between(const Piece<Spheroid>&, const Piece<Spheroid>&, double);

template <Metric M>
Box<M::kDimensions> box_around(const Piece<M>& piece) {
    Box<M::kDimensions> box = Box<M::kDimensions>::empty();
    box.grow(piece.from);
    box.grow(piece.to);
    const double more = bulge(piece);
    for (std::size_t d = 0; d < M::kDimensions && more > 0; ++d) {
        box.min[d] = round_down(static_cast<double>(box.min[d]) - more);
        box.max[d] = round_up(static_cast<double>(box.max[d]) + more);
    }
    return box;
}

template Box<2> box_around(const Piece<Plane>&);
template Box<3> box_around(const Piece<Sphere>&);
template Box<3> box_around(const Piece<Spheroid>&);

}  // namespace crowfly
