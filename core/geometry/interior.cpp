#include "core/geometry/interior.h"

#include <algorithm>
#include <cmath>

namespace crowfly {
namespace {

constexpr double kDegree = 3.14159265358979323846 / 180;

/// Which pole the line goes to: one that no ring touches.
template <Metric M>
bool goes_north(std::span<const std::vector<ShapePiece<M>>> rings) {
    return M::kKind == MetricKind::plane || std::none_of(rings.begin(), rings.end(), [](const auto& ring) {
               return std::any_of(ring.begin(), ring.end(),
                                  [](const auto& piece) { return piece.to.lat == 90; });
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
PolygonInterior<M>::PolygonInterior(std::span<const std::vector<ShapePiece<M>>> rings)
    : crossings_(rings, goes_north(rings)) {
    for (const auto& ring : rings) {
        for (const auto& piece : ring) box_.grow(box_around(piece.piece));
    }
    if constexpr (M::kKind != MetricKind::plane) {
        const bool north = goes_north(rings);
        for (const auto& ring : rings) pole_inside_ ^= ring_side<M>(ring, north).has_pole;
        grow_to_axes();
    }
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

template class PolygonInterior<Plane>;
template class PolygonInterior<Sphere>;
template class PolygonInterior<Spheroid>;

}  // namespace crowfly
