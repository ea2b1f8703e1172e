#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "store/embedded/sqlite.h"

namespace crowfly {

/// Brings what is in the write-ahead log into the file, by a connection and a thread of its own, while others
/// commit. SQLite does so at the end of some commit, which then takes as long as the disk needs for some
/// thousand pages in no order.
class LogKeeper {
  public:
    /// Throws as sqlite::Database.
    explicit LogKeeper(const std::string& path);
    LogKeeper(const LogKeeper&) = delete;
    LogKeeper& operator=(const LogKeeper&) = delete;

    /// Waits for what is under way.
    ~LogKeeper() = default;

    /// Goes through the log once, as far as it is there by then; unless it is at that already. In any thread.
    void wake();

    /// To which page it has got; nothing while it is at work. In any thread.
    std::optional<std::int64_t> copied();

    /// The log has been begun anew.
    void begin_anew();

  private:
    void run(const std::stop_token& stop);

    sqlite::Database connection_;
    std::mutex mutex_;
    std::condition_variable_any woken_;
    bool is_at_work_ = false;
    std::int64_t copied_ = 0;
    std::jthread thread_;  // last, so that all else is there before it starts
};

}  // namespace crowfly
