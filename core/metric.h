#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/box.h"
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

/// What the index asks of a metric. A position is indexed as kColumns numbers, of which the first kDimensions
/// are its coordinates in the Cartesian space of the tree; boxes live there, and "straight" means straight
/// there. Beyond the signatures a metric makes three promises, on which every answer rests:
///   1. distance(q, p) is the only source of the metric's distances; it is finite, not negative, and 0 when q
///   == p,
///      for all positions that `coordinate_fault` passes.
///   2. bound(q, region) <= distance(q, p) as computed, for each p whose coordinates are in the region, be it
///   a box or
///      the one point p.
///   3. straight_distance(q, p) <= reach(distance(q, p)) as computed, and reach never falls as its argument
///   grows: what
///      lies beyond reach(d) is farther than d.
/// Where a formula of correctly rounded operations gives the distance, it also runs in vectors, for then a
/// lane has the bits of the scalar: up to the squared straight distance kLaneLimit (0: nowhere) that is
/// lane_distance of the metric, in core/lane_distance-inl.h.
///
/// A metric has no state, so that its calls can be inlined into a traversal.
template <class M>
concept Metric = requires(LonLat position, std::array<double, M::kColumns> p, Box<M::kDimensions> box,
                          double d) {
    { M::kKind } -> std::convertible_to<MetricKind>;
    { M::kDimensions } -> std::convertible_to<std::size_t>;
    requires M::kColumns >= M::kDimensions;
    { M::embed(position) } -> std::same_as<std::array<double, M::kColumns>>;
    { M::distance(p, p) } -> std::same_as<double>;
    { M::bound(p, box) } -> std::same_as<double>;
    { M::bound(p, p) } -> std::same_as<double>;
    { M::reach(d) } -> std::same_as<double>;
    { M::kLaneLimit } -> std::convertible_to<double>;
};

/// A position as the metric's index keeps it.
template <class M>
using Embedded = std::array<double, M::kColumns>;

}  // namespace crowfly
