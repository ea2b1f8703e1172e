#pragma once

#include <cstdint>
#include <optional>

#include "core/index/point_index.h"
#include "core/search/query.h"
#include "core/search/restriction.h"
#include "core/search/traversal.h"

namespace crowfly {

/// One search of one index, of which the searches of its trees are made. What it is given must have passed
/// `require_valid`.
template <Metric M>
struct IndexSearch {
    const PointIndex& index;
    const Embedded<M>& query;
    const NearestOptions& options;
    const SearchOptions& search;
    const RowOrder& order;
    SearchScratch& scratch;
    SearchCounts& counts;

    using Tree = PackedTree<M::kDimensions>;

    /// Calls work(task) with the task on the tree over all rows, or on that over the rows which `where` asks
    /// for, if there is one.
    template <class Work>
    void with_task(const Work& work) const {
        const Tree* const tree = index.template tree<M::kDimensions>(search.where);
        if (tree == nullptr) return;
        const bool all_rows = !search.where;
        with_restriction(search.dead.to_ask(all_rows), [&](const Restriction& restriction) {
            work(task_on(*tree, restriction, search.dead.slots_of(all_rows)));
        });
    }

    /// Calls work(value, task) with the task on the tree of each value of an attribute.
    template <class Work>
    void with_task_of_each_value(std::size_t attribute, const Work& work) const {
        constexpr std::uint64_t kValuesBetweenChecks = 64;
        std::uint64_t values = 0;
        with_restriction(search.dead.to_ask(false), [&](const Restriction& restriction) {
            for (const auto& [value, tree] : index.template value_trees<M::kDimensions>(attribute)) {
                if (++values % kValuesBetweenChecks == 0) search.control.check();
                work(value, task_on(tree, restriction, nullptr));
            }
        });
    }

  private:
    template <class Work>
    void with_restriction(const DeadMarks* dead_rows, const Work& work) const {
        std::optional<AreaGate> gate;
        if (search.area.area != nullptr) gate.emplace(*search.area.area, M::kKind);
        work(Restriction(search.filter, search.area, gate ? &*gate : nullptr, dead_rows));
    }

    SearchTask<M> task_on(const Tree& tree, const Restriction& restriction,
                          const DeadMarks* dead_slots) const {
        return {tree,    query,  options.max_distance, restriction, {order}, search.control,
                scratch, counts, options.epsilon,      dead_slots};
    }
};

}  // namespace crowfly
