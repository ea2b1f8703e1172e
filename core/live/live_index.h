#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "core/control.h"
#include "core/executor.h"
#include "core/live/live_row.h"
#include "core/live/live_snapshot.h"
#include "core/live/published.h"
#include "core/live/run_set.h"

namespace crowfly {

/// An index over points and shapes that come, move and go while others search it.
///
///     LiveIndex index;
///     index.apply({{.row = 7, .position = {-118.29, 36.58}}}, {});
///     const auto snapshot = index.snapshot();
///     LiveSearcher searcher(*snapshot, MetricKind::spheroid);
///     for (const Neighbor& n : searcher.nearest({-118, 36}, {.k = 10})) use(n.row, n.distance);
///
/// It is made of runs: packed indexes that never change, each some times larger than the next. A write makes
/// a run of its own, which takes in the smallest of those before it, and marks as dead what it replaces (J.
/// L. Bentley, J. B. Saxe, "Decomposable searching problems I", Journal of Algorithms 1, 1980,
/// doi:10.1016/0196-6774(80)90015-2, with growth by more than 2). Larger runs are put together by `merge`, in
/// whatever thread calls it. Answers are the same whatever runs there are.
///
/// All members may be called from any thread. Those that write take turns; `snapshot` waits for nobody.
class LiveIndex {
  public:
    /// Without rows. Throws Error(invalid_argument) for no metric, or one twice.
    explicit LiveIndex(LiveOptions options = {});

    /// With these rows, in one run of points and one of shapes. Throws as `require_valid(LiveColumns)`.
    explicit LiveIndex(LiveColumns columns, LiveOptions options = {}, Executor* executor = nullptr);

    /// With points whose indexes are there already. Throws likewise, and for indexes of another metric,
    /// length or number of attributes; that they are of these positions it believes.
    explicit LiveIndex(LiveBase base, LiveOptions options = {});

    /// Takes out the rows of `erased` that are there, then sets those of `upserts`: whatever a row was before
    /// is replaced whole, and of several with one number the last counts. Publishes the state after it and
    /// returns it. Throws Error(invalid_argument) as `require_valid(LiveRow)`, and std::bad_alloc; nothing
    /// has then changed. Cost, for m rows of which n are there: some m microseconds; now and then it merges
    /// as much as MergePolicy::at_once.
    std::shared_ptr<const LiveSnapshot> apply(std::span<const LiveRow> upserts,
                                              std::span<const std::uint32_t> erased);

    /// The state after the last write. Never waits.
    std::shared_ptr<const LiveSnapshot> snapshot() const noexcept { return published_.load(); }

    /// Whether there are runs that `merge` would put together.
    bool merge_is_due() const;

    /// Puts runs together that are due: false when there are none. Works in the calling thread and those that
    /// the executor lends, while reading and writing go on; but for a moment at the end, in which it
    /// publishes, nobody waits for it but other calls of merge. Throws as Control has it, and std::bad_alloc;
    /// nothing has then changed. Memory while it runs: what is merged, once more, and 12 bytes a row and what
    /// a build takes.
    bool merge(Executor& executor, const Control& control = {});

    /// The same with all runs, so that there is one of points and one of shapes, without dead rows; false
    /// when that is how it is.
    bool merge_all(Executor& executor, const Control& control = {});

  private:
    enum class Wish : std::uint8_t { due, all };

    class BusyGuard;

    bool merge(Wish wish, bool shapes, Executor& executor, const Control& control);
    RunSet runs_to_merge(Wish wish, bool shapes) const;
    void add(RunSet& runs, const LiveColumns& incoming, bool shapes) const;
    std::shared_ptr<const LiveSnapshot> publish(RunSet runs);

    std::shared_ptr<const LiveOptions> options_;
    std::mutex merging_mutex_;  ///< held through a merge; locked before the other
    mutable std::mutex mutex_;  ///< of what follows
    RunSet runs_;
    RunSet busy_;  ///< those that are being merged, as they were when that began
    Published<const LiveSnapshot> published_;
};

}  // namespace crowfly
