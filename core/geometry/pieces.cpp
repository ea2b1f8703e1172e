#include "core/geometry/pieces.h"

#include <algorithm>
#include <cmath>

#include <GeographicLib/Geodesic.hpp>
#include <GeographicLib/GeodesicLine.hpp>

#include "core/metric/box.h"
#include "core/metric/earth.h"

namespace crowfly {
namespace {

bool at_pole(LonLat p) {
    return std::abs(p.lat) == 90;
}

/// The great circle's arc from one position to another, which may be nearly antipodes: so by directions at a
/// right angle.
class GreatCircleWay {
  public:
    GreatCircleWay(LonLat from, LonLat to) : from_(Sphere::embed(from)) {
        const Sphere::Point end = Sphere::embed(to);
        Sphere::Point sum, gap;
        for (std::size_t i = 0; i < 3; ++i) {
            sum[i] = end[i] + from_[i];
            gap[i] = end[i] - from_[i];
        }
        const Sphere::Point normal = cross(sum, gap);
        onward_ = cross(normal, from_);
        const double scale = earth::kMeanRadius / std::hypot(onward_[0], onward_[1], onward_[2]);
        for (double& coordinate : onward_) coordinate *= scale;
        angle_ = 2 * std::atan2(std::hypot(gap[0], gap[1], gap[2]), std::hypot(sum[0], sum[1], sum[2]));
    }

    /// `share` of the way from its beginning.
    LonLat at(double share) const {
        Sphere::Point p;
        for (std::size_t i = 0; i < 3; ++i) {
            p[i] = from_[i] * std::cos(share * angle_) + onward_[i] * std::sin(share * angle_);
        }
        return Sphere::position(p);
    }

  private:
    static Sphere::Point cross(const Sphere::Point& a, const Sphere::Point& b) {
        return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
    }

    Sphere::Point from_;
    Sphere::Point onward_;
    double angle_;
};

class GeodesicWay {
  public:
    GeodesicWay(LonLat from, LonLat to)
        : line_(GeographicLib::Geodesic::WGS84().InverseLine(from.lat, from.lon, to.lat, to.lon)) {}

    LonLat at(double share) const {
        LonLat p;
        line_.Position(share * line_.Distance(), p.lat, p.lon);
        return p;
    }

  private:
    GeographicLib::GeodesicLine line_;
};

GreatCircleWay way(Sphere /*metric*/, LonLat from, LonLat to) {
    return {from, to};
}
GeodesicWay way(Spheroid /*metric*/, LonLat from, LonLat to) {
    return {from, to};
}

/// Appends the pieces of one edge.
template <Metric M>
void append_edge(LonLat from, LonLat to, std::vector<ShapePiece<M>>& pieces) {
    const auto append = [&](LonLat a, LonLat b) {
        ShapePiece<M> piece{{M::embed(a), M::embed(b)}, a, b};
        if constexpr (M::kKind != MetricKind::plane) {
            if (at_pole(a)) piece.from.lon = b.lon;
            if (at_pole(b)) piece.to.lon = a.lon;
        }
        pieces.push_back(piece);
    };
    if constexpr (M::kKind == MetricKind::plane) {
        append(from, to);
    } else {
        const bool over_pole = !at_pole(from) && !at_pole(to) && std::abs(wrapped(to.lon - from.lon)) == 180;
        if (over_pole) {
            const double pole = from.lat + to.lat > 0 ? 90 : -90;
            append_edge({from.lon, from.lat}, {from.lon, pole}, pieces);
            append_edge({to.lon, pole}, {to.lon, to.lat}, pieces);
            return;
        }
        // Up to 1000 km an arc is longer than its chord by less than a hundredth, at half way round by 0.58.
        const double chord = straight_distance<M::kDimensions>(M::embed(from), M::embed(to));
        const double length = chord > 1e6 ? chord * 1.6 : chord * 1.01;
        const auto count = static_cast<std::size_t>(std::ceil(length / kLongestPiece));
        if (count <= 1) {
            append(from, to);
            return;
        }
        const auto between = way(M(), from, to);
        LonLat last = from;
        for (std::size_t i = 1; i <= count; ++i) {
            const LonLat next =
                i == count ? to : between.at(static_cast<double>(i) / static_cast<double>(count));
            append(last, next);
            last = next;
        }
    }
}

}  // namespace

double wrapped(double degrees) {
    const double rest = std::remainder(degrees, 360.0);
    return rest == 180 ? -180 : rest;
}

template <Metric M>
std::vector<ShapePiece<M>> pieces_of(const Geometry& geometry, std::size_t sequence) {
    const std::span<const LonLat> positions = geometry.sequence(sequence);
    std::vector<ShapePiece<M>> pieces;
    if (positions.size() == 1) append_edge<M>(positions[0], positions[0], pieces);
    for (std::size_t i = 1; i < positions.size(); ++i) {
        append_edge<M>(positions[i - 1], positions[i], pieces);
    }
    return pieces;
}

template std::vector<ShapePiece<Plane>> pieces_of(const Geometry&, std::size_t);
template std::vector<ShapePiece<Sphere>> pieces_of(const Geometry&, std::size_t);
template std::vector<ShapePiece<Spheroid>> pieces_of(const Geometry&, std::size_t);

}  // namespace crowfly
