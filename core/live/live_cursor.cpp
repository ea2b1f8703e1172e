#include "core/live/live_cursor.h"

#include <algorithm>

#include "core/live/run_view.h"
#include "core/search/cursor.h"

namespace crowfly {
namespace {

/// The neighbors in one run, nearest first.
class RunWalk {
  public:
    RunWalk() = default;
    RunWalk(const RunWalk&) = delete;
    RunWalk& operator=(const RunWalk&) = delete;
    virtual ~RunWalk() = default;

    /// By row. Throws as Control has it, and may then be called again.
    virtual std::optional<ShapeNeighbor> next(const Control& control) = 0;
    virtual SearchCounts counts() const = 0;
};

class PointWalk final : public RunWalk {
  public:
    PointWalk(const RunView& view, const LiveQuery& query, double max_distance)
        : view_(view),
          query_(query),
          cursor_(view_.points(), query.position, max_distance, view_.point_options(), view_.order()) {}

    std::optional<ShapeNeighbor> next(const Control& control) override {
        cursor_.set_control(control);
        const auto found = cursor_.next();
        if (!found) return std::nullopt;
        return ShapeNeighbor{view_.run().row(found->row), found->distance, query_.position,
                             view_.positions()[found->row]};
    }
    SearchCounts counts() const override { return cursor_.counts(); }

  private:
    RunView view_;
    LiveQuery query_;
    NearestCursor cursor_;
};

class ShapeWalk final : public RunWalk {
  public:
    ShapeWalk(const RunView& view, const LiveQuery& query, double max_distance)
        : view_(view), query_(query), max_distance_(max_distance), searcher_(view_.shapes(), view_.order()) {}

    std::optional<ShapeNeighbor> next(const Control& control) override {
        if (given_ == found_.size() && found_.size() == wanted_) search_on(control);
        if (given_ == found_.size()) return std::nullopt;
        ShapeNeighbor neighbor = found_[given_++];
        neighbor.row = view_.run().row(neighbor.row);
        return neighbor;
    }
    SearchCounts counts() const override { return searcher_.counts(); }

  private:
    void search_on(const Control& control) {
        SearchOptions search = view_.shape_options();
        search.control = control;
        const std::size_t wanted = wanted_ == 0 ? kFirst : 2 * wanted_;
        const NearestOptions options{.k = wanted, .max_distance = max_distance_};
        found_ = query_.shape != nullptr ? searcher_.nearest(*query_.shape, options, search)
                                         : searcher_.nearest(query_.position, options, search);
        wanted_ = wanted;
    }

    static constexpr std::size_t kFirst = 16;

    RunView view_;
    LiveQuery query_;
    double max_distance_;
    ShapeSearcher searcher_;
    std::span<const ShapeNeighbor> found_;
    std::size_t wanted_ = 0;
    std::size_t given_ = 0;
};

}  // namespace

struct LiveCursor::Walks {
    LiveSearchOptions search;
    RowOrder order;
    std::vector<std::unique_ptr<RunWalk>> of_runs;

    /// What each has come to.
    std::vector<std::optional<ShapeNeighbor>> first;
    std::vector<bool> is_known;
};

LiveCursor::LiveCursor(const LiveSnapshot& snapshot, MetricKind metric, const LiveQuery& query,
                       double max_distance, LiveSearchOptions search, RowOrder order)
    : walks_(std::make_unique<Walks>()) {
    const std::size_t number = snapshot.metric_number(metric);
    require_valid_max_distance(max_distance);
    require_valid(search, snapshot, metric);
    const LiveQuery from = prepared(query, metric, search.match);
    walks_->search = std::move(search);
    walks_->order = std::move(order);
    for (const LiveRun& run : snapshot.runs()) {
        const RunView view(run, number, walks_->search, walks_->order);
        if (view.is_of_points(from)) {
            walks_->of_runs.push_back(std::make_unique<PointWalk>(view, from, max_distance));
        } else {
            walks_->of_runs.push_back(std::make_unique<ShapeWalk>(view, from, max_distance));
        }
    }
    walks_->first.resize(walks_->of_runs.size());
    walks_->is_known.resize(walks_->of_runs.size());
}

LiveCursor::LiveCursor(LiveCursor&&) noexcept = default;
LiveCursor& LiveCursor::operator=(LiveCursor&&) noexcept = default;
LiveCursor::~LiveCursor() = default;

std::optional<ShapeNeighbor> LiveCursor::next() {
    Walks& walks = *walks_;
    const NeighborBefore before{walks.order};
    std::optional<std::size_t> nearest;
    for (std::size_t i = 0; i < walks.of_runs.size(); ++i) {
        std::optional<ShapeNeighbor>& first = walks.first[i];
        if (!walks.is_known[i]) first = walks.of_runs[i]->next(walks.search.control);
        walks.is_known[i] = true;
        if (!first) continue;
        if (!nearest || before({first->row, first->distance},
                               {walks.first[*nearest]->row, walks.first[*nearest]->distance})) {
            nearest = i;
        }
    }
    if (!nearest) return std::nullopt;
    walks.is_known[*nearest] = false;
    return walks.first[*nearest];
}

SearchCounts LiveCursor::counts() const {
    SearchCounts counts;
    for (const auto& walk : walks_->of_runs) counts += walk->counts();
    return counts;
}

void LiveCursor::set_control(Control control) {
    walks_->search.control = std::move(control);
}

}  // namespace crowfly
