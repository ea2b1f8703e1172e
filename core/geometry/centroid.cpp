#include "core/geometry/centroid.h"

#include <array>
#include <cmath>

#include <GeographicLib/Ellipsoid.hpp>

#include "core/error.h"
#include "core/geometry/interior.h"
#include "core/geometry/pieces.h"
#include "core/metric/with_metric.h"

namespace crowfly {
namespace {

// What is left of a small polygon's edges, when they are summed up, is its area over its length of them.
using Real = long double;
using Vector = std::array<Real, 3>;

constexpr Real kDegree = 3.141592653589793238462643383279502884L / 180;

/// The sum of a weight, and of positions times it.
struct Moment {
    Real weight = 0;
    Vector sum{};

    void add(Real more, const Vector& at) {
        weight += more;
        for (std::size_t d = 0; d < 3; ++d) sum[d] += more * at[d];
    }
};

/// By dimension: points, lines, polygons.
using Moments = std::array<Moment, 3>;

/// Twice the area and so on of a ring, from one of its vertices so that far coordinates do not cancel.
Moment ring_moment(std::span<const LonLat> ring) {
    const LonLat origin = ring.front();
    Moment moment;
    for (std::size_t i = 1; i < ring.size(); ++i) {
        const double ax = ring[i - 1].lon - origin.lon, ay = ring[i - 1].lat - origin.lat;
        const double bx = ring[i].lon - origin.lon, by = ring[i].lat - origin.lat;
        moment.add(ax * by - bx * ay, {origin.lon + (ax + bx) / 3, origin.lat + (ay + by) / 3, 0});
    }
    return moment;
}

void add_plane(const Geometry& geometry, const Geometry::Part& part, Moments& moments) {
    for (std::size_t number = part.begin; number < part.end; ++number) {
        const std::span<const LonLat> line = geometry.sequence(number);
        if (part.kind == Geometry::PartKind::polygon) {
            // Rings count by their area whatever their direction; the first is the outer one.
            const Moment ring = ring_moment(line);
            const double sign = (ring.weight < 0) != (number > part.begin) ? -1 : 1;
            moments[2].weight += sign * ring.weight;
            for (std::size_t d = 0; d < 3; ++d) moments[2].sum[d] += sign * ring.sum[d];
        }
        for (std::size_t i = 1; i < line.size(); ++i) {
            const LonLat a = line[i - 1], b = line[i];
            moments[1].add(std::hypot(b.lon - a.lon, b.lat - a.lat),
                           {(a.lon + b.lon) / 2, (a.lat + b.lat) / 2, 0});
        }
        for (const LonLat at :
             line.first(part.kind == Geometry::PartKind::polygon ? line.size() - 1 : line.size())) {
            moments[0].add(1, {at.lon, at.lat, 0});
        }
    }
}

Vector direction(LonLat at, bool authalic) {
    const Real lat =
        (authalic ? GeographicLib::Ellipsoid::WGS84().AuthalicLatitude(at.lat) : at.lat) * kDegree;
    const Real lon = at.lon * kDegree;
    return {std::cos(lat) * std::cos(lon), std::cos(lat) * std::sin(lon), std::sin(lat)};
}

/// The arc between two directions: the normal of its plane times its length, and its middle times its chord,
/// which is the integral of position along it.
struct Arc {
    Vector turn;
    Vector middle;
    Real length;
};

Arc arc_between(const Vector& a, const Vector& b) {
    const Vector sum{a[0] + b[0], a[1] + b[1], a[2] + b[2]};
    const Vector d{b[0] - a[0], b[1] - a[1], b[2] - a[2]};
    const Vector normal{(sum[1] * d[2] - sum[2] * d[1]) / 2, (sum[2] * d[0] - sum[0] * d[2]) / 2,
                        (sum[0] * d[1] - sum[1] * d[0]) / 2};
    const Real sine = std::hypot(normal[0], normal[1], normal[2]);
    const Real length = std::atan2(sine, a[0] * b[0] + a[1] * b[1] + a[2] * b[2]);
    const Real scale = sine > 0 ? length / sine : 1;
    const Real chord = std::hypot(d[0], d[1], d[2]);
    const Real across = std::hypot(sum[0], sum[1], sum[2]);
    Arc arc{{}, {}, length};
    for (std::size_t i = 0; i < 3; ++i) {
        arc.turn[i] = normal[i] * scale;
        arc.middle[i] = sum[i] / across * chord;
    }
    return arc;
}

void add(Moment& moment, Real weight, const Vector& sum, Real sign) {
    moment.weight += weight;
    for (std::size_t d = 0; d < 3; ++d) moment.sum[d] += sign * sum[d];
}

template <Metric M>
void add_earth(const Geometry& geometry, const Geometry::Part& part, Moments& moments) {
    constexpr bool kAuthalic = M::kKind == MetricKind::spheroid;
    for (std::size_t number = part.begin; number < part.end; ++number) {
        const std::vector<ShapePiece<M>> pieces = pieces_of<M>(geometry, number);
        Vector turn{};
        for (const ShapePiece<M>& piece : pieces) {
            const Arc arc = arc_between(direction(piece.from, kAuthalic), direction(piece.to, kAuthalic));
            for (std::size_t d = 0; d < 3; ++d) turn[d] += arc.turn[d] / 2;
            if (arc.length > 0) add(moments[1], arc.length, arc.middle, 1);
            add(moments[0], 1, direction(piece.from, kAuthalic), 1);
        }
        if (part.kind == Geometry::PartKind::point) continue;
        if (part.kind == Geometry::PartKind::line) {
            add(moments[0], 1, direction(pieces.back().to, kAuthalic), 1);
            continue;
        }
        const RingSide side = ring_side<M>(pieces);
        const Real hole = number > part.begin ? -1 : 1;
        add(moments[2], hole * side.area, turn, side.left ? hole : -hole);
    }
}

/// The mean of the highest dimension that there is something of.
template <Metric M>
LonLat mean(const Moments& moments) {
    std::size_t dimension = 2;
    while (dimension > 0 && !(moments[dimension].weight > 0)) --dimension;
    const Moment& moment = moments[dimension];
    if constexpr (M::kKind == MetricKind::plane) {
        const LonLat at{static_cast<double>(moment.sum[0] / moment.weight),
                        static_cast<double>(moment.sum[1] / moment.weight)};
        if (const auto fault = coordinate_fault(at, Crs::planar)) {
            throw Error(Code::invalid_argument, "the shape has no centroid: " + fault->message);
        }
        return at;
    } else {
        const Vector& at = moment.sum;
        if (!(std::hypot(at[0], at[1], at[2]) > 1e-12 * moment.weight)) {
            throw Error(Code::invalid_argument, "the shape has no centroid: its mean is the earth's centre");
        }
        const auto lat = static_cast<double>(std::atan2(at[2], std::hypot(at[0], at[1])) / kDegree);
        return {static_cast<double>(std::atan2(at[1], at[0]) / kDegree),
                M::kKind == MetricKind::spheroid
                    ? GeographicLib::Ellipsoid::WGS84().InverseAuthalicLatitude(lat)
                    : lat};
    }
}

}  // namespace

LonLat centroid(const Geometry& geometry, MetricKind metric) {
    if (const auto fault = geometry_fault(geometry, widest_crs(metric))) {
        throw Error(Code::invalid_argument, fault->reason);
    }
    if (geometry.positions().size() == 1) return geometry.positions().front();
    return with_metric(metric, [&]<class M>(M /*metric*/) {
        Moments moments;
        for (std::size_t number = 0; number < geometry.part_count(); ++number) {
            if constexpr (M::kKind == MetricKind::plane) {
                add_plane(geometry, geometry.part(number), moments);
            } else {
                add_earth<M>(geometry, geometry.part(number), moments);
            }
        }
        return mean<M>(moments);
    });
}

}  // namespace crowfly
