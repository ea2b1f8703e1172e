#include "bench/point_sets.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

namespace crowfly::bench {
namespace {

constexpr double kPi = 3.14159265358979323846;

/// In [0, 1).
double unit(std::mt19937_64& engine) {
    return static_cast<double>(engine() >> 11U) * 0x1p-53;
}

/// Place on the Hilbert curve of a cell of a 2^16 by 2^16 grid.
std::uint64_t hilbert(std::uint32_t x, std::uint32_t y) {
    std::uint64_t place = 0;
    for (std::uint32_t side = 1U << 15U; side > 0; side >>= 1U) {
        const std::uint32_t right = (x & side) != 0 ? 1 : 0;
        const std::uint32_t upper = (y & side) != 0 ? 1 : 0;
        place += std::uint64_t{side} * side * ((3 * right) ^ upper);
        if (upper == 0) {
            if (right == 1) {
                x = ~x & 0xFFFFU;
                y = ~y & 0xFFFFU;
            }
            std::swap(x, y);
        }
    }
    return place;
}

}  // namespace

std::vector<LonLat> clustered_points(std::size_t count, std::uint64_t seed) {
    // The towns are the same for every seed, so that queries of another seed fall into them too.
    constexpr std::size_t kTowns = 4000;
    std::mt19937_64 towns_engine(4);
    std::vector<LonLat> towns(kTowns);
    std::vector<double> radii(kTowns);  // degrees
    for (std::size_t i = 0; i < kTowns; ++i) {
        towns[i] = {unit(towns_engine) * 360 - 180, std::asin(unit(towns_engine) * 1.8 - 0.85) * 180 / kPi};
        radii[i] = 0.01 * std::pow(100.0, unit(towns_engine));
    }
    std::mt19937_64 engine(seed);
    std::vector<LonLat> points;
    points.reserve(count);
    while (points.size() < count) {
        // Squaring makes the first towns the largest.
        const double choice = unit(engine);
        const auto town = static_cast<std::size_t>(choice * choice * kTowns);
        const double angle = 2 * kPi * unit(engine);
        const double radius = radii[town] * std::sqrt(-2 * std::log(1 - unit(engine)));
        const LonLat point{towns[town].lon + radius * std::cos(angle),
                           towns[town].lat + radius * std::sin(angle)};
        if (std::abs(point.lat) <= 90 && std::abs(point.lon) <= 180) points.push_back(point);
    }
    return points;
}

std::vector<LonLat> in_hilbert_order(std::vector<LonLat> points) {
    const auto place = [](LonLat p) {
        return hilbert(static_cast<std::uint32_t>((p.lon + 180) / 360 * 65535),
                       static_cast<std::uint32_t>((p.lat + 90) / 180 * 65535));
    };
    std::sort(points.begin(), points.end(), [&](LonLat a, LonLat b) { return place(a) < place(b); });
    return points;
}

}  // namespace crowfly::bench
