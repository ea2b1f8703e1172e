#include "core/geometry/geodesic_arc.h"

#include <cmath>

#include "core/metric/angle-inl.h"
#include "core/metric/earth.h"
#include "core/metric/geodesic-inl.h"

namespace crowfly {
namespace {

using Point = GeodesicArc::Point;

constexpr double kA = earth::kEquatorialRadius;
constexpr double kB = earth::kPolarRadius;

struct Rotation {
    double sine;
    double cosine;

    /// By an angle of at most 0.05 radians, by Taylor's series, which then end below 1e-18.
    static Rotation by(double angle) {
        const double a2 = angle * angle;
        return {angle * (1 - a2 / 6 * (1 - a2 / 20 * (1 - a2 / 42))),
                1 - a2 / 2 * (1 - a2 / 12 * (1 - a2 / 30 * (1 - a2 / 56)))};
    }

    /// Turns towards greater longitudes.
    Point operator()(const Point& p) const {
        return {p[0] * cosine - p[1] * sine, p[1] * cosine + p[0] * sine, p[2]};
    }
};

Point auxiliary(const Point& p) {
    return {p[0] / kA, p[1] / kA, p[2] / kB};
}

/// How fast longitude on the auxiliary sphere runs ahead, over f sin(alpha_0), where the sine of the reduced
/// latitude is z.
double excess_rate(double z) {
    constexpr double kF = earth::kFlattening;
    constexpr double kSecondEccentricity2 = earth::kEccentricity2 / (1 - earth::kEccentricity2);
    return (2 - kF) / (1 + (1 - kF) * std::sqrt(1 + kSecondEccentricity2 * z * z));
}

}  // namespace

GeodesicArc::GeodesicArc(const Point& from, const Point& to) : from_(auxiliary(from)), tangent_{} {
    // Each step leaves a three-hundredth of the error; the first begins with 6e-5.
    constexpr int kSteps = 6;
    const Point end = auxiliary(to);
    first_rate_ = excess_rate(from_[2]);
    double excess = 0;
    for (int i = 0; i < kSteps; ++i) {
        const Point turned = Rotation::by(excess)(end);
        const Point d{turned[0] - from_[0], turned[1] - from_[1], turned[2] - from_[2]};
        // The cross product of d and the ends' sum is twice that of the ends, without its cancellation.
        const Point sum{turned[0] + from_[0], turned[1] + from_[1], turned[2] + from_[2]};
        const Point normal{(sum[1] * d[2] - sum[2] * d[1]) / 2, (sum[2] * d[0] - sum[0] * d[2]) / 2,
                           (sum[0] * d[1] - sum[1] * d[0]) / 2};
        const double sine = std::sqrt(normal[0] * normal[0] + normal[1] * normal[1] + normal[2] * normal[2]);
        if (!(sine > 0)) return;  // both ends are one point
        const double cosine = from_[0] * turned[0] + from_[1] * turned[1] + from_[2] * turned[2];
        extent_ = HWY_NAMESPACE::turn_angle(sine, cosine);
        sine_alpha_0_ = normal[2] / sine;
        // The tangent is the normal turned a quarter: normal x from.
        tangent_ = {(normal[1] * from_[2] - normal[2] * from_[1]) / sine,
                    (normal[2] * from_[0] - normal[0] * from_[2]) / sine,
                    (normal[0] * from_[1] - normal[1] * from_[0]) / sine};
        excess = longitude_excess(extent_, excess_rate(turned[2]));
    }
}

double GeodesicArc::longitude_excess(double sigma, double last_rate) const {
    const Rotation half = Rotation::by(sigma / 2);
    const double middle_rate = excess_rate(half.cosine * from_[2] + half.sine * tangent_[2]);
    return earth::kFlattening * sine_alpha_0_ * sigma * (first_rate_ + 4 * middle_rate + last_rate) / 6;
}

GeodesicArc::Step GeodesicArc::step(double sigma) const {
    const Rotation along = Rotation::by(sigma);
    Point u, du;
    for (std::size_t i = 0; i < 3; ++i) {
        u[i] = along.cosine * from_[i] + along.sine * tangent_[i];
        du[i] = along.cosine * tangent_[i] - along.sine * from_[i];
    }
    const double last_rate = excess_rate(u[2]);
    const Rotation back = Rotation::by(-longitude_excess(sigma, last_rate));
    const Point at = back(u);
    const Point ahead = back(du);
    const double rate = earth::kFlattening * sine_alpha_0_ * last_rate;
    return {{kA * at[0], kA * at[1], kB * at[2]},
            {kA * (ahead[0] + rate * at[1]), kA * (ahead[1] - rate * at[0]), kB * ahead[2]}};
}

Arrival arrival(const Point& from, const Point& at) {
    const auto geodesic = HWY_NAMESPACE::far_geodesic(from.data(), at.data());
    const double eastward = from[0] * at[1] - from[1] * at[0] < 0 ? -1 : 1;
    // The beginning on the auxiliary sphere, where longitudes are those of the end.
    const Point begin = Rotation::by(-eastward * geodesic.delta)(auxiliary(from));
    const Point end = auxiliary(at);
    Point onward;
    for (std::size_t i = 0; i < 3; ++i) {
        onward[i] = (end[i] * geodesic.cosine_sigma - begin[i]) / geodesic.sine_sigma;
    }
    const double rate = earth::kFlattening * eastward * geodesic.sine_alpha_0 * excess_rate(end[2]);
    const Point velocity{kA * (onward[0] + rate * end[1]), kA * (onward[1] - rate * end[0]), kB * onward[2]};
    const double speed =
        std::sqrt(velocity[0] * velocity[0] + velocity[1] * velocity[1] + velocity[2] * velocity[2]);
    return {geodesic.distance,
            {velocity[0] / speed, velocity[1] / speed, velocity[2] / speed},
            earth::kMeanRadius * geodesic.sine_sigma / geodesic.cosine_sigma};
}

}  // namespace crowfly
