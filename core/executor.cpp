#include "core/executor.h"

namespace crowfly {

Executor::~Executor() = default;

void SerialExecutor::run(std::size_t count, const std::function<void(std::size_t)>& task) {
    for (std::size_t i = 0; i < count; ++i) task(i);
}

Executor& serial_executor() noexcept {
    static SerialExecutor executor;
    return executor;
}

/// The tasks of one run. All members are guarded by the executor's mutex.
struct ThreadExecutor::Batch {
    std::size_t count;
    const std::function<void(std::size_t)>& task;
    std::size_t begun = 0;
    std::size_t under_way = 0;
    std::exception_ptr failure{};
    std::list<Batch*>::iterator place{};

    bool is_open() const { return begun < count; }
};

ThreadExecutor::ThreadExecutor(std::size_t threads) {
    for (std::size_t i = 1; i < threads; ++i) {
        threads_.emplace_back([this](std::stop_token stop) { work(std::move(stop)); });
    }
}

ThreadExecutor::~ThreadExecutor() {
    // All are asked before any is waited for.
    for (std::jthread& thread : threads_) thread.request_stop();
}

/// Begins tasks of the batch until none is left. The lock is held on entry and on return.
void ThreadExecutor::work_off(Batch& batch, std::unique_lock<std::mutex>& lock) {
    while (batch.is_open()) {
        const std::size_t number = batch.begun++;
        if (!batch.is_open()) open_.erase(batch.place);
        ++batch.under_way;
        lock.unlock();
        std::exception_ptr failure;
        try {
            batch.task(number);
        } catch (...) {
            failure = std::current_exception();
        }
        lock.lock();
        --batch.under_way;
        if (failure && !batch.failure) {
            batch.failure = std::move(failure);
            if (batch.is_open()) open_.erase(batch.place);
            batch.begun = batch.count;
        }
    }
    if (batch.under_way == 0) finished_.notify_all();
}

// The caller works off its own batch and then waits only for tasks that other threads have begun. Those wait
// in turn only for runs that they called themselves, which are nested deeper: so nobody waits in a circle.
void ThreadExecutor::run(std::size_t count, const std::function<void(std::size_t)>& task) {
    if (count == 0) return;
    if (threads_.empty() || count == 1) {
        for (std::size_t i = 0; i < count; ++i) task(i);
        return;
    }
    Batch batch{.count = count, .task = task};
    std::unique_lock lock(mutex_);
    open_.push_front(&batch);
    batch.place = open_.begin();
    begun_.notify_all();
    work_off(batch, lock);
    finished_.wait(lock, [&] { return batch.under_way == 0; });
    if (batch.failure) std::rethrow_exception(batch.failure);
}

void ThreadExecutor::work(std::stop_token stop) {
    std::unique_lock lock(mutex_);
    while (begun_.wait(lock, stop, [&] { return !open_.empty(); })) work_off(*open_.front(), lock);
}

}  // namespace crowfly
