#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "core/executor.h"
#include "core/join/meter.h"
#include "core/join/object_index.h"
#include "core/join/prepared_side.h"
#include "core/join/query_block.h"

namespace crowfly {

/// Consecutive queries that are searched together: blocks of them along a Hilbert curve, so that each search
/// finds in the cache what the one before it has used. Their neighbors wait until they are taken in order.
class QueryWindow {
  public:
    /// The queries `first` to `last` - 1.
    QueryWindow(const PreparedSide& queries, std::size_t first, std::size_t last, const JoinOptions& options,
                Executor& executor);

    std::size_t first() const noexcept { return first_; }
    std::size_t last() const noexcept { return first_ + place_.size(); }

    /// Adds the neighbors in this index to those in the indexes before. Gives up, and returns false, when
    /// two or more queries have more than `most` between them; then the window is of no more use.
    bool search(const ObjectIndex& objects, std::uint64_t most, JoinMeter& meter, SearchCounts& counts);

    /// How many neighbors wait.
    std::uint64_t size() const noexcept { return size_; }

    /// Those of a query, which are none when it is absent.
    std::span<const Neighbor> neighbors(std::size_t query) const {
        const std::uint32_t place = place_[query - first_];
        if (place == kNoPlace) return {};
        return blocks_[place / kBlockQueries].of(place % kBlockQueries);
    }

  private:
    static constexpr std::size_t kBlockQueries = 256;
    static constexpr std::uint32_t kNoPlace = 0xFFFFFFFF;

    const PreparedSide& queries_;
    const JoinOptions& options_;
    Executor& executor_;
    std::size_t first_;
    std::vector<std::uint32_t> order_;  ///< queries that are there, along the curve
    std::vector<std::uint32_t> place_;  ///< of each query in that order
    std::vector<QueryBlock> blocks_;
    std::atomic<std::uint64_t> size_ = 0;
};

}  // namespace crowfly
