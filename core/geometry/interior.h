#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/geometry/pieces.h"
#include "core/metric/box.h"

namespace crowfly {

/// What a polygon encloses. A position is inside when the line from it to a far one, up along its x on the
/// plane and along its meridian to a pole on earth, crosses an odd number of edges; so holes need no rule of
/// their own, and a ring that crosses itself is taken as even-odd has it. On earth the interior of each ring
/// is the side with the smaller area, whatever its direction, so it may hold a pole or the antimeridian; a
/// ring that crosses itself encloses what is on the smaller side by the sum of its signed areas.
template <Metric M>
class PolygonInterior {
  public:
    static constexpr std::size_t D = M::kDimensions;

    /// `rings` are the pieces of each ring. Throws Error(unsupported) for a polygon with edges through both
    /// poles.
    explicit PolygonInterior(std::span<const std::vector<ShapePiece<M>>> rings);

    /// Whether it is inside; on an edge either answer may be given, as rounding has it. Cost: the edges at
    /// that x or longitude.
    bool contains(LonLat position, const Embedded<M>& embedded) const;

    /// Contains all that is inside and all edges.
    const Box<D>& box() const noexcept { return box_; }
    bool box_holds(const Embedded<M>& embedded) const noexcept {
        return squared_straight_distance(embedded, box_) == 0;
    }

  private:
    struct Crossing {
        double from_x, to_x;  ///< longitudes
        Piece<M> piece;
    };

    void sort_into_slabs();
    void grow_to_axes();
    std::size_t slab_of(double x) const;
    bool crosses(const Crossing& crossing, double x, const Embedded<M>& embedded) const;

    bool to_north_ = true;      ///< which way the line goes
    bool pole_inside_ = false;  ///< whether it ends inside
    double west_ = 0, east_ = 0;
    std::vector<std::uint32_t> slab_begin_;
    std::vector<std::uint32_t> slab_pieces_;
    std::vector<Crossing> crossings_;
    Box<D> box_ = Box<D>::empty();
};

}  // namespace crowfly
