#pragma once

#include <cstddef>
#include <limits>
#include <span>

namespace crowfly {

/// How much there is in a run, in vertices: a point is one.
struct RunSize {
    std::size_t all;
    std::size_t dead;

    std::size_t live() const noexcept { return all - dead; }
};

/// When runs are put together. Runs are told apart by level: the top level has those of more than 1 / growth
/// of all that is live, the next those of more than 1 / growth of that, and so on down to a level of runs of
/// at most `smallest`. A run is due to be merged with all that are smaller once these
/// together have come to its level, or once more than a third of it is dead. So there are some log n runs,
/// and every row is rewritten some growth / 2 times on each level.
struct MergePolicy {
    std::size_t growth = 8;     ///< at least 2
    std::size_t smallest = 64;  ///< at least 1

    /// A write merges no more than this, in vertices; what is more waits for LiveIndex::merge.
    std::size_t at_once = 4096;

    /// How many of the first runs, of which each is no larger than the next, are due to be merged. `incoming`
    /// stands for one run more that is merged with them, and `most` for how much may be merged at all.
    std::size_t due(std::span<const RunSize> ascending, std::size_t incoming = 0,
                    std::size_t most = std::numeric_limits<std::size_t>::max()) const;
};

/// Throws Error(invalid_argument) for a growth below 2 and for smallest = 0.
void require_valid(const MergePolicy& policy);

}  // namespace crowfly
