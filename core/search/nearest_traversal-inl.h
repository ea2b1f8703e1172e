// The depth-first walk behind `find_nearest`. Highway compiles this once for each kind of processor, so there
// is no `#pragma once`.

#if defined(CROWFLY_CORE_SEARCH_NEAREST_TRAVERSAL_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CROWFLY_CORE_SEARCH_NEAREST_TRAVERSAL_INL_H
#undef CROWFLY_CORE_SEARCH_NEAREST_TRAVERSAL_INL_H
#else
#define CROWFLY_CORE_SEARCH_NEAREST_TRAVERSAL_INL_H
#endif

#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "core/metric/earth.h"
#include "core/search/kernels-inl.h"
#include "core/search/settle-inl.h"
#include "core/search/traversal.h"

HWY_BEFORE_NAMESPACE();
namespace crowfly::HWY_NAMESPACE {
namespace {

/// The children of one node, nearest first, and which of them comes next.
struct Frame {
    ChildKeys children;
    std::uint32_t next;
    std::uint32_t first_child;
};

/// Which points count. The others are spared what `some` needs.
enum class Counting {
    all,    ///< of a tree
    some,   ///< of a tree those within a restriction and without a dead mark; answers may be approximate
    forest  ///< of several trees all without a dead mark
};

/// The traversal behind `find_nearest`. `Ranks` holds the least ranks.
template <class Task, class Ranks, Counting kCounting>
class NearestTraversal {
  public:
    using M = typename Task::MetricType;
    static constexpr std::size_t D = M::kDimensions;

    HWY_INLINE NearestTraversal(const Task& task, std::size_t k, Ranks& least)
        : task_(task),
          tree_(tree_of(task)),
          query_(task.query),
          float_query_(task.query),
          k_(k),
          least_(least),
          log_(task.scratch.log),
          is_approximate_(epsilon_of(task) > 0),
          shrink_(1 / ((1 + epsilon_of(task)) * (1 + epsilon_of(task)))) {
        log_.count = 0;
        make_room();
        const bool limited = task.max_distance < std::numeric_limits<double>::infinity();
        set_limit(rank_limit(limited ? std::min(M::within_square(task.max_distance), M::kGreatestSquare)
                                     : M::kGreatestSquare));
    }

    /// Leaves the neighbors settled, in the scratch. False where nothing has been settled, as the trees are
    /// to be searched one by one.
    HWY_INLINE bool run() {
        if constexpr (kCounting == Counting::forest) {
            for (const auto& member : task_.tree.members()) walk(member);
        } else {
            walk();
        }
        drop_beyond_limit();
        if constexpr (kFarRanks && kCounting == Counting::forest) {
            if (by_straight_distance_) [[unlikely]]
                return false;
        }
        settle(task_, logged_slots(), k_);
        if constexpr (kFarRanks && kCounting != Counting::forest) {
            if (by_straight_distance_) [[unlikely]]
                settle_far_off();
        }
        return true;
    }

  private:
    static const PackedTree<D>& tree_of(const Task& task) {
        if constexpr (kCounting == Counting::forest) {
            return *task.tree.members().front().tree;
        } else {
            return task.tree;
        }
    }
    HWY_INLINE const PackedTree<D>& tree() const {
        if constexpr (kCounting == Counting::forest) return *walked_;
        return tree_;
    }

    static double epsilon_of(const Task& task) {
        if constexpr (kCounting == Counting::some) return task.epsilon;
        return 0;
    }

    template <class Member>
    HWY_INLINE void walk(const Member& member) {
        walked_ = member.tree;
        dead_ = member.dead;
        rows_ = member.rows;
        first_slot_ = member.first_slot;
        walk();
    }

    /// The k first by straight distance are settled. Where these are far away others may come before them.
    HWY_NOINLINE void settle_far_off() {
        const auto worst = std::bit_cast<float>(least_[k_ - 1]);
        if (rival_limit<M>(worst) <= M::kFarRank || tree().size() <= k_) return;
        const std::vector<Settled>& settled = task_.scratch.settled;
        Task within(task_);
        if (settled.size() == k_) within.max_distance = settled.back().neighbor.distance;
        std::optional<Front> front;
        if (!settled.empty()) {
            const Embedded<M> last = tree().point(settled.back().slot);
            if (straight_distance(query_, last) >= Front::kNearest) front.emplace(query_, last);
        }
        settle_nearest_behind(within, front ? &*front : nullptr, k_);
    }

    HWY_INLINE void walk() {
        const TreeShape& shape = tree().shape();
        if (shape.levels == 0) {
            if (shape.leaves > 0) open_leaf(0);
            return;
        }
        const std::size_t top = shape.levels - 1;
        std::size_t level = top;
        std::uint32_t node = 0;
        for (;;) {
            ChildKey nearest = open_node(level, node);
            for (;;) {
                if (nearest <= last_child_) {
                    Frame& frame = frames_[level];
                    const auto lane = static_cast<std::uint32_t>(nearest & kChildNumber);
                    const std::uint32_t child = frame.first_child + lane;
                    ++frame.next;
                    if (may_open(level, child)) {
                        if (level > 0) {
                            --level;
                            node = child;
                            break;
                        }
                        open_leaf(child);
                    }
                } else {
                    if (level == top) return;
                    ++level;
                }
                nearest = frames_[level].children.keys[frames_[level].next];
            }
        }
    }

    /// Room grows with what is found: k may be far more than there is within max_distance.
    void make_room() {
        const std::size_t room = std::max(2 * log_.count, kMostNear) + kLogMargin;
        if (log_.ranks.size() < room) log_.ranks.resize(room);
        if (log_.slots.size() < room) log_.slots.resize(room);
    }

    HWY_INLINE void set_limit(float limit) {
        limit_ = limit;
        last_child_ = last_child_key(limit);
    }

    /// The limit for boxes alone. `limit` is no less than the square of the k-th point's straight distance c,
    /// which on earth is c (1 + 0.5708 (c / 2R)^2) of way at most, where 1 / R is the greatest curvature: for
    /// asin(x) / x is a power series in x^2 without a negative term, and pi/2 for x = 1. What a box passes
    /// over is no nearer than straight. As long as the k-th may be beyond max_distance, by which there would
    /// be fewer than k without what is in the boxes, they are not limited.
    HWY_INLINE void limit_boxes(float limit) {
        constexpr double kHalfPiLess1 = 0.5707963267948967;
        constexpr double kExcess = M::kKind == MetricKind::plane ? 0
                                                                 : kHalfPiLess1 * earth::kGreatestCurvature *
                                                                       earth::kGreatestCurvature / 4;
        constexpr double kSlack = 1 + 1e-6;
        const double square = limit;
        const double longer = 1 + kExcess * square;
        const double farthest_square = square * longer * longer;
        if (farthest_square > task_.max_distance * task_.max_distance) return;
        const auto shrunk = static_cast<float>(farthest_square * shrink_ * kSlack);
        if (shrunk < limit) last_child_ = std::min(last_child_, last_child_key(shrunk));
    }

    HWY_INLINE ChildKey open_node(std::size_t level, std::uint32_t number) {
        if (++task_.counts.nodes % kNodesBetweenChecks == 0) task_.control.check();
        Frame& frame = frames_[level];
        frame.next = 0;
        frame.first_child = number * kFanOut;
        const ChildKey nearest =
            nearest_children(tree().node(level, number), float_query_, limit_, frame.children);
        // While the nearest child is looked at, the next ones are on their way: most will be opened.
        const auto& keys = frame.children.keys;
        if (level == 0) {
            prefetch(tree().leaves().data(), frame.first_child, nearest);
            prefetch(tree().leaves().data(), frame.first_child, keys[1]);
            if (D == 2) prefetch(tree().leaves().data(), frame.first_child, keys[2]);
        } else {
            prefetch(tree().nodes().data() + tree().shape().level_begin[level - 1], frame.first_child,
                     keys[1]);
        }
        return nearest;
    }

    /// The child of a key, or of no key some place beside it, of which nothing is read.
    template <class Child>
    HWY_INLINE static void prefetch(const Child* first, std::size_t first_child, ChildKey key) {
        const std::size_t child = first_child + static_cast<std::size_t>(key & kChildNumber);
        const std::uintptr_t address = reinterpret_cast<std::uintptr_t>(first) + child * sizeof(Child);
        for (std::size_t line = 0; line < sizeof(Child); line += 64) {
            hwy::Prefetch(reinterpret_cast<const char*>(address + line));
        }
    }

    /// Whether a child within the limit is there and can hold what counts.
    HWY_INLINE bool may_open(std::size_t level, std::uint32_t child) const {
        if (kUnlimited && child >= tree().shape().children_of_level(level)) return false;
        if constexpr (kCounting == Counting::some) {
            return task_.restriction.may_admit(tree().node(level, child / kFanOut).box(child % kFanOut));
        }
        return true;
    }

    HWY_INLINE void open_leaf(std::uint32_t number) {
        ++task_.counts.leaves;
        if (log_.count + kLogMargin > log_.room()) [[unlikely]]
            make_room();
        Rank* const ranks = log_.ranks.data() + log_.count;
        std::uint32_t* const slots = log_.slots.data() + log_.count;
        std::size_t count = leaf_candidates(tree().leaf(number), first_slot_of(number), dead_of(number),
                                            query_, limit_, ranks, slots);
        if (kUnlimited && number + 1 == tree().shape().leaves) count = keep_points(ranks, slots, count);
        if constexpr (kCounting == Counting::some) count = keep_eligible(ranks, slots, count);
        if constexpr (kCounting == Counting::forest) prefetch_rows(tree().leaf(number), {slots, count});
        log_.count += count;
        least_.insert(std::span<const Rank>(ranks, count));
        narrow();
        if (log_.count > most_logged_) [[unlikely]]
            shorten_log();
    }

    HWY_INLINE std::uint32_t first_slot_of(std::uint32_t leaf) const {
        const std::uint32_t slot = leaf * static_cast<std::uint32_t>(kLeafSize);
        return kCounting == Counting::forest ? first_slot_ + slot : slot;
    }

    HWY_INLINE auto dead_of(std::uint32_t leaf) const {
        if constexpr (kCounting == Counting::forest) {
            return SomeDead{dead_ != nullptr ? dead_->of_leaf(leaf) : 0};
        } else {
            return NoneDead();
        }
    }

    /// The numbers of rows stand far from the tree, and are asked for when these are settled.
    HWY_INLINE void prefetch_rows(const TreeLeaf<D>& leaf, std::span<const std::uint32_t> slots) const {
        if (rows_ == nullptr) return;
        for (const std::uint32_t slot : slots) {
            hwy::Prefetch(rows_ + leaf.rows[(slot - first_slot_) % kLeafSize]);
        }
    }

    /// Keeps what is there at all of a leaf that may be short; returns how many.
    std::size_t keep_points(Rank* ranks, std::uint32_t* slots, std::size_t count) const {
        const std::size_t end = first_slot_of(0) + tree().size();
        return keep(ranks, slots, count, [&](std::uint32_t slot) { return slot < end; });
    }

    HWY_INLINE std::size_t keep_eligible(Rank* ranks, std::uint32_t* slots, std::size_t count) const {
        return keep(ranks, slots, count, [&](std::uint32_t slot) {
            if (task_.dead != nullptr && task_.dead->has(slot)) return false;
            return task_.restriction.admits(tree().row(slot));
        });
    }

    template <class Eligible>
    HWY_INLINE static std::size_t keep(Rank* ranks, std::uint32_t* slots, std::size_t count,
                                       Eligible eligible) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (!eligible(slots[i])) continue;
            ranks[kept] = ranks[i];
            slots[kept++] = slots[i];
        }
        return kept;
    }

    HWY_INLINE void narrow() {
        const auto worst = std::bit_cast<float>(least_[k_ - 1]);  // not a number until k were found
        if (!(worst < limit_)) return;
        if constexpr (kFarRanks) {
            const bool is_far = worst > M::kFarRank && !is_approximate_;
            if (is_far && by_straight_distance_) return set_limit(worst);
            most_logged_ = is_far ? kMostFar + 2 * k_ : kMostNear + 4 * k_;
        }
        const float rivals = rival_limit<M>(worst);
        set_limit(std::min(limit_, rivals));
        if (is_approximate_) limit_boxes(rivals);
    }

    std::span<std::uint32_t> logged_slots() const { return std::span(log_.slots).first(log_.count); }

    HWY_INLINE void drop_beyond_limit() {
        const hn::CappedTag<Rank, 16> tag;
        const hn::RebindToUnsigned<decltype(tag)> slot_tag;
        const auto limit = hn::Set(tag, std::bit_cast<Rank>(limit_));
        std::fill_n(log_.ranks.data() + log_.count, hn::Lanes(tag), kNoRank);
        std::size_t kept = 0;
        // What is kept is never stored beyond what has been loaded.
        for (std::size_t i = 0; i < log_.count; i += hn::Lanes(tag)) {
            const auto ranks = hn::LoadU(tag, log_.ranks.data() + i);
            const auto slots = hn::LoadU(slot_tag, log_.slots.data() + i);
            const auto near = hn::Not(hn::Gt(ranks, limit));
            hn::StoreU(hn::Compress(slots, hn::RebindMask(slot_tag, near)), slot_tag,
                       log_.slots.data() + kept);
            hn::StoreU(hn::Compress(ranks, near), tag, log_.ranks.data() + kept);
            kept += hn::CountTrue(tag, near);
        }
        log_.count = kept;
    }

    /// However many points tie with the k-th, the log stays short: those that are settled behind k others
    /// leave it.
    void shorten_log() {
        drop_beyond_limit();
        if constexpr (kFarRanks) {
            const auto worst = std::bit_cast<float>(least_[k_ - 1]);
            if (worst > M::kFarRank && !by_straight_distance_ && !is_approximate_) {
                if (log_.count <= kMostFar / 2 + k_) return;
                by_straight_distance_ = true;
                most_logged_ = kMostNear + 4 * k_;
                set_limit(worst);
                drop_beyond_limit();
            }
        }
        if (log_.count <= 2 * k_ + kMostNear / 2) return;
        settle(task_, logged_slots(), k_);
        log_.count = 0;
        for (const Settled& settled : task_.scratch.settled) {
            log_.slots[log_.count] = settled.slot;
            log_.ranks[log_.count++] = std::bit_cast<Rank>(
                static_cast<float>(squared_straight_distance<D>(query_, task_.tree.point(settled.slot))));
        }
    }

    // Where distances have no end the limit may be infinite, and then children and points that are not there
    // are within it.
    static constexpr bool kUnlimited = M::kGreatestSquare == std::numeric_limits<double>::infinity();
    // Far away ranks may not tell distances apart finely enough: of some metrics there are then many rivals.
    // These wait for `settle_far_off`.
    static constexpr bool kFarRanks = requires { M::kFarRank; };
    static constexpr std::size_t kMostFar = 64;
    static constexpr std::size_t kMostNear = 256;
    // A leaf's points, and whole vectors after them.
    static constexpr std::size_t kLogMargin = kLeafSize + 16;

    const Task& task_;
    const PackedTree<D>& tree_;
    // In a forest, of the tree that is walked.
    const PackedTree<D>* walked_ = nullptr;
    const DeadMarks* dead_ = nullptr;
    const std::uint32_t* rows_ = nullptr;
    std::uint32_t first_slot_ = 0;
    const Embedded<M>& query_;
    FloatQuery<D> float_query_;
    std::size_t k_;
    Ranks& least_;
    CandidateLog& log_;
    bool is_approximate_;
    double shrink_;  ///< of the squares that boxes must be within
    float limit_;
    bool by_straight_distance_ = false;  ///< rivals of the k-th are left out
    std::size_t most_logged_ = kMostNear + 4 * k_;
    ChildKey last_child_;
    Frame frames_[TreeShape::kMostLevels];
};

/// Walks with what is right for k to hold the least ranks; false as NearestTraversal::run has it.
template <class Task, Counting kCounting>
HWY_INLINE bool find_nearest_by(const Task& task, std::size_t k) {
    const auto run = [&](auto&& least) HWY_ATTR {
        return NearestTraversal<Task, std::remove_reference_t<decltype(least)>, kCounting>(task, k, least)
            .run();
    };
    if (k == 1) return run(LeastRank());
    if (k <= LeastRanks::kRoom) return run(LeastRanks());
    if (k <= SortedRanks::kMost) return run(SortedRanks(k));
    return run(SelectedRanks(task.scratch.ranks, k));
}

}  // namespace
}  // namespace crowfly::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
