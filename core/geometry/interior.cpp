#include "core/geometry/interior.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace crowfly {
namespace {

constexpr double kDegree = 3.14159265358979323846 / 180;

template <Metric M>
bool touches(std::span<const std::vector<ShapePiece<M>>> rings, double lat) {
    return std::any_of(rings.begin(), rings.end(), [&](const auto& ring) {
        return std::any_of(ring.begin(), ring.end(), [&](const auto& piece) { return piece.to.lat == lat; });
    });
}

/// Whether the pole is on the side of the ring that has the smaller area. What the ring parts from the pole
/// has the area of its edges down to the other pole, with their signs; here in degrees of longitude times
/// sines of latitude, of which the earth has 720.
template <Metric M>
bool pole_on_smaller_side(const std::vector<ShapePiece<M>>& ring, bool north) {
    double area = 0;
    for (const auto& piece : ring) {
        const double sine = (std::sin(piece.from.lat * kDegree) + std::sin(piece.to.lat * kDegree)) / 2;
        area += wrapped(piece.to.lon - piece.from.lon) * (north ? 1 + sine : 1 - sine);
    }
    return std::abs(area) > 360;
}

}  // namespace

template <Metric M>
PolygonInterior<M>::PolygonInterior(std::span<const std::vector<ShapePiece<M>>> rings) {
    if constexpr (M::kKind != MetricKind::plane) {
        to_north_ = !touches<M>(rings, 90);
        if (!to_north_ && touches<M>(rings, -90)) {
            throw Error(Code::unsupported, "polygons with edges through both poles are not supported");
        }
        for (const auto& ring : rings) pole_inside_ ^= pole_on_smaller_side<M>(ring, to_north_);
    }
    for (const auto& ring : rings) {
        for (const auto& piece : ring) {
            crossings_.push_back({piece.from.lon, piece.to.lon, piece.piece});
            Box<D> box = Box<D>::empty();
            box.grow(piece.piece.from);
            box.grow(piece.piece.to);
            const double more = bulge<M>(piece.piece);
            for (std::size_t d = 0; d < D && more > 0; ++d) {
                box.min[d] = round_down(static_cast<double>(box.min[d]) - more);
                box.max[d] = round_up(static_cast<double>(box.max[d]) + more);
            }
            box_.grow(box);
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

template <Metric M>
void PolygonInterior<M>::sort_into_slabs() {
    constexpr bool kWraps = M::kKind != MetricKind::plane;
    west_ = kWraps ? -180 : crossings_.front().from_x;
    east_ = kWraps ? 180 : west_;
    double widths = 0;
    for (const Crossing& c : crossings_) {
        west_ = std::min(west_, std::min(c.from_x, c.to_x));
        east_ = std::max(east_, std::max(c.from_x, c.to_x));
        widths += std::abs(kWraps ? wrapped(c.to_x - c.from_x) : c.to_x - c.from_x);
    }
    // As many slabs as let a piece be in some 4 of them.
    const auto count = static_cast<double>(crossings_.size());
    const double share = widths > 0 ? (east_ - west_) / widths : 1;
    const double slabs = std::clamp(4 * count * std::min(share, 8.0), 1.0, 4 * count + 1);
    slab_begin_.assign(static_cast<std::size_t>(slabs) + 1, 0);
    // A piece over the antimeridian is in the last slabs and in the first.
    const auto each_slab = [&](const Crossing& c, const auto& visit) {
        const double low = std::min(c.from_x, c.to_x), high = std::max(c.from_x, c.to_x);
        const bool over = kWraps && high - low > 180;
        if (!over) {
            for (std::size_t s = slab_of(low); s <= slab_of(high); ++s) visit(s);
        } else {
            for (std::size_t s = 0; s <= slab_of(low); ++s) visit(s);
            for (std::size_t s = std::max(slab_of(high), slab_of(low) + 1); s + 1 < slab_begin_.size(); ++s)
                visit(s);
        }
    };
    for (const Crossing& c : crossings_) each_slab(c, [&](std::size_t s) { ++slab_begin_[s + 1]; });
    for (std::size_t s = 1; s < slab_begin_.size(); ++s) slab_begin_[s] += slab_begin_[s - 1];
    slab_pieces_.resize(slab_begin_.back());
    std::vector<std::uint32_t> next(slab_begin_.begin(), slab_begin_.end() - 1);
    for (std::uint32_t i = 0; i < crossings_.size(); ++i) {
        each_slab(crossings_[i], [&](std::size_t s) { slab_pieces_[next[s]++] = i; });
    }
}

/// Whether the line from x crosses the piece. Each end belongs to one side of the line, so that a line
/// through a vertex crosses one of its edges or both.
template <Metric M>
bool PolygonInterior<M>::crosses(const Crossing& c, double x, const Embedded<M>& embedded) const {
    double from = c.from_x - x, to = c.to_x - x;
    if constexpr (M::kKind != MetricKind::plane) {
        from = wrapped(from);
        to = wrapped(to);
        if (std::abs(from - to) >= 180) return false;  // on the other side of the earth
    }
    if ((from >= 0) == (to >= 0)) return false;
    // South of a piece is right of it when it goes east, and left when it goes west.
    const double left = side(c.piece, embedded);
    const bool eastward = to > from;
    const bool south = eastward ? left < 0 : left > 0;
    const bool north = eastward ? left > 0 : left < 0;
    return to_north_ ? south : north;
}

template <Metric M>
bool PolygonInterior<M>::contains(LonLat position, const Embedded<M>& embedded) const {
    const bool anywhere = M::kKind != MetricKind::plane;
    if (!anywhere && (position.lon < west_ || position.lon > east_)) return false;
    // What ends at the antimeridian from the west counts there, and is in the last slab.
    const double x = anywhere && position.lon == -180 ? 180 : position.lon;
    bool inside = pole_inside_;
    const std::size_t slab = slab_of(x);
    for (std::uint32_t i = slab_begin_[slab]; i < slab_begin_[slab + 1]; ++i) {
        inside ^= crosses(crossings_[slab_pieces_[i]], x, embedded);
    }
    return inside;
}

template class PolygonInterior<Plane>;
template class PolygonInterior<Sphere>;
template class PolygonInterior<Spheroid>;

}  // namespace crowfly
