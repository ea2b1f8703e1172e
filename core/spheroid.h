#pragma once

#include "core/metric.h"

namespace crowfly {

/// Geodesic distance in metres on the WGS84 ellipsoid. Points are indexed as earth-centred earth-fixed (ECEF)
/// coordinates in metres: a geodesic is never shorter than its chord, so chords bound distances without any
/// trigonometry, and the poles and the antimeridian are places like any other. docs/accuracy.md has the error
/// analysis.
struct Spheroid {
    static constexpr MetricKind kKind = MetricKind::spheroid;
    static constexpr std::size_t kDimensions = 3;
    static constexpr std::size_t kColumns = 3;
    using Point = std::array<double, kColumns>;  ///< x, y, z in metres

    /// Up to these chords, in metres, an arc stands for the geodesic, with its curvature taken at one point
    /// or at two. Both are then within 6e-9 m of it; see docs/accuracy.md.
    static constexpr double kShortChord = 30'000;
    static constexpr double kLongChord = 120'000;

    /// ECEF coordinates of the surface point.
    static Point embed(LonLat p);

    /// The arc over the chord, or beyond kLongChord the inverse geodesic problem as GeographicLib solves it:
    /// C. F. F. Karney, "Algorithms for geodesics", Journal of Geodesy 87 (2013),
    /// doi:10.1007/s00190-012-0578-z. Within 1e-8 m + 1e-12 of the distance of what that gives, at every
    /// range.
    static double distance(const Point& q, const Point& p);

    /// The chord. No form ever computes less: an arc is its chord times a factor of at least 1, and where the
    /// solver begins the geodesic is longer than its chord by more than a metre.
    static double bound(const Point& q, const Box<3>& box) { return straight_distance(q, box); }
    static double bound(const Point& q, const Point& p) { return straight_distance<3>(q, p); }

    /// A bound that spares the solver: below the distance by at most 1 mm up to 1000 km, the chord beyond. 0
    /// where the distance itself needs no solver.
    static double close_bound(const Point& q, const Point& p);

    static double reach(double distance);

    static constexpr double kLaneLimit = kShortChord * kShortChord;
};

static_assert(Metric<Spheroid>);

}  // namespace crowfly
