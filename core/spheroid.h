#pragma once

#include <algorithm>

#include "core/metric.h"

namespace crowfly {

/// Geodesic distance in metres on the WGS84 ellipsoid. Points are indexed as earth-centred earth-fixed (ECEF)
/// coordinates in metres: a geodesic is never shorter than its chord, so chords bound distances without any
/// trigonometry, and the poles and the antimeridian are places like any other.
struct Spheroid {
    static constexpr MetricKind kKind = MetricKind::spheroid;
    static constexpr std::size_t kDimensions = 3;

    /// ECEF coordinates in metres of the surface point.
    static Vec<3> embed(LonLat p);

    /// The inverse geodesic problem, exact to 15 nm: C. F. F. Karney, "Algorithms for geodesics",
    /// Journal of Geodesy 87 (2013), doi:10.1007/s00190-012-0578-z, as GeographicLib computes it.
    static double distance(LonLat q, LonLat p);

    static double bound(const Vec<3>& q, const Box<3>& box) { return chord_bound(straight_distance(q, box)); }
    static double bound(const Vec<3>& q, const Vec<3>& p) { return chord_bound(straight_distance(q, p)); }

  private:
    // Rounding moves an ECEF coordinate by less than 4e-9 m, hence a chord by less than 2e-8 m; the solver
    // may fall 1.5e-8 m short of the true distance.
    static constexpr double kSlack = 1e-7;

    static double chord_bound(double chord) { return std::max(chord - kSlack, 0.0); }
};

static_assert(Metric<Spheroid>);

}  // namespace crowfly
