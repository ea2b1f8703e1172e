#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "core/metric/plane.h"
#include "core/metric/sphere.h"
#include "core/metric/spheroid.h"
#include "core/search/traversal.h"

// Highway compiles what stands between HWY_BEFORE_NAMESPACE and HWY_AFTER_NAMESPACE once for each kind of
// processor, by including this file again.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/search/within_traversal.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/search/kernels-inl.h"
#include "core/search/settle-inl.h"

HWY_BEFORE_NAMESPACE();
namespace crowfly::HWY_NAMESPACE {
namespace {

/// A subtree that comes within the distance: node `number` of a level, or on level -1 a leaf.
struct Subtree {
    std::int32_t level;
    std::uint32_t number;
};

/// Walks the subtrees that come within a distance that does not change, in the order of the tree. `Sink` is
/// told of points within the limit, and, when it counts, of subtrees that lie wholly inside.
template <Metric M, class Sink>
class WithinTraversal {
  public:
    static constexpr std::size_t D = M::kDimensions;

    WithinTraversal(const SearchTask<M>& task, Sink& sink)
        : task_(task),
          tree_(task.tree),
          float_query_(task.query),
          sink_(sink),
          limit_(rank_limit(std::min(M::within_square(task.max_distance), M::kGreatestSquare))),
          certain_(certain_limit(M::certain_square(task.max_distance))) {}

    void run() {
        const TreeShape& shape = tree_.shape();
        if (shape.leaves == 0) return;
        std::size_t waiting = 0;
        stack_[waiting++] = {static_cast<std::int32_t>(shape.levels) - 1, 0};
        while (waiting > 0) {
            const Subtree subtree = stack_[--waiting];
            if (subtree.level < 0) {
                open_leaf(subtree.number);
            } else {
                waiting = open_node(static_cast<std::size_t>(subtree.level), subtree.number, waiting);
            }
        }
    }

  private:
    // A span's sum, rounded like a gap's, may be below the true one; where it is denormal nothing is certain.
    static float certain_limit(double square) {
        if (square < 0) return -1;
        return static_cast<float>(std::min(square, 1e38) / kGapSlack) / kGapSlack - kLeastGapSlack;
    }

    std::size_t open_node(std::size_t level, std::uint32_t number, std::size_t waiting) {
        if (++task_.counts.nodes % kNodesBetweenChecks == 0) task_.control.check();
        const auto& node = tree_.node(level, number);
        const std::size_t there =
            std::min(kFanOut, tree_.shape().children_of_level(level) - number * kFanOut);
        ChildBits near = children_within(node, float_query_, limit_) & ((ChildBits{1} << there) - 1);
        if (Sink::kTakesSubtrees && !task_.restriction.any()) {
            ChildBits inside = children_inside(node, float_query_, certain_) & near;
            near &= ~inside;
            for (; inside != 0; inside &= inside - 1) {
                sink_.take_subtree(count_below(child_of(level, number, std::countr_zero(inside))));
            }
        }
        // The last first, so that the first is on top of the stack.
        while (near != 0) {
            const auto child = static_cast<int>(std::bit_width(near)) - 1;
            near ^= ChildBits{1} << child;
            const Box<D> box = node.box(static_cast<std::size_t>(child));
            if (task_.restriction.any() && !task_.restriction.may_admit(box)) continue;
            if (!sink_.may_take(box)) continue;
            stack_[waiting++] = child_of(level, number, child);
        }
        return waiting;
    }

    static Subtree child_of(std::size_t level, std::uint32_t number, int child) {
        return {static_cast<std::int32_t>(level) - 1,
                number * static_cast<std::uint32_t>(kFanOut) + static_cast<std::uint32_t>(child)};
    }

    /// How many points of a subtree count.
    std::size_t count_below(Subtree subtree) const {
        std::size_t points = kLeafSize;
        for (std::int32_t level = 0; level <= subtree.level; ++level) points *= kFanOut;
        const std::size_t first = subtree.number * points;
        const std::size_t end = std::min(first + points, tree_.size());
        return end - first - (task_.dead != nullptr ? task_.dead->count(first, end) : 0);
    }

    void open_leaf(std::uint32_t number) {
        ++task_.counts.leaves;
        Rank ranks[kLeafSize + kCandidateMargin];
        std::uint32_t slots[kLeafSize + kCandidateMargin];
        const std::size_t count =
            leaf_candidates(tree_.leaf(number), number * static_cast<std::uint32_t>(kLeafSize), NoneDead(),
                            task_.query, limit_, ranks, slots);
        for (std::size_t i = 0; i < count; ++i) {
            if (slots[i] >= tree_.size()) continue;
            if (task_.dead != nullptr && task_.dead->has(slots[i])) continue;
            if (task_.restriction.any() && !task_.restriction.admits(tree_.row(slots[i]))) continue;
            sink_.take_point(slots[i]);
        }
    }

    const SearchTask<M>& task_;
    const PackedTree<D>& tree_;
    FloatQuery<D> float_query_;
    Sink& sink_;
    float limit_;
    float certain_;
    // Each level leaves at most 8 subtrees for later.
    std::array<Subtree, kFanOut*(TreeShape::kMostLevels + 1)> stack_;
};

/// Collects the slots of points that may be within the distance.
struct SlotList {
    static constexpr bool kTakesSubtrees = false;
    std::vector<std::uint32_t>& slots;

    template <std::size_t D>
    bool may_take(const Box<D>& /*box*/) const {
        return true;
    }
    void take_point(std::uint32_t slot) { slots.push_back(slot); }
    void take_subtree(std::size_t /*points*/) {}
};

/// Counts the points within the distance.
template <Metric M>
struct Counter {
    static constexpr bool kTakesSubtrees = true;
    const SearchTask<M>& task;
    double certain = M::certain_square(task.max_distance);
    std::uint64_t count = 0;

    bool may_take(const Box<M::kDimensions>& /*box*/) const { return true; }
    void take_point(std::uint32_t slot) {
        const auto point = task.tree.point(slot);
        const double square = squared_straight_distance<M::kDimensions>(task.query, point);
        if (square <= certain) {
            ++count;
            return;
        }
        count += measure<M>(task.query, point, task.counts) <= task.max_distance ? 1 : 0;
    }
    void take_subtree(std::size_t points) { count += points; }
};

template <Metric M>
void within(const SearchTask<M>& task, std::vector<Neighbor>& found) {
    std::vector<std::uint32_t>& slots = task.scratch.log.slots;
    slots.clear();
    SlotList sink{slots};
    WithinTraversal<M, SlotList>(task, sink).run();
    const std::size_t count = slots.size();
    slots.resize(count + kSlotMargin);
    settle(task, std::span(slots).first(count), count);
    take_neighbors(task.scratch.settled, found);
}

/// Collects the slots of points that may be within the distance, and their delays.
struct DelayedSlots {
    static constexpr bool kTakesSubtrees = false;
    const PackedTree<3>& tree;
    const Front& front;
    double latest;
    std::vector<std::uint32_t>& slots;
    std::vector<double>& delays;

    bool may_take(const Box<3>& box) const { return front.delay(box) <= latest; }
    void take_point(std::uint32_t slot) {
        const double delay = front.delay(tree.point(slot));
        if (delay > latest) return;
        slots.push_back(slot);
        delays.push_back(delay);
    }
    void take_subtree(std::size_t /*points*/) {}
};

std::vector<Settled> by_slot(std::vector<Settled> settled) {
    std::sort(settled.begin(), settled.end(),
              [](const Settled& a, const Settled& b) { return a.slot < b.slot; });
    return settled;
}

/// Settles those of the slots that are not among `known`, in the order of their slots, and puts both
/// together.
void settle_besides(const SearchTask<Spheroid>& task, std::span<const Settled> known,
                    std::vector<std::uint32_t>& slots, std::size_t k) {
    std::erase_if(slots, [&](std::uint32_t slot) {
        const auto at = std::lower_bound(known.begin(), known.end(), slot,
                                         [](const Settled& a, std::uint32_t b) { return a.slot < b; });
        return at != known.end() && at->slot == slot;
    });
    const std::size_t count = slots.size();
    slots.resize(count + kSlotMargin);
    settle(task, std::span(slots).first(count), k);
    std::vector<Settled>& settled = task.scratch.settled;
    settled.insert(settled.end(), known.begin(), known.end());
    std::sort(settled.begin(), settled.end(),
              [&](const Settled& a, const Settled& b) { return task.before(a.neighbor, b.neighbor); });
    if (settled.size() > k) settled.resize(k);
}

/// Of many slots those that can be among the k nearest, as their k earliest are found to be no farther than
/// that.
void drop_late(const SearchTask<Spheroid>& task, std::span<const Settled> known, DelayedSlots& found,
               std::size_t k) {
    std::vector<double>& delays = found.delays;
    task.scratch.distances = delays;
    const auto kth = task.scratch.distances.begin() + static_cast<std::ptrdiff_t>(k - 1);
    std::nth_element(task.scratch.distances.begin(), kth, task.scratch.distances.end());
    const double early = *kth;
    std::vector<std::uint32_t> earliest;
    for (std::size_t i = 0; i < delays.size() && earliest.size() < k; ++i) {
        if (delays[i] <= early) earliest.push_back(found.slots[i]);
    }
    settle_besides(task, known, earliest, k);
    const std::vector<Settled>& settled = task.scratch.settled;
    if (settled.size() < k) return;
    const double latest = found.front.delay_within(settled.back().neighbor.distance);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < delays.size(); ++i) {
        if (delays[i] <= latest) found.slots[kept++] = found.slots[i];
    }
    found.slots.resize(kept);
}

void spheroid_nearest_behind(const SearchTask<Spheroid>& task, const Front* front, std::size_t k) {
    std::vector<std::uint32_t>& slots = task.scratch.log.slots;
    slots.clear();
    std::vector<Settled> known = by_slot(task.scratch.settled);
    if (front == nullptr) {
        SlotList sink{slots};
        WithinTraversal<Spheroid, SlotList>(task, sink).run();
        return settle_besides(task, known, slots, k);
    }
    std::vector<double> delays;
    DelayedSlots sink{task.tree, *front, front->delay_within(task.max_distance), slots, delays};
    WithinTraversal<Spheroid, DelayedSlots>(task, sink).run();
    // So many cost less to settle than the k first twice.
    if (slots.size() > 3 * k + kSlotMargin) {
        drop_late(task, known, sink, k);
        known = by_slot(task.scratch.settled);
    }
    settle_besides(task, known, slots, k);
}

template <Metric M>
std::uint64_t count(const SearchTask<M>& task) {
    Counter<M> sink{task};
    WithinTraversal<M, Counter<M>>(task, sink).run();
    return sink.count;
}

void plane_within(const SearchTask<Plane>& task, std::vector<Neighbor>& found) {
    within(task, found);
}
void sphere_within(const SearchTask<Sphere>& task, std::vector<Neighbor>& found) {
    within(task, found);
}
void spheroid_within(const SearchTask<Spheroid>& task, std::vector<Neighbor>& found) {
    within(task, found);
}
std::uint64_t plane_count(const SearchTask<Plane>& task) {
    return count(task);
}
std::uint64_t sphere_count(const SearchTask<Sphere>& task) {
    return count(task);
}
std::uint64_t spheroid_count(const SearchTask<Spheroid>& task) {
    return count(task);
}

}  // namespace
}  // namespace crowfly::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace crowfly {

HWY_EXPORT(plane_within);
HWY_EXPORT(sphere_within);
HWY_EXPORT(spheroid_within);
HWY_EXPORT(spheroid_nearest_behind);
HWY_EXPORT(plane_count);
HWY_EXPORT(sphere_count);
HWY_EXPORT(spheroid_count);

template <>
void find_within(const SearchTask<Plane>& task, std::vector<Neighbor>& found) {
    HWY_DYNAMIC_DISPATCH(plane_within)(task, found);
}
template <>
void find_within(const SearchTask<Sphere>& task, std::vector<Neighbor>& found) {
    HWY_DYNAMIC_DISPATCH(sphere_within)(task, found);
}
template <>
void find_within(const SearchTask<Spheroid>& task, std::vector<Neighbor>& found) {
    HWY_DYNAMIC_DISPATCH(spheroid_within)(task, found);
}
void settle_nearest_behind(const SearchTask<Spheroid>& task, const Front* front, std::size_t k) {
    HWY_DYNAMIC_DISPATCH(spheroid_nearest_behind)(task, front, k);
}
template <>
std::uint64_t count_within(const SearchTask<Plane>& task) {
    return HWY_DYNAMIC_DISPATCH(plane_count)(task);
}
template <>
std::uint64_t count_within(const SearchTask<Sphere>& task) {
    return HWY_DYNAMIC_DISPATCH(sphere_count)(task);
}
template <>
std::uint64_t count_within(const SearchTask<Spheroid>& task) {
    return HWY_DYNAMIC_DISPATCH(spheroid_count)(task);
}

}  // namespace crowfly
#endif  // HWY_ONCE
