#include "core/index/tree_builder.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "core/index/memory.h"
#include "core/index/tree_kernels.h"
#include "core/metric/earth.h"
#include "core/metric/plane.h"
#include "core/metric/sphere.h"
#include "core/metric/spheroid.h"
#include "core/metric/with_metric.h"

namespace crowfly {
namespace {

/// Work is shared out in pieces of so many points, whatever the executor's width.
constexpr std::size_t kPiece = std::size_t{1} << 16U;

std::size_t pieces_of(std::size_t count) {
    return (count + kPiece - 1) / kPiece;
}

/// Calls work(piece, first, last) for all pieces of `count` points.
template <class Work>
void each_piece(Executor& executor, std::size_t count, Work work) {
    executor.run(pieces_of(count), [&](std::size_t piece) {
        work(piece, piece * kPiece, std::min(count, (piece + 1) * kPiece));
    });
}

template <std::size_t D>
Extent<D> joint(std::span<const Extent<D>> extents) {
    Extent<D> joint = extents[0];
    for (const Extent<D>& extent : extents) {
        for (std::size_t d = 0; d < D; ++d) {
            joint.low[d] = std::min(joint.low[d], extent.low[d]);
            joint.high[d] = std::max(joint.high[d], extent.high[d]);
        }
    }
    return joint;
}

/// Memory for blocks, which those that are done leave to those that follow: so there is as much as are under
/// way at a time.
template <std::size_t D>
class BlockScratches {
  public:
    using Scratch = std::unique_ptr<BlockScratch<D>>;

    Scratch take() {
        const std::lock_guard lock(mutex_);
        if (free_.empty()) return std::make_unique_for_overwrite<BlockScratch<D>>();
        Scratch scratch = std::move(free_.back());
        free_.pop_back();
        return scratch;
    }

    void give_back(Scratch scratch) {
        const std::lock_guard lock(mutex_);
        free_.push_back(std::move(scratch));
    }

  private:
    std::mutex mutex_;
    std::vector<Scratch> free_;
};

/// One tree while it is built.
template <Metric M>
class TreeBuilder {
  public:
    static constexpr std::size_t D = M::kDimensions;

    TreeBuilder(const TreePositions& positions, Executor& executor, std::span<TreeNode<D>> nodes,
                std::span<TreeLeaf<D>> leaves)
        : positions_(positions),
          shape_(TreeShape::of(positions.size())),
          executor_(executor),
          nodes_(nodes),
          leaves_(leaves) {}

    void build(Build build) {
        if (shape_.points == 0) return;
        clear_last_nodes();
        if (shape_.points <= kBlockPoints) {
            finish_block(0, shape_.points, [](std::size_t i) { return static_cast<std::uint32_t>(i); });
        } else if (build == Build::best) {
            build_by_medians();
        } else {
            build_along_curve();
        }
        fill_upper_nodes();
    }

    std::vector<std::uint32_t> rows_along_curve() {
        std::vector<std::uint32_t> rows(positions_.size());
        std::vector<CurvePlace> places(2 * rows.size());
        const std::span all(places);
        number_and_order(all.first(rows.size()), all.last(rows.size()));
        each_piece(executor_, rows.size(), [&](std::size_t, std::size_t first, std::size_t last) {
            for (std::size_t i = first; i < last; ++i) rows[i] = positions_.row(places[i].number);
        });
        return rows;
    }

  private:
    /// Children that are not there.
    void clear_last_nodes() {
        for (std::size_t level = 0; level < shape_.levels; ++level) {
            TreeNode<D>& last = nodes_[shape_.level_begin[level + 1] - 1];
            for (std::size_t d = 0; d < D; ++d) {
                last.min[d].fill(std::numeric_limits<float>::infinity());
                last.max[d].fill(-std::numeric_limits<float>::infinity());
            }
        }
    }

    /// The points number(0) to number(count - 1) fill the leaves from slot `first`.
    template <class Number>
    void finish_block(std::size_t first, std::size_t count, Number number) {
        auto scratch = scratches_.take();
        for (std::size_t i = 0; i < count; ++i) scratch->numbers[i] = number(i);
        const std::size_t first_leaf = first / kLeafSize;
        const std::size_t leaves = (count + kLeafSize - 1) / kLeafSize;
        const std::span level_0 = nodes_.first(shape_.levels == 0 ? 0 : shape_.level_begin[1]);
        kernels_.finish_block(positions_, count, *scratch,
                              {leaves_.subspan(first_leaf, leaves), level_0, first_leaf});
        scratches_.give_back(std::move(scratch));
    }

    void build_by_medians() {
        const std::size_t room = shape_.points + kColumnMargin;
        const auto memory = index_memory(2 * (D + 1) * room * sizeof(std::int32_t));
        auto* const columns = reinterpret_cast<std::int32_t*>(memory.get());
        KeyColumns<D> one;
        KeyColumns<D> other;
        for (std::size_t c = 0; c <= D; ++c) {
            one.columns[c] = columns + c * room;
            other.columns[c] = columns + (D + 1 + c) * room;
            std::fill_n(one.columns[c] + shape_.points, kColumnMargin, 0);
            std::fill_n(other.columns[c] + shape_.points, kColumnMargin, 0);
        }
        const Extent<D> extent = widest_extent();
        each_piece(executor_, shape_.points, [&](std::size_t, std::size_t first, std::size_t last) {
            kernels_.keys(positions_, first, last, extent, one);
        });
        std::size_t capacity = kLeafSize;
        while (capacity < shape_.points) capacity *= kFanOut;
        halve(one, other, 0, shape_.points, capacity);
    }

    /// Holds all points, and on earth any point: a step of keys is then 3 mm, and where that is too long keys
    /// are made afresh.
    Extent<D> widest_extent() {
        if constexpr (M::kKind == MetricKind::plane) {
            std::vector<Extent<D>> extents(pieces_of(shape_.points));
            each_piece(executor_, shape_.points, [&](std::size_t piece, std::size_t first, std::size_t last) {
                extents[piece] = kernels_.extent(positions_, first, last);
            });
            return joint<D>(extents);
        } else {
            Extent<D> extent;
            extent.low.fill(-earth::kEquatorialRadius);
            extent.high.fill(earth::kEquatorialRadius);
            return extent;
        }
    }

    /// Halves the points below one node until blocks are left. Recursion is as deep as the logarithm of the
    /// number of points, whatever they are.
    void halve(const KeyColumns<D>& from, const KeyColumns<D>& to, std::size_t first, std::size_t count,
               std::size_t capacity) {
        if (count <= kBlockPoints) {
            finish_block(first, count, [&](std::size_t i) { return from.numbers()[i]; });
            return;
        }
        while (count <= capacity) capacity /= kFanOut;
        const std::size_t middle = first_half(count, capacity);
        const bool moved = kernels_.halve(positions_, from, to, count, middle);
        executor_.run(2, [&](std::size_t half) {
            const std::size_t begin = half == 0 ? 0 : middle;
            const std::size_t size = half == 0 ? middle : count - middle;
            halve((moved ? to : from).from(begin), (moved ? from : to).from(begin), first + begin, size,
                  capacity);
        });
    }

    void build_along_curve() {
        const auto memory = index_memory(2 * shape_.points * sizeof(CurvePlace));
        auto* const places = reinterpret_cast<CurvePlace*>(memory.get());
        number_and_order({places, shape_.points}, {places + shape_.points, shape_.points});
        executor_.run((shape_.points + kBlockPoints - 1) / kBlockPoints, [&](std::size_t block) {
            const std::size_t first = block * kBlockPoints;
            finish_block(first, std::min(kBlockPoints, shape_.points - first),
                         [&](std::size_t i) { return places[first + i].number; });
        });
    }

    void number_and_order(std::span<CurvePlace> places, std::span<CurvePlace> other) {
        each_piece(executor_, places.size(), [&](std::size_t, std::size_t first, std::size_t last) {
            for (std::size_t i = first; i < last; ++i) places[i].number = static_cast<std::uint32_t>(i);
        });
        order_along_curve(places, other);
    }

    void order_along_curve(std::span<CurvePlace> places, std::span<CurvePlace> other) {
        std::vector<Extent<2>> extents(pieces_of(places.size()));
        each_piece(executor_, places.size(), [&](std::size_t piece, std::size_t first, std::size_t last) {
            extents[piece] = kernels_.curve_extent(positions_, places.subspan(first, last - first));
        });
        const Extent<2> extent = joint<2>(extents);
        if (std::max(extent.high[0] - extent.low[0], extent.high[1] - extent.low[1]) < kNoExtent) return;
        each_piece(executor_, places.size(), [&](std::size_t, std::size_t first, std::size_t last) {
            kernels_.curve_keys(positions_, extent, places.subspan(first, last - first));
        });
        sort_by_digit<0>(places, other);
        sort_by_digit<1>(other, places);
        // Points in one cell of the curve's grid get a curve of their own, and keys of that, where there are
        // many. As many in a row hold two that are kCrowd apart.
        std::size_t done = 0;
        for (std::size_t i = 0; i + kCrowd < places.size(); i += kCrowd) {
            if (i < done || places[i].key != places[i + kCrowd].key) continue;
            const auto [run_begin, run_end] =
                std::equal_range(places.begin() + static_cast<std::ptrdiff_t>(done), places.end(), places[i],
                                 [](const CurvePlace& a, const CurvePlace& b) { return a.key < b.key; });
            const auto first = static_cast<std::size_t>(run_begin - places.begin());
            const auto count = static_cast<std::size_t>(run_end - run_begin);
            if (count == places.size()) return;
            order_along_curve(places.subspan(first, count), other.subspan(first, count));
            done = first + count;
        }
    }

    /// One pass of a radix sort from the least digit, which keeps the order of equal digits.
    template <unsigned kDigit>
    void sort_by_digit(std::span<const CurvePlace> from, std::span<CurvePlace> to) {
        constexpr std::size_t kDigits = 4096;
        const auto digit = [](CurvePlace place) { return place.key >> (12 * kDigit) & (kDigits - 1); };
        std::vector<std::array<std::uint32_t, kDigits>> counts(pieces_of(from.size()));
        each_piece(executor_, from.size(), [&](std::size_t piece, std::size_t first, std::size_t last) {
            counts[piece].fill(0);
            for (std::size_t i = first; i < last; ++i) ++counts[piece][digit(from[i])];
        });
        std::uint32_t begin = 0;
        for (std::size_t d = 0; d < kDigits; ++d) {
            for (auto& count : counts) begin += std::exchange(count[d], begin);
        }
        each_piece(executor_, from.size(), [&](std::size_t piece, std::size_t first, std::size_t last) {
            auto& next = counts[piece];
            for (std::size_t i = first; i < last; ++i) to[next[digit(from[i])]++] = from[i];
        });
    }

    void fill_upper_nodes() {
        for (std::size_t level = 1; level < shape_.levels; ++level) {
            const std::size_t below = shape_.level_begin[level - 1];
            for (std::size_t child = 0; child < shape_.children_of_level(level); ++child) {
                const TreeNode<D>& from = nodes_[below + child];
                TreeNode<D>& node = nodes_[shape_.level_begin[level] + child / kFanOut];
                for (std::size_t d = 0; d < D; ++d) {
                    node.min[d][child % kFanOut] = *std::min_element(from.min[d].begin(), from.min[d].end());
                    node.max[d][child % kFanOut] = *std::max_element(from.max[d].begin(), from.max[d].end());
                }
            }
        }
    }

    static constexpr double kNoExtent = 1e-199;  ///< longer than what Grid takes for nothing
    static constexpr std::size_t kCrowd = kBlockPoints / 8;

    const TreePositions& positions_;
    TreeShape shape_;
    Executor& executor_;
    std::span<TreeNode<D>> nodes_;
    std::span<TreeLeaf<D>> leaves_;
    const TreeKernels<M>& kernels_ = tree_kernels<M>();
    BlockScratches<D> scratches_;
};

}  // namespace

template <Metric M>
void build_tree(std::span<const LonLat> positions, std::span<const std::uint32_t> rows, Build build,
                Executor& executor, std::span<TreeNode<M::kDimensions>> nodes,
                std::span<TreeLeaf<M::kDimensions>> leaves) {
    TreeBuilder<M>({positions, rows}, executor, nodes, leaves).build(build);
}

template void build_tree<Plane>(std::span<const LonLat>, std::span<const std::uint32_t>, Build, Executor&,
                                std::span<TreeNode<2>>, std::span<TreeLeaf<2>>);
template void build_tree<Sphere>(std::span<const LonLat>, std::span<const std::uint32_t>, Build, Executor&,
                                 std::span<TreeNode<3>>, std::span<TreeLeaf<3>>);
template void build_tree<Spheroid>(std::span<const LonLat>, std::span<const std::uint32_t>, Build, Executor&,
                                   std::span<TreeNode<3>>, std::span<TreeLeaf<3>>);

std::vector<std::uint32_t> order_along_curve(std::span<const LonLat> positions,
                                             std::span<const std::uint32_t> rows, MetricKind metric,
                                             Executor& executor) {
    const TreePositions those{positions, rows};
    if (those.size() == 0) return {};
    return with_metric(metric, [&]<class M>(M /*metric*/) {
        return TreeBuilder<M>(those, executor, {}, {}).rows_along_curve();
    });
}

}  // namespace crowfly
