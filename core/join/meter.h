#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

#include "core/join/join.h"

namespace crowfly {

/// Counts what is done of a join, and tells of it now and then.
class JoinMeter {
  public:
    /// Belongs to the thread that called join. `total` as JoinProgress has it.
    JoinMeter(const JoinOptions& options, std::uint64_t total);

    /// From any thread. Asks the Control, and tells of the progress where the thread is that of the join.
    void add_queries(std::uint64_t count);

    /// Those that have to be searched again. What was told does not fall.
    void take_back_queries(std::uint64_t count) { queries_ -= count; }

    /// From the thread that called join.
    void add_rows(std::uint64_t count) { rows_ += count; }
    void tell();

    std::uint64_t rows() const noexcept { return rows_; }

  private:
    const JoinOptions& options_;
    std::uint64_t total_;
    std::thread::id thread_ = std::this_thread::get_id();
    std::chrono::steady_clock::time_point told_ = std::chrono::steady_clock::now();
    std::atomic<std::uint64_t> queries_ = 0;
    std::uint64_t queries_told_ = 0;
    std::uint64_t rows_ = 0;
};

}  // namespace crowfly
