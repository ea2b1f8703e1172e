// How far the distances on spheroid and sphere are from the truth, by range, as CSV: for each range, in
// metres, the largest errors that were seen, in metres; nothing where a form is not defined. docs/accuracy.md
// has the plot.
//
// The judge is the geodesic itself in extended precision: C. F. F. Karney, "Algorithms for geodesics",
// Journal of Geodesy 87 (2013), doi:10.1007/s00190-012-0578-z, writes it as two integrals over the arc sigma
// on a sphere, which Gauss's quadrature gives to the last bits of a long double. No equation is solved: the
// arc is chosen, and length and ends follow.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numbers>
#include <random>
#include <utility>
#include <vector>

#include <GeographicLib/Geodesic.hpp>

#include "core/metric/box.h"
#include "core/metric/earth.h"
#include "core/metric/formulas-inl.h"

namespace crowfly::bench {
namespace {

using Real = long double;
using Vector = std::array<Real, 3>;

constexpr Real kPi = std::numbers::pi_v<Real>;
constexpr Real kRadians = kPi / 180;
constexpr Real kA = earth::kEquatorialRadius;
constexpr Real kF = 1 / 298.257223563L;
constexpr Real kB = kA * (1 - kF);
constexpr Real kE2 = kF * (2 - kF);

/// Where the arcs and the series are drawn.
constexpr double kFarthestArc = 1e6;
constexpr double kNearestSeries = 1e4;

Real dot(const Vector& a, const Vector& b) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

Vector minus(const Vector& a, const Vector& b) {
    return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
}

/// The integral of f from low to high, by 24 points.
template <class F>
Real integral(F f, Real low, Real high) {
    constexpr int kPoints = 24;
    static const auto rule = [] {
        std::array<std::pair<Real, Real>, kPoints> nodes;
        for (int i = 0; i < kPoints; ++i) {
            Real x = std::cos(kPi * (i + 0.75L) / (kPoints + 0.5L));
            Real slope = 1;
            for (int step = 0; step < 8; ++step) {
                Real before = 1, value = x;
                for (int n = 2; n <= kPoints; ++n) {
                    before = std::exchange(value, ((2 * n - 1) * x * value - (n - 1) * before) / n);
                }
                slope = kPoints * (x * value - before) / (x * x - 1);
                x -= value / slope;
            }
            nodes[static_cast<std::size_t>(i)] = {x, 2 / ((1 - x * x) * slope * slope)};
        }
        return nodes;
    }();
    Real sum = 0;
    for (const auto& [x, weight] : rule) sum += weight * f((low + high) / 2 + (high - low) / 2 * x);
    return sum * (high - low) / 2;
}

/// A place on a geodesic and the direction of the geodesic there.
struct Stop {
    Vector at;
    Vector along;
};

class Geodesic {
  public:
    /// From a reduced latitude at the given longitude, in radians, towards an azimuth.
    Geodesic(Real reduced_lat, Real lon, Real azimuth)
        : sin_a0_(std::sin(azimuth) * std::cos(reduced_lat)),
          cos_a0_(std::hypot(std::cos(azimuth), std::sin(azimuth) * std::sin(reduced_lat))),
          k2_(kE2 / (1 - kE2) * cos_a0_ * cos_a0_),
          start_(std::atan2(std::sin(reduced_lat), std::cos(azimuth) * std::cos(reduced_lat))),
          lon_(lon) {}

    /// Karney's equations 7 and 8.
    Real length(Real arc) const {
        return kB * integral([&](Real sigma) { return root(sigma); }, start_, start_ + arc);
    }

    Stop after(Real arc) const {
        const Real end = start_ + arc;
        const auto lag = [&](Real sigma) { return -kF * sin_a0_ * (2 - kF) / (1 + (1 - kF) * root(sigma)); };
        const Real turn = lon_ + integral(lag, start_, end);
        const Real c = std::cos(turn), s = std::sin(turn);
        const Real x = std::cos(end), y = sin_a0_ * std::sin(end);
        const Real dx = -std::sin(end) - lag(end) * y, dy = sin_a0_ * std::cos(end) + lag(end) * x;
        const Real speed = kB * root(end);
        return {{kA * (c * x - s * y), kA * (s * x + c * y), kB * cos_a0_ * std::sin(end)},
                {kA * (c * dx - s * dy) / speed, kA * (s * dx + c * dy) / speed,
                 kB * cos_a0_ * std::cos(end) / speed}};
    }

  private:
    Real root(Real sigma) const { return std::sqrt(1 + k2_ * std::sin(sigma) * std::sin(sigma)); }

    Real sin_a0_, cos_a0_, k2_, start_, lon_;
};

/// The position in degrees next to a point of the surface.
LonLat rounded(const Vector& at) {
    return {static_cast<double>(std::atan2(at[1], at[0]) / kRadians),
            static_cast<double>(std::atan2(at[2], (1 - kE2) * std::hypot(at[0], at[1])) / kRadians)};
}

Vector surface_point(LonLat p) {
    const Real lon = p.lon * kRadians, lat = p.lat * kRadians;
    const Real across = kA / std::sqrt(1 - kE2 * std::sin(lat) * std::sin(lat));
    return {across * std::cos(lat) * std::cos(lon), across * std::cos(lat) * std::sin(lon),
            across * (1 - kE2) * std::sin(lat)};
}

/// Of unit vectors, by the half angle's tangent.
Real sphere_distance(LonLat q, LonLat p) {
    const auto unit = [](LonLat at) {
        const Real lon = at.lon * kRadians, lat = at.lat * kRadians;
        return Vector{std::cos(lat) * std::cos(lon), std::cos(lat) * std::sin(lon), std::sin(lat)};
    };
    const Vector from = unit(q), to = unit(p), apart = minus(to, from);
    const Vector sum{from[0] + to[0], from[1] + to[1], from[2] + to[2]};
    return 2 * static_cast<Real>(earth::kMeanRadius) *
           std::atan2(std::sqrt(dot(apart, apart)), std::sqrt(dot(sum, sum)));
}

struct Errors {
    double one_point = 0;
    double two_points = 0;
    double series = 0;
    double spheroid = 0;
    double solver = 0;  ///< GeographicLib's in double precision
    double sphere = 0;
};

void raise(double& greatest, Real computed, Real truth) {
    greatest = std::max(greatest, static_cast<double>(std::abs(computed - truth)));
}

/// Measures one pair of positions; nothing where the geodesic is not the shortest.
void measure(const Geodesic& geodesic, Real arc, Errors& errors) {
    const Stop from = geodesic.after(0), to = geodesic.after(arc);
    const LonLat q = rounded(from.at), p = rounded(to.at);
    // Positions are doubles, which moves the ends by nanometres and the length by as much along the geodesic.
    const Real truth = geodesic.length(arc) + dot(to.along, minus(surface_point(p), to.at)) -
                       dot(from.along, minus(surface_point(q), from.at));
    double solver = 0;
    GeographicLib::Geodesic::WGS84().Inverse(q.lat, q.lon, p.lat, p.lon, solver);
    if (std::abs(solver - truth) > 1e-6) return;
    raise(errors.solver, solver, truth);
    const Spheroid::Point a = Spheroid::embed(q), b = Spheroid::embed(p);
    const double chord2 = squared_straight_distance<3>(a, b);
    raise(errors.spheroid, Spheroid::distance(a, b), truth);
    raise(errors.one_point, HWY_NAMESPACE::short_arc(a.data(), b.data(), chord2), truth);
    raise(errors.two_points, HWY_NAMESPACE::long_arc(a.data(), b.data(), chord2), truth);
    raise(errors.series, HWY_NAMESPACE::far_distance(a.data(), b.data()), truth);
    raise(errors.sphere, Sphere::distance(Sphere::embed(q), Sphere::embed(p)), sphere_distance(q, p));
}

Errors errors_up_to(Real low, Real high, int pairs, std::mt19937_64& engine) {
    const auto uniform = [&](Real from, Real to) {
        return from + (to - from) * (static_cast<Real>(engine() >> 11) / 9007199254740992.0L);
    };
    constexpr Real kLatitudes[] = {0, 90, -90, 45, 1e-3L, -89.999L};
    constexpr Real kAzimuths[] = {0, 90, 45, 180, 89.999L};
    Errors errors;
    for (int i = 0; i < pairs; ++i) {
        const bool special_lat = i % 3 == 0, special_azimuth = i % 4 == 0;
        const Real lat =
            special_lat ? kLatitudes[engine() % std::size(kLatitudes)] : std::asin(uniform(-1, 1)) / kRadians;
        const Real azimuth = special_azimuth ? kAzimuths[engine() % std::size(kAzimuths)] : uniform(0, 360);
        // Not always from an end, so that special places also lie in the middle.
        Geodesic geodesic(lat * kRadians, uniform(-180, 180) * kRadians, azimuth * kRadians);
        const Real arc = uniform(low, high) / (i % 2 == 0 ? kA : kB);
        if (arc < kPi) measure(geodesic, arc, errors);
    }
    return errors;
}

void print_table(int pairs) {
    constexpr double kFarthest = 20'003'931.4586;
    constexpr int kPerDecade = 8;
    std::mt19937_64 engine(20260911);
    std::printf("distance,one_point,two_points,series,spheroid,geographiclib,sphere\n");
    double low = 1e-3;
    for (int i = 1; low < kFarthest; ++i) {
        const double high = std::min(1e-3 * std::pow(10.0, static_cast<double>(i) / kPerDecade), kFarthest);
        const Errors e = errors_up_to(low, high, pairs, engine);
        std::printf("%.4g,%.3g,", high, e.one_point);
        if (low < 0.99 * kFarthestArc) std::printf("%.3g", e.two_points);
        std::printf(",");
        if (low > kNearestSeries) std::printf("%.3g", e.series);
        std::printf(",%.3g,%.3g,%.3g\n", e.spheroid, e.solver, e.sphere);
        low = high;
    }
}

}  // namespace
}  // namespace crowfly::bench

int main() {
    crowfly::bench::print_table(10'000);
}
