#include "core/cluster/dbscan.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/cluster/dbscan_task.h"
#include "core/cluster/meter.h"
#include "core/cluster/numbering.h"
#include "core/error.h"
#include "core/metric/with_metric.h"
#include "core/search/query.h"

namespace crowfly {
namespace {

/// Takes a task through its passes.
template <Metric M>
class Dbscan {
  public:
    static constexpr std::size_t D = M::kDimensions;

    /// There must be a point.
    Dbscan(const PackedTree<D>& points, const DbscanOptions& options, RowOrder order, Executor& executor)
        : executor_(executor),
          tree_(points, executor),
          task_{.tree = tree_,
                .judge = PairJudge<M>(options.eps),
                .min_points = options.min_points,
                .order = std::move(order),
                .control = options.control,
                .sets = DisjointSets(points.size())},
          meter_(options.progress, 3 * points.size()) {}

    Clustering run() {
        const TreeShape& shape = tree_.shape();
        task_.tight_children.resize(shape.nodes());
        collect_units(tree_.root(), tree_.box(tree_.root()));
        task_.core.resize(shape.leaves);
        over_units([this](std::size_t first, std::size_t last) { find_core(task_, first, last); });
        sum_up_core();
        over_units([this](std::size_t first, std::size_t last) { link(task_, first, last); });
        task_.nearest_core.assign(points(), kNoSlot);
        constexpr std::size_t kLeaves = 128;
        each(shape.leaves, kLeaves, [this](std::size_t first, std::size_t last) {
            assign_borders(task_, first, last);
            meter_.add(std::min(last * kLeafSize, points()) - first * kLeafSize);
        });
        return labels();
    }

  private:
    std::size_t points() const { return tree_.points().size(); }

    /// Calls work(first, last) for stretches of 0 to count - 1.
    template <class Work>
    void each(std::size_t count, std::size_t stretch, const Work& work) {
        executor_.run((count + stretch - 1) / stretch, [&](std::size_t number) {
            task_.control.check();
            work(number * stretch, std::min(count, (number + 1) * stretch));
        });
    }

    template <class Pass>
    void over_units(const Pass& pass) {
        constexpr std::size_t kUnits = 128;
        each(task_.units.size(), kUnits, [&](std::size_t first, std::size_t last) {
            pass(first, last);
            meter_.add(tree_.end(task_.units[last - 1]) - tree_.begin(task_.units[first]));
        });
    }

    void collect_units(Subtree subtree, const ExactBox<D>& box) {
        if (task_.is_tight(box)) {
            const auto first = static_cast<std::uint32_t>(tree_.begin(subtree));
            for (std::size_t slot = first; slot < tree_.end(subtree); ++slot) {
                task_.sets.put_below(static_cast<std::uint32_t>(slot), first);
            }
        } else if (!subtree.is_leaf()) {
            for (std::uint32_t rest = tree_.children(subtree); rest != 0; rest &= rest - 1) {
                const auto place = static_cast<std::size_t>(std::countr_zero(rest));
                const ExactBox<D> box_of_child = tree_.node(subtree).box(place);
                if (task_.is_tight(box_of_child)) {
                    task_.tight_children[tree_.place(subtree)] |= static_cast<std::uint8_t>(1U << place);
                }
                collect_units(subtree.child(place), box_of_child);
            }
            return;
        }
        task_.units.push_back(subtree);
    }

    /// From the leaves up: which children have core points, and the first of those that stand at one place.
    void sum_up_core() {
        const TreeShape& shape = tree_.shape();
        task_.core_children.resize(shape.nodes());
        task_.first_of_place.assign(shape.leaves + shape.nodes(), kNoSlot);
        for (std::uint32_t leaf = 0; leaf < shape.leaves; ++leaf) {
            if (task_.core[leaf] == 0 || !tree_.box({-1, leaf}).is_point()) continue;
            for (std::size_t slot = leaf * kLeafSize; slot < tree_.end({-1, leaf}); ++slot) {
                keep_first(task_.first_of_place[leaf], static_cast<std::uint32_t>(slot));
            }
        }
        for (std::size_t level = 0; level < shape.levels; ++level) {
            const std::size_t nodes = shape.level_begin[level + 1] - shape.level_begin[level];
            for (std::uint32_t number = 0; number < nodes; ++number) {
                sum_up_children({static_cast<std::int32_t>(level), number});
            }
        }
    }

    void sum_up_children(Subtree node) {
        const std::size_t place_of_node = tree_.place(node);
        const bool at_one_place = tree_.box(node).is_point();
        for (std::uint32_t rest = tree_.children(node); rest != 0; rest &= rest - 1) {
            const auto place = static_cast<std::size_t>(std::countr_zero(rest));
            const Subtree child = node.child(place);
            if (!task_.has_core(child)) continue;
            task_.core_children[place_of_node] |= static_cast<std::uint8_t>(1U << place);
            if (at_one_place) {
                keep_first(task_.first_of_place[tree_.shape().leaves + place_of_node], task_.first_at(child));
            }
        }
    }

    void keep_first(std::uint32_t& first, std::uint32_t slot) const {
        if (first == kNoSlot) {
            first = slot;
            return;
        }
        const std::uint32_t a = task_.row(slot), b = task_.row(first);
        if (task_.order ? task_.order(a, b) : a < b) first = slot;
    }

    Clustering labels() {
        Clustering found{std::vector<std::int64_t>(points(), kNoise), std::vector<bool>(points()), 0};
        constexpr std::size_t kSlots = 8192;
        each(points(), kSlots, [&](std::size_t first, std::size_t last) {
            for (auto slot = static_cast<std::uint32_t>(first); slot < last; ++slot) {
                const std::uint32_t joined = is_core(slot) ? slot : task_.nearest_core[slot];
                if (joined != kNoSlot) found.labels[task_.row(slot)] = task_.sets.find(joined);
            }
        });
        // Rows share bytes of this one, which so is for one thread.
        for (std::uint32_t slot = 0; slot < points(); ++slot) {
            if (is_core(slot)) found.core[task_.row(slot)] = true;
        }
        found.clusters = number_clusters(found.labels, task_.order);
        return found;
    }

    bool is_core(std::uint32_t slot) const {
        return (task_.core[slot / kLeafSize] >> (slot % kLeafSize) & 1U) != 0;
    }

    Executor& executor_;
    ExactTree<D> tree_;
    DbscanTask<M> task_;
    Meter meter_;
};

}  // namespace

void require_valid(const DbscanOptions& options) {
    // Written so that NaN fails too.
    if (!(options.eps >= 0) || std::isinf(options.eps)) {
        throw Error(Code::invalid_argument,
                    fmt::format("eps is {}; it must be a finite number of 0 or more", options.eps));
    }
    if (options.min_points == 0) {
        throw Error(Code::invalid_argument, "min_points is 0; it must be at least 1");
    }
}

Clustering dbscan(const PointIndex& index, const DbscanOptions& options) {
    require_valid(options);
    options.control.check();
    const std::size_t count = index.size();
    if (options.min_points > count) {
        return {std::vector<std::int64_t>(count, kNoise), std::vector<bool>(count), 0};
    }
    Executor& executor = options.executor != nullptr ? *options.executor : serial_executor();
    return with_metric(index.metric(), [&]<class M>(M /*metric*/) {
        const PackedTree<M::kDimensions>& tree = *index.template tree<M::kDimensions>(std::nullopt);
        return Dbscan<M>(tree, options, order_of(index, options.order), executor).run();
    });
}

Clustering dbscan(std::span<const LonLat> positions, MetricKind metric, const DbscanOptions& options) {
    require_valid(options);
    return dbscan(PointIndex(positions, metric, {.build = Build::fast, .executor = options.executor}),
                  options);
}

}  // namespace crowfly
