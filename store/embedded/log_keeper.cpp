#include "store/embedded/log_keeper.h"

#include <exception>

namespace crowfly {

LogKeeper::LogKeeper(const std::string& path) : connection_(path, sqlite::Access::read_write) {
    connection_.execute("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0");
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void LogKeeper::wake() {
    const std::scoped_lock lock(mutex_);
    is_at_work_ = true;
    woken_.notify_one();
}

std::optional<std::int64_t> LogKeeper::copied() {
    const std::scoped_lock lock(mutex_);
    return is_at_work_ ? std::nullopt : std::optional(copied_);
}

void LogKeeper::begin_anew() {
    const std::scoped_lock lock(mutex_);
    copied_ = 0;
}

void LogKeeper::run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (woken_.wait(lock, stop, [this] { return is_at_work_; }) && !stop.stop_requested()) {
        lock.unlock();
        std::int64_t copied = 0;
        try {
            copied = connection_.copy_log();
        } catch (const std::exception&) {
            // The log stays as it is. Who writes empties it later, or is told what keeps it from that.
        }
        lock.lock();
        copied_ = copied;
        is_at_work_ = false;
    }
}

}  // namespace crowfly
