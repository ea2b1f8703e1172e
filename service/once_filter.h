#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "core/control.h"
#include "core/live/live_snapshot.h"
#include "core/search/neighbor.h"

namespace crowfly {

/// A filter that is good for one thread at a time, for many threads: it is asked of a row once, and only of
/// rows that somebody asks for. Memory: a byte for each row number.
class OnceFilter {
  public:
    /// All must outlive it.
    OnceFilter(const RowFilter& filter, const LiveSnapshot& rows, const Control& control);

    /// Throws what the filter does, and as Control has it.
    bool operator()(std::uint32_t row) const;

  private:
    enum class State : std::uint8_t { unknown, passes, fails };

    const RowFilter& filter_;
    const Control& control_;
    mutable std::mutex mutex_;  ///< of the filter
    mutable std::uint64_t asked_ = 0;
    mutable std::vector<std::atomic<State>> states_;
};

}  // namespace crowfly
