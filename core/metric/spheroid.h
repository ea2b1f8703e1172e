#pragma once

#include "core/metric/earth.h"
#include "core/metric/metric.h"

namespace crowfly {

/// Geodesic distance in metres on the WGS84 ellipsoid. Points are indexed as earth-centred earth-fixed (ECEF)
/// coordinates in metres: a geodesic is never shorter than its chord, so chords bound distances without any
/// trigonometry, and the poles and the antimeridian are places like any other. docs/accuracy.md has the error
/// analysis.
struct Spheroid {
    static constexpr MetricKind kKind = MetricKind::spheroid;
    static constexpr std::size_t kDimensions = 3;
    using Point = std::array<double, kDimensions>;  ///< x, y, z in metres

    /// Up to these chords, in metres, an arc stands for the geodesic, with its curvature taken at one point
    /// or at two; up to the third, which is 17,000 km of way, the geodesic is computed by series. All are
    /// within 2e-8 m of it; see docs/accuracy.md.
    static constexpr double kShortChord = 30'000;
    static constexpr double kLongChord = 120'000;
    static constexpr double kFarChord = 12'400'000;

    /// ECEF coordinates of the surface point.
    static Point embed(LonLat p);

    /// The position of a point on the surface, or of the surface point near it.
    static LonLat position(const Point& p);

    /// As said above, or beyond kFarChord the inverse geodesic problem as GeographicLib solves it:
    /// C. F. F. Karney, "Algorithms for geodesics", Journal of Geodesy 87 (2013),
    /// doi:10.1007/s00190-012-0578-z. Within 1e-8 m + 1e-12 of the distance of what that gives, at every
    /// range.
    static double distance(const Point& q, const Point& p);

    /// Whether `distance` needs the solver for a chord of this square.
    static constexpr bool needs_solver(double square) { return square > kLaneLimit; }

    static double within_square(double distance);

    /// A geodesic's curvature lies between the least and the greatest of the ellipsoid, and so do those that
    /// the arcs are computed with. By Schur's comparison theorem the distance over a chord c is at most the
    /// arc with the greatest; the arc with the least bounds it from below (docs/accuracy.md). The two chords
    /// of equal arcs differ by the factor 1 + c^2 (greatest^2 - least^2) / 24 + ..., in squares 1 + 4.15e-17
    /// c^2; what is added to that makes up for all that follows up to 1000 km.
    static double rival_square(double square) {
        if (square > kFarSquare) return far_rival_square(square);
        return square * (1 + 0x1p-46 + 4.6e-17 * square);
    }

    static double certain_square(double distance);
    static double least_distance(double square);

    static constexpr double kLaneLimit = kFarChord * kFarChord;
    static constexpr double kGreatestSquare = 2e14;
    static constexpr float kNearRivals = 1e10F;
    static constexpr float kFarRank = 2.5e11F;  ///< of 500 km, where rivals are within some 6 m
    static constexpr float kNearRivalSlack = 0;

  private:
    static constexpr double kFarSquare = 1e12;
    static double far_rival_square(double square);
};

static_assert(Metric<Spheroid>);

}  // namespace crowfly
