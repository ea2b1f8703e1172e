#include <algorithm>
#include <bit>
#include <limits>
#include <vector>

#include "core/cluster/dbscan_task.h"
#include "core/metric/plane.h"
#include "core/metric/sphere.h"
#include "core/metric/spheroid.h"

// Highway compiles what stands between HWY_BEFORE_NAMESPACE and HWY_AFTER_NAMESPACE once for each kind of
// processor, by including this file again.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cluster/border_pass.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cluster/cluster_kernels-inl.h"

HWY_BEFORE_NAMESPACE();
namespace crowfly::HWY_NAMESPACE {
namespace {

/// Finds the core point nearest to each point that is none. The tree is asked once for a whole leaf which
/// others may hold them; where those are many, it is asked for each point instead, nearest box first.
template <Metric M>
class BorderPass {
  public:
    static constexpr std::size_t D = M::kDimensions;

    explicit BorderPass(DbscanTask<M>& task)
        : task_(task), tree_(task.tree), before_{task.order}, watch_(task.control) {}

    void run(std::uint32_t leaf) {
        std::uint32_t rest = tree_.points_of_leaf(leaf) & ~std::uint32_t{task_.core[leaf]};
        if (rest == 0) return;
        const bool few = gather(leaf);
        // `nearest_core` says that there is none until it is set.
        if (few && candidates_.empty() && task_.core[leaf] == 0) return;
        for (; rest != 0; rest &= rest - 1) {
            const auto place = static_cast<std::size_t>(std::countr_zero(rest));
            const Embedded<M> from = point_of(tree_.leaf(leaf), place);
            begin();
            // Its own leaf is likely to bring the limit down.
            look_into_leaf(leaf, from);
            if (few) {
                look_into_candidates(from);
            } else {
                look_into_tree(leaf, from);
            }
            if (nearest_.distance <= task_.judge.eps) {
                task_.nearest_core[leaf * kLeafSize + place] = nearest_slot_;
            }
        }
    }

  private:
    struct Waiting {
        Subtree subtree;
        double gap;
    };
    struct Candidate {
        ExactBox<D> box;
        std::uint32_t leaf;
    };
    static constexpr std::size_t kFew = 64;

    /// Fills `candidates_` with the other leaves that may hold core points within eps of some of the leaf's;
    /// false when they are more than a few.
    bool gather(std::uint32_t leaf) {
        candidates_.clear();
        waiting_.clear();
        if (tree_.shape().levels == 0) return true;
        const ExactBox<D> from = tree_.box({-1, leaf});
        waiting_.push_back({tree_.root(), 0});
        while (!waiting_.empty()) {
            watch_.beat();
            const Subtree subtree = waiting_.back().subtree;
            waiting_.pop_back();
            const ExactNode<D>& node = tree_.node(subtree);
            std::uint32_t near =
                near_children(node, from, task_.judge).near & task_.core_children[tree_.place(subtree)];
            for (; near != 0; near &= near - 1) {
                const auto place = static_cast<std::size_t>(std::countr_zero(near));
                const Subtree child = subtree.child(place);
                if (!child.is_leaf()) {
                    waiting_.push_back({child, 0});
                } else if (child.number != leaf) {
                    candidates_.push_back({node.box(place), child.number});
                }
            }
            if (candidates_.size() > kFew) return false;
        }
        return true;
    }

    void begin() {
        limit_ = task_.judge.far;
        nearest_ = {0, std::numeric_limits<double>::infinity()};
        nearest_slot_ = kNoSlot;
    }

    void look_into_candidates(const Embedded<M>& from) {
        const ExactBox<D> here{from, from};
        for (const Candidate& candidate : candidates_) {
            if (squared_gap(here, candidate.box) <= limit_) look_into_leaf(candidate.leaf, from);
        }
    }

    void look_into_tree(std::uint32_t own_leaf, const Embedded<M>& from) {
        waiting_.clear();
        waiting_.push_back({tree_.root(), 0});
        const ExactBox<D> here{from, from};
        while (!waiting_.empty()) {
            watch_.beat();
            const Waiting next = waiting_.back();
            waiting_.pop_back();
            if (next.gap > limit_) continue;
            if (!next.subtree.is_leaf()) {
                open(next.subtree, here, from);
            } else if (next.subtree.number != own_leaf) {
                look_into_leaf(next.subtree.number, from);
            }
        }
    }

    /// Leaves the nearest child on top of those that wait.
    void open(Subtree subtree, const ExactBox<D>& here, const Embedded<M>& from) {
        const ExactNode<D>& node = tree_.node(subtree);
        alignas(64) double gaps[kFanOut];
        store_gaps(node, here, gaps);
        const std::size_t first = waiting_.size();
        for (std::uint32_t core = task_.core_children[tree_.place(subtree)]; core != 0; core &= core - 1) {
            const auto place = static_cast<std::size_t>(std::countr_zero(core));
            if (gaps[place] > limit_) continue;
            const Subtree child = subtree.child(place);
            // Points that all stand at one place are as good as the first of them.
            if (const std::uint32_t slot = task_.first_at(child); slot != kNoSlot) {
                offer(slot, gaps[place], from);
                continue;
            }
            std::size_t at = waiting_.size();
            waiting_.push_back({child, gaps[place]});
            for (; at > first && waiting_[at - 1].gap < gaps[place]; --at)
                std::swap(waiting_[at], waiting_[at - 1]);
        }
    }

    void look_into_leaf(std::uint32_t number, const Embedded<M>& from) {
        alignas(64) double squares[kLeafSize];
        store_squares(tree_.leaf(number), from, squares);
        for (std::uint32_t core = task_.core[number]; core != 0; core &= core - 1) {
            const auto place = static_cast<std::uint32_t>(std::countr_zero(core));
            if (squares[place] > limit_) continue;
            offer(number * static_cast<std::uint32_t>(kLeafSize) + place, squares[place], from);
        }
    }

    void offer(std::uint32_t slot, double square, const Embedded<M>& from) {
        const Neighbor neighbor{task_.row(slot), pair_distance<M>(from, tree_.points().point(slot))};
        if (before_(neighbor, nearest_)) {
            nearest_ = neighbor;
            nearest_slot_ = slot;
        }
        limit_ = std::min(limit_, M::rival_square(square));
    }

    DbscanTask<M>& task_;
    const ExactTree<D>& tree_;
    NeighborBefore before_;
    Watch watch_;
    std::vector<Waiting> waiting_;
    std::vector<Candidate> candidates_;
    double limit_ = 0;  ///< no point with a greater square can come before the nearest one so far
    Neighbor nearest_{};
    std::uint32_t nearest_slot_ = kNoSlot;
};

template <Metric M>
HWY_NOINLINE void run_border_pass(DbscanTask<M>& task, std::size_t first, std::size_t last) {
    BorderPass<M> pass(task);
    for (std::size_t leaf = first; leaf < last; ++leaf) pass.run(static_cast<std::uint32_t>(leaf));
}

void plane_borders(DbscanTask<Plane>& task, std::size_t first, std::size_t last) {
    run_border_pass(task, first, last);
}
void sphere_borders(DbscanTask<Sphere>& task, std::size_t first, std::size_t last) {
    run_border_pass(task, first, last);
}
void spheroid_borders(DbscanTask<Spheroid>& task, std::size_t first, std::size_t last) {
    run_border_pass(task, first, last);
}

}  // namespace
}  // namespace crowfly::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace crowfly {

HWY_EXPORT(plane_borders);
HWY_EXPORT(sphere_borders);
HWY_EXPORT(spheroid_borders);

template <>
void assign_borders(DbscanTask<Plane>& task, std::size_t first, std::size_t last) {
    HWY_DYNAMIC_DISPATCH(plane_borders)(task, first, last);
}
template <>
void assign_borders(DbscanTask<Sphere>& task, std::size_t first, std::size_t last) {
    HWY_DYNAMIC_DISPATCH(sphere_borders)(task, first, last);
}
template <>
void assign_borders(DbscanTask<Spheroid>& task, std::size_t first, std::size_t last) {
    HWY_DYNAMIC_DISPATCH(spheroid_borders)(task, first, last);
}

}  // namespace crowfly
#endif  // HWY_ONCE
