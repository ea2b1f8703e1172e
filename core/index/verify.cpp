#include "core/index/verify.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <vector>

#include <fmt/format.h>

#include "core/domain.h"
#include "core/error.h"
#include "core/index/index_format.h"
#include "core/index/packed_tree.h"
#include "core/metric/earth.h"

namespace crowfly {
namespace {

constexpr std::uint32_t kNoRow = std::numeric_limits<std::uint32_t>::max();

template <class... Values>
void require(bool holds, fmt::format_string<Values...> reason, Values&&... values) {
    if (!holds) throw Error(Code::corrupt, fmt::format(reason, std::forward<Values>(values)...));
}

IndexHeader verified_header(std::span<const std::byte> bytes) {
    IndexHeader header;
    require(bytes.size() >= sizeof header, "not a crowfly index: {} bytes are less than a header",
            bytes.size());
    std::memcpy(&header, bytes.data(), sizeof header);
    require(header.magic == IndexHeader::kMagic, "not a crowfly index: it does not begin with the name");
    if (header.version != IndexHeader::kVersion) {
        throw Error(Code::unsupported, fmt::format("index of version {}; this program reads version {}",
                                                   header.version, IndexHeader::kVersion));
    }
    require(header.bytes == bytes.size(), "the index is {} bytes long; its header says {}", bytes.size(),
            header.bytes);
    require(header.metric <= static_cast<std::uint32_t>(MetricKind::spheroid), "unknown metric {}",
            header.metric);
    require(header.has_ids <= 1 && header.reserved == 0, "unknown flags in the header");
    require(header.points <= kMostPoints, "{} points are more than an index takes", header.points);
    require(header.attributes <= kMostAttributes, "{} attributes are more than an index takes",
            header.attributes);
    require(header.trees >= 1 && header.trees <= bytes.size() / sizeof(TreeEntry),
            "{} trees do not fit into the index", header.trees);
    require(sizeof header + header.trees * sizeof(TreeEntry) <= bytes.size(),
            "{} trees do not fit into the index", header.trees);
    return header;
}

/// The table of trees: all rows first, then the values of each attribute in order, which share out all rows.
void verify_entries(const IndexHeader& header, std::span<const TreeEntry> entries) {
    const TreeEntry& all = entries.front();
    require(all.attribute == TreeEntry::kAllRows && all.value == 0 && all.points == header.points,
            "the first tree is not that of all rows");
    std::size_t next = 1;
    for (std::uint32_t attribute = 0; attribute < header.attributes; ++attribute) {
        std::uint64_t points = 0;
        for (const std::size_t first = next;
             next < entries.size() && entries[next].attribute == attribute && points < header.points;
             ++next) {
            require(next == first || entries[next].value > entries[next - 1].value,
                    "tree {}: values are not in order", next);
            require(entries[next].points >= 1 && entries[next].points <= header.points - points,
                    "tree {}: {} points are not possible", next, entries[next].points);
            points += entries[next].points;
        }
        require(points == header.points, "the trees of attribute {} hold {} of {} rows", attribute, points,
                header.points);
    }
    require(next == entries.size(), "tree {}: belongs to no attribute", next);
}

void require_zeros(std::span<const std::byte> bytes) {
    require(std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; }),
            "bytes between sections are not zero");
}

bool is_position(const std::array<double, 2>& point, MetricKind /*metric*/) {
    return !coordinate_fault({point[0], point[1]}, Crs::planar);
}

/// On the surface, or within a metre of it.
bool is_position(const std::array<double, 3>& point, MetricKind metric) {
    const bool sphere = metric == MetricKind::sphere;
    const double least = (sphere ? earth::kMeanRadius : earth::kPolarRadius) - 1;
    const double most = (sphere ? earth::kMeanRadius : earth::kEquatorialRadius) + 1;
    const double square = point[0] * point[0] + point[1] * point[1] + point[2] * point[2];
    return square >= least * least && square <= most * most;
}

/// Trees of one index, verified one after the other: that of all rows first.
template <std::size_t D>
class TreeVerifier {
  public:
    explicit TreeVerifier(const IndexHeader& header)
        : metric_(static_cast<MetricKind>(header.metric)),
          slot_of_row_(header.points, kNoRow),
          attribute_of_row_(header.attributes == 0 ? 0 : header.points, kNoRow) {}

    void verify(const PackedTree<D>& tree, const TreeEntry& entry, std::size_t number) {
        number_ = number;
        if (entry.attribute == TreeEntry::kAllRows) all_ = tree;
        for (std::size_t slot = 0; slot < tree.size(); ++slot) verify_point(tree, entry, slot);
        verify_padding(tree);
        std::vector<Box<D>> boxes;
        for (std::size_t leaf = 0; leaf < tree.shape().leaves; ++leaf)
            boxes.push_back(box_of_leaf(tree, leaf));
        for (std::size_t level = 0; level < tree.shape().levels; ++level) {
            boxes = verify_level(tree, level, boxes);
        }
    }

  private:
    void verify_point(const PackedTree<D>& tree, const TreeEntry& entry, std::size_t slot) {
        const std::uint32_t row = tree.row(slot);
        require(row < slot_of_row_.size(), "tree {}: row {} is not there", number_, row);
        if (entry.attribute == TreeEntry::kAllRows) {
            require(slot_of_row_[row] == kNoRow, "tree {}: row {} is there twice", number_, row);
            require(is_position(tree.point(slot), metric_), "tree {}: row {} has no possible position",
                    number_, row);
            slot_of_row_[row] = static_cast<std::uint32_t>(slot);
        } else {
            require(attribute_of_row_[row] != entry.attribute, "tree {}: row {} is there twice", number_,
                    row);
            require(tree.point(slot) == all_.point(slot_of_row_[row]),
                    "tree {}: row {} is at another position than in the tree of all rows", number_, row);
            attribute_of_row_[row] = entry.attribute;
        }
    }

    void verify_padding(const PackedTree<D>& tree) const {
        for (std::size_t slot = tree.size(); slot < tree.shape().leaves * kLeafSize; ++slot) {
            bool nowhere = tree.row(slot) == kNoRow;
            for (const double coordinate : tree.point(slot)) {
                nowhere = nowhere && coordinate == std::numeric_limits<double>::infinity();
            }
            require(nowhere, "tree {}: a point beyond the last", number_);
        }
    }

    static Box<D> box_of_leaf(const PackedTree<D>& tree, std::size_t leaf) {
        Box<D> box = Box<D>::empty();
        const std::size_t end = std::min(tree.size(), (leaf + 1) * kLeafSize);
        for (std::size_t slot = leaf * kLeafSize; slot < end; ++slot) box.grow(tree.point(slot));
        return box;
    }

    /// Takes the boxes of the children of a level, returns those of its nodes.
    std::vector<Box<D>> verify_level(const PackedTree<D>& tree, std::size_t level,
                                     const std::vector<Box<D>>& children) const {
        const std::size_t nodes = (children.size() + kFanOut - 1) / kFanOut;
        std::vector<Box<D>> boxes(nodes, Box<D>::empty());
        for (std::size_t child = 0; child < nodes * kFanOut; ++child) {
            const Box<D> expected = child < children.size() ? children[child] : Box<D>::empty();
            const Box<D> found = tree.node(level, child / kFanOut).box(child % kFanOut);
            require(found.min == expected.min && found.max == expected.max,
                    "tree {}: level {}, node {}: the box of child {} is not that of its points", number_,
                    level, child / kFanOut, child % kFanOut);
            boxes[child / kFanOut].grow(expected);
        }
        return boxes;
    }

    MetricKind metric_;
    std::size_t number_ = 0;
    PackedTree<D> all_;
    std::vector<std::uint32_t> slot_of_row_;
    std::vector<std::uint32_t> attribute_of_row_;  // the last whose trees were seen to hold it
};

template <std::size_t D>
void verify_trees(std::span<const std::byte> bytes, const IndexHeader& header,
                  std::span<const TreeEntry> entries, const IndexLayout& layout) {
    TreeVerifier<D> verifier(header);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const PackedTree<D> tree(
            entries[i].points, reinterpret_cast<const TreeNode<D>*>(bytes.data() + layout.trees[i].nodes_at),
            reinterpret_cast<const TreeLeaf<D>*>(bytes.data() + layout.trees[i].leaves_at));
        verifier.verify(tree, entries[i], i);
    }
}

}  // namespace

void verify_index(std::span<const std::byte> bytes) {
    require(reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(TreeNode<2>) == 0,
            "the index is not at a multiple of {} bytes", alignof(TreeNode<2>));
    const IndexHeader header = verified_header(bytes);
    const auto* const first = reinterpret_cast<const TreeEntry*>(bytes.data() + sizeof header);
    const std::span entries(first, header.trees);
    verify_entries(header, entries);
    const IndexLayout layout = IndexLayout::of(header, entries);
    require(layout.bytes == bytes.size(), "the index is {} bytes long; its trees need {}", bytes.size(),
            layout.bytes);
    require(checksum_of(bytes) == header.checksum, "the checksum does not match: the index is damaged");

    const std::size_t entries_end = layout.entries_at + entries.size_bytes();
    require_zeros(bytes.subspan(entries_end, layout.ids_at - entries_end));
    const std::size_t ids_bytes = header.has_ids != 0 ? header.points * sizeof(std::int64_t) : 0;
    const std::size_t ids_end = layout.ids_at + ids_bytes;
    require_zeros(bytes.subspan(ids_end, layout.trees.front().nodes_at - ids_end));
    if (header.has_ids != 0) {
        const auto* const ids = reinterpret_cast<const std::int64_t*>(bytes.data() + layout.ids_at);
        const auto twice = rows_of_one_id(std::span(ids, header.points));
        require(!twice, "two rows have the same id");
    }
    if (dimensions_of(static_cast<MetricKind>(header.metric)) == 2) {
        verify_trees<2>(bytes, header, entries, layout);
    } else {
        verify_trees<3>(bytes, header, entries, layout);
    }
}

std::optional<std::pair<std::size_t, std::size_t>> rows_of_one_id(std::span<const std::int64_t> ids) {
    // Ids in order, as most are, need no sorting.
    if (std::adjacent_find(ids.begin(), ids.end(), std::greater_equal<>()) == ids.end()) return std::nullopt;
    std::vector<std::uint32_t> rows(ids.size());
    std::iota(rows.begin(), rows.end(), 0U);
    std::sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) {
        return ids[a] < ids[b] || (ids[a] == ids[b] && a < b);
    });
    const auto twice = std::adjacent_find(rows.begin(), rows.end(),
                                          [&](std::uint32_t a, std::uint32_t b) { return ids[a] == ids[b]; });
    if (twice == rows.end()) return std::nullopt;
    return std::pair<std::size_t, std::size_t>(twice[0], twice[1]);
}

}  // namespace crowfly
