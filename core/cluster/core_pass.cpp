#include <algorithm>
#include <bit>
#include <vector>

#include "core/cluster/dbscan_task.h"
#include "core/metric/plane.h"
#include "core/metric/sphere.h"
#include "core/metric/spheroid.h"

// Highway compiles what stands between HWY_BEFORE_NAMESPACE and HWY_AFTER_NAMESPACE once for each kind of
// processor, by including this file again.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cluster/core_pass.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cluster/cluster_kernels-inl.h"

HWY_BEFORE_NAMESPACE();
namespace crowfly::HWY_NAMESPACE {
namespace {

/// Finds the core points of some units. A leaf is first compared with itself, which is often enough; for what
/// is left, the tree is asked once for the whole leaf: which subtrees lie wholly within eps of its box, and
/// which leaves are to be looked at. Where those are many, it is asked for each point instead.
template <Metric M>
class CorePass {
  public:
    static constexpr std::size_t D = M::kDimensions;

    explicit CorePass(DbscanTask<M>& task) : task_(task), tree_(task.tree), watch_(task.control) {}

    void run(Subtree unit) {
        const bool is_dense =
            tree_.end(unit) - tree_.begin(unit) >= task_.min_points && task_.is_tight(tree_.box(unit));
        for (std::size_t leaf = ExactTree<D>::first_leaf(unit); leaf < tree_.last_leaf(unit); ++leaf) {
            const std::uint32_t all = tree_.points_of_leaf(leaf);
            task_.core[leaf] = static_cast<std::uint16_t>(
                is_dense ? all : core_of_leaf(static_cast<std::uint32_t>(leaf), all));
        }
    }

  private:
    struct Candidate {
        ExactBox<D> box;
        std::uint32_t leaf;
    };

    std::uint32_t core_of_leaf(std::uint32_t number, std::uint32_t all) {
        std::size_t counts[kLeafSize];
        std::uint32_t open = 0;
        for (std::uint32_t rest = all; rest != 0; rest &= rest - 1) {
            const auto place = static_cast<std::size_t>(std::countr_zero(rest));
            counts[place] = count_in(number, point_of(tree_.leaf(number), place));
            if (counts[place] < task_.min_points) open |= 1U << place;
        }
        std::uint32_t core = all & ~open;
        if (open == 0) return core;
        const bool few = gather(number);
        for (; open != 0; open &= open - 1) {
            const auto place = static_cast<std::size_t>(std::countr_zero(open));
            const Embedded<M> from = point_of(tree_.leaf(number), place);
            if (few ? reaches(from, counts[place] + surely_within_) : reaches_in_tree(from)) {
                core |= 1U << place;
            }
        }
        return core;
    }

    /// How many points of a leaf are within eps.
    std::size_t count_in(std::uint32_t number, const Embedded<M>& from) const {
        const TreeLeaf<D>& leaf = tree_.leaf(number);
        const NearBits bits = near_points(leaf, from, task_.judge);
        const std::uint32_t sure = bits.sure & tree_.points_of_leaf(number);
        auto count = static_cast<std::size_t>(std::popcount(sure));
        std::uint32_t unsure = bits.near & tree_.points_of_leaf(number) & ~sure;
        for (; unsure != 0; unsure &= unsure - 1) {
            const auto place = static_cast<std::size_t>(std::countr_zero(unsure));
            count += pair_distance<M>(from, point_of(leaf, place)) <= task_.judge.eps ? 1 : 0;
        }
        return count;
    }

    /// Fills `candidates_` with the other leaves that may hold points within eps of some of the leaf's, but
    /// for those that lie within eps of all of them, whose points are counted. Stops when those are enough,
    /// and with false when the candidates are more than a few.
    bool gather(std::uint32_t number) {
        candidates_.clear();
        surely_within_ = 0;
        waiting_.clear();
        if (tree_.shape().levels == 0) return true;
        const ExactBox<D> from = tree_.box({-1, number});
        waiting_.push_back(tree_.root());
        while (!waiting_.empty() && surely_within_ < task_.min_points) {
            watch_.beat();
            const Subtree node = waiting_.back();
            waiting_.pop_back();
            open(node, number, from);
            if (candidates_.size() > kFew) return false;
        }
        return true;
    }

    void open(Subtree subtree, std::uint32_t self, const ExactBox<D>& from) {
        const ExactNode<D>& node = tree_.node(subtree);
        const NearBits bits = near_children(node, from, task_.judge);
        for (std::uint32_t near = bits.near & tree_.children(subtree); near != 0; near &= near - 1) {
            const auto place = static_cast<std::size_t>(std::countr_zero(near));
            const Subtree child = subtree.child(place);
            if (child.is_leaf() && child.number == self) continue;
            if ((bits.sure >> place & 1U) != 0 && !holds(child, self)) {
                surely_within_ += tree_.end(child) - tree_.begin(child);
            } else if (child.is_leaf()) {
                candidates_.push_back({node.box(place), child.number});
            } else {
                waiting_.push_back(child);
            }
        }
    }

    bool holds(Subtree subtree, std::uint32_t leaf) const {
        return leaf >= ExactTree<D>::first_leaf(subtree) && leaf < tree_.last_leaf(subtree);
    }

    /// Whether `count` and the points of the candidates that are within eps are enough.
    bool reaches(const Embedded<M>& from, std::size_t count) {
        if (count >= task_.min_points) return true;
        const ExactBox<D> here{from, from};
        for (const Candidate& candidate : candidates_) {
            watch_.beat();
            if (squared_gap(here, candidate.box) > task_.judge.far) continue;
            count += count_in(candidate.leaf, from);
            if (count >= task_.min_points) return true;
        }
        return false;
    }

    /// Whether the points within eps are enough; counts subtrees that lie within it as a whole.
    bool reaches_in_tree(const Embedded<M>& from) {
        const ExactBox<D> here{from, from};
        std::size_t count = 0;
        waiting_.clear();
        waiting_.push_back(tree_.root());
        while (!waiting_.empty() && count < task_.min_points) {
            watch_.beat();
            const Subtree subtree = waiting_.back();
            waiting_.pop_back();
            if (subtree.is_leaf()) {
                count += count_in(subtree.number, from);
                continue;
            }
            const NearBits bits = near_children(tree_.node(subtree), here, task_.judge);
            for (std::uint32_t near = bits.near & tree_.children(subtree); near != 0; near &= near - 1) {
                const auto place = static_cast<std::size_t>(std::countr_zero(near));
                const Subtree child = subtree.child(place);
                if ((bits.sure >> place & 1U) != 0) {
                    count += tree_.end(child) - tree_.begin(child);
                } else {
                    waiting_.push_back(child);
                }
            }
        }
        return count >= task_.min_points;
    }

    static constexpr std::size_t kFew = 1024;

    DbscanTask<M>& task_;
    const ExactTree<D>& tree_;
    Watch watch_;
    std::vector<Subtree> waiting_;
    std::vector<Candidate> candidates_;
    std::size_t surely_within_ = 0;
};

template <Metric M>
HWY_NOINLINE void run_core_pass(DbscanTask<M>& task, std::size_t first, std::size_t last) {
    CorePass<M> pass(task);
    for (std::size_t unit = first; unit < last; ++unit) pass.run(task.units[unit]);
}

void plane_core(DbscanTask<Plane>& task, std::size_t first, std::size_t last) {
    run_core_pass(task, first, last);
}
void sphere_core(DbscanTask<Sphere>& task, std::size_t first, std::size_t last) {
    run_core_pass(task, first, last);
}
void spheroid_core(DbscanTask<Spheroid>& task, std::size_t first, std::size_t last) {
    run_core_pass(task, first, last);
}

}  // namespace
}  // namespace crowfly::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace crowfly {

HWY_EXPORT(plane_core);
HWY_EXPORT(sphere_core);
HWY_EXPORT(spheroid_core);

template <>
void find_core(DbscanTask<Plane>& task, std::size_t first, std::size_t last) {
    HWY_DYNAMIC_DISPATCH(plane_core)(task, first, last);
}
template <>
void find_core(DbscanTask<Sphere>& task, std::size_t first, std::size_t last) {
    HWY_DYNAMIC_DISPATCH(sphere_core)(task, first, last);
}
template <>
void find_core(DbscanTask<Spheroid>& task, std::size_t first, std::size_t last) {
    HWY_DYNAMIC_DISPATCH(spheroid_core)(task, first, last);
}

}  // namespace crowfly
#endif  // HWY_ONCE
