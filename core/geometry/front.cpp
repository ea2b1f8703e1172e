#include "core/geometry/front.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <GeographicLib/Geodesic.hpp>

#include "core/geometry/geodesic_arc.h"
#include "core/metric/earth.h"

namespace crowfly {
namespace {

constexpr double kB = earth::kPolarRadius;

/// So far at most is anything said.
constexpr double kFarthestReach = 2'500'000;

/// Geodesics and what is known of triangles of them hold up to half a circle of radius b. Ways are at most
/// 1.007 as long as the chords within reach.
constexpr double kHalfCircle = 3.14159265358979 * kB;
double reach_of(double distance) {
    return std::min(kFarthestReach, (kHalfCircle - distance) / 1.007);
}

/// As `arrival`, of points that are too far apart for it.
Arrival far_arrival(const Front::Point& from, const Front::Point& at) {
    constexpr double kDegree = 180 / 3.14159265358979323846;
    const LonLat begin = Spheroid::position(from);
    const LonLat end = Spheroid::position(at);
    double metres = 0, azimuth_there = 0, azimuth = 0;
    GeographicLib::Geodesic::WGS84().Inverse(begin.lat, begin.lon, end.lat, end.lon, metres, azimuth_there,
                                             azimuth);
    const double lon = end.lon / kDegree, lat = end.lat / kDegree;
    const double north = std::cos(azimuth / kDegree), east = std::sin(azimuth / kDegree);
    return {metres,
            {-north * std::sin(lat) * std::cos(lon) - east * std::sin(lon),
             -north * std::sin(lat) * std::sin(lon) + east * std::cos(lon), north * std::cos(lat)},
            0};
}

/// By how much the direction of arrival may be off, in radians, and distances, in metres.
constexpr double kTurned = 2e-8;
constexpr double kOff = 1e-5;

/// Of straight distances, relative to them.
constexpr double kRounding = 1e-9;

}  // namespace

Front::Front(const Point& query, const Point& at) : at_(at) {
    const bool is_far = Spheroid::needs_solver(squared_straight_distance<3>(query, at));
    const Arrival arrived = is_far ? far_arrival(query, at) : arrival(query, at);
    onward_ = arrived.direction;
    distance_ = arrived.distance;
    reach_ = reach_of(distance_);
    sine_ = std::sin(distance_ / kB);
    cosine_ = std::cos(distance_ / kB);
}

// With D and T the front's distance and the point's over b, and s the way from one to the other, at an angle
// theta to the direction of arrival, the hinge says
//     cos T <= cos D cos s/b - sin D sin s/b cos theta.
// The squares of chords on the sphere of radius b are 2 b^2 (1 - cos); over b of the difference of those of
// T and D:
//     2 b (cos D - cos T) >= cos D c^2 / b + 2 sin D (b sin s/b cos theta), c the chord of s.
double Front::delay_within(double distance) const noexcept {
    const double later = distance + kOff;
    if (!(later < kHalfCircle)) return std::numeric_limits<double>::infinity();
    return 4 * kB * std::sin((later + distance_) / (2 * kB)) * std::sin((later - distance_) / (2 * kB));
}

double Front::delay(double onward, double least_square, double greatest_square) const noexcept {
    if (!(std::sqrt(greatest_square) <= reach_)) return -std::numeric_limits<double>::infinity();
    // The normal turns by at most K a metre, K the greatest curvature: over the straight way r that leaves
    // s^3 K^2 / 6 between s cos theta and the onward part of the chord; and sin s/b is less than s/b by at
    // most (s/b)^3 / 6. Within reach s is at most 1.007 r. Chords on both surfaces differ less than
    // r^4 / 12 b^2 in squares.
    constexpr double kCubic = 0.3416 / (kB * kB);
    constexpr double kQuartic = 1 / (12 * kB * kB);
    const double r = std::sqrt(greatest_square);
    const double least_onward = onward - r * (kCubic * greatest_square + kTurned) - kOff;
    const double bend = cosine_ > 0 ? least_square * (1 - kQuartic * least_square)
                                    : greatest_square * (1 + kQuartic * greatest_square);
    return cosine_ / kB * bend + 2 * sine_ * least_onward;
}

Front::Along Front::along(const Point& p) const noexcept {
    Along way{0, 0};
    for (std::size_t d = 0; d < 3; ++d) {
        const double gap = p[d] - at_[d];
        way.onward += gap * onward_[d];
        way.square += gap * gap;
    }
    return way;
}

double Front::delay(const Point& p) const noexcept {
    const auto [onward, square] = along(p);
    return delay(onward, square, square);
}

double Front::delay(const Point& from, const Point& to, double bulge) const noexcept {
    const Along begin = along(from);
    const Along end = along(to);
    double along2 = 0, towards = 0;
    for (std::size_t d = 0; d < 3; ++d) {
        const double along = to[d] - from[d];
        along2 += along * along;
        towards += along * (at_[d] - from[d]);
    }
    double least_square = std::min(begin.square, end.square);
    if (towards > 0 && towards < along2)
        least_square = std::max(0.0, begin.square - towards * towards / along2);
    const double least = std::max(0.0, std::sqrt(least_square) * (1 - kRounding) - bulge);
    const double greatest = std::sqrt(std::max(begin.square, end.square)) * (1 + kRounding) + bulge;
    return delay(std::min(begin.onward, end.onward) - bulge, least * least, greatest * greatest);
}

double Front::delay(const Box<3>& box) const noexcept {
    double onward = 0;
    double least_square = 0;
    double greatest_square = 0;
    for (std::size_t d = 0; d < 3; ++d) {
        const double below = static_cast<double>(box.min[d]) - at_[d];
        const double above = static_cast<double>(box.max[d]) - at_[d];
        onward += std::min(below * onward_[d], above * onward_[d]);
        const double gap = std::max(std::max(below, -above), 0.0);
        least_square += gap * gap;
        greatest_square += std::max(below * below, above * above);
    }
    return delay(onward, least_square, greatest_square);
}

bool Front::leads_away(const Point& end, double bulge) const noexcept {
    // By the hinge all of a piece of length s that leaves at an angle theta is farther when
    // cos theta >= -cot D tan s/2b; its first direction differs from that of its chord by an angle whose sine
    // is below four bulges over s. The thousandth keeps away from where `nearest_on` would have to look.
    const auto [onward, square] = along(end);
    const double bend = std::max(0.0, -cosine_ / sine_) * square / (2 * kB) * 1.02;
    return square <= reach_ * reach_ && reach_ > 0 &&
           onward >= 4 * bulge + bend + 1e-3 * std::sqrt(square) + kOff;
}

}  // namespace crowfly
