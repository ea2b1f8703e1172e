#pragma once

#include <cstddef>
#include <vector>

#include "core/geometry/edge.h"
#include "core/geometry/geometry.h"
#include "core/lonlat.h"

namespace crowfly {

/// A piece of a geometry's edges, and its ends as positions. A point is a piece from itself to itself. An end
/// at a pole has the longitude of the other end, so that the piece runs along one meridian.
template <Metric M>
struct ShapePiece {
    Piece<M> piece;
    LonLat from;
    LonLat to;
};

/// The pieces of one sequence of a geometry, in order. The geometry must have passed `geometry_fault`.
/// Cost: linear in vertices and in the edges' lengths over kLongestPiece.
template <Metric M>
std::vector<ShapePiece<M>> pieces_of(const Geometry& geometry, std::size_t sequence);

/// Longitudes apart, from -180 to less than 180 degrees.
double wrapped(double degrees);

}  // namespace crowfly
