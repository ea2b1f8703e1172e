#include "core/geometry/interior.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace crowfly {
namespace {

constexpr double kDegree = 3.14159265358979323846 / 180;

template <Metric M>
bool touches(std::span<const std::vector<ShapePiece<M>>> rings, double lat) {
    return std::any_of(rings.begin(), rings.end(), [&](const auto& ring) {
        return std::any_of(ring.begin(), ring.end(), [&](const auto& piece) { return piece.to.lat == lat; });
    });
}

}  // namespace

/// What the ring parts from the pole has the area of its edges down to the other pole, with their signs: it
/// is on the right of a ring around the north pole that goes east, and left of it for the south pole.
template <Metric M>
RingSide ring_side(std::span<const ShapePiece<M>> ring, bool north) {
    constexpr double kHalf = 360;
    double area = 0;
    for (const auto& piece : ring) {
        const double sine = (std::sin(piece.from.lat * kDegree) + std::sin(piece.to.lat * kDegree)) / 2;
        area += wrapped(piece.to.lon - piece.from.lon) * (north ? 1 + sine : 1 - sine);
    }
    const bool beyond = std::abs(area) > kHalf;
    const bool parted_is_left = (area < 0) == north;
    return {parted_is_left != beyond, beyond, beyond ? 2 * kHalf - std::abs(area) : std::abs(area)};
}

template RingSide ring_side<Sphere>(std::span<const ShapePiece<Sphere>>, bool);
template RingSide ring_side<Spheroid>(std::span<const ShapePiece<Spheroid>>, bool);

template <Metric M>
PolygonInterior<M>::PolygonInterior(std::span<const std::vector<ShapePiece<M>>> rings) {
    if constexpr (M::kKind != MetricKind::plane) {
        to_north_ = !touches<M>(rings, 90);
        for (const auto& ring : rings) pole_inside_ ^= ring_side<M>(ring, to_north_).has_pole;
    }
    for (const auto& ring : rings) {
        for (const auto& piece : ring) {
            borders_.push_back({piece.from, piece.to, piece.piece});
            box_.grow(box_around(piece.piece));
        }
    }
    sort_into_slabs();
    if constexpr (M::kKind != MetricKind::plane) grow_to_axes();
}

/// A coordinate has its extremes on the edges or where the axes leave the earth.
template <Metric M>
void PolygonInterior<M>::grow_to_axes() {
    for (const LonLat end :
         {LonLat{0, 0}, LonLat{90, 0}, LonLat{180, 0}, LonLat{-90, 0}, LonLat{0, 90}, LonLat{0, -90}}) {
        const Embedded<M> embedded = M::embed(end);
        if (contains(end, embedded)) box_.grow(embedded);
    }
}

template <Metric M>
std::size_t PolygonInterior<M>::slab_of(double x) const {
    const auto slabs = static_cast<double>(slab_begin_.size() - 1);
    const double width = east_ - west_;
    if (!(width > 0)) return 0;
    return static_cast<std::size_t>(std::clamp((x - west_) / width * slabs, 0.0, slabs - 1));
}

/// The x of a slab: on earth longitudes from the first vertex, so that most polygons are in one stretch.
template <Metric M>
double PolygonInterior<M>::slab_x(double x) const {
    return M::kKind == MetricKind::plane ? x : wrapped(x - first_);
}

template <Metric M>
void PolygonInterior<M>::sort_into_slabs() {
    first_ = borders_.front().from.lon;
    // A piece from one end of the longitudes to the other is in the first slabs and in the last.
    const auto is_over = [&](double from, double to) {
        return M::kKind != MetricKind::plane && std::abs(to - from) > 180;
    };
    double widths = 0;
    west_ = std::numeric_limits<double>::infinity();
    east_ = -west_;
    for (const Border& b : borders_) {
        const double from = slab_x(b.from.lon), to = slab_x(b.to.lon);
        west_ = std::min({west_, from, to});
        east_ = std::max({east_, from, to});
        if (is_over(from, to)) {
            west_ = -180;
            east_ = 180;
        }
        widths += is_over(from, to) ? 360 - std::abs(to - from) : std::abs(to - from);
    }
    // As many slabs as let a piece be in some 4 of them.
    const auto count = static_cast<double>(borders_.size());
    const double share = widths > 0 ? (east_ - west_) / widths : 1;
    slab_begin_.assign(static_cast<std::size_t>(std::clamp(4 * count * share, 1.0, 4 * count + 1)) + 1, 0);
    const auto each_slab = [&](const Border& b, const auto& visit) {
        const double from = slab_x(b.from.lon), to = slab_x(b.to.lon);
        const std::size_t low = slab_of(std::min(from, to)), high = slab_of(std::max(from, to));
        if (!is_over(from, to)) {
            for (std::size_t s = low; s <= high; ++s) visit(s);
        } else {
            for (std::size_t s = 0; s <= low; ++s) visit(s);
            for (std::size_t s = std::max(high, low + 1); s + 1 < slab_begin_.size(); ++s) visit(s);
        }
    };
    for (const Border& b : borders_) each_slab(b, [&](std::size_t s) { ++slab_begin_[s + 1]; });
    for (std::size_t s = 1; s < slab_begin_.size(); ++s) slab_begin_[s] += slab_begin_[s - 1];
    slab_pieces_.resize(slab_begin_.back());
    std::vector<std::uint32_t> next(slab_begin_.begin(), slab_begin_.end() - 1);
    for (std::uint32_t i = 0; i < borders_.size(); ++i) {
        each_slab(borders_[i], [&](std::size_t s) { slab_pieces_[next[s]++] = i; });
    }
}

/// Whether the line from the position crosses the piece. Each end belongs to one side of the line, so that a
/// line through a vertex crosses one of its edges or both.
template <Metric M>
bool PolygonInterior<M>::crosses(const Border& b, LonLat position, const Embedded<M>& embedded) const {
    double from = b.from.lon - position.lon, to = b.to.lon - position.lon;
    if constexpr (M::kKind != MetricKind::plane) {
        from = wrapped(from);
        to = wrapped(to);
        if (std::abs(from - to) >= 180) return false;  // on the other side of the earth
    }
    if ((from >= 0) == (to >= 0)) return false;
    // Latitudes first: they are exact where a piece runs all but along the line. A geodesic does not leave
    // the latitudes of its ends by as much as those differ in longitude.
    const double beyond = M::kKind == MetricKind::plane ? 0 : std::abs(from - to);
    if (position.lat > std::max(b.from.lat, b.to.lat) + beyond) return !to_north_;
    if (position.lat < std::min(b.from.lat, b.to.lat) - beyond) return to_north_;
    // South of a piece is right of it when it goes east, and left when it goes west.
    const double left = side(b.piece, embedded);
    const bool eastward = to > from;
    const bool south = eastward ? left < 0 : left > 0;
    const bool north = eastward ? left > 0 : left < 0;
    return to_north_ ? south : north;
}

template <Metric M>
bool PolygonInterior<M>::contains(LonLat position, const Embedded<M>& embedded) const {
    bool inside = pole_inside_;
    double x = slab_x(position.lon);
    // What ends half way round from the first vertex, coming from the west, is in the last slab.
    if (M::kKind != MetricKind::plane && x == -180 && east_ == 180) x = 180;
    if (x < west_ || x > east_) return inside;
    const std::size_t slab = slab_of(x);
    for (std::uint32_t i = slab_begin_[slab]; i < slab_begin_[slab + 1]; ++i) {
        inside ^= crosses(borders_[slab_pieces_[i]], position, embedded);
    }
    return inside;
}

template class PolygonInterior<Plane>;
template class PolygonInterior<Sphere>;
template class PolygonInterior<Spheroid>;

}  // namespace crowfly
