#include "core/index/index_format.h"

#include <cstddef>
#include <cstring>

#include <xxhash.h>

#include "core/index/packed_tree.h"

namespace crowfly {
namespace {

constexpr std::size_t kAlignment = 64;

constexpr std::size_t aligned(std::size_t bytes) {
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace

IndexLayout IndexLayout::of(const IndexHeader& header, std::span<const TreeEntry> entries) {
    const bool plane = dimensions_of(static_cast<MetricKind>(header.metric)) == 2;
    const std::size_t node_bytes = plane ? sizeof(TreeNode<2>) : sizeof(TreeNode<3>);
    const std::size_t leaf_bytes = plane ? sizeof(TreeLeaf<2>) : sizeof(TreeLeaf<3>);
    IndexLayout layout;
    layout.entries_at = sizeof(IndexHeader);
    layout.ids_at = aligned(layout.entries_at + entries.size() * sizeof(TreeEntry));
    std::size_t end = layout.ids_at;
    if (header.has_ids != 0) end = aligned(end + header.points * sizeof(std::int64_t));
    layout.trees.reserve(entries.size());
    for (const TreeEntry& entry : entries) {
        const TreeShape shape = TreeShape::of(entry.points);
        const std::size_t nodes_at = end;
        const std::size_t leaves_at = nodes_at + shape.nodes() * node_bytes;
        end = leaves_at + shape.leaves * leaf_bytes;
        layout.trees.push_back({nodes_at, leaves_at});
    }
    layout.bytes = end;
    return layout;
}

std::uint64_t checksum_of(std::span<const std::byte> index) {
    IndexHeader header;
    std::memcpy(&header, index.data(), sizeof header);
    header.checksum = 0;
    const std::span rest = index.subspan(sizeof header);
    return XXH3_64bits_withSeed(rest.data(), rest.size(), XXH3_64bits(&header, sizeof header));
}

}  // namespace crowfly
