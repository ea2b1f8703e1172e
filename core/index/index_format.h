#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/metric/metric.h"

namespace crowfly {

/// The buffer that an index is, in memory as in a file; docs/format.md draws it. Numbers are little-endian,
/// and every section starts at a multiple of 64 bytes.
///
///     IndexHeader, TreeEntry for each tree, ids if there are any, then nodes and leaves of each tree
///
/// Where a section starts is not stored: it follows from the numbers of points.
struct IndexHeader {
    static constexpr std::array<char, 8> kMagic{'c', 'r', 'o', 'w', 'f', 'l', 'y', '\n'};
    static constexpr std::uint32_t kVersion = 1;

    std::array<char, 8> magic = kMagic;
    std::uint32_t version = kVersion;
    std::uint32_t metric = 0;
    std::uint64_t bytes = 0;     ///< of the whole buffer
    std::uint64_t checksum = 0;  ///< see checksum_of
    std::uint64_t points = 0;
    std::uint32_t attributes = 0;
    std::uint32_t has_ids = 0;  ///< 0 or 1
    std::uint64_t trees = 0;
    std::uint64_t reserved = 0;
};
static_assert(sizeof(IndexHeader) == 64);

/// A tree over all rows, or over those with one value of an attribute. The tree over all rows comes first,
/// then by (attribute, value).
struct TreeEntry {
    static constexpr std::uint32_t kAllRows = 0xFFFFFFFF;

    std::uint32_t attribute = kAllRows;
    std::uint32_t value = 0;
    std::uint64_t points = 0;
};
static_assert(sizeof(TreeEntry) == 16);

/// Where the sections start, in bytes.
struct IndexLayout {
    struct Tree {
        std::size_t nodes_at;
        std::size_t leaves_at;
    };

    std::size_t entries_at = 0;
    std::size_t ids_at = 0;
    std::vector<Tree> trees;
    std::size_t bytes = 0;

    /// The numbers of points must be at most 2^32 - 2, and trees at most that many.
    static IndexLayout of(const IndexHeader& header, std::span<const TreeEntry> entries);
};

/// 2 for the plane, else 3.
constexpr std::size_t dimensions_of(MetricKind metric) noexcept {
    return metric == MetricKind::plane ? 2 : 3;
}

/// XXH3 (64 bits) of what follows the header, its seed the XXH3 of the header with 0 for the checksum.
std::uint64_t checksum_of(std::span<const std::byte> index);

/// The most points that an index takes: row 2^32 - 1 stands for none.
inline constexpr std::uint64_t kMostPoints = 0xFFFFFFFE;

inline constexpr std::uint32_t kMostAttributes = 0xFFFF;

}  // namespace crowfly
