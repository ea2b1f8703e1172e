#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

namespace crowfly {

/// Threads that a caller lends: core starts no thread that it was not asked for.
class Executor {
  public:
    Executor() = default;
    Executor(const Executor&) = delete;
    Executor& operator=(const Executor&) = delete;
    virtual ~Executor();

    /// How many tasks of one run may run at the same time; at least 1.
    virtual std::size_t width() const noexcept = 0;

    /// Runs task(0) to task(count - 1), some at the same time and in no promised order, and returns when all
    /// are done. When tasks throw, those that have not begun need not run, and the first exception that was
    /// caught is rethrown here. A task may itself call run.
    virtual void run(std::size_t count, const std::function<void(std::size_t)>& task) = 0;
};

/// Runs tasks one after the other in the calling thread. Any number of threads may use one.
class SerialExecutor final : public Executor {
  public:
    std::size_t width() const noexcept override { return 1; }
    void run(std::size_t count, const std::function<void(std::size_t)>& task) override;
};

/// A SerialExecutor for everyone.
Executor& serial_executor() noexcept;

/// Runs tasks in the calling thread and in threads of its own, which live as long as the object. Any number
/// of threads may call run at the same time; they share the threads.
class ThreadExecutor final : public Executor {
  public:
    /// For `threads` tasks at the same time, of which the calling thread runs one: so it starts one thread
    /// less. 0 stands for 1. Throws std::system_error when the system has no more threads.
    explicit ThreadExecutor(std::size_t threads);

    /// No run may be under way.
    ~ThreadExecutor() override;

    std::size_t width() const noexcept override { return threads_.size() + 1; }
    void run(std::size_t count, const std::function<void(std::size_t)>& task) override;

  private:
    struct Batch;

    void work(std::stop_token stop);
    void work_off(Batch& batch, std::unique_lock<std::mutex>& lock);

    std::mutex mutex_;
    std::condition_variable_any begun_;
    std::condition_variable_any finished_;
    std::list<Batch*> open_;  ///< those with tasks that nobody has begun; the last to come is first
    std::vector<std::jthread> threads_;
};

}  // namespace crowfly
