// What the traversals do with one node, one leaf and one key, in vectors. Highway compiles this once for each
// kind of processor, so there is no `#pragma once`.

#if defined(CROWFLY_CORE_SEARCH_KERNELS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CROWFLY_CORE_SEARCH_KERNELS_INL_H
#undef CROWFLY_CORE_SEARCH_KERNELS_INL_H
#else
#define CROWFLY_CORE_SEARCH_KERNELS_INL_H
#endif

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

#include <hwy/highway.h>

#include "core/index/packed_tree.h"
#include "core/metric/box.h"
#include "core/metric/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace crowfly::HWY_NAMESPACE {

// A gap, its square and the sum of up to three are rounded five times in all, each time by at most one part
// in 2^24; where they are denormal, by the least float.
constexpr float kGapSlack = 1 + 0x1p-20F;
constexpr float kLeastGapSlack = 1e-42F;

/// The key of a child: the bits of its squared gap, of which the last three give way to its number. So keys
/// order children by (gap, number), and the gap in a key is rounded down.
using ChildKey = std::int32_t;
constexpr ChildKey kNoChild = std::numeric_limits<ChildKey>::max();
constexpr ChildKey kChildNumber = 7;

/// The greatest key whose gap is at most `gap`.
HWY_INLINE ChildKey last_child_key(float gap) {
    return std::bit_cast<ChildKey>(gap) | kChildNumber;
}

/// The query in floats that lie below and above its coordinates.
template <std::size_t D>
struct FloatQuery {
    std::array<float, D> low;
    std::array<float, D> high;

    explicit FloatQuery(const std::array<double, D>& query) : FloatQuery(query, query) {}

    /// A box as query: a gap is then that between two boxes.
    FloatQuery(const std::array<double, D>& least, const std::array<double, D>& greatest) {
        for (std::size_t d = 0; d < D; ++d) {
            low[d] = round_down(least[d]);
            high[d] = round_up(greatest[d]);
        }
    }
};

/// Squared gaps between the query and the boxes of some children.
template <std::size_t D, class Tag>
HWY_INLINE hn::Vec<Tag> squared_gaps(Tag tag, const TreeNode<D>& node, const FloatQuery<D>& query,
                                     std::size_t lane) {
    auto sum = hn::Zero(tag);
    for (std::size_t d = 0; d < D; ++d) {
        const auto below = hn::Sub(hn::Load(tag, &node.min[d][lane]), hn::Set(tag, query.high[d]));
        const auto above = hn::Sub(hn::Set(tag, query.low[d]), hn::Load(tag, &node.max[d][lane]));
        const auto gap = hn::Max(hn::Max(below, above), hn::Zero(tag));
        sum = d == 0 ? hn::Mul(gap, gap) : hn::Add(sum, hn::Mul(gap, gap));
    }
    return sum;
}

/// Squared distances between the query and the farthest corners of some children's boxes.
template <std::size_t D, class Tag>
HWY_INLINE hn::Vec<Tag> squared_spans(Tag tag, const TreeNode<D>& node, const FloatQuery<D>& query,
                                      std::size_t lane) {
    auto sum = hn::Zero(tag);
    for (std::size_t d = 0; d < D; ++d) {
        const auto below = hn::Sub(hn::Set(tag, query.high[d]), hn::Load(tag, &node.min[d][lane]));
        const auto above = hn::Sub(hn::Load(tag, &node.max[d][lane]), hn::Set(tag, query.low[d]));
        const auto span = hn::Max(below, above);
        sum = hn::Add(sum, hn::Mul(span, span));
    }
    return sum;
}

/// A bit for each child of a node.
using ChildBits = std::uint32_t;

/// The children for which near(tag, first lane) is true.
template <class Near>
HWY_INLINE ChildBits child_bits(const Near& near) {
    const hn::CappedTag<float, kFanOut> tag;
    ChildBits bits = 0;
    for (std::size_t lane = 0; lane < kFanOut; lane += hn::Lanes(tag)) {
        std::uint8_t bytes[8] = {};  // as many as StoreMaskBits may write
        hn::StoreMaskBits(tag, near(tag, lane), bytes);
        bits |= static_cast<ChildBits>(bytes[0]) << lane;
    }
    return bits;
}

/// Those whose boxes come within `limit`.
template <std::size_t D>
HWY_INLINE ChildBits children_within(const TreeNode<D>& node, const FloatQuery<D>& query, float limit) {
    return child_bits([&](auto tag, std::size_t lane) HWY_ATTR {
        return hn::Le(squared_gaps(tag, node, query, lane), hn::Set(tag, limit));
    });
}

/// Those whose boxes lie within `limit`.
template <std::size_t D>
HWY_INLINE ChildBits children_inside(const TreeNode<D>& node, const FloatQuery<D>& query, float limit) {
    return child_bits([&](auto tag, std::size_t lane) HWY_ATTR {
        return hn::Le(squared_spans(tag, node, query, lane), hn::Set(tag, limit));
    });
}

#if HWY_TARGET != HWY_SCALAR
/// Sorts 8 keys in one vector by K. E. Batcher's bitonic network ("Sorting networks and their applications",
/// 1968, doi:10.1145/1468075.1468121).
template <class Tag, class V = hn::Vec<Tag>>
HWY_INLINE V sort_8(Tag tag, V v) {
    const hn::Repartition<std::int64_t, Tag> pairs;
    const auto by_one = [&](V x) HWY_ATTR {
        const V other = hn::Shuffle2301(x);
        return hn::OddEven(hn::Max(x, other), hn::Min(x, other));
    };
    const auto by_two = [&](V x, V other) HWY_ATTR {
        return hn::BitCast(
            tag, hn::OddEven(hn::BitCast(pairs, hn::Max(x, other)), hn::BitCast(pairs, hn::Min(x, other))));
    };
    v = by_one(v);
    v = by_two(v, hn::Shuffle0123(v));
    v = by_one(v);
    const V other = hn::Reverse(tag, v);
    v = hn::ConcatUpperLower(tag, hn::Max(v, other), hn::Min(v, other));
    v = by_two(v, hn::Shuffle1032(v));
    return by_one(v);
}
#else
template <class Tag, class V = hn::Vec<Tag>>
V sort_8(Tag tag, V v);  // there are no vectors of 8
#endif

/// Room for the keys of one node's children, and a key after them that is never reached.
struct alignas(64) ChildKeys {
    std::array<ChildKey, kFanOut + 1> keys;
};

/// Puts the keys of the children whose gap is at most `limit` into `children` in order, kNoChild after them;
/// returns the first. Children that are not there may be among them when the limit is infinite.
template <std::size_t D>
HWY_INLINE ChildKey nearest_children(const TreeNode<D>& node, const FloatQuery<D>& query, float limit,
                                     ChildKeys& children) {
    const hn::CappedTag<float, kFanOut> tag;
    const hn::RebindToSigned<decltype(tag)> key_tag;
    ChildKey* keys = children.keys.data();
    keys[kFanOut] = kNoChild;
    if constexpr (hn::MaxLanes(hn::CappedTag<float, kFanOut>()) == kFanOut) {
        const auto gaps = squared_gaps(tag, node, query, 0);
        const auto near = hn::Le(gaps, hn::Set(tag, limit));
        const auto numbered = hn::Or(hn::AndNot(hn::Set(key_tag, kChildNumber), hn::BitCast(key_tag, gaps)),
                                     hn::Iota(key_tag, 0));
        const auto chosen =
            hn::IfThenElse(hn::RebindMask(key_tag, near), numbered, hn::Set(key_tag, kNoChild));
        hn::Store(sort_8(key_tag, chosen), key_tag, keys);
        // The least key is known before they are sorted, and what is done next waits for it.
        return hn::GetLane(hn::MinOfLanes(key_tag, chosen));
    } else {
        alignas(64) float gaps[kFanOut];
        for (std::size_t lane = 0; lane < kFanOut; lane += hn::Lanes(tag)) {
            hn::Store(squared_gaps(tag, node, query, lane), tag, gaps + lane);
        }
        std::fill_n(keys, kFanOut, kNoChild);
        std::size_t count = 0;
        for (std::size_t lane = 0; lane < kFanOut; ++lane) {
            if (!(gaps[lane] <= limit)) continue;
            const ChildKey key =
                (std::bit_cast<ChildKey>(gaps[lane]) & ~kChildNumber) | static_cast<ChildKey>(lane);
            std::size_t place = count++;
            for (; place > 0 && keys[place - 1] > key; --place) keys[place] = keys[place - 1];
            keys[place] = key;
        }
        return keys[0];
    }
}

/// The rank of a point: its squared distance from the query, rounded to a float; kept as the float's bits,
/// which are in the same order.
using Rank = std::int32_t;
constexpr Rank kNoRank = std::numeric_limits<Rank>::max();

/// A limit for ranks and for boxes' squared gaps: no square up to this one has a rank, or lies in a box with
/// a gap, above it. Rounding a square to a float moves it by at most one part in 2^24, or, where floats are
/// denormal, by less than 2e-45.
HWY_INLINE float rank_limit(double square) {
    return static_cast<float>(square * (1 + 0x1p-22) + 2e-45) * kGapSlack + kLeastGapSlack;
}

/// The limit beyond which nothing can come before a point of this rank, nor tie with it. For most ranks a few
/// operations on floats are enough, as is the common case: it need only not be too low.
template <class M>
HWY_INLINE float rival_limit(float rank) {
    constexpr float kSlack = (1 + 0x1p-19F) * kGapSlack;
    if (rank <= M::kNearRivals) return rank * kSlack + (kLeastGapSlack + M::kNearRivalSlack);
    return rank_limit(M::rival_square(static_cast<double>(rank) * (1 + 0x1p-23) + 2e-45));
}

/// Squared distances between the query and some points of a leaf, as doubles.
template <std::size_t D, class Tag>
HWY_INLINE hn::Vec<Tag> squared_distances(Tag tag, const TreeLeaf<D>& leaf,
                                          const std::array<double, D>& query, std::size_t lane) {
    auto sum = hn::Zero(tag);
    for (std::size_t d = 0; d < D; ++d) {
        const auto gap = hn::Sub(hn::Load(tag, &leaf.columns[d][lane]), hn::Set(tag, query[d]));
        sum = d == 0 ? hn::Mul(gap, gap) : hn::Add(sum, hn::Mul(gap, gap));
    }
    return sum;
}

/// The same rounded to floats, twice as many.
template <std::size_t D, class Tag>
HWY_INLINE hn::Vec<Tag> float_squares(Tag tag, const TreeLeaf<D>& leaf, const std::array<double, D>& query,
                                      std::size_t lane) {
#if HWY_TARGET == HWY_SCALAR
    return hn::DemoteTo(tag, squared_distances(hn::Rebind<double, Tag>(), leaf, query, lane));
#else
    const hn::Half<Tag> half;
    const hn::Rebind<double, decltype(half)> double_tag;
    const auto low = squared_distances(double_tag, leaf, query, lane);
    const auto high = squared_distances(double_tag, leaf, query, lane + hn::Lanes(double_tag));
    return hn::Combine(tag, hn::DemoteTo(half, high), hn::DemoteTo(half, low));
#endif
}

/// Room beyond what is counted that `leaf_candidates` needs, as it stores whole vectors.
constexpr std::size_t kCandidateMargin = kLeafSize;

/// All points of a leaf count.
struct NoneDead {
    template <class Tag>
    HWY_INLINE hn::Mask<Tag> living(Tag /*tag*/, hn::Mask<Tag> points, std::uint32_t /*lane*/) const {
        return points;
    }
};

/// Those of a leaf's points count whose bit is not set.
struct SomeDead {
    std::uint32_t bits;

    template <class Tag>
    HWY_INLINE hn::Mask<Tag> living(Tag tag, hn::Mask<Tag> points, std::uint32_t lane) const {
        const std::uint64_t of_lanes = bits >> lane;
        std::uint8_t bytes[8];  // as many as LoadMaskBits may read
        std::memcpy(bytes, &of_lanes, sizeof bytes);
        return hn::AndNot(hn::LoadMaskBits(tag, bytes), points);
    }
};

/// Stores rank and slot of a leaf's points that count and whose rank is at most `limit`; returns how many.
/// Compressed in registers and then stored whole, because some processors compress into memory very slowly.
template <std::size_t D, class Dead>
HWY_INLINE std::size_t leaf_candidates(const TreeLeaf<D>& leaf, std::uint32_t first_slot, const Dead& dead,
                                       const std::array<double, D>& query, float limit,
                                       Rank* HWY_RESTRICT ranks, std::uint32_t* HWY_RESTRICT slots) {
    const hn::CappedTag<float, kLeafSize> tag;
    const hn::RebindToSigned<decltype(tag)> rank_tag;
    const hn::RebindToUnsigned<decltype(tag)> slot_tag;
    std::size_t count = 0;
    for (std::uint32_t lane = 0; lane < kLeafSize; lane += static_cast<std::uint32_t>(hn::Lanes(tag))) {
        const auto square = float_squares(tag, leaf, query, lane);
        const auto near = dead.living(tag, hn::Le(square, hn::Set(tag, limit)), lane);
        hn::StoreU(hn::Compress(hn::BitCast(rank_tag, square), hn::RebindMask(rank_tag, near)), rank_tag,
                   ranks + count);
        hn::StoreU(hn::Compress(hn::Iota(slot_tag, first_slot + lane), hn::RebindMask(slot_tag, near)),
                   slot_tag, slots + count);
        count += hn::CountTrue(tag, near);
    }
    return count;
}

/// The least rank that was inserted, for k = 1.
class LeastRank {
  public:
    HWY_INLINE Rank operator[](std::size_t /*k - 1*/) const { return least_; }
    HWY_INLINE void insert(std::span<const Rank> inserted) {
        for (const Rank rank : inserted) least_ = std::min(least_, rank);
    }

  private:
    Rank least_ = kNoRank;
};

/// The least 16 ranks that were inserted, in order, in one or more vectors.
class LeastRanks {
  public:
    static constexpr std::size_t kRoom = 16;

    HWY_INLINE LeastRanks() { std::fill_n(ranks_, kRoom, kNoRank); }
    HWY_INLINE Rank operator[](std::size_t i) const { return ranks_[i]; }

    /// With v the ranks before and w those moved up by one place, the ranks afterwards are min(v, max(w,
    /// inserted)).
    HWY_INLINE void insert(std::span<const Rank> inserted) {
        const Tag tag;
        Vector v[kParts];
        for (std::size_t part = 0; part < kParts; ++part) v[part] = hn::Load(tag, ranks_ + part * kLanes);
        const auto turn = hn::IndicesFromVec(
            tag, hn::And(hn::Add(hn::Iota(tag, 0), hn::Set(tag, kLanes - 1)), hn::Set(tag, kLanes - 1)));
        const auto first_lane = hn::FirstN(tag, 1);
        for (const Rank rank : inserted) {
            const auto one = hn::Set(tag, rank);
            auto below = hn::Set(tag, std::numeric_limits<Rank>::min());
            for (std::size_t part = 0; part < kParts; ++part) {
                const auto turned = hn::TableLookupLanes(v[part], turn);
                const auto moved_up = hn::IfThenElse(first_lane, below, turned);
                below = turned;
                v[part] = hn::Min(v[part], hn::Max(moved_up, one));
            }
        }
        for (std::size_t part = 0; part < kParts; ++part) hn::Store(v[part], tag, ranks_ + part * kLanes);
    }

  private:
    using Tag = hn::CappedTag<Rank, kRoom>;
    using Vector = hn::Vec<Tag>;
    static constexpr Rank kLanes = hn::MaxLanes(Tag());
    static constexpr std::size_t kParts = kRoom / kLanes;

    alignas(64) Rank ranks_[kRoom];
};

/// The k least ranks that were inserted, in order, for k of up to some hundred.
class SortedRanks {
  public:
    static constexpr std::size_t kMost = 128;

    HWY_INLINE explicit SortedRanks(std::size_t k) : used_((k + 15) / 16 * 16) {
        std::fill_n(ranks_, used_, kNoRank);
    }
    HWY_INLINE Rank operator[](std::size_t i) const { return ranks_[i]; }

    /// As in LeastRanks, from the top down to the vector that the new rank belongs to.
    HWY_INLINE void insert(std::span<const Rank> inserted) {
        const Tag tag;
        constexpr Rank kLanes = hn::MaxLanes(Tag());
        const auto turn = hn::IndicesFromVec(
            tag, hn::And(hn::Add(hn::Iota(tag, 0), hn::Set(tag, kLanes - 1)), hn::Set(tag, kLanes - 1)));
        const auto first_lane = hn::FirstN(tag, 1);
        for (const Rank rank : inserted) {
            const auto one = hn::Set(tag, rank);
            std::size_t i = used_;
            Rank below;
            do {
                i -= kLanes;
                below = i > 0 ? ranks_[i - 1] : std::numeric_limits<Rank>::min();
                const auto v = hn::Load(tag, ranks_ + i);
                const auto moved_up =
                    hn::IfThenElse(first_lane, hn::Set(tag, below), hn::TableLookupLanes(v, turn));
                hn::Store(hn::Min(v, hn::Max(moved_up, one)), tag, ranks_ + i);
            } while (below > rank);
        }
    }

  private:
    using Tag = hn::CappedTag<Rank, 16>;

    std::size_t used_;
    alignas(64) Rank ranks_[kMost];
};

/// The k least ranks that were inserted, for any k. It knows the k-th by and by: never too low.
class SelectedRanks {
  public:
    SelectedRanks(std::vector<Rank>& ranks, std::size_t k) : ranks_(ranks), k_(k) { ranks_.clear(); }

    Rank operator[](std::size_t /*k - 1*/) const { return kth_; }

    void insert(std::span<const Rank> inserted) {
        ranks_.insert(ranks_.end(), inserted.begin(), inserted.end());
        if (ranks_.size() < (kth_ == kNoRank ? k_ : k_ + k_ / 2)) return;
        const auto kth = ranks_.begin() + static_cast<std::ptrdiff_t>(k_ - 1);
        std::nth_element(ranks_.begin(), kth, ranks_.end());
        kth_ = *kth;
        ranks_.resize(k_);
    }

  private:
    std::vector<Rank>& ranks_;
    std::size_t k_;
    Rank kth_ = kNoRank;
};

}  // namespace crowfly::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
