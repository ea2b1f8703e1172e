#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace crowfly {

/// Threads for what takes too long to be done between two requests, and a queue before them that is bounded:
/// rather than to let what waits grow old, more of it is refused.
class WorkPool {
  public:
    using Work = std::function<void()>;

    WorkPool(std::size_t threads, std::size_t most_waiting);
    WorkPool(const WorkPool&) = delete;
    WorkPool& operator=(const WorkPool&) = delete;

    /// As `stop`.
    ~WorkPool();

    /// Waits for what is under way; what waits is dropped, and nothing more is taken. By one thread at a
    /// time.
    void stop();

    /// Has it done in one of the threads, where it must not throw; or, when too much waits, returns false.
    bool offer(Work work);

    std::size_t waiting() const;
    std::size_t running() const;

  private:
    void run(const std::stop_token& stop);

    const std::size_t most_waiting_;
    mutable std::mutex mutex_;
    std::condition_variable_any some_;
    std::deque<Work> waiting_;
    std::size_t running_ = 0;
    bool is_stopped_ = false;
    std::vector<std::jthread> threads_;
};

}  // namespace crowfly
