#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "core/metric.h"

namespace crowfly {

/// An immutable tree over points, without pointers: children are found by arithmetic.
///
///     level 2            [root]               a node holds the boxes of its 8 children
///     level 1     [n0] [n1] ... [n7]
///     level 0  [n0 ... n7] ... [... n63]      the children of level 0 are leaves
///     leaves   8 consecutive points each
///
/// Child c of node i on level l is node 8 i + c on level l - 1, or leaf 8 i + c when l = 0. Only the last
/// node of a level and the last leaf may be short. A row is the position of a point in the span the index was
/// built from.
///
/// Cost: build O(n log n) by medians; memory about 23 + 8 D bytes a point, and as much again while building.
template <Metric M>
class PackedIndex {
  public:
    static constexpr std::size_t kDimensions = M::kDimensions;
    static constexpr std::size_t kFanOut = 8;
    static constexpr std::size_t kLeafSize = 8;

    struct Node {
        std::array<Box<kDimensions>, kFanOut> children;
    };

    /// The positions must have passed `coordinate_fault`, and be at most 2^32 - 2.
    explicit PackedIndex(std::span<const LonLat> positions);

    std::size_t size() const noexcept { return rows_.size(); }
    std::size_t leaf_count() const noexcept { return (size() + kLeafSize - 1) / kLeafSize; }
    std::size_t level_count() const noexcept { return levels_.size(); }

    /// How many children the node has; only the last of a level has fewer than 8.
    std::size_t child_count(std::size_t level, std::size_t node) const noexcept {
        const std::size_t below = level == 0 ? leaf_count() : levels_[level - 1].size();
        return std::min(kFanOut, below - node * kFanOut);
    }
    const Node& node(std::size_t level, std::size_t node) const noexcept { return levels_[level][node]; }

    /// The points of a leaf are numbers [first, last) of the accessors below.
    std::size_t leaf_begin(std::size_t leaf) const noexcept { return leaf * kLeafSize; }
    std::size_t leaf_end(std::size_t leaf) const noexcept { return std::min((leaf + 1) * kLeafSize, size()); }

    const Vec<kDimensions>& embedded(std::size_t i) const noexcept { return embedded_[i]; }
    LonLat position(std::size_t i) const noexcept { return positions_[i]; }
    std::uint32_t row(std::size_t i) const noexcept { return rows_[i]; }

  private:
    void order(std::size_t first, std::size_t last, std::size_t capacity,
               std::span<const Vec<kDimensions>> points);
    void add_levels();

    std::vector<std::vector<Node>>
        levels_;  // from the parents of leaves up to the root; empty without points
    std::vector<Vec<kDimensions>> embedded_;
    std::vector<LonLat> positions_;
    std::vector<std::uint32_t> rows_;
};

template <Metric M>
PackedIndex<M>::PackedIndex(std::span<const LonLat> positions) : rows_(positions.size()) {
    std::vector<Vec<kDimensions>> points;
    points.reserve(positions.size());
    for (const LonLat position : positions) points.push_back(M::embed(position));
    std::iota(rows_.begin(), rows_.end(), 0U);

    std::size_t capacity = kLeafSize;
    while (capacity < rows_.size()) capacity *= kFanOut;
    order(0, rows_.size(), capacity, points);

    embedded_.reserve(rows_.size());
    positions_.reserve(rows_.size());
    for (const std::uint32_t row : rows_) {
        embedded_.push_back(points[row]);
        positions_.push_back(positions[row]);
    }
    if (!rows_.empty()) add_levels();
}

/// Orders rows_[first, last), which lie below one node that can hold `capacity` points, so that its children,
/// and theirs, are compact: halves the range at the median of its longest side, at a border between children,
/// until one child is left, then does the same within that child. Equal coordinates are told apart by row, so
/// the order is the same on every machine. Recursion is as deep as the logarithm of the number of points,
/// whatever they are.
template <Metric M>
void PackedIndex<M>::order(std::size_t first, std::size_t last, std::size_t capacity,
                           std::span<const Vec<kDimensions>> points) {
    while (last - first <= capacity) {
        if (capacity == kLeafSize) return;
        capacity /= kFanOut;
    }
    Vec<kDimensions> low = points[rows_[first]];
    Vec<kDimensions> high = low;
    for (std::size_t i = first + 1; i < last; ++i) {
        const Vec<kDimensions>& point = points[rows_[i]];
        for (std::size_t d = 0; d < kDimensions; ++d) {
            low[d] = std::min(low[d], point[d]);
            high[d] = std::max(high[d], point[d]);
        }
    }
    std::size_t longest = 0;
    for (std::size_t d = 1; d < kDimensions; ++d) {
        if (high[d] - low[d] > high[longest] - low[longest]) longest = d;
    }
    const std::size_t children = (last - first + capacity - 1) / capacity;
    const std::size_t middle = first + (children + 1) / 2 * capacity;
    const auto begin = rows_.begin();
    std::nth_element(begin + static_cast<std::ptrdiff_t>(first), begin + static_cast<std::ptrdiff_t>(middle),
                     begin + static_cast<std::ptrdiff_t>(last), [&](std::uint32_t a, std::uint32_t b) {
                         const double coordinate_a = points[a][longest];
                         const double coordinate_b = points[b][longest];
                         return coordinate_a < coordinate_b || (coordinate_a == coordinate_b && a < b);
                     });
    order(first, middle, capacity, points);
    order(middle, last, capacity, points);
}

template <Metric M>
void PackedIndex<M>::add_levels() {
    std::vector<Box<kDimensions>> boxes(leaf_count(), Box<kDimensions>::empty());
    for (std::size_t leaf = 0; leaf < boxes.size(); ++leaf) {
        for (std::size_t i = leaf_begin(leaf); i < leaf_end(leaf); ++i) boxes[leaf].grow(embedded_[i]);
    }
    do {
        std::vector<Node> nodes((boxes.size() + kFanOut - 1) / kFanOut);
        std::vector<Box<kDimensions>> parents(nodes.size(), Box<kDimensions>::empty());
        for (Node& node : nodes) node.children.fill(Box<kDimensions>::empty());
        for (std::size_t child = 0; child < boxes.size(); ++child) {
            nodes[child / kFanOut].children[child % kFanOut] = boxes[child];
            parents[child / kFanOut].grow(boxes[child]);
        }
        levels_.push_back(std::move(nodes));
        boxes = std::move(parents);
    } while (boxes.size() > 1);
}

}  // namespace crowfly
