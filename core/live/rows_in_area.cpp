#include "core/live/rows_in_area.h"

#include <array>

#include "core/index/packed_tree.h"
#include "core/metric/with_metric.h"
#include "core/search/neighbor.h"
#include "core/search/query.h"

namespace crowfly {
namespace {

// The index of the first metric serves: each has all points.
constexpr std::size_t kMetric = 0;

/// All longitudes and latitudes: then a look at every row, in the order in which they lie, is quicker than
/// the way through the tree.
bool is_everywhere(const Area& area) {
    const auto holds = [&](double lon, double lat) { return area.contains({lon, lat}); };
    return area.crs() == Crs::wgs84 && area.west() <= -180 && area.east() >= 180 && holds(-180, 0) &&
           holds(180, 0) && area.south() < -85 && area.north() > 85;
}

void visit_all(const LiveRun& run, const Area& area, const RowVisit& visit) {
    for (std::uint32_t seat = 0; seat < run.run->size(); ++seat) {
        const LonLat position = run.run->position(seat);
        if (run.has(seat) && area.contains(position)) visit(run.run->row(seat), position, nullptr);
    }
}

/// A walk down one tree.
template <std::size_t D>
class Walk {
  public:
    Walk(const LiveRun& run, const PackedTree<D>& tree, const AreaGate& gate, const Area& area,
         const RowVisit& visit)
        : run_(run), tree_(tree), dead_(run.dead_slots(kMetric)), gate_(gate), area_(area), visit_(visit) {}

    void begin() const {
        if (tree_.size() == 0) return;
        if (tree_.shape().levels == 0) return visit_leaf(0);
        visit_node(tree_.shape().levels - 1, 0);
    }

  private:
    void visit_node(std::size_t level, std::size_t number) const {
        const TreeNode<D>& node = tree_.node(level, number);
        const std::size_t children = tree_.shape().children_of_level(level);
        for (std::size_t i = 0; i < kFanOut; ++i) {
            const std::size_t child = number * kFanOut + i;
            if (child >= children) return;
            if (!gate_.may_hold(node.box(i))) continue;
            if (level == 0) {
                visit_leaf(child);
            } else {
                visit_node(level - 1, child);
            }
        }
    }

    void visit_leaf(std::size_t number) const {
        const std::uint32_t dead = dead_ != nullptr ? dead_->of_leaf(number) : 0;
        const auto& seats = tree_.leaf(number).rows;
        // All positions first, so that the memory gets them at the same time.
        std::array<LonLat, kLeafSize> positions;
        std::size_t count = 0;
        for (; count < kLeafSize && seats[count] != kNoRow; ++count)
            positions[count] = run_.run->position(seats[count]);
        for (std::size_t i = 0; i < count; ++i) {
            if ((dead >> i & 1U) == 0 && area_.contains(positions[i]))
                visit_(run_.run->row(seats[i]), positions[i], nullptr);
        }
    }

    const LiveRun& run_;
    const PackedTree<D>& tree_;
    const DeadMarks* dead_;
    const AreaGate& gate_;
    const Area& area_;
    const RowVisit& visit_;
};

void visit_points(const LiveRun& run, MetricKind metric, const Area& area, const RowVisit& visit) {
    const AreaGate gate(area, metric);
    with_metric(metric, [&]<Metric M>(M) {
        constexpr std::size_t D = M::kDimensions;
        const auto* tree = run.run->points(kMetric).tree<D>(std::nullopt);
        if (tree != nullptr) Walk<D>(run, *tree, gate, area, visit).begin();
    });
}

void visit_shapes(const LiveRun& run, const RowVisit& visit) {
    for (std::uint32_t seat = 0; seat < run.run->size(); ++seat) {
        if (run.has(seat)) visit(run.run->row(seat), run.run->position(seat), run.run->shape(seat));
    }
}

}  // namespace

void visit_rows_in(const Area& area, const LiveSnapshot& snapshot, const RowVisit& visit) {
    const MetricKind metric = snapshot.options().metrics[kMetric];
    require_valid(AreaFilter{.area = &area}, metric);
    for (const LiveRun& run : snapshot.runs()) {
        if (run.run->has_shapes()) {
            visit_shapes(run, visit);
        } else if (is_everywhere(area)) {
            visit_all(run, area, visit);
        } else {
            visit_points(run, metric, area, visit);
        }
    }
}

}  // namespace crowfly
