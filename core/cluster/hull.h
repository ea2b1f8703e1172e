#pragma once

#include <optional>
#include <span>

#include "core/cluster/planar_geos.h"
#include "core/geometry/geometry.h"
#include "core/metric/metric.h"

namespace crowfly {

enum class HullKind {
    none,
    convex,
    concave,  ///< follows the points inward
};

struct HullOptions {
    HullKind kind = HullKind::none;
    /// Of a concave hull: 0 follows the points as closely as they stay in one piece, 1 gives the convex one.
    double ratio = 0.3;
};

/// Throws Error(invalid_argument) for a ratio that is not from 0 to 1.
void require_valid(const HullOptions& options);

/// How far in degrees of arc, on the sphere and on the spheroid, points may be from the middle of their hull.
inline constexpr double kWidestHull = 80;

/// The hull of positions, each given once: a Polygon without holes; of one position a Point, of positions in
/// one line a LineString. Its vertices are among the positions.
///
/// On sphere and spheroid it is made in the gnomonic projection about `middle`, where geodesics are straight,
/// edges are geodesics, and it is cut at the antimeridian as `cut_at_antimeridian` says. The ratio is
/// taken in the projection, which near the middle keeps lengths. There is none, and nothing is returned,
/// where a position is more than kWidestHull from the middle.
///
/// It contains all positions: on the plane exactly, on the sphere but for rounding (1e-8 m and the like). On
/// the spheroid the projection (C. F. F. Karney, "Algorithms for geodesics", 2013, section 8) bends geodesics
/// a little: a position near an edge may be outside by up to about 1e-4 r (r / a)^3, where r is how far it is
/// from the middle and a the earth's radius: 4e-9 m at 10 km, 4e-5 m at 100 km, half a metre at 1000 km.
std::optional<Geometry> hull_of(std::span<const LonLat> positions, LonLat middle, MetricKind metric,
                                const HullOptions& options, const PlanarGeos& geos);

}  // namespace crowfly
