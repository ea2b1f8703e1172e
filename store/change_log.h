#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>

#include "store/change.h"

namespace crowfly {

/// The last batches of a collection, for those who follow it. Any number of threads may use one.
class ChangeLog {
  public:
    /// Retains at most so many changes. `last` is the number of the last batch so far.
    ChangeLog(std::size_t retained_changes, std::uint64_t last);

    /// The next batch; its number is one more than that of the batch before.
    void append(std::shared_ptr<const CommittedBatch> batch);

    /// The next batch is this one, and cannot be retained.
    void pass_over(std::uint64_t sequence_number);

    /// As Collection::changes_since.
    ChangeFeed since(std::uint64_t sequence_number, std::size_t limit) const;

  private:
    const std::size_t capacity_;
    mutable std::mutex mutex_;
    std::deque<std::shared_ptr<const CommittedBatch>> batches_;
    std::size_t retained_ = 0;  // changes in batches_
    std::uint64_t last_;
};

}  // namespace crowfly
