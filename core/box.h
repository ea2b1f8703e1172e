#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

namespace crowfly {

/// The greatest float at or below `value`; -infinity when there is no finite one.
inline float round_down(double value) {
    const auto nearest = static_cast<float>(value);
    return static_cast<double>(nearest) > value
               ? std::nextafter(nearest, -std::numeric_limits<float>::infinity())
               : nearest;
}

/// The least float at or above `value`; +infinity when there is no finite one.
inline float round_up(double value) {
    const auto nearest = static_cast<float>(value);
    return static_cast<double>(nearest) < value
               ? std::nextafter(nearest, std::numeric_limits<float>::infinity())
               : nearest;
}

/// A closed axis-aligned box. Its float sides are rounded outward, so it contains every point it was grown
/// by.
template <std::size_t D>
struct Box {
    std::array<float, D> min;
    std::array<float, D> max;

    static Box empty() {
        Box box;
        box.min.fill(std::numeric_limits<float>::infinity());
        box.max.fill(-std::numeric_limits<float>::infinity());
        return box;
    }

    /// By the first D coordinates of a point.
    template <std::size_t Columns>
    void grow(const std::array<double, Columns>& point) {
        static_assert(Columns >= D);
        for (std::size_t d = 0; d < D; ++d) {
            min[d] = std::min(min[d], round_down(point[d]));
            max[d] = std::max(max[d], round_up(point[d]));
        }
    }

    void grow(const Box& other) {
        for (std::size_t d = 0; d < D; ++d) {
            min[d] = std::min(min[d], other.min[d]);
            max[d] = std::max(max[d], other.max[d]);
        }
    }
};

/// Straight-line distance from the first D coordinates of `q` to the nearest point of `box`, 0 inside.
/// Every operation is monotone and correctly rounded, so for each point p in the box the result is at most
/// what `straight_distance(q, p)` computes, to the last bit.
template <std::size_t D, std::size_t Columns>
double straight_distance(const std::array<double, Columns>& q, const Box<D>& box) {
    static_assert(Columns >= D);
    double sum = 0;
    for (std::size_t d = 0; d < D; ++d) {
        const double below = static_cast<double>(box.min[d]) - q[d];
        const double above = q[d] - static_cast<double>(box.max[d]);
        const double gap = std::max(std::max(below, above), 0.0);
        sum += gap * gap;
    }
    return std::sqrt(sum);
}

/// The square of the straight-line distance between the first D coordinates of two points.
template <std::size_t D, std::size_t Columns>
double squared_straight_distance(const std::array<double, Columns>& q, const std::array<double, Columns>& p) {
    static_assert(Columns >= D);
    double sum = 0;
    for (std::size_t d = 0; d < D; ++d) {
        const double gap = p[d] - q[d];
        sum += gap * gap;
    }
    return sum;
}

template <std::size_t D, std::size_t Columns>
double straight_distance(const std::array<double, Columns>& q, const std::array<double, Columns>& p) {
    return std::sqrt(squared_straight_distance<D>(q, p));
}

}  // namespace crowfly
