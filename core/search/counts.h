#pragma once

#include <chrono>
#include <cstdint>

namespace crowfly {

/// What searches have cost.
struct SearchCounts {
    std::uint64_t nodes = 0;      ///< inner nodes opened
    std::uint64_t leaves = 0;     ///< leaves opened
    std::uint64_t distances = 0;  ///< distances by the metric's one function; of shapes, between two pieces
    std::uint64_t closed_forms = 0;  ///< of these, arcs over chords and series on the spheroid
    std::uint64_t geodesics = 0;     ///< of these, inverse geodesic problems that the solver solved
    std::chrono::nanoseconds time{};

    SearchCounts& operator+=(const SearchCounts& other) {
        nodes += other.nodes;
        leaves += other.leaves;
        distances += other.distances;
        closed_forms += other.closed_forms;
        geodesics += other.geodesics;
        time += other.time;
        return *this;
    }

    friend bool operator==(const SearchCounts&, const SearchCounts&) = default;
};

}  // namespace crowfly
