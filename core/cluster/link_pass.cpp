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
#define HWY_TARGET_INCLUDE "core/cluster/link_pass.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cluster/cluster_kernels-inl.h"

HWY_BEFORE_NAMESPACE();
namespace crowfly::HWY_NAMESPACE {
namespace {

/// Unites units. Pairs that are in one set already, which most soon are, are passed over; of two tight units
/// one pair of core points within eps is enough.
template <Metric M>
class LinkPass {
  public:
    static constexpr std::size_t D = M::kDimensions;

    explicit LinkPass(DbscanTask<M>& task)
        : task_(task), tree_(task.tree), sets_(task.sets), watch_(task.control) {}

    void run(Subtree subtree) {
        if (!task_.has_core(subtree)) return;
        const ExactBox<D> box = tree_.box(subtree);
        const Unit unit{subtree, box, static_cast<std::uint32_t>(tree_.begin(subtree)), task_.is_tight(box)};
        if (!unit.tight) link_points_of(unit);
        if (tree_.shape().levels == 0) return;
        const std::size_t end = tree_.end(subtree);
        waiting_.clear();
        waiting_.push_back(tree_.root());
        while (!waiting_.empty()) {
            watch_.beat();
            const Subtree node = waiting_.back();
            waiting_.pop_back();
            open(node, unit, end);
        }
    }

  private:
    struct Unit {
        Subtree subtree;
        ExactBox<D> box;
        std::uint32_t first_slot;
        bool tight;
    };

    /// Links the unit with the units among the children, and keeps the others for later. Those that end
    /// before `end` have been linked with it from their side.
    void open(Subtree subtree, const Unit& unit, std::size_t end) {
        const ExactNode<D>& node = tree_.node(subtree);
        const std::size_t place_of_node = tree_.place(subtree);
        const std::uint32_t tight = task_.tight_children[place_of_node];
        const NearBits bits = near_children(node, unit.box, task_.judge);
        std::uint32_t near = bits.near & task_.core_children[place_of_node];
        for (; near != 0; near &= near - 1) {
            const auto place = static_cast<std::size_t>(std::countr_zero(near));
            const Subtree child = subtree.child(place);
            if (tree_.end(child) <= end) continue;
            const bool is_tight = (tight >> place & 1U) != 0;
            if (!is_tight && !child.is_leaf()) {
                waiting_.push_back(child);
                continue;
            }
            const Unit other{child, node.box(place), static_cast<std::uint32_t>(tree_.begin(child)),
                             is_tight};
            link_units(unit, other, (bits.sure >> place & 1U) != 0);
        }
    }

    void link_units(const Unit& a, const Unit& b, bool sure) {
        if (a.tight && b.tight) {
            if (sets_.find(a.first_slot) == sets_.find(b.first_slot)) return;
            if (sure || are_near(a.subtree, a.box, b.subtree, b.box)) sets_.unite(a.first_slot, b.first_slot);
        } else if (a.tight) {
            link_points(b, a);
        } else if (b.tight) {
            link_points(a, b);
        } else {
            link_leaves(a, b);
        }
    }

    std::uint32_t core_of(const Unit& leaf) const { return task_.core[leaf.subtree.number]; }

    /// Within a loose leaf.
    void link_points_of(const Unit& leaf) {
        for (std::uint32_t rest = core_of(leaf); rest != 0; rest &= rest - 1) {
            link_with(leaf, static_cast<std::uint32_t>(std::countr_zero(rest)), leaf, rest & (rest - 1));
        }
    }

    void link_leaves(const Unit& a, const Unit& b) {
        for (std::uint32_t rest = core_of(a); rest != 0; rest &= rest - 1) {
            const auto place = static_cast<std::uint32_t>(std::countr_zero(rest));
            const Embedded<M> from = point_of(tree_.leaf(a.subtree.number), place);
            if (squared_gap({from, from}, b.box) > task_.judge.far) continue;
            link_with(a, place, b, core_of(b));
        }
    }

    /// A core point of a leaf with those of a leaf that are within eps, of the ones in `others`.
    void link_with(const Unit& a, std::uint32_t place, const Unit& b, std::uint32_t others) {
        const std::uint32_t root = sets_.find(a.first_slot + place);
        others = apart(b, others, root);
        if (others == 0) return;
        const Embedded<M> from = point_of(tree_.leaf(a.subtree.number), place);
        const TreeLeaf<D>& leaf = tree_.leaf(b.subtree.number);
        const NearBits bits = near_points(leaf, from, task_.judge);
        for (std::uint32_t near = bits.near & others; near != 0; near &= near - 1) {
            const auto other = static_cast<std::uint32_t>(std::countr_zero(near));
            const bool sure = (bits.sure >> other & 1U) != 0;
            if (sure || pair_distance<M>(from, point_of(leaf, other)) <= task_.judge.eps) {
                sets_.unite(root, b.first_slot + other);
            }
        }
    }

    /// Those points of a leaf that are not known to be in the set of `root`.
    std::uint32_t apart(const Unit& leaf, std::uint32_t points, std::uint32_t root) const {
        std::uint32_t result = 0;
        for (std::uint32_t rest = points; rest != 0; rest &= rest - 1) {
            const auto place = static_cast<std::uint32_t>(std::countr_zero(rest));
            if (!sets_.points_to(leaf.first_slot + place, root)) result |= 1U << place;
        }
        return result;
    }

    /// The core points of a loose leaf with a tight unit.
    void link_points(const Unit& leaf, const Unit& unit) {
        for (std::uint32_t rest = core_of(leaf); rest != 0; rest &= rest - 1) {
            const auto place = static_cast<std::uint32_t>(std::countr_zero(rest));
            const std::uint32_t slot = leaf.first_slot + place;
            const Embedded<M> from = point_of(tree_.leaf(leaf.subtree.number), place);
            const ExactBox<D> here{from, from};
            if (squared_gap(here, unit.box) > task_.judge.far) continue;
            if (sets_.find(slot) == sets_.find(unit.first_slot)) continue;
            if (is_near(from, here, unit.subtree)) sets_.unite(slot, unit.first_slot);
        }
    }

    /// Whether a subtree has a core point within eps of the point.
    bool is_near(const Embedded<M>& from, const ExactBox<D>& here, Subtree subtree) {
        watch_.beat();
        if (subtree.is_leaf()) return is_near_leaf(from, subtree.number);
        const NearBits bits = near_children(tree_.node(subtree), here, task_.judge);
        const std::uint32_t core = task_.core_children[tree_.place(subtree)];
        if ((bits.sure & core) != 0) return true;
        for (std::uint32_t near = bits.near & core; near != 0; near &= near - 1) {
            const auto place = static_cast<std::size_t>(std::countr_zero(near));
            if (is_near(from, here, subtree.child(place))) return true;
        }
        return false;
    }

    bool is_near_leaf(const Embedded<M>& from, std::uint32_t number) const {
        const TreeLeaf<D>& leaf = tree_.leaf(number);
        const NearBits bits = near_points(leaf, from, task_.judge);
        const std::uint32_t core = task_.core[number];
        if ((bits.sure & core) != 0) return true;
        for (std::uint32_t near = bits.near & core; near != 0; near &= near - 1) {
            const auto place = static_cast<std::size_t>(std::countr_zero(near));
            if (pair_distance<M>(from, point_of(leaf, place)) <= task_.judge.eps) return true;
        }
        return false;
    }

    /// Whether two subtrees, which have core points, have some within eps of each other. The one with the
    /// larger box is split: the smaller it is, the more its box tells.
    bool are_near(Subtree a, const ExactBox<D>& box_a, Subtree b, const ExactBox<D>& box_b) {
        watch_.beat();
        if (DbscanTask<M>::squared_diagonal(box_a) > DbscanTask<M>::squared_diagonal(box_b)) {
            return are_near(b, box_b, a, box_a);
        }
        if (b.is_leaf()) return are_points_near(b.number, a, box_a);
        const ExactNode<D>& node = tree_.node(b);
        const NearBits bits = near_children(node, box_a, task_.judge);
        const std::uint32_t core = task_.core_children[tree_.place(b)];
        if ((bits.sure & core) != 0) return true;
        for (std::uint32_t near = bits.near & core; near != 0; near &= near - 1) {
            const auto place = static_cast<std::size_t>(std::countr_zero(near));
            if (are_near(a, box_a, b.child(place), node.box(place))) return true;
        }
        return false;
    }

    bool are_points_near(std::uint32_t leaf, Subtree subtree, const ExactBox<D>& box) {
        for (std::uint32_t rest = task_.core[leaf]; rest != 0; rest &= rest - 1) {
            const auto place = static_cast<std::size_t>(std::countr_zero(rest));
            const Embedded<M> from = point_of(tree_.leaf(leaf), place);
            const ExactBox<D> here{from, from};
            if (squared_gap(here, box) <= task_.judge.far && is_near(from, here, subtree)) return true;
        }
        return false;
    }

    DbscanTask<M>& task_;
    const ExactTree<D>& tree_;
    DisjointSets& sets_;
    Watch watch_;
    std::vector<Subtree> waiting_;
};

template <Metric M>
HWY_NOINLINE void run_link_pass(DbscanTask<M>& task, std::size_t first, std::size_t last) {
    LinkPass<M> pass(task);
    for (std::size_t unit = first; unit < last; ++unit) pass.run(task.units[unit]);
}

void plane_link(DbscanTask<Plane>& task, std::size_t first, std::size_t last) {
    run_link_pass(task, first, last);
}
void sphere_link(DbscanTask<Sphere>& task, std::size_t first, std::size_t last) {
    run_link_pass(task, first, last);
}
void spheroid_link(DbscanTask<Spheroid>& task, std::size_t first, std::size_t last) {
    run_link_pass(task, first, last);
}

}  // namespace
}  // namespace crowfly::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace crowfly {

HWY_EXPORT(plane_link);
HWY_EXPORT(sphere_link);
HWY_EXPORT(spheroid_link);

template <>
void link(DbscanTask<Plane>& task, std::size_t first, std::size_t last) {
    HWY_DYNAMIC_DISPATCH(plane_link)(task, first, last);
}
template <>
void link(DbscanTask<Sphere>& task, std::size_t first, std::size_t last) {
    HWY_DYNAMIC_DISPATCH(sphere_link)(task, first, last);
}
template <>
void link(DbscanTask<Spheroid>& task, std::size_t first, std::size_t last) {
    HWY_DYNAMIC_DISPATCH(spheroid_link)(task, first, last);
}

}  // namespace crowfly
#endif  // HWY_ONCE
