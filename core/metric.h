#pragma once

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

/// What the index asks of a metric. `embed` maps a position into the Cartesian space of the tree, in which
/// the boxes live. Beyond the signatures a metric makes two promises, on which every answer rests:
///   1. distance(q, p) is the only source of the metric's distances; it is finite, not negative, and
///      0 when q == p, for all positions that `coordinate_fault` passes.
///   2. bound(embed(q), region) <= distance(q, p) as computed, for each p with embed(p) in the region, be it
///      a box or the single point embed(p).
/// A metric has no state, so that its calls can be inlined into a traversal.
template <class M>
concept Metric = requires(LonLat p, LonLat q, Vec<M::kDimensions> v, Box<M::kDimensions> box) {
    { M::kKind } -> std::convertible_to<MetricKind>;
    { M::kDimensions } -> std::convertible_to<std::size_t>;
    { M::embed(p) } -> std::same_as<Vec<M::kDimensions>>;
    { M::distance(q, p) } -> std::same_as<double>;
    { M::bound(v, box) } -> std::same_as<double>;
    { M::bound(v, v) } -> std::same_as<double>;
};

}  // namespace crowfly
