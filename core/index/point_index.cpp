#include "core/index/point_index.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include <fmt/format.h>

#include "core/error.h"
#include "core/index/index_file.h"
#include "core/index/index_format.h"
#include "core/index/memory.h"
#include "core/index/verify.h"
#include "core/metric/with_metric.h"

namespace crowfly {
namespace {

void require_valid_rows(std::span<const LonLat> positions, std::size_t first, std::size_t last, Crs crs) {
    for (std::size_t row = first; row < last; ++row) {
        if (const auto fault = coordinate_fault(positions[row], crs)) {
            throw Error(Code::invalid_argument, fmt::format("point {}: {}", row, fault->message));
        }
    }
}

/// Names the first row that is at fault, whichever thread comes across one first.
void require_valid(std::span<const LonLat> positions, MetricKind metric, Executor& executor) {
    constexpr std::size_t kPiece = 65'536;
    if (positions.size() > kMostPoints) {
        throw Error(Code::too_large,
                    fmt::format("{} points; an index takes at most {}", positions.size(), kMostPoints));
    }
    const Crs crs = widest_crs(metric);
    try {
        executor.run((positions.size() + kPiece - 1) / kPiece, [&](std::size_t piece) {
            const std::size_t last = std::min(positions.size(), (piece + 1) * kPiece);
            require_valid_rows(positions, piece * kPiece, last, crs);
        });
    } catch (const Error&) {
        require_valid_rows(positions, 0, positions.size(), crs);
        throw;
    }
}

void require_length(std::string_view what, std::size_t found, std::size_t expected) {
    if (found == expected) return;
    throw Error(Code::invalid_argument,
                fmt::format("{} has {} values for {} positions", what, found, expected));
}

void require_valid(const PointColumns& columns, MetricKind metric, Executor& executor) {
    require_valid(columns.positions, metric, executor);
    const std::size_t points = columns.positions.size();
    if (!columns.ids.empty()) require_length("ids", columns.ids.size(), points);
    if (const auto twice = rows_of_one_id(columns.ids)) {
        throw Error(Code::invalid_argument, fmt::format("rows {} and {} have the same id {}", twice->first,
                                                        twice->second, columns.ids[twice->first]));
    }
    if (columns.attributes.size() > kMostAttributes) {
        throw Error(Code::too_large, fmt::format("{} attributes; an index takes at most {}",
                                                 columns.attributes.size(), kMostAttributes));
    }
    for (std::size_t a = 0; a < columns.attributes.size(); ++a) {
        require_length(fmt::format("attribute {}", a), columns.attributes[a].size(), points);
    }
}

/// Rows, by the values of an attribute.
struct RowsByValue {
    std::vector<std::uint32_t> rows;
    std::vector<TreeEntry> entries;

    RowsByValue(std::span<const std::uint32_t> values, std::size_t attribute) : rows(values.size()) {
        std::iota(rows.begin(), rows.end(), 0U);
        std::stable_sort(rows.begin(), rows.end(),
                         [&](std::uint32_t a, std::uint32_t b) { return values[a] < values[b]; });
        for (const std::uint32_t row : rows) {
            if (entries.empty() || entries.back().value != values[row]) {
                entries.push_back({static_cast<std::uint32_t>(attribute), values[row], 0});
            }
            ++entries.back().points;
        }
    }
};

template <Metric M>
void build_one(const PointColumns& columns, std::span<const std::uint32_t> rows, const BuildOptions& options,
               std::byte* memory, const IndexLayout::Tree& at, std::size_t points) {
    constexpr std::size_t D = M::kDimensions;
    const TreeShape shape = TreeShape::of(points);
    build_tree<M>(columns.positions, rows, options.build, executor_of(options),
                  {reinterpret_cast<TreeNode<D>*>(memory + at.nodes_at), shape.nodes()},
                  {reinterpret_cast<TreeLeaf<D>*>(memory + at.leaves_at), shape.leaves});
}

/// Writes the whole buffer.
std::shared_ptr<std::byte[]> build_buffer(const PointColumns& columns, MetricKind metric,
                                          const BuildOptions& options, std::size_t& bytes) {
    const std::size_t points = columns.positions.size();
    std::vector<RowsByValue> by_value;
    std::vector<TreeEntry> entries{{TreeEntry::kAllRows, 0, points}};
    for (std::size_t a = 0; a < columns.attributes.size(); ++a) {
        by_value.emplace_back(columns.attributes[a], a);
        entries.insert(entries.end(), by_value.back().entries.begin(), by_value.back().entries.end());
    }
    IndexHeader header;
    header.metric = static_cast<std::uint32_t>(metric);
    header.points = points;
    header.attributes = static_cast<std::uint32_t>(columns.attributes.size());
    header.has_ids = columns.ids.empty() ? 0 : 1;
    header.trees = entries.size();
    const IndexLayout layout = IndexLayout::of(header, entries);
    header.bytes = bytes = layout.bytes;

    auto buffer = index_memory(bytes);
    // Gaps between sections are part of the checksum.
    const std::size_t trees_at = layout.trees.front().nodes_at;
    std::memset(buffer.get(), 0, trees_at);
    std::memcpy(buffer.get() + layout.entries_at, entries.data(), entries.size() * sizeof(TreeEntry));
    if (header.has_ids != 0) {
        std::memcpy(buffer.get() + layout.ids_at, columns.ids.data(), columns.ids.size_bytes());
    }
    with_metric(metric, [&]<class M>(M /*metric*/) {
        build_one<M>(columns, {}, options, buffer.get(), layout.trees.front(), points);
        std::size_t number = 1;
        for (const RowsByValue& attribute : by_value) {
            std::span<const std::uint32_t> rest(attribute.rows);
            for (const TreeEntry& entry : attribute.entries) {
                build_one<M>(columns, rest.first(entry.points), options, buffer.get(), layout.trees[number++],
                             entry.points);
                rest = rest.subspan(entry.points);
            }
        }
    });
    std::memcpy(buffer.get(), &header, sizeof header);
    header.checksum = checksum_of({buffer.get(), bytes});
    std::memcpy(buffer.get(), &header, sizeof header);
    return buffer;
}

/// The header of a buffer that has been built or verified.
IndexHeader header_of(std::span<const std::byte> bytes) {
    IndexHeader header;
    std::memcpy(&header, bytes.data(), sizeof header);
    return header;
}

}  // namespace

PointIndex::PointIndex(const PointColumns& columns, MetricKind metric, const BuildOptions& options) {
    require_valid(columns, metric, executor_of(options));
    std::size_t bytes = 0;
    auto buffer = build_buffer(columns, metric, options, bytes);
    bytes_ = {buffer.get(), bytes};
    owner_ = std::move(buffer);
    dimensions_of(metric) == 2 ? find_trees<2>() : find_trees<3>();
}

PointIndex PointIndex::of_bytes(std::span<const std::byte> bytes) {
    verify_index(bytes);
    PointIndex index;
    index.bytes_ = bytes;
    const auto metric = static_cast<MetricKind>(header_of(bytes).metric);
    dimensions_of(metric) == 2 ? index.find_trees<2>() : index.find_trees<3>();
    return index;
}

PointIndex PointIndex::load(const std::string& path) {
    MappedFile file = map_file(path);
    try {
        PointIndex index = of_bytes(file.bytes);
        index.owner_ = std::move(file.owner);
        return index;
    } catch (const Error& error) {
        throw Error(error.code(), fmt::format("{}: {}", path, error.what()));
    }
}

void PointIndex::save(const std::string& path) const {
    write_file(path, bytes_);
}

std::size_t PointIndex::attribute_count() const noexcept {
    return std::visit([](const auto& trees) { return trees.of_values.size(); }, trees_);
}

void PointIndex::require_attribute(std::size_t attribute) const {
    if (attribute < attribute_count()) return;
    throw Error(Code::invalid_argument, fmt::format("there is no attribute {}; the index was built with {}",
                                                    attribute, attribute_count()));
}

template <std::size_t D>
const PackedTree<D>* PointIndex::tree(const std::optional<AttributeValue>& where) const {
    const Trees<D>& trees = std::get<Trees<D>>(trees_);
    if (!where) return &trees.of_all;
    const auto& of_values = trees.of_values[where->attribute];
    const auto found =
        std::lower_bound(of_values.begin(), of_values.end(), where->value,
                         [](const ValueTree<D>& tree, std::uint32_t value) { return tree.value < value; });
    return found != of_values.end() && found->value == where->value ? &found->tree : nullptr;
}
template const PackedTree<2>* PointIndex::tree(const std::optional<AttributeValue>& where) const;
template const PackedTree<3>* PointIndex::tree(const std::optional<AttributeValue>& where) const;

/// Fills the members from the buffer.
template <std::size_t D>
void PointIndex::find_trees() {
    const IndexHeader header = header_of(bytes_);
    const auto* const first = reinterpret_cast<const TreeEntry*>(bytes_.data() + sizeof header);
    const std::span entries(first, header.trees);
    const IndexLayout layout = IndexLayout::of(header, entries);
    metric_ = static_cast<MetricKind>(header.metric);
    size_ = header.points;
    if (header.has_ids != 0) {
        ids_ = {reinterpret_cast<const std::int64_t*>(bytes_.data() + layout.ids_at), size_};
        rows_follow_ids_ = std::is_sorted(ids_.begin(), ids_.end());
    }
    auto& trees = trees_.template emplace<Trees<D>>();
    trees.of_values.resize(header.attributes);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const PackedTree<D> tree(
            entries[i].points, reinterpret_cast<const TreeNode<D>*>(bytes_.data() + layout.trees[i].nodes_at),
            reinterpret_cast<const TreeLeaf<D>*>(bytes_.data() + layout.trees[i].leaves_at));
        if (entries[i].attribute == TreeEntry::kAllRows) {
            trees.of_all = tree;
        } else {
            trees.of_values[entries[i].attribute].push_back({entries[i].value, tree});
        }
    }
}

}  // namespace crowfly
