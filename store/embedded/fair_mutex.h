#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace crowfly {

/// A mutex that those who wait get in the order they came: whoever gives it back and wants it again at once
/// waits behind them, which std::mutex does not promise.
class FairMutex {
  public:
    FairMutex() = default;
    FairMutex(const FairMutex&) = delete;
    FairMutex& operator=(const FairMutex&) = delete;

    void lock() {
        std::unique_lock lock(mutex_);
        const std::uint64_t turn = next_++;
        changed_.wait(lock, [&] { return turn == current_; });
    }

    void unlock() {
        const std::scoped_lock lock(mutex_);
        ++current_;
        changed_.notify_all();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t next_ = 0;
    std::uint64_t current_ = 0;
};

}  // namespace crowfly
