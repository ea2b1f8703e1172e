#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/live/live_snapshot.h"

namespace crowfly {

/// The runs of a state while the next one is made of it.
using RunSet = std::vector<LiveRun>;

/// Takes out those of the rows, which ascend, that are there, and runs of which nothing is left.
void erase_rows(RunSet& runs, std::span<const std::uint32_t> rows);

/// Takes out the runs of `some`, whatever of them is dead.
void erase_runs(RunSet& runs, const RunSet& some);

/// What is to be merged at once.
struct MergeWish {
    bool shapes = false;       ///< runs of shapes, or of points
    std::size_t incoming = 0;  ///< as MergePolicy::due has it
    std::size_t most = std::numeric_limits<std::size_t>::max();
};

/// The runs that are due to be merged, the smallest first; none of `busy`.
RunSet due_runs(const RunSet& runs, const MergeWish& wish, const MergePolicy& policy, const RunSet& busy);

/// All that is there in the runs, which are all of points or all of shapes.
LiveColumns columns_of(const RunSet& runs);

}  // namespace crowfly
