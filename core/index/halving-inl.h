// Halving of many points at the median of a coordinate, in vectors. Highway compiles this once for each kind
// of processor, so there is no `#pragma once`.

#if defined(CROWFLY_CORE_INDEX_HALVING_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CROWFLY_CORE_INDEX_HALVING_INL_H
#undef CROWFLY_CORE_INDEX_HALVING_INL_H
#else
#define CROWFLY_CORE_INDEX_HALVING_INL_H
#endif

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <hwy/highway.h>

#include "core/index/tree_kernels.h"
#include "core/metric/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace crowfly::HWY_NAMESPACE {

using KeyTag = hn::CappedTag<std::int32_t, 16>;
constexpr std::size_t kKeyLanes = hn::MaxLanes(KeyTag());

/// From coordinates to keys: whole steps from the least coordinate, of one length for all coordinates, so
/// that sides can be compared by their keys. Differences from the least are rounded as the extent is, so no
/// key is out of range, however few numbers there are between the least and the greatest.
template <std::size_t D>
struct Grid {
    static constexpr double kHalf = 2147483000;  ///< keys run from -kHalf to kHalf
    std::array<double, D> low;
    double steps = 0;  ///< per unit of length; 0 when the extent is no longer than nothing

    explicit Grid(const Extent<D>& extent) : low(extent.low) {
        // Squares of lengths below this are 0.
        constexpr double kNothing = 1e-200;
        double longest = 0;
        for (std::size_t d = 0; d < D; ++d) longest = std::max(longest, extent.high[d] - extent.low[d]);
        if (longest > kNothing) steps = 2 * kHalf / longest;
    }

    std::int32_t key(std::size_t d, double coordinate) const {
        return static_cast<std::int32_t>((coordinate - low[d]) * steps - kHalf);
    }
};

/// Least and greatest keys.
template <std::size_t D>
struct KeyExtent {
    std::array<std::int32_t, D> low;
    std::array<std::int32_t, D> high;

    std::uint32_t side(std::size_t d) const {
        return static_cast<std::uint32_t>(high[d]) - static_cast<std::uint32_t>(low[d]);
    }
    std::size_t longest() const {
        std::size_t longest = 0;
        for (std::size_t d = 1; d < D; ++d) {
            if (side(d) > side(longest)) longest = d;
        }
        return longest;
    }
};

template <std::size_t D>
HWY_NOINLINE KeyExtent<D> key_extent(const KeyColumns<D>& points, std::size_t count) {
    const KeyTag tag;
    KeyExtent<D> extent;
    for (std::size_t d = 0; d < D; ++d) {
        const std::int32_t* const keys = points.columns[d];
        auto low = hn::Set(tag, keys[0]);
        auto high = low;
        std::size_t i = 0;
        for (; i + kKeyLanes <= count; i += kKeyLanes) {
            const auto v = hn::LoadU(tag, keys + i);
            low = hn::Min(low, v);
            high = hn::Max(high, v);
        }
        if (i < count) {
            const auto v = hn::IfThenElse(hn::FirstN(tag, count - i), hn::LoadU(tag, keys + i), low);
            low = hn::Min(low, v);
            high = hn::Max(high, v);
        }
        extent.low[d] = hn::GetLane(hn::MinOfLanes(tag, low));
        extent.high[d] = hn::GetLane(hn::MaxOfLanes(tag, high));
    }
    return extent;
}

/// How many keys are below the bound.
HWY_INLINE std::size_t count_below(const std::int32_t* keys, std::size_t count, std::int32_t bound) {
    const KeyTag tag;
    const auto b = hn::Set(tag, bound);
    std::size_t below = 0;
    std::size_t i = 0;
    for (; i + kKeyLanes <= count; i += kKeyLanes) {
        below += hn::CountTrue(tag, hn::Lt(hn::LoadU(tag, keys + i), b));
    }
    if (i < count) {
        const auto mask = hn::And(hn::FirstN(tag, count - i), hn::Lt(hn::LoadU(tag, keys + i), b));
        below += hn::CountTrue(tag, mask);
    }
    return below;
}

struct Kept {
    std::size_t below;  ///< keys below `low`
    std::size_t kept;   ///< keys from `low` to `high`
};

/// Copies the keys from `low` to `high`; `to` may be `keys`, and needs room for a vector behind the copies.
HWY_INLINE Kept keep_between(const std::int32_t* keys, std::size_t count, std::int32_t low, std::int32_t high,
                             std::int32_t* to) {
    const KeyTag tag;
    const auto l = hn::Set(tag, low);
    const auto h = hn::Set(tag, high);
    Kept result{0, 0};
    for (std::size_t i = 0; i < count; i += kKeyLanes) {
        const auto v = hn::LoadU(tag, keys + i);
        const auto valid = hn::FirstN(tag, std::min(kKeyLanes, count - i));
        const auto is_below = hn::And(valid, hn::Lt(v, l));
        const auto kept = hn::And(valid, hn::Not(hn::Or(hn::Lt(v, l), hn::Gt(v, h))));
        hn::StoreU(hn::Compress(v, kept), tag, to + result.kept);
        result.below += hn::CountTrue(tag, is_below);
        result.kept += hn::CountTrue(tag, kept);
    }
    return result;
}

/// Where keys are parted: those below `bound` go left, and so do those equal to it that stand before the
/// place `ties_end`.
struct Parting {
    std::int32_t bound;
    std::size_t ties_end;
    std::size_t ties;  ///< how many are equal to it, when not all of them go to the same side
};

/// Finds the key of a rank: the number of keys less than it is known to be at most that. Each step parts what
/// is left by a key between `low` and `high`, which is where a sample has it (R. W. Floyd and R. L. Rivest,
/// "Expected time bounds for selection", Communications of the ACM 18 (1975), doi:10.1145/360680.360691), or
/// where it would be if keys were spread evenly, or, so that there are never more than some 96 steps,
/// halfway.
class Selection {
  public:
    /// `scratch` has room for all keys and a vector.
    HWY_INLINE Selection(const std::int32_t* keys, std::size_t count, std::int32_t low, std::int32_t high,
                         std::int32_t* scratch)
        : all_(keys), count_(count), scratch_(scratch), keys_(keys), left_(count), low_(low), high_(high) {}

    HWY_NOINLINE Parting parting(std::size_t rank) {
        rank_ = rank;
        inside_ = count_;
        if (count_ >= kSampled && narrow_by_sample()) return {found_, 0, 0};
        for (std::size_t step = 0; low_ < high_; ++step) {
            const std::int32_t key = step % 3 == 2 ? halfway() : even_guess();
            const std::size_t less = count_below(keys_, left_, key) - outside_below_;
            if (less == rank_) return {key, 0, 0};
            if (less > rank_) {
                high_ = key - 1;
                inside_ = less;
            } else {
                low_ = key;
                rank_ -= less;
                inside_ -= less;
                outside_below_ += less;
            }
            if (left_ > kShort && inside_ < left_ / 2) shorten();
        }
        return ties();
    }

  private:
    static constexpr std::size_t kSampled = 2048;
    static constexpr std::size_t kShort = 4 * kKeyLanes;

    HWY_INLINE std::int32_t halfway() const {
        return static_cast<std::int32_t>((std::int64_t{low_} + high_ + 1) >> 1);
    }

    HWY_INLINE std::int32_t even_guess() const {
        const double side = static_cast<double>(std::int64_t{high_} - low_);
        const double share = static_cast<double>(rank_) / static_cast<double>(inside_);
        const auto guess = low_ + static_cast<std::int64_t>(side * share);
        return static_cast<std::int32_t>(std::clamp(guess, std::int64_t{low_} + 1, std::int64_t{high_}));
    }

    HWY_INLINE void shorten() {
        const Kept kept = keep_between(keys_, left_, low_, high_, scratch_);
        keys_ = scratch_;
        left_ = kept.kept;
        outside_below_ = 0;
    }

    /// Returns whether that alone has found a key with `rank_` others below it.
    HWY_NOINLINE bool narrow_by_sample() {
        constexpr std::size_t kMostSample = 1024;
        std::array<std::int32_t, kMostSample> sample;
        const std::size_t size = std::clamp<std::size_t>(count_ / 128, 64, kMostSample);
        for (std::size_t i = 0; i < size; ++i) sample[i] = all_[i * count_ / size];
        std::sort(sample.begin(), sample.begin() + size);
        const double at =
            static_cast<double>(rank_) / static_cast<double>(count_) * static_cast<double>(size);
        const double doubt = 1.25 * std::sqrt(static_cast<double>(size));
        const auto first = static_cast<std::size_t>(std::max(at - doubt, 0.0));
        const auto last = static_cast<std::size_t>(std::min(at + doubt, static_cast<double>(size) - 1));
        const std::int32_t low = std::max(low_, sample[first]);
        const std::int32_t high = std::min(high_, sample[last]);
        const Kept kept = keep_between(all_, count_, low, high, scratch_);
        if (rank_ < kept.below) {
            high_ = low - 1;
            inside_ = kept.below;
        } else if (rank_ >= kept.below + kept.kept) {
            low_ = high + 1;
            outside_below_ = kept.below + kept.kept;
            rank_ -= outside_below_;
            inside_ = count_ - outside_below_;
        } else {
            keys_ = scratch_;
            left_ = inside_ = kept.kept;
            rank_ -= kept.below;
            low_ = low;
            high_ = high;
        }
        found_ = low_;
        return rank_ == 0;
    }

    /// All that are left are equal, and the first `rank_` of them go left.
    HWY_INLINE Parting ties() const {
        if (rank_ == 0) return {low_, 0, 0};
        std::size_t before = rank_;
        std::size_t end = 0;
        for (; before > 0; ++end) before -= all_[end] == low_ ? 1 : 0;
        return {low_, end, inside_};
    }

    const std::int32_t* all_;
    std::size_t count_;
    std::int32_t* scratch_;
    const std::int32_t* keys_;  ///< those among which is the one
    std::size_t left_;          ///< how many
    std::int32_t low_;
    std::int32_t high_;
    std::size_t rank_ = 0;           ///< among those from low_ to high_
    std::size_t inside_ = 0;         ///< how many are from low_ to high_
    std::size_t outside_below_ = 0;  ///< how many of keys_ are below low_
    std::int32_t found_ = 0;
};

/// Moves points to the left, which has `middle` of them, and to the right, each in the order in which they
/// were. `kShared` when other threads may use what stands behind.
template <std::size_t D, bool kShared>
class Partition {
  public:
    HWY_INLINE Partition(const KeyColumns<D>& from, const KeyColumns<D>& to, std::size_t count,
                         std::size_t middle, std::size_t first_column)
        : from_(from), to_(to), first_column_(first_column), middle_(middle), end_(count), right_(middle) {}

    HWY_NOINLINE void run(std::size_t dimension, const Parting& parting) {
        if (parting.ties_end > 0) part(dimension, 0, parting.ties_end, parting.bound + 1);
        part(dimension, parting.ties_end, end_, parting.bound);
    }

  private:
    HWY_INLINE void part(std::size_t dimension, std::size_t begin, std::size_t end, std::int32_t bound) {
        const KeyTag tag;
        const auto b = hn::Set(tag, bound);
        const std::int32_t* const keys = from_.columns[dimension];
        std::size_t i = begin;
        for (; i + kKeyLanes <= end; i += kKeyLanes) {
            const auto goes_left = hn::Lt(hn::LoadU(tag, keys + i), b);
            move(i, goes_left, hn::Not(goes_left), kKeyLanes);
        }
        if (i < end) {
            const auto valid = hn::FirstN(tag, end - i);
            const auto goes_left = hn::Lt(load(keys + i, end - i), b);
            move(i, hn::And(valid, goes_left), hn::AndNot(goes_left, valid), end - i);
        }
    }

    template <class Mask>
    HWY_INLINE void move(std::size_t i, Mask goes_left, Mask goes_right, std::size_t count) {
        const KeyTag tag;
        const std::size_t lefts = hn::CountTrue(tag, goes_left);
        const std::size_t rights = count - lefts;
        for (std::size_t c = first_column_; c <= D; ++c) {
            const auto v = load(from_.columns[c] + i, count);
            store(hn::Compress(v, goes_left), to_.columns[c] + left_, lefts, middle_ - left_);
            store(hn::Compress(v, goes_right), to_.columns[c] + right_, rights, end_ - right_);
        }
        left_ += lefts;
        right_ += rights;
    }

    HWY_INLINE hn::Vec<KeyTag> load(const std::int32_t* from, std::size_t count) const {
        const KeyTag tag;
        if (!kShared || count >= kKeyLanes) return hn::LoadU(tag, from);
        alignas(64) std::array<std::int32_t, kKeyLanes> lanes{};
        std::copy_n(from, count, lanes.data());
        return hn::Load(tag, lanes.data());
    }

    HWY_INLINE void store(hn::Vec<KeyTag> v, std::int32_t* to, std::size_t count, std::size_t room) const {
        const KeyTag tag;
        if (room >= kKeyLanes) [[likely]] {
            hn::StoreU(v, tag, to);
        } else if (kShared) {
            alignas(64) std::array<std::int32_t, kKeyLanes> lanes;
            hn::Store(v, tag, lanes.data());
            std::copy_n(lanes.data(), count, to);
        } else {
            hn::BlendedStore(v, hn::FirstN(tag, count), tag, to);
        }
    }

    const KeyColumns<D>& from_;
    const KeyColumns<D>& to_;
    std::size_t first_column_;
    std::size_t middle_;
    std::size_t end_;
    std::size_t left_ = 0;
    std::size_t right_;
};

/// Coordinates are loaded so many points at a time.
constexpr std::size_t kChunk = 256;
template <std::size_t D>
using ChunkColumns = std::array<std::array<double, kChunk>, D>;

/// Calls visit(first, count, columns) with the coordinates of all points, chunk by chunk.
template <std::size_t D, class Coordinates, class Visit>
void each_chunk(const Coordinates& coordinates, const std::uint32_t* numbers, std::size_t count,
                Visit visit) {
    ChunkColumns<D> columns;
    for (std::size_t first = 0; first < count; first += kChunk) {
        const std::size_t size = std::min(kChunk, count - first);
        coordinates.load(numbers + first, size, columns);
        visit(first, size, columns);
    }
}

/// Keys afresh, for the points' own extent. False when no side of it is longer than nothing.
template <std::size_t D, class Coordinates>
HWY_NOINLINE bool sharpen(const Coordinates& coordinates, const KeyColumns<D>& points, std::size_t count) {
    Extent<D> extent;
    extent.low.fill(std::numeric_limits<double>::infinity());
    extent.high.fill(-std::numeric_limits<double>::infinity());
    each_chunk<D>(coordinates, points.numbers(), count,
                  [&](std::size_t, std::size_t size, const ChunkColumns<D>& columns) {
                      for (std::size_t d = 0; d < D; ++d) {
                          for (std::size_t i = 0; i < size; ++i) {
                              extent.low[d] = std::min(extent.low[d], columns[d][i]);
                              extent.high[d] = std::max(extent.high[d], columns[d][i]);
                          }
                      }
                  });
    const Grid<D> grid(extent);
    if (grid.steps == 0) return false;
    each_chunk<D>(coordinates, points.numbers(), count,
                  [&](std::size_t first, std::size_t size, const ChunkColumns<D>& columns) {
                      for (std::size_t d = 0; d < D; ++d) {
                          for (std::size_t i = 0; i < size; ++i) {
                              points.columns[d][first + i] = grid.key(d, columns[d][i]);
                          }
                      }
                  });
    return true;
}

/// Where very many points have the key at which they are parted, though their coordinates differ, the
/// coordinates tell: the keys of those that go right are raised by one step.
template <std::size_t D, class Coordinates>
HWY_NOINLINE Parting part_ties(const Coordinates& coordinates, const KeyColumns<D>& points, std::size_t count,
                               std::size_t dimension, const Parting& parting) {
    std::int32_t* const keys = points.columns[dimension];
    std::vector<std::pair<double, std::uint32_t>> tied;
    tied.reserve(parting.ties);
    std::size_t lefts = 0;
    each_chunk<D>(coordinates, points.numbers(), count,
                  [&](std::size_t first, std::size_t size, const ChunkColumns<D>& columns) {
                      for (std::size_t i = 0; i < size; ++i) {
                          if (keys[first + i] != parting.bound) continue;
                          tied.emplace_back(columns[dimension][i], static_cast<std::uint32_t>(first + i));
                          lefts += first + i < parting.ties_end ? 1 : 0;
                      }
                  });
    std::nth_element(tied.begin(), tied.begin() + static_cast<std::ptrdiff_t>(lefts), tied.end());
    for (std::size_t i = lefts; i < tied.size(); ++i) ++keys[tied[i].second];
    return {parting.bound + 1, 0, 0};
}

/// See TreeKernels::halve. With `numbers_only` the keys stay behind.
template <bool kShared, std::size_t D, class Coordinates>
HWY_NOINLINE bool halve(const Coordinates& coordinates, const KeyColumns<D>& from, const KeyColumns<D>& to,
                        std::size_t count, std::size_t middle, bool numbers_only) {
    // A step is then at most this share of the longest side.
    constexpr std::uint32_t kFewestSteps = 4096;
    KeyExtent<D> extent = key_extent(from, count);
    std::size_t dimension = extent.longest();
    if (extent.side(dimension) < kFewestSteps) {
        if (!sharpen(coordinates, from, count)) return false;
        extent = key_extent(from, count);
        dimension = extent.longest();
    }
    Selection selection(from.columns[dimension], count, extent.low[dimension], extent.high[dimension],
                        to.columns[dimension]);
    Parting parting = selection.parting(middle);
    if (parting.ties > 16 && parting.ties > count / 16) {
        parting = part_ties(coordinates, from, count, dimension, parting);
    }
    Partition<D, kShared>(from, to, count, middle, numbers_only ? D : 0).run(dimension, parting);
    return true;
}

}  // namespace crowfly::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
