#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/domain.h"
#include "core/lonlat.h"

namespace crowfly {

/// The three ways to measure distance.
enum class MetricKind : std::uint8_t {
    plane,     ///< Euclidean, in the coordinates' own unit
    sphere,    ///< great circle on the sphere of radius earth::kMeanRadius, metres
    spheroid,  ///< geodesic on the WGS84 ellipsoid, metres
};

/// "plane", "sphere" or "spheroid".
std::string_view name(MetricKind metric) noexcept;

/// The metric of that name, or nothing.
std::optional<MetricKind> metric_named(std::string_view name) noexcept;

/// The reference system whose coordinates the metric's index must be able to take.
constexpr Crs widest_crs(MetricKind metric) noexcept {
    return metric == MetricKind::plane ? Crs::planar : Crs::wgs84;
}

/// What the index asks of a metric. A position is indexed as a point of kDimensions Cartesian coordinates;
/// the boxes of the tree live there, and "straight" means straight there. The tree ranks points by the
/// squares of their straight distances from the query and asks the metric for distances at the end; that this
/// is exact rests on what a metric promises beyond the signatures:
///   1. distance(q, p) is the only source of the metric's distances; it is finite, not negative, and 0 when
///      q == p, for all positions that `coordinate_fault` passes.
///   2. within_square(d): whatever has a larger square is farther than d.
///   3. rival_square(s) >= s: whatever has a larger square is farther than everything whose square is at most
///      s.
///   4. certain_square(d): whatever has at most this square is at most d away. Below 0 when nothing is
///      certain.
///   5. least_distance(s): nothing whose square is at least s is nearer.
///   6. position(p): the position that p stands for, to some nanometres.
/// All are about distances as computed and squares as `squared_straight_distance` computes them, and none of
/// the four bounds falls as its argument grows.
///
/// Where a formula of correctly rounded operations gives the distance, it also runs in vectors, for then a
/// lane has the bits of the scalar: up to the square kLaneLimit that is lane_distance of the metric, in
/// core/metric/formulas-inl.h.
///
/// Up to the square kNearRivals, rival_square(s) is at most s (1 + 2^-20) + kNearRivalSlack.
/// kGreatestSquare is above every square that there is, or infinity.
///
/// A metric has no state, so that its calls can be inlined into a traversal.
template <class M>
concept Metric = requires(LonLat position, std::array<double, M::kDimensions> p, double value) {
    { M::kKind } -> std::convertible_to<MetricKind>;
    { M::kDimensions } -> std::convertible_to<std::size_t>;
    { M::embed(position) } -> std::same_as<std::array<double, M::kDimensions>>;
    { M::position(p) } -> std::same_as<LonLat>;
    { M::distance(p, p) } -> std::same_as<double>;
    { M::within_square(value) } -> std::same_as<double>;
    { M::rival_square(value) } -> std::same_as<double>;
    { M::certain_square(value) } -> std::same_as<double>;
    { M::least_distance(value) } -> std::same_as<double>;
    { M::kLaneLimit } -> std::convertible_to<double>;
    { M::kGreatestSquare } -> std::convertible_to<double>;
    { M::kNearRivals } -> std::convertible_to<float>;
    { M::kNearRivalSlack } -> std::convertible_to<float>;
};

/// A position as the metric's index keeps it.
template <class M>
using Embedded = std::array<double, M::kDimensions>;

}  // namespace crowfly
