#include "bench/point_sets.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <utility>

namespace crowfly::bench {
namespace {

constexpr double kPi = 3.14159265358979323846;

/// In [0, 1).
double unit(std::mt19937_64& engine) {
    return static_cast<double>(engine() >> 11U) * 0x1p-53;
}

/// Below `count`.
std::size_t below(std::size_t count, std::mt19937_64& engine) {
    return static_cast<std::size_t>(unit(engine) * static_cast<double>(count));
}

template <class Value>
void shuffle(std::vector<Value>& values, std::mt19937_64& engine) {
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i, engine)]);
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

struct Extent {
    explicit Extent(const std::vector<LonLat>& points) {
        for (const LonLat p : points) {
            min = {std::min(min.lon, p.lon), std::min(min.lat, p.lat)};
            max = {std::max(max.lon, p.lon), std::max(max.lat, p.lat)};
        }
    }
    LonLat min{HUGE_VAL, HUGE_VAL};
    LonLat max{-HUGE_VAL, -HUGE_VAL};
};

/// The numbers of the points in the order of a Hilbert curve; those of one cell stay in their order.
std::vector<std::uint32_t> hilbert_ranking(const std::vector<LonLat>& points) {
    const Extent extent(points);
    const auto cell = [](double value, double min, double max) {
        return max > min ? static_cast<std::uint32_t>((value - min) / (max - min) * 65535) : 0U;
    };
    std::vector<std::pair<std::uint64_t, std::uint32_t>> places(points.size());
    for (std::uint32_t i = 0; i < points.size(); ++i) {
        places[i] = {hilbert(cell(points[i].lon, extent.min.lon, extent.max.lon),
                             cell(points[i].lat, extent.min.lat, extent.max.lat)),
                     i};
    }
    std::sort(places.begin(), places.end());
    std::vector<std::uint32_t> ranking(points.size());
    for (std::size_t rank = 0; rank < ranking.size(); ++rank) ranking[rank] = places[rank].second;
    return ranking;
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

std::vector<LonLat> uniform_points(std::size_t count, std::uint64_t seed) {
    std::mt19937_64 engine(seed);
    std::vector<LonLat> points(count);
    for (LonLat& point : points) {
        point.lon = unit(engine) * 360 - 180;
        point.lat = std::asin(unit(engine) * 2 - 1) * 180 / kPi;
    }
    return points;
}

std::vector<LonLat> queries_near(const std::vector<LonLat>& points, std::size_t count, double offset,
                                 std::uint64_t seed) {
    std::mt19937_64 engine(seed);
    const Extent extent(points);
    const std::size_t step = std::max<std::size_t>(1, points.size() / std::max<std::size_t>(1, count));
    std::vector<LonLat> queries;
    for (std::size_t i = 0; i < points.size() && queries.size() < count; i += step) {
        const double lon = points[i].lon + offset * (2 * unit(engine) - 1);
        const double lat = points[i].lat + offset * (2 * unit(engine) - 1);
        queries.push_back({std::clamp(lon, extent.min.lon, extent.max.lon),
                           std::clamp(lat, extent.min.lat, extent.max.lat)});
    }
    shuffle(queries, engine);
    return queries;
}

std::vector<LonLat> in_hilbert_order(const std::vector<LonLat>& points) {
    std::vector<LonLat> ordered;
    ordered.reserve(points.size());
    for (const std::uint32_t i : hilbert_ranking(points)) ordered.push_back(points[i]);
    return ordered;
}

std::vector<std::uint32_t> scattered_categories(std::size_t count, std::uint32_t values, std::uint64_t seed) {
    std::mt19937_64 engine(seed);
    std::vector<std::uint32_t> categories(count);
    for (std::uint32_t& category : categories) category = static_cast<std::uint32_t>(below(values, engine));
    return categories;
}

std::vector<std::uint32_t> clustered_categories(const std::vector<LonLat>& points, std::uint32_t values,
                                                std::uint64_t seed) {
    std::mt19937_64 engine(seed);
    std::vector<std::uint32_t> of_stretch(values);
    std::iota(of_stretch.begin(), of_stretch.end(), 0U);
    shuffle(of_stretch, engine);
    std::vector<std::uint32_t> categories(points.size());
    std::size_t rank = 0;
    for (const std::uint32_t i : hilbert_ranking(points)) {
        categories[i] = of_stretch[rank * values / points.size()];
        ++rank;
    }
    return categories;
}

}  // namespace crowfly::bench
