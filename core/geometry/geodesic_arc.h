#pragma once

#include "core/metric/spheroid.h"

namespace crowfly {

/// The geodesic between two points of the ellipsoid that are at most kLongest apart, as a curve. On the
/// auxiliary sphere, whose latitudes are the reduced ones, it is a great circle; longitudes there run ahead
/// of those on the ellipsoid by f sin(alpha_0) times an integral along the way. C. F. F. Karney, "Algorithms
/// for geodesics", Journal of Geodesy 87 (2013), doi:10.1007/s00190-012-0578-z, equation 8. The integrand
/// hardly changes over so short a way, so T. Simpson's rule gives the integral to below 1e-20; what remains
/// are roundings, some nanometres.
class GeodesicArc {
  public:
    using Point = Spheroid::Point;

    /// In metres, of chord.
    static constexpr double kLongest = 120'000;

    struct Step {
        Point at;
        Point velocity;  ///< metres per radian
    };

    GeodesicArc(const Point& from, const Point& to);

    /// Its extent on the auxiliary sphere, in radians.
    double extent() const noexcept { return extent_; }

    /// The point at `sigma`, from 0 to extent(), and where it goes there.
    Step step(double sigma) const;

  private:
    double longitude_excess(double sigma, double last_rate) const;

    Point from_;     // on the auxiliary sphere
    Point tangent_;  // there, a unit vector
    double first_rate_ = 0;
    double sine_alpha_0_ = 0;
    double extent_ = 0;
};

/// How a geodesic from a far point arrives.
struct Arrival {
    double distance;            ///< metres
    Spheroid::Point direction;  ///< a unit vector, onward
    double radius;  ///< about that of the circle around the far point, metres; below 0 beyond a quarter turn
};

/// The points are as `far_geodesic` needs them.
Arrival arrival(const Spheroid::Point& from, const Spheroid::Point& at);

}  // namespace crowfly
