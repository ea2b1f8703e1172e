#pragma once

#include <cstdint>
#include <functional>

namespace crowfly {

/// A row and its distance from the query, in metres (plane: in the coordinates' unit). In an answer the
/// neighbors stand in the order (distance, id); the rank of the first is 1.
struct Neighbor {
    std::uint32_t row;
    double distance;

    friend bool operator==(const Neighbor&, const Neighbor&) = default;
};

/// Whether a row counts. An empty function lets all rows pass.
using RowFilter = std::function<bool(std::uint32_t row)>;

/// A strict total order of rows, that of their ids. It is asked only when two distances are equal. An empty
/// function orders rows by number.
using RowOrder = std::function<bool(std::uint32_t a, std::uint32_t b)>;

/// Compares by (distance, id).
struct NeighborBefore {
    const RowOrder& order;
    bool operator()(const Neighbor& a, const Neighbor& b) const {
        if (a.distance != b.distance) return a.distance < b.distance;
        return order ? order(a.row, b.row) : a.row < b.row;
    }
};

}  // namespace crowfly
