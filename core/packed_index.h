#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
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
/// Nodes and leaves are laid out so that one load tests the same side, or coordinate, of all children: see
/// Node and Leaf. Nodes of all levels stand together, about 8 D / 7 bytes a point, so that they stay in the
/// cache.
///
/// Cost: build O(n log n) by medians; memory about 4 + 8 Columns + 8 D / 7 bytes a point, and while building
/// as much again.
template <Metric M>
class PackedIndex {
  public:
    using MetricType = M;
    static constexpr std::size_t kDimensions = M::kDimensions;
    static constexpr std::size_t kColumns = M::kColumns;
    static constexpr std::size_t kFanOut = 8;
    static constexpr std::size_t kLeafSize = 8;

    /// Sides of the children's boxes. A child that is not there has sides that no point lies between.
    struct alignas(64) Node {
        std::array<std::array<float, kFanOut>, kDimensions> min;
        std::array<std::array<float, kFanOut>, kDimensions> max;
    };

    /// Columns of the points. A point that is not there is at infinity.
    struct alignas(64) Leaf {
        std::array<std::array<double, kLeafSize>, kColumns> columns;
    };

    /// The positions must have passed `coordinate_fault`, and be at most 2^32 - 2.
    explicit PackedIndex(std::span<const LonLat> positions);

    std::size_t size() const noexcept { return rows_.size(); }
    std::size_t leaf_count() const noexcept { return leaves_.size(); }

    /// Levels of nodes: 0 without points, else at least 1.
    std::size_t level_count() const noexcept { return level_begin_.size() - 1; }

    /// How many children the node has; only the last of a level has fewer than 8.
    std::size_t child_count(std::size_t level, std::size_t node) const noexcept {
        const std::size_t below = level == 0 ? leaf_count() : level_begin_[level] - level_begin_[level - 1];
        return std::min(kFanOut, below - node * kFanOut);
    }
    const Node& node(std::size_t level, std::size_t node) const noexcept {
        return nodes_[level_begin_[level] + node];
    }
    const Leaf& leaf(std::size_t leaf) const noexcept { return leaves_[leaf]; }

    /// Rows of the points of a leaf.
    std::span<const std::uint32_t> rows(std::size_t leaf) const noexcept {
        const std::size_t first = leaf * kLeafSize;
        return std::span(rows_).subspan(first, std::min(kLeafSize, size() - first));
    }

  private:
    struct Record {
        std::array<double, kDimensions> coordinates;
        std::uint32_t row;
    };

    static void order(std::span<Record> records, std::size_t capacity);
    void add_leaves(std::span<const Record> records, std::span<const LonLat> positions);
    void add_levels();

    std::vector<Node> nodes_;                  // from the parents of leaves up to the root
    std::vector<std::size_t> level_begin_{0};  // where each level starts in nodes_, and the end
    std::vector<Leaf> leaves_;
    std::vector<std::uint32_t> rows_;
};

template <Metric M>
PackedIndex<M>::PackedIndex(std::span<const LonLat> positions) {
    std::vector<Record> records(positions.size());
    for (std::size_t row = 0; row < positions.size(); ++row) {
        const Embedded<M> point = M::embed(positions[row]);
        std::copy_n(point.begin(), kDimensions, records[row].coordinates.begin());
        records[row].row = static_cast<std::uint32_t>(row);
    }
    std::size_t capacity = kLeafSize;
    while (capacity < records.size()) capacity *= kFanOut;
    order(records, capacity);
    add_leaves(records, positions);
    if (!leaves_.empty()) add_levels();
}

/// Orders the records below one node that can hold `capacity` of them so that its children, and theirs, are
/// compact: halves them at the median of their longest side, at a border between children, until one child is
/// left, then does the same within that child. Equal coordinates are told apart by row, so the order is the
/// same on every machine. Recursion is as deep as the logarithm of the number of points, whatever they are.
template <Metric M>
void PackedIndex<M>::order(std::span<Record> records, std::size_t capacity) {
    while (records.size() <= capacity) {
        if (capacity == kLeafSize) return;
        capacity /= kFanOut;
    }
    std::array<double, kDimensions> low = records.front().coordinates;
    std::array<double, kDimensions> high = low;
    for (const Record& record : records) {
        for (std::size_t d = 0; d < kDimensions; ++d) {
            low[d] = std::min(low[d], record.coordinates[d]);
            high[d] = std::max(high[d], record.coordinates[d]);
        }
    }
    std::size_t longest = 0;
    for (std::size_t d = 1; d < kDimensions; ++d) {
        if (high[d] - low[d] > high[longest] - low[longest]) longest = d;
    }
    const std::size_t children = (records.size() + capacity - 1) / capacity;
    const std::size_t middle = (children + 1) / 2 * capacity;
    std::nth_element(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(middle), records.end(),
                     [longest](const Record& a, const Record& b) {
                         const double coordinate_a = a.coordinates[longest];
                         const double coordinate_b = b.coordinates[longest];
                         return coordinate_a < coordinate_b ||
                                (coordinate_a == coordinate_b && a.row < b.row);
                     });
    order(records.first(middle), capacity);
    order(records.subspan(middle), capacity);
}

template <Metric M>
void PackedIndex<M>::add_leaves(std::span<const Record> records, std::span<const LonLat> positions) {
    Leaf nowhere;
    for (auto& column : nowhere.columns) column.fill(std::numeric_limits<double>::infinity());
    leaves_.assign((records.size() + kLeafSize - 1) / kLeafSize, nowhere);
    rows_.reserve(records.size());
    for (const auto& [coordinates, row] : records) {
        Leaf& leaf = leaves_[rows_.size() / kLeafSize];
        const std::size_t lane = rows_.size() % kLeafSize;
        for (std::size_t d = 0; d < kDimensions; ++d) leaf.columns[d][lane] = coordinates[d];
        if constexpr (kColumns > kDimensions) {
            const Embedded<M> point = M::embed(positions[row]);
            for (std::size_t c = kDimensions; c < kColumns; ++c) leaf.columns[c][lane] = point[c];
        }
        rows_.push_back(row);
    }
}

template <Metric M>
void PackedIndex<M>::add_levels() {
    std::vector<Box<kDimensions>> boxes(leaves_.size(), Box<kDimensions>::empty());
    for (std::size_t leaf = 0; leaf < boxes.size(); ++leaf) {
        for (std::size_t lane = 0; lane < rows(leaf).size(); ++lane) {
            std::array<double, kDimensions> point;
            for (std::size_t d = 0; d < kDimensions; ++d) point[d] = leaves_[leaf].columns[d][lane];
            boxes[leaf].grow(point);
        }
    }
    do {
        const std::size_t first = nodes_.size();
        const std::size_t count = (boxes.size() + kFanOut - 1) / kFanOut;
        nodes_.resize(first + count);
        level_begin_.push_back(nodes_.size());
        std::vector<Box<kDimensions>> parents(count, Box<kDimensions>::empty());
        for (std::size_t child = 0; child < count * kFanOut; ++child) {
            const Box<kDimensions> box = child < boxes.size() ? boxes[child] : Box<kDimensions>::empty();
            Node& node = nodes_[first + child / kFanOut];
            for (std::size_t d = 0; d < kDimensions; ++d) {
                node.min[d][child % kFanOut] = box.min[d];
                node.max[d][child % kFanOut] = box.max[d];
            }
            parents[child / kFanOut].grow(box);
        }
        boxes = std::move(parents);
    } while (boxes.size() > 1);
}

}  // namespace crowfly
