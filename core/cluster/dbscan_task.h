#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/cluster/disjoint_sets.h"
#include "core/cluster/exact_tree.h"
#include "core/cluster/pair_distance.h"
#include "core/control.h"
#include "core/metric/metric.h"
#include "core/search/neighbor.h"

namespace crowfly {

inline constexpr std::uint32_t kNoSlot = std::numeric_limits<std::uint32_t>::max();

/// One clustering while it is made, in three passes over the tree:
///
///   1. find_core: which points are core;
///   2. link: unites the sets of core points that are within eps of each other;
///   3. assign_borders: to each other point its nearest core point.
///
/// What is done at a time is a unit: a greatest subtree whose points are all sure to be within eps of each
/// other, as its box shows (a tight one), or a leaf that is not so (a loose one). A tight unit of min_points
/// points or more is core throughout, and the core points of any tight unit are in one cluster. So where
/// points are dense they are not looked at one by one, and how many pairs of points there are within eps does
/// not matter.
///
/// The sets are of slots. All slots of a tight unit are in the set of its first one from the start; those of
/// them that are not core are left out in the end.
template <Metric M>
struct DbscanTask {
    static constexpr std::size_t D = M::kDimensions;

    const ExactTree<D>& tree;
    const PairJudge<M> judge;
    std::size_t min_points;
    RowOrder order;
    const Control& control;

    std::vector<Subtree> units = {};                ///< in the order of slots
    std::vector<std::uint8_t> tight_children = {};  ///< of each node, a bit for each child
    std::vector<std::uint16_t> core = {};           ///< of each leaf, a bit for each point
    std::vector<std::uint8_t> core_children = {};   ///< of each node, a bit for each child with core points

    /// Of each leaf, then of each node, whose points all stand at one place, and are core: the slot of the
    /// first of them in the order of ids; else kNoSlot.
    std::vector<std::uint32_t> first_of_place = {};

    DisjointSets sets;
    std::vector<std::uint32_t> nearest_core = {};  ///< of each slot that is not core, or kNoSlot

    bool is_tight(const ExactBox<D>& box) const { return squared_diagonal(box) <= judge.sure; }

    bool has_core(Subtree subtree) const {
        return subtree.is_leaf() ? core[subtree.number] != 0 : core_children[tree.place(subtree)] != 0;
    }
    std::uint32_t row(std::uint32_t slot) const { return tree.points().row(slot); }
    std::uint32_t first_at(Subtree subtree) const {
        return first_of_place[subtree.is_leaf() ? subtree.number : tree.shape().leaves + tree.place(subtree)];
    }

    /// No two points in the box have a greater square.
    static double squared_diagonal(const ExactBox<D>& box) {
        return squared_straight_distance<D>(box.min, box.max);
    }
};

/// Looks at the control now and then.
class Watch {
  public:
    explicit Watch(const Control& control) : control_(control) {}
    void beat() {
        if (++beats_ % kBeats == 0) control_.check();
    }

  private:
    static constexpr std::uint32_t kBeats = 1024;
    const Control& control_;
    std::uint32_t beats_ = 0;
};

/// Sets `core` for the leaves of units `first` up to, but not including, `last`.
template <Metric M>
void find_core(DbscanTask<M>& task, std::size_t first, std::size_t last);

/// Unites the units `first` up to `last` with all that come after them and have core points within eps.
template <Metric M>
void link(DbscanTask<M>& task, std::size_t first, std::size_t last);

/// Sets `nearest_core` for the slots of leaves `first` up to `last`.
template <Metric M>
void assign_borders(DbscanTask<M>& task, std::size_t first, std::size_t last);

}  // namespace crowfly
