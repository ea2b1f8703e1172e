#pragma once

#include <span>
#include <vector>

#include "core/geometry/pieces.h"
#include "core/geometry/ring_crossings.h"
#include "core/metric/box.h"

namespace crowfly {

/// The side of a ring on earth that has the smaller area.
struct RingSide {
    bool left;      ///< of the ring's direction; else right
    bool has_pole;  ///< whether the pole that was asked about is on it
    double area;    ///< about, in degrees of longitude times sines of latitude; the earth has 720
};

/// Asked about the north pole, or else the south pole.
template <Metric M>
RingSide ring_side(std::span<const ShapePiece<M>> ring, bool north = true);

/// What a polygon encloses. A position is inside when the line from it to a far one, up along its x on the
/// plane and along its meridian to a pole on earth, crosses an odd number of edges; so holes need no rule of
/// their own, and a ring that crosses itself is taken as even-odd has it. On earth the interior of each ring
/// is the side with the smaller area, whatever its direction, so it may hold a pole or the antimeridian; a
/// ring that crosses itself encloses what is on the smaller side by the sum of its signed areas.
template <Metric M>
class PolygonInterior {
  public:
    static constexpr std::size_t D = M::kDimensions;

    /// `rings` are the pieces of each ring of a polygon that has passed `geometry_fault`.
    explicit PolygonInterior(std::span<const std::vector<ShapePiece<M>>> rings);

    /// Whether it is inside; on an edge either answer may be given, as rounding has it. Cost: as
    /// RingCrossings::odd.
    bool contains(LonLat position, const Embedded<M>& embedded) const {
        return crossings_.odd(position, embedded) != pole_inside_;
    }

    /// Contains all that is inside and all edges.
    const Box<D>& box() const noexcept { return box_; }
    bool box_holds(const Embedded<M>& embedded) const noexcept {
        return squared_straight_distance(embedded, box_) == 0;
    }

  private:
    void grow_to_axes();

    RingCrossings<M> crossings_;
    bool pole_inside_ = false;  ///< whether the line ends inside
    Box<D> box_ = Box<D>::empty();
};

}  // namespace crowfly
