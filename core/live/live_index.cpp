#include "core/live/live_index.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "core/error.h"
#include "core/join/controlled_executor.h"
#include "core/live/gather.h"

namespace crowfly {
namespace {

std::shared_ptr<const LiveOptions> checked(LiveOptions options) {
    if (options.metrics.empty()) throw Error(Code::invalid_argument, "there is no metric");
    if (std::set(options.metrics.begin(), options.metrics.end()).size() < options.metrics.size()) {
        throw Error(Code::invalid_argument, "a metric comes twice");
    }
    require_valid(options.merging);
    return std::make_shared<const LiveOptions>(std::move(options));
}

void require_valid(const LiveBase& base, const LiveOptions& options) {
    require_valid(base.points, options);
    if (!base.points.shapes.empty()) throw Error(Code::invalid_argument, "a base is of points alone");
    if (base.indexes.size() != options.metrics.size()) {
        throw Error(Code::invalid_argument, fmt::format("there are {} indexes for {} metrics",
                                                        base.indexes.size(), options.metrics.size()));
    }
    for (std::size_t i = 0; i < base.indexes.size(); ++i) {
        const PointIndex& index = base.indexes[i];
        if (index.metric() == options.metrics[i] && index.size() == base.points.size() &&
            index.attribute_count() == options.attributes && index.ids().empty()) {
            continue;
        }
        throw Error(Code::invalid_argument,
                    fmt::format("index {} is of {} points by {} with {} attributes; expected {} by {} with "
                                "{}, and no ids",
                                i, index.size(), name(index.metric()), index.attribute_count(),
                                base.points.size(), name(options.metrics[i]), options.attributes));
    }
}

/// Points, or shapes, of columns that have both.
LiveColumns only(const LiveColumns& columns, bool shapes) {
    if (columns.shapes.empty()) return shapes ? LiveColumns() : columns;
    std::vector<std::uint32_t> others;
    for (std::uint32_t seat = 0; seat < columns.size(); ++seat) {
        if ((columns.shapes[seat] != nullptr) != shapes) others.push_back(seat);
    }
    const DeadMarks marks = DeadMarks(columns.size()).with(others);
    LiveColumns kept = gather(std::vector<ColumnsPart>{{columns, &marks}});
    if (!shapes) kept.shapes.clear();
    return kept;
}

/// Of the merged runs' rows, which were there when the merge began, the seats of those that are so no more.
std::vector<std::uint32_t> seats_gone(const LiveRun& merged, const RunSet& then, const RunSet& now) {
    std::vector<std::uint32_t> seats;
    for (const LiveRun& before : then) {
        const auto after =
            std::find_if(now.begin(), now.end(), [&](const LiveRun& run) { return run.run == before.run; });
        for (const std::uint32_t seat : before.gone_until(after != now.end() ? &*after : nullptr)) {
            seats.push_back(*merged.run->seat_of(before.run->row(seat)));
        }
    }
    return seats;
}

}  // namespace

LiveIndex::LiveIndex(LiveOptions options)
    : options_(checked(std::move(options))),
      published_(std::make_shared<const LiveSnapshot>(RunSet(), options_)) {}

LiveIndex::LiveIndex(LiveColumns columns, LiveOptions options, Executor* executor)
    : LiveIndex(std::move(options)) {
    require_valid(columns, *options_);
    for (const bool shapes : {false, true}) {
        LiveColumns some = only(columns, shapes);
        if (some.size() == 0) continue;
        runs_.push_back({std::make_shared<const PackedRun>(
            std::move(some), *options_, executor != nullptr ? *executor : serial_executor())});
    }
    publish(runs_);
}

LiveIndex::LiveIndex(LiveBase base, LiveOptions options) : LiveIndex(std::move(options)) {
    require_valid(base, *options_);
    if (base.points.size() > 0)
        runs_.push_back({std::make_shared<const PackedRun>(std::move(base), *options_)});
    publish(runs_);
}

std::shared_ptr<const LiveSnapshot> LiveIndex::apply(std::span<const LiveRow> upserts,
                                                     std::span<const std::uint32_t> erased) {
    for (const LiveRow& row : upserts) require_valid(row, *options_);
    const SortedRows incoming(upserts, options_->attributes);
    std::vector<std::uint32_t> gone(erased.begin(), erased.end());
    gone.insert(gone.end(), incoming.rows.begin(), incoming.rows.end());
    std::sort(gone.begin(), gone.end());
    gone.erase(std::unique(gone.begin(), gone.end()), gone.end());

    const std::scoped_lock lock(mutex_);
    RunSet runs = runs_;
    erase_rows(runs, gone);
    add(runs, incoming.points, false);
    add(runs, incoming.shapes, true);
    return publish(std::move(runs));
}

/// Adds a run of the rows and of those that are to be merged with them.
void LiveIndex::add(RunSet& runs, const LiveColumns& incoming, bool shapes) const {
    std::size_t vertices = shapes ? 0 : incoming.size();
    for (const auto& shape : incoming.shapes) vertices += shape->positions().size();
    const RunSet due =
        due_runs(runs, {shapes, vertices, options_->merging.at_once}, options_->merging, busy_);
    if (incoming.size() == 0 && due.empty()) return;
    std::vector<ColumnsPart> parts;
    for (const LiveRun& run : due) parts.push_back({run.run->columns(), run.dead_seats()});
    parts.push_back({incoming});
    auto made = std::make_shared<const PackedRun>(gather(parts), *options_, serial_executor());
    erase_runs(runs, due);
    runs.push_back({std::move(made)});
}

std::shared_ptr<const LiveSnapshot> LiveIndex::publish(RunSet runs) {
    auto snapshot = std::make_shared<const LiveSnapshot>(runs, options_);
    runs_ = std::move(runs);
    published_.store(snapshot);
    return snapshot;
}

bool LiveIndex::merge_is_due() const {
    const std::scoped_lock lock(mutex_);
    return !runs_to_merge(Wish::due, false).empty() || !runs_to_merge(Wish::due, true).empty();
}

RunSet LiveIndex::runs_to_merge(Wish wish, bool shapes) const {
    if (wish == Wish::due) return due_runs(runs_, {.shapes = shapes}, options_->merging, busy_);
    RunSet all;
    for (const LiveRun& run : runs_) {
        if (run.run->has_shapes() == shapes) all.push_back(run);
    }
    const bool is_whole = all.empty() || (all.size() == 1 && all.front().dead == nullptr);
    return is_whole ? RunSet() : all;
}

bool LiveIndex::merge(Executor& executor, const Control& control) {
    return merge(Wish::due, false, executor, control) || merge(Wish::due, true, executor, control);
}

bool LiveIndex::merge_all(Executor& executor, const Control& control) {
    const bool points = merge(Wish::all, false, executor, control);
    const bool shapes = merge(Wish::all, true, executor, control);
    return points || shapes;
}

/// Whatever ends a merge, its runs are free afterwards.
class LiveIndex::BusyGuard {
  public:
    explicit BusyGuard(LiveIndex& index) : index_(index) {}
    BusyGuard(const BusyGuard&) = delete;
    BusyGuard& operator=(const BusyGuard&) = delete;
    ~BusyGuard() {
        const std::scoped_lock lock(index_.mutex_);
        index_.busy_.clear();
    }

  private:
    LiveIndex& index_;
};

bool LiveIndex::merge(Wish wish, bool shapes, Executor& executor, const Control& control) {
    control.check();
    const std::scoped_lock one_at_a_time(merging_mutex_);
    RunSet due;
    {
        const std::scoped_lock lock(mutex_);
        due = runs_to_merge(wish, shapes);
        if (due.empty()) return false;
        busy_ = due;
    }
    const BusyGuard guard(*this);
    ControlledExecutor controlled(executor, control);
    LiveRun merged{std::make_shared<const PackedRun>(columns_of(due), *options_, controlled)};
    for (const LiveRun& run : due) {
        control.check();
        merged.run->make_what_was_asked_of(*run.run);
    }
    control.check();

    const std::scoped_lock lock(mutex_);
    RunSet runs = runs_;
    merged = merged.without(seats_gone(merged, due, runs));
    erase_runs(runs, due);
    if (merged.size() > 0) runs.push_back(std::move(merged));
    publish(std::move(runs));
    return true;
}

}  // namespace crowfly
