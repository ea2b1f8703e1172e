#include "core/index/tree_kernels.h"

#include <algorithm>

#include "core/metric/box.h"
#include "core/metric/plane.h"
#include "core/metric/sphere.h"
#include "core/metric/spheroid.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/index/tree_kernels.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/index/halving-inl.h"
#include "core/index/hilbert-inl.h"
#include "core/metric/formulas-inl.h"

HWY_BEFORE_NAMESPACE();
namespace crowfly::HWY_NAMESPACE {
namespace {

/// Longitudes and latitudes of points; what is behind them, up to a whole vector, is that of the last.
template <class Number>
HWY_NOINLINE void load_positions(const TreePositions& positions, Number number, std::size_t count,
                                 double* lon, double* lat) {
    constexpr std::size_t kAhead = 24;
    for (std::size_t i = 0; i < count; ++i) {
        if (i + kAhead < count) hwy::Prefetch(&positions.positions[positions.row(number(i + kAhead))]);
        const LonLat position = positions.positions[positions.row(number(i))];
        lon[i] = position.lon;
        lat[i] = position.lat;
    }
    for (std::size_t i = count; i % Lanes::kCount != 0; ++i) {
        lon[i] = lon[count - 1];
        lat[i] = lat[count - 1];
    }
}

/// Turns longitudes and latitudes into the metric's coordinates, in place.
template <Metric M>
HWY_NOINLINE void embed_columns(const std::array<double*, M::kDimensions>& columns, std::size_t count) {
    if (M::kKind == MetricKind::plane) return;
    const Lanes::Tag tag;
    for (std::size_t i = 0; i < count; i += Lanes::kCount) {
        Lanes point[M::kDimensions];
        embed(M(), Lanes(hn::LoadU(tag, columns[0] + i)), Lanes(hn::LoadU(tag, columns[1] + i)), point);
        for (std::size_t d = 0; d < M::kDimensions; ++d) hn::StoreU(point[d].vector(), tag, columns[d] + i);
    }
}

template <std::size_t D>
Extent<D> no_extent() {
    Extent<D> extent;
    extent.low.fill(std::numeric_limits<double>::infinity());
    extent.high.fill(-std::numeric_limits<double>::infinity());
    return extent;
}

/// Whole vectors; what is behind `count` must be one of the values before. Zero has no sign.
HWY_INLINE void grow(const double* values, std::size_t count, double& low, double& high) {
    const Lanes::Tag tag;
    auto least = hn::Set(tag, low);
    auto most = hn::Set(tag, high);
    for (std::size_t i = 0; i < count; i += Lanes::kCount) {
        const auto v = hn::LoadU(tag, values + i);
        least = hn::Min(least, v);
        most = hn::Max(most, v);
    }
    low = hn::GetLane(hn::MinOfLanes(tag, least)) + 0.0;
    high = hn::GetLane(hn::MaxOfLanes(tag, most)) + 0.0;
}

template <Metric M, class Number>
HWY_INLINE void load_chunk(const TreePositions& positions, Number number, std::size_t count,
                           ChunkColumns<M::kDimensions>& columns) {
    load_positions(positions, number, count, columns[0].data(), columns[1].data());
    std::array<double*, M::kDimensions> pointers;
    for (std::size_t d = 0; d < M::kDimensions; ++d) pointers[d] = columns[d].data();
    embed_columns<M>(pointers, count);
}

template <Metric M>
Extent<M::kDimensions> extent(const TreePositions& positions, std::size_t first, std::size_t last) {
    constexpr std::size_t D = M::kDimensions;
    Extent<D> extent = no_extent<D>();
    ChunkColumns<D> columns;
    for (; first < last; first += kChunk) {
        const std::size_t count = std::min(kChunk, last - first);
        load_chunk<M>(
            positions, [=](std::size_t i) { return static_cast<std::uint32_t>(first + i); }, count, columns);
        for (std::size_t d = 0; d < D; ++d) grow(columns[d].data(), count, extent.low[d], extent.high[d]);
    }
    return extent;
}

/// The keys of coordinate d.
template <std::size_t D>
HWY_INLINE void quantise(const Grid<D>& grid, std::size_t d, const double* coordinates, std::size_t count,
                         std::int32_t* keys) {
    const Lanes::Tag tag;
    const hn::Rebind<std::int32_t, Lanes::Tag> key_tag;
    const auto low = hn::Set(tag, grid.low[d]);
    const auto steps = hn::Set(tag, grid.steps);
    const auto half = hn::Set(tag, Grid<D>::kHalf);
    std::size_t i = 0;
    for (; i + Lanes::kCount <= count; i += Lanes::kCount) {
        const auto v = hn::Sub(hn::Mul(hn::Sub(hn::LoadU(tag, coordinates + i), low), steps), half);
        hn::StoreU(hn::DemoteTo(key_tag, v), key_tag, keys + i);
    }
    for (; i < count; ++i) keys[i] = grid.key(d, coordinates[i]);
}

template <Metric M>
void keys(const TreePositions& positions, std::size_t first, std::size_t last,
          const Extent<M::kDimensions>& extent, const KeyColumns<M::kDimensions>& to) {
    constexpr std::size_t D = M::kDimensions;
    const Grid<D> grid(extent);
    ChunkColumns<D> columns;
    for (; first < last; first += kChunk) {
        const std::size_t count = std::min(kChunk, last - first);
        load_chunk<M>(
            positions, [=](std::size_t i) { return static_cast<std::uint32_t>(first + i); }, count, columns);
        for (std::size_t d = 0; d < D; ++d) {
            quantise(grid, d, columns[d].data(), count, to.columns[d] + first);
        }
        for (std::size_t i = first; i < first + count; ++i) to.numbers()[i] = static_cast<std::uint32_t>(i);
    }
}

/// For a halving of all points.
template <Metric M>
struct FarCoordinates {
    const TreePositions& positions;

    void load(const std::uint32_t* numbers, std::size_t count, ChunkColumns<M::kDimensions>& columns) const {
        load_chunk<M>(
            positions, [=](std::size_t i) { return numbers[i]; }, count, columns);
    }
};

template <Metric M>
bool halve_far(const TreePositions& positions, const KeyColumns<M::kDimensions>& from,
               const KeyColumns<M::kDimensions>& to, std::size_t count, std::size_t middle) {
    return halve<true>(FarCoordinates<M>{positions}, from, to, count, middle, false);
}

template <Metric M>
HWY_NOINLINE void unfold_chunk(const TreePositions& positions, std::span<const CurvePlace> places,
                               ChunkColumns<2>& columns) {
    const Lanes::Tag tag;
    load_positions(
        positions, [=](std::size_t i) { return places[i].number; }, places.size(), columns[0].data(),
        columns[1].data());
    for (std::size_t i = 0; i < places.size(); i += Lanes::kCount) {
        Lanes x(hn::LoadU(tag, columns[0].data() + i));
        Lanes y(hn::LoadU(tag, columns[1].data() + i));
        unfold(M(), x, y);
        hn::StoreU(x.vector(), tag, columns[0].data() + i);
        hn::StoreU(y.vector(), tag, columns[1].data() + i);
    }
}

template <Metric M>
Extent<2> curve_extent(const TreePositions& positions, std::span<const CurvePlace> places) {
    Extent<2> extent = no_extent<2>();
    ChunkColumns<2> columns;
    for (std::size_t first = 0; first < places.size(); first += kChunk) {
        const std::size_t count = std::min(kChunk, places.size() - first);
        unfold_chunk<M>(positions, places.subspan(first, count), columns);
        for (std::size_t d = 0; d < 2; ++d) grow(columns[d].data(), count, extent.low[d], extent.high[d]);
    }
    return extent;
}

template <Metric M>
void curve_keys(const TreePositions& positions, const Extent<2>& extent, std::span<CurvePlace> places) {
    const hn::CappedTag<std::uint32_t, 16> tag;
    const Grid<2> grid(extent);
    ChunkColumns<2> columns;
    std::array<std::array<std::int32_t, kChunk>, 2> cells{};
    for (std::size_t first = 0; first < places.size(); first += kChunk) {
        const std::size_t count = std::min(kChunk, places.size() - first);
        unfold_chunk<M>(positions, places.subspan(first, count), columns);
        for (std::size_t d = 0; d < 2; ++d) {
            quantise(grid, d, columns[d].data(), count, cells[d].data());
        }
        for (std::size_t i = 0; i < count; i += hn::Lanes(tag)) {
            // Keys run from -2^31; of 32 bits the first 12 are taken.
            const auto cell = [&](std::size_t d) HWY_ATTR {
                const auto key = hn::LoadU(hn::RebindToSigned<decltype(tag)>(), cells[d].data() + i);
                return hn::ShiftRight<20>(hn::Xor(hn::BitCast(tag, key), hn::Set(tag, 0x80000000U)));
            };
            hn::StoreU(hilbert(tag, cell(0), cell(1)), tag,
                       reinterpret_cast<std::uint32_t*>(cells[0].data()) + i);
        }
        for (std::size_t i = 0; i < count; ++i)
            places[first + i].key = static_cast<std::uint32_t>(cells[0][i]);
    }
}

/// The embedded points of one block on their way into its leaves.
template <std::size_t D>
class Block {
  public:
    Block(const TreePositions& positions, std::size_t count, BlockScratch<D>& scratch,
          const BlockTarget<D>& target)
        : positions_(positions), count_(count), scratch_(scratch), target_(target) {}

    HWY_NOINLINE void finish() {
        KeyColumns<D> one;
        KeyColumns<D> other;
        for (std::size_t c = 0; c <= D; ++c) {
            one.columns[c] = scratch_.one[c].data();
            other.columns[c] = scratch_.other[c].data();
        }
        make_keys(one);
        order(one, other, 0, count_, kBlockPoints);
        for (std::size_t leaf = 0; leaf < target_.leaves.size(); ++leaf) {
            const std::size_t count = std::min(kLeafSize, count_ - leaf * kLeafSize);
            fill_leaf(leaf, count);
            if (!target_.nodes.empty()) fill_box(leaf, count);
        }
    }

    /// For a halving of points of this block.
    void load(const std::uint32_t* numbers, std::size_t count, ChunkColumns<D>& columns) const {
        for (std::size_t d = 0; d < D; ++d) {
            for (std::size_t i = 0; i < count; ++i) columns[d][i] = scratch_.coordinates[d][numbers[i]];
        }
    }

  private:
    HWY_INLINE void make_keys(const KeyColumns<D>& keys) {
        Extent<D> extent = no_extent<D>();
        for (std::size_t d = 0; d < D; ++d) {
            grow(scratch_.coordinates[d].data(), count_, extent.low[d], extent.high[d]);
        }
        const Grid<D> grid(extent);
        for (std::size_t d = 0; d < D; ++d) {
            quantise(grid, d, scratch_.coordinates[d].data(), count_, keys.columns[d]);
        }
        for (std::size_t i = 0; i < count_; ++i) keys.numbers()[i] = static_cast<std::uint32_t>(i);
    }

    /// Orders the points below one node that can hold `capacity` of them so that its children, and theirs,
    /// are compact: halves them at the median of their longest side, at a border between children, until one
    /// child is left, then does the same within that child.
    void order(const KeyColumns<D>& from, const KeyColumns<D>& to, std::size_t first, std::size_t count,
               std::size_t capacity) {
        std::uint32_t* const ordered = scratch_.order.data() + first;
        while (count <= capacity && capacity > kLeafSize) capacity /= kFanOut;
        const std::size_t middle = first_half(count, capacity);
        const bool last_halving = count <= 2 * kLeafSize;
        if (middle == 0 || !halve<false>(*this, from, to, count, middle, last_halving)) {
            std::copy_n(from.numbers(), count, ordered);
        } else if (last_halving) {
            std::copy_n(to.numbers(), count, ordered);
        } else {
            order(to, from, first, middle, capacity);
            order(to.from(middle), from.from(middle), first + middle, count - middle, capacity);
        }
    }

    HWY_INLINE void fill_leaf(std::size_t number, std::size_t count) {
        TreeLeaf<D>& leaf = target_.leaves[number];
        const std::uint32_t* const order = scratch_.order.data() + number * kLeafSize;
        if (count < kLeafSize) {
            for (auto& column : leaf.columns) column.fill(std::numeric_limits<double>::infinity());
            leaf.rows.fill(std::numeric_limits<std::uint32_t>::max());
        }
        for (std::size_t d = 0; d < D; ++d) {
            const double* const coordinates = scratch_.coordinates[d].data();
            for (std::size_t i = 0; i < count; ++i) leaf.columns[d][i] = coordinates[order[i]];
        }
        for (std::size_t i = 0; i < count; ++i) leaf.rows[i] = positions_.row(scratch_.numbers[order[i]]);
    }

    HWY_INLINE void fill_box(std::size_t number, std::size_t count) {
        const std::size_t child = target_.first_child + number;
        TreeNode<D>& node = target_.nodes[child / kFanOut];
        for (std::size_t d = 0; d < D; ++d) {
            alignas(64) std::array<double, kLeafSize> column = target_.leaves[number].columns[d];
            std::fill(column.begin() + static_cast<std::ptrdiff_t>(count), column.end(), column[0]);
            double low = column[0];
            double high = column[0];
            grow(column.data(), kLeafSize, low, high);
            node.min[d][child % kFanOut] = round_down(low);
            node.max[d][child % kFanOut] = round_up(high);
        }
    }

    const TreePositions& positions_;
    std::size_t count_;
    BlockScratch<D>& scratch_;
    const BlockTarget<D>& target_;
};

template <Metric M>
void finish_block(const TreePositions& positions, std::size_t count, BlockScratch<M::kDimensions>& scratch,
                  const BlockTarget<M::kDimensions>& target) {
    std::array<double*, M::kDimensions> columns;
    for (std::size_t d = 0; d < M::kDimensions; ++d) columns[d] = scratch.coordinates[d].data();
    const std::uint32_t* const numbers = scratch.numbers.data();
    load_positions(
        positions, [=](std::size_t i) { return numbers[i]; }, count, columns[0], columns[1]);
    embed_columns<M>(columns, count);
    Block<M::kDimensions>(positions, count, scratch, target).finish();
}

template <Metric M>
const TreeKernels<M>* kernels() {
    static constexpr TreeKernels<M> kKernels{extent<M>,       keys<M>,       halve_far<M>,
                                             curve_extent<M>, curve_keys<M>, finish_block<M>};
    return &kKernels;
}

const TreeKernels<Plane>* plane_kernels() {
    return kernels<Plane>();
}
const TreeKernels<Sphere>* sphere_kernels() {
    return kernels<Sphere>();
}
const TreeKernels<Spheroid>* spheroid_kernels() {
    return kernels<Spheroid>();
}

}  // namespace
}  // namespace crowfly::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace crowfly {

HWY_EXPORT(plane_kernels);
HWY_EXPORT(sphere_kernels);
HWY_EXPORT(spheroid_kernels);

template <>
const TreeKernels<Plane>& tree_kernels() {
    return *HWY_DYNAMIC_DISPATCH(plane_kernels)();
}
template <>
const TreeKernels<Sphere>& tree_kernels() {
    return *HWY_DYNAMIC_DISPATCH(sphere_kernels)();
}
template <>
const TreeKernels<Spheroid>& tree_kernels() {
    return *HWY_DYNAMIC_DISPATCH(spheroid_kernels)();
}

}  // namespace crowfly
#endif  // HWY_ONCE
