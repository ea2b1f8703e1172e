#pragma once

#include <cstdint>
#include <vector>

#include "core/executor.h"
#include "core/join/join.h"
#include "core/join/meter.h"
#include "core/join/query_window.h"

namespace crowfly {

/// Turns the neighbors of windows into the rows of the answer, and gives them to the sink in batches.
class RowOutput {
  public:
    RowOutput(const JoinOptions& options, Executor& executor, JoinMeter& meter, const JoinSink& sink)
        : options_(options), executor_(executor), meter_(meter), sink_(sink) {}

    void give(const QueryWindow& window);

  private:
    /// Of how many rows a batch is, or of one query.
    static constexpr std::size_t kBatchRows = std::size_t{1} << 16U;

    std::size_t rows_of(const QueryWindow& window, std::size_t query) const;
    void fill(const QueryWindow& window, std::size_t first, std::size_t last);
    void write(std::uint32_t query, std::span<const Neighbor> neighbors, JoinRow* to) const;
    void post_filter();

    const JoinOptions& options_;
    Executor& executor_;
    JoinMeter& meter_;
    const JoinSink& sink_;
    std::vector<JoinRow> rows_;
    std::vector<std::size_t> begins_;  ///< of each query's rows in the batch
};

}  // namespace crowfly
