#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/live/merge_policy.h"
#include "core/live/packed_run.h"
#include "core/search/dead_marks.h"

namespace crowfly {

/// What of a run is no longer there.
struct RunMarks {
    DeadMarks seats;
    std::vector<DeadMarks> slots;  ///< the same by slot, of a run of points, for each metric
    std::size_t rows = 0;          ///< how many those are
    std::size_t vertices = 0;      ///< of theirs
};

/// A run in one state of its rows.
struct LiveRun {
    std::shared_ptr<const PackedRun> run;
    std::shared_ptr<const RunMarks> dead = nullptr;  ///< null: all rows are there

    bool has(std::size_t seat) const noexcept { return dead == nullptr || !dead->seats.has(seat); }
    const DeadMarks* dead_seats() const noexcept { return dead != nullptr ? &dead->seats : nullptr; }
    const DeadMarks* dead_slots(std::size_t metric) const noexcept {
        return dead != nullptr ? &dead->slots[metric] : nullptr;
    }

    /// How many rows are there.
    std::size_t size() const noexcept { return run->size() - (dead != nullptr ? dead->rows : 0); }

    RunSize vertices() const noexcept { return {run->vertices(), dead != nullptr ? dead->vertices : 0}; }

    /// The same without some seats more, which are there.
    LiveRun without(std::span<const std::uint32_t> seats) const;

    /// The seats that are there but not in a later state of this run, or, when that is null, all.
    std::vector<std::uint32_t> gone_until(const LiveRun* later) const;
};

/// One state of a live index. It never changes, and what it shares with others stays as long as one of them
/// does. Any number of threads may read it; each searches through a LiveSearcher of its own.
class LiveSnapshot {
  public:
    /// The runs, of which no two have a row in common, in any order.
    LiveSnapshot(std::vector<LiveRun> runs, std::shared_ptr<const LiveOptions> options);

    /// How many rows there are.
    std::size_t size() const noexcept { return size_; }
    bool has_shapes() const noexcept;

    /// The row of that number, if there is one. Cost: O(log^2 n), less where row numbers are dense.
    std::optional<LiveRow> find(std::uint32_t row) const;

    /// Calls `visit` with every row, in no order that means anything.
    void for_each(const std::function<void(const LiveRow&)>& visit) const;

    /// Bytes, about, those included that other snapshots share. What shapes take is not in it, but for their
    /// indexes.
    std::size_t memory() const;

    /// The largest first.
    std::span<const LiveRun> runs() const noexcept { return runs_; }

    const LiveOptions& options() const noexcept { return *options_; }

    /// The number of a metric in the options. Throws Error(invalid_argument) for one that there is no index
    /// for.
    std::size_t metric_number(MetricKind metric) const;

    /// Throws Error(invalid_argument) when there is no attribute of that number.
    void require_attribute(std::size_t attribute) const;

  private:
    std::vector<LiveRun> runs_;
    std::shared_ptr<const LiveOptions> options_;
    std::size_t size_ = 0;
};

}  // namespace crowfly
