#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/executor.h"
#include "core/index/packed_tree.h"
#include "core/index/tree_builder.h"
#include "core/metric/metric.h"

namespace crowfly {

/// Rows whose declared attribute, the number of one that the index was built with, has this value.
struct AttributeValue {
    std::size_t attribute = 0;
    std::uint32_t value = 0;
};

/// What an index is built from, column by column. The spans need not outlive the build.
struct PointColumns {
    std::span<const LonLat> positions;

    /// Of the rows, in any order but each once; empty: the row numbers are the ids.
    std::span<const std::int64_t> ids = {};

    /// Each has a value for every row, such as the number of its category. For each value there is a tree of
    /// its own over the rows that have it, so every attribute costs as much memory as the positions do, and
    /// at least a leaf (320 bytes on the plane, 448 else) for each value: it is for categories, not for
    /// names.
    std::vector<std::span<const std::uint32_t>> attributes = {};
};

struct BuildOptions {
    Build build = Build::best;
    Executor* executor = nullptr;  ///< lends threads; none: the calling thread does all
};

/// The one that is lent, or one that lends none.
inline Executor& executor_of(const BuildOptions& options) {
    return options.executor != nullptr ? *options.executor : serial_executor();
}

/// An immutable index over points for one metric that is chosen at run time. Any number of threads may search
/// it, each through a Searcher of its own.
///
///     PointIndex index({.positions = positions}, MetricKind::spheroid);
///     Searcher searcher(index);
///     for (const Neighbor& n : searcher.nearest({-118.29, 36.58}, {.k = 10})) use(n.row, n.distance);
///
/// All of it is one buffer, which can be written to a file and mapped into memory again. Memory: 21.1 bytes a
/// point on the plane, 29.7 on sphere and spheroid; with ids 8 more; the same again without the ids for each
/// attribute.
class PointIndex {
  public:
    /// Row i is positions[i]. Throws Error(invalid_argument) that names the row of a position outside the
    /// metric's domain, two rows of one id, and a column of another length than the positions; and
    /// Error(too_large) for more than 2^32 - 2 positions. Cost: O(n log n) with Build::best, O(n) with
    /// Build::fast.
    PointIndex(const PointColumns& columns, MetricKind metric, const BuildOptions& options = {});
    PointIndex(std::span<const LonLat> positions, MetricKind metric, const BuildOptions& options = {})
        : PointIndex(PointColumns{.positions = positions}, metric, options) {}

    /// An index in memory that somebody else owns and keeps as it is, at a multiple of 64 bytes. Trusts
    /// nothing in it: throws Error(corrupt) that says what is wrong unless it is, to the last byte, an index
    /// as this class builds it, and Error(unsupported) for one of another version. Cost: O(n).
    static PointIndex of_bytes(std::span<const std::byte> bytes);

    /// Maps the file into memory. Throws as `of_bytes`, and Error(not_found), Error(permission_denied) or
    /// Error(io). The file must not be written to while the index lives; `save` replaces it instead.
    static PointIndex load(const std::string& path);

    /// Writes the file beside its place and then moves it there, so that there is a whole one at any time.
    /// Throws Error(permission_denied) or Error(io).
    void save(const std::string& path) const;

    std::span<const std::byte> bytes() const noexcept { return bytes_; }

    MetricKind metric() const noexcept { return metric_; }
    std::size_t size() const noexcept { return size_; }
    std::size_t attribute_count() const noexcept;

    /// Throws Error(invalid_argument) when there is no attribute of that number.
    void require_attribute(std::size_t attribute) const;

    std::span<const std::int64_t> ids() const noexcept { return ids_; }
    std::int64_t id(std::uint32_t row) const noexcept {
        return ids_.empty() ? static_cast<std::int64_t>(row) : ids_[row];
    }

    /// Whether the order of rows is that of ids.
    bool rows_follow_ids() const noexcept { return rows_follow_ids_; }

    template <std::size_t D>
    struct ValueTree {
        std::uint32_t value;
        PackedTree<D> tree;
    };

    /// The tree over all rows, or over those with the attribute's value; null when there are none.
    template <std::size_t D>
    const PackedTree<D>* tree(const std::optional<AttributeValue>& where) const;

    /// The trees of an attribute, by value.
    template <std::size_t D>
    std::span<const ValueTree<D>> value_trees(std::size_t attribute) const {
        return std::get<Trees<D>>(trees_).of_values[attribute];
    }

  private:
    template <std::size_t D>
    struct Trees {
        PackedTree<D> of_all;
        std::vector<std::vector<ValueTree<D>>> of_values;
    };

    PointIndex() = default;
    template <std::size_t D>
    void find_trees();

    MetricKind metric_ = MetricKind::plane;
    std::size_t size_ = 0;
    bool rows_follow_ids_ = true;
    std::span<const std::int64_t> ids_;
    std::variant<Trees<2>, Trees<3>> trees_;
    std::span<const std::byte> bytes_;
    std::shared_ptr<const void> owner_;
};

}  // namespace crowfly
