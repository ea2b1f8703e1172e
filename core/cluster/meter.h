#pragma once

#include <cstdint>
#include <mutex>

#include "core/cluster/dbscan.h"

namespace crowfly {

/// Tells of work that several threads do.
class Meter {
  public:
    Meter(const WorkProgress& progress, std::uint64_t total) : progress_(progress), total_(total) {}

    void add(std::uint64_t done) {
        if (!progress_) return;
        const std::lock_guard lock(mutex_);
        progress_(done_ += done, total_);
    }

  private:
    const WorkProgress& progress_;
    std::uint64_t total_;
    std::mutex mutex_;
    std::uint64_t done_ = 0;
};

}  // namespace crowfly
