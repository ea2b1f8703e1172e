#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "core/executor.h"
#include "store/embedded/live_rows.h"

namespace crowfly {

/// A thread that merges the runs of the indexes of a store, whenever somebody says that there may be some to
/// merge.
class MergeThread {
  public:
    /// The executor lends its threads as long as this lives. The thread starts when it is first woken.
    explicit MergeThread(Executor& executor) : executor_(executor) {}

    /// All rows have been forgotten.
    ~MergeThread() = default;

    void wake(LiveRows& rows);

    /// Stops what is being merged of them; returns when it does not use them any more.
    void forget(LiveRows& rows);

  private:
    void run(const std::stop_token& stop);
    void merge_all_due(LiveRows& rows, const std::stop_token& stop);

    Executor& executor_;
    std::mutex mutex_;  // of what follows
    std::condition_variable_any changed_;
    std::vector<LiveRows*> waiting_;
    LiveRows* merging_ = nullptr;
    std::stop_source stop_merging_;
    std::jthread thread_;
};

}  // namespace crowfly
