#pragma once

#include <limits>
#include <optional>

#include "core/metric/box.h"
#include "core/metric/metric.h"
#include "core/metric/plane.h"
#include "core/metric/sphere.h"
#include "core/metric/spheroid.h"

namespace crowfly {

/// A piece of an edge: the shortest line between two points by the metric, or a single point when both are
/// one. On sphere and spheroid it is at most kLongestPiece long; longer edges are in several pieces.
template <Metric M>
struct Piece {
    Embedded<M> from;
    Embedded<M> to;
};

/// Metres of chord. A longer piece bulges farther from its chord, so more of them would have to be measured.
inline constexpr double kLongestPiece = 50'000;

/// As nearest_on has it, or nothing where it is cheap to see that the distance is above `at_most`.
template <Metric M>
std::optional<Embedded<M>> nearest_within(const Piece<M>& piece, const Embedded<M>& q, double at_most);

template <>
std::optional<Plane::Point> nearest_within(const Piece<Plane>& piece, const Plane::Point& q, double at_most);
template <>
std::optional<Sphere::Point> nearest_within(const Piece<Sphere>& piece, const Sphere::Point& q,
                                            double at_most);
template <>
std::optional<Spheroid::Point> nearest_within(const Piece<Spheroid>& piece, const Spheroid::Point& q,
                                              double at_most);

/// The point of the piece that is nearest to `q`. The distance from q to the piece is that to this point; on
/// the spheroid it is then within 1e-8 m + 1e-12 of the least. An end that is nearest is given to the bit.
template <Metric M>
Embedded<M> nearest_on(const Piece<M>& piece, const Embedded<M>& q) {
    return *nearest_within(piece, q, std::numeric_limits<double>::infinity());
}

/// A distance and where it is.
template <Metric M>
struct PieceDistance {
    double distance;
    Embedded<M> on_first;
    Embedded<M> on_second;
};

/// The distance between two pieces: 0 where they cross, else that between an end of one and the other.
/// Pieces longer than kLongestPiece are not allowed for, but on the plane. A distance above `at_most` may be
/// given as a greater one.
template <Metric M>
PieceDistance<M> distance_between(const Piece<M>& first, const Piece<M>& second,
                                  double at_most = std::numeric_limits<double>::infinity());

/// At least as far, in metres or the plane's unit, as any point of the piece, and any that is computed to be
/// on it, is from the straight line between its ends.
template <Metric M>
double bulge(const Piece<M>& piece);

/// Contains all of the piece.
template <Metric M>
Box<M::kDimensions> box_around(const Piece<M>& piece);

/// On which side of the piece, prolonged if need be, `q` lies: above 0 on the left, 0 on it. It need be right
/// only for points that are closer to the piece than to the rest of the line.
template <Metric M>
double side(const Piece<M>& piece, const Embedded<M>& q);

template <>
double bulge(const Piece<Plane>& piece);
template <>
double bulge(const Piece<Sphere>& piece);
template <>
double bulge(const Piece<Spheroid>& piece);

template <>
double side(const Piece<Plane>& piece, const Plane::Point& q);
template <>
double side(const Piece<Sphere>& piece, const Sphere::Point& q);
template <>
double side(const Piece<Spheroid>& piece, const Spheroid::Point& q);

}  // namespace crowfly
