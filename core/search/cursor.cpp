#include "core/search/cursor.h"

#include <algorithm>
#include <vector>

#include "core/metric/with_metric.h"
#include "core/search/traversal.h"

namespace crowfly {

/// The walk without its metric.
class NearestCursor::Walk {
  public:
    explicit Walk(SearchOptions search) : search_(std::move(search)) {}
    Walk(const Walk&) = delete;
    Walk& operator=(const Walk&) = delete;
    virtual ~Walk() = default;
    virtual std::optional<Neighbor> next(SearchCounts& counts) = 0;
    void set_control(Control control) { search_.control = std::move(control); }

  protected:
    SearchOptions search_;
};

namespace {

/// Something that may hold the next neighbor.
struct Entry {
    enum class Kind : std::uint8_t { node, leaf, point, neighbor };

    double distance;  ///< the least that it can have; of a neighbor, its own
    Kind kind;
    std::uint8_t level;    ///< of a node
    std::uint32_t number;  ///< of a node or leaf; slot of a point; row of a neighbor
};

constexpr std::uint64_t kStepsBetweenChecks = 64;

template <Metric M>
class MetricWalk final : public NearestCursor::Walk {
  public:
    static constexpr std::size_t D = M::kDimensions;

    MetricWalk(const PackedTree<D>* tree, LonLat query, double max_distance, SearchOptions search,
               RowOrder order, MetricKind metric)
        : Walk(std::move(search)),
          tree_(tree),
          query_(M::embed(query)),
          max_distance_(max_distance),
          order_(std::move(order)) {
        if (search_.area.area != nullptr) gate_.emplace(*search_.area.area, metric);
        if (tree_ == nullptr || tree_->size() == 0) return;
        const TreeShape& shape = tree_->shape();
        if (shape.levels == 0) {
            push({0, Entry::Kind::leaf, 0, 0});
        } else {
            push({0, Entry::Kind::node, static_cast<std::uint8_t>(shape.levels - 1), 0});
        }
    }

    std::optional<Neighbor> next(SearchCounts& counts) override {
        search_.control.check();
        while (!queue_.empty()) {
            // Before anything leaves the queue, so that nothing is lost when it throws.
            if (++steps_ % kStepsBetweenChecks == 0) search_.control.check();
            const Entry entry = queue_.front();
            std::pop_heap(queue_.begin(), queue_.end(), after_);
            queue_.pop_back();
            switch (entry.kind) {
                case Entry::Kind::node:
                    open_node(entry, counts);
                    break;
                case Entry::Kind::leaf:
                    open_leaf(entry.number, counts);
                    break;
                case Entry::Kind::point:
                    measure(entry.number, counts);
                    break;
                case Entry::Kind::neighbor:
                    return Neighbor{entry.number, entry.distance};
            }
        }
        return std::nullopt;
    }

  private:
    /// What must come out later. What is still to be looked into comes before a neighbor at the same
    /// distance, for it may hold one with a lesser id.
    struct After {
        const RowOrder& order;
        bool operator()(const Entry& a, const Entry& b) const {
            if (a.distance != b.distance) return a.distance > b.distance;
            const bool a_found = a.kind == Entry::Kind::neighbor;
            const bool b_found = b.kind == Entry::Kind::neighbor;
            if (!a_found || !b_found) return a_found && !b_found;
            return NeighborBefore{order}({b.number, b.distance}, {a.number, a.distance});
        }
    };

    void push(const Entry& entry) {
        if (entry.distance > max_distance_) return;
        queue_.push_back(entry);
        std::push_heap(queue_.begin(), queue_.end(), after_);
    }

    void open_node(const Entry& entry, SearchCounts& counts) {
        ++counts.nodes;
        const auto& node = tree_->node(entry.level, entry.number);
        const std::size_t there =
            std::min(kFanOut, tree_->shape().children_of_level(entry.level) - entry.number * kFanOut);
        for (std::uint32_t child = 0; child < there; ++child) {
            const Box<D> box = node.box(child);
            if (gate_ && !gate_->may_hold(box)) continue;
            const double least = M::least_distance(squared_straight_distance(query_, box));
            const std::uint32_t number = entry.number * static_cast<std::uint32_t>(kFanOut) + child;
            if (entry.level == 0) {
                push({least, Entry::Kind::leaf, 0, number});
            } else {
                push({least, Entry::Kind::node, static_cast<std::uint8_t>(entry.level - 1), number});
            }
        }
    }

    void open_leaf(std::uint32_t number, SearchCounts& counts) {
        ++counts.leaves;
        const DeadMarks* const dead = search_.dead.slots_of(!search_.where);
        const Restriction restriction(search_.filter, search_.area, gate_ ? &*gate_ : nullptr,
                                      search_.dead.to_ask(!search_.where));
        const std::size_t first = number * kLeafSize;
        const std::size_t end = std::min(tree_->size(), first + kLeafSize);
        for (std::size_t slot = first; slot < end; ++slot) {
            if (dead != nullptr && dead->has(slot)) continue;
            const double square = squared_straight_distance<D>(query_, tree_->point(slot));
            const double least = M::least_distance(square);
            if (least > max_distance_ || !restriction.admits(tree_->row(slot))) continue;
            push({least, Entry::Kind::point, 0, static_cast<std::uint32_t>(slot)});
        }
    }

    void measure(std::uint32_t slot, SearchCounts& counts) {
        push({crowfly::measure<M>(query_, tree_->point(slot), counts), Entry::Kind::neighbor, 0,
              tree_->row(slot)});
    }

    const PackedTree<D>* tree_;
    Embedded<M> query_;
    double max_distance_;
    RowOrder order_;
    std::optional<AreaGate> gate_;
    std::vector<Entry> queue_;
    std::uint64_t steps_ = 0;
    After after_{order_};
};

}  // namespace

NearestCursor::NearestCursor(const PointIndex& index, LonLat query, double max_distance, SearchOptions search,
                             RowOrder order) {
    require_valid_max_distance(max_distance);
    require_valid_position(query, index.metric());
    require_valid(search, index);
    with_metric(index.metric(), [&]<class M>(M /*metric*/) {
        const auto* const tree = index.template tree<M::kDimensions>(search.where);
        walk_ = std::make_unique<MetricWalk<M>>(tree, query, max_distance, std::move(search),
                                                order_of(index, std::move(order)), index.metric());
    });
}

NearestCursor::NearestCursor(NearestCursor&&) noexcept = default;
NearestCursor& NearestCursor::operator=(NearestCursor&&) noexcept = default;
NearestCursor::~NearestCursor() = default;

std::optional<Neighbor> NearestCursor::next() {
    return walk_->next(counts_);
}

void NearestCursor::set_control(Control control) {
    walk_->set_control(std::move(control));
}

}  // namespace crowfly
