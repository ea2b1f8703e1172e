#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace crowfly {

/// The float next below `value`, which is not NaN; -infinity stays.
constexpr float next_below(float value) {
    if (value == 0) return -std::numeric_limits<float>::denorm_min();
    if (value == -std::numeric_limits<float>::infinity()) return value;
    const auto bits = std::bit_cast<std::int32_t>(value);
    return std::bit_cast<float>(value > 0 ? bits - 1 : bits + 1);
}

/// The greatest float at or below `value`; -infinity when there is no finite one.
constexpr float round_down(double value) {
    const auto nearest = static_cast<float>(value);
    return static_cast<double>(nearest) > value ? next_below(nearest) : nearest;
}

/// The least float at or above `value`; +infinity when there is no finite one.
constexpr float round_up(double value) {
    return -round_down(-value);
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

    /// The least box around a point.
    static Box of(const std::array<double, D>& point) {
        Box box = empty();
        box.grow(point);
        return box;
    }

    void grow(const std::array<double, D>& point) {
        for (std::size_t d = 0; d < D; ++d) {
            min[d] = std::min(min[d], round_down(point[d]));
            max[d] = std::max(max[d], round_up(point[d]));
        }
    }

    bool meets(const Box& other) const {
        for (std::size_t d = 0; d < D; ++d) {
            if (min[d] > other.max[d] || max[d] < other.min[d]) return false;
        }
        return true;
    }

    void grow(const Box& other) {
        for (std::size_t d = 0; d < D; ++d) {
            min[d] = std::min(min[d], other.min[d]);
            max[d] = std::max(max[d], other.max[d]);
        }
    }
};

/// The square of the straight-line distance between two points.
template <std::size_t D>
double squared_straight_distance(const std::array<double, D>& q, const std::array<double, D>& p) {
    double sum = 0;
    for (std::size_t d = 0; d < D; ++d) {
        const double gap = p[d] - q[d];
        sum += gap * gap;
    }
    return sum;
}

/// The same from `q` to the nearest point of `box`, 0 inside. Every operation is monotone and correctly
/// rounded, so for each point p in the box the result is at most what `squared_straight_distance(q, p)`
/// computes, to the last bit.
template <std::size_t D>
double squared_straight_distance(const std::array<double, D>& q, const Box<D>& box) {
    double sum = 0;
    for (std::size_t d = 0; d < D; ++d) {
        const double below = static_cast<double>(box.min[d]) - q[d];
        const double above = q[d] - static_cast<double>(box.max[d]);
        const double gap = std::max(std::max(below, above), 0.0);
        sum += gap * gap;
    }
    return sum;
}

template <std::size_t D>
double straight_distance(const std::array<double, D>& q, const std::array<double, D>& p) {
    return std::sqrt(squared_straight_distance<D>(q, p));
}

}  // namespace crowfly
