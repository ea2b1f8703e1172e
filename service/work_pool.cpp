#include "service/work_pool.h"

#include <utility>

namespace crowfly {

WorkPool::WorkPool(std::size_t threads, std::size_t most_waiting) : most_waiting_(most_waiting) {
    for (std::size_t i = 0; i < threads; ++i)
        threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
}

WorkPool::~WorkPool() {
    stop();
}

void WorkPool::stop() {
    for (std::jthread& thread : threads_) thread.request_stop();
    for (std::jthread& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
    std::deque<Work> dropped;  // outside the lock
    const std::scoped_lock lock(mutex_);
    is_stopped_ = true;
    dropped.swap(waiting_);
}

bool WorkPool::offer(Work work) {
    {
        const std::scoped_lock lock(mutex_);
        if (is_stopped_ || waiting_.size() >= most_waiting_) return false;
        waiting_.push_back(std::move(work));
    }
    some_.notify_one();
    return true;
}

void WorkPool::run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (some_.wait(lock, stop, [this] { return !waiting_.empty(); }) && !stop.stop_requested()) {
        Work work = std::move(waiting_.front());
        waiting_.pop_front();
        ++running_;
        lock.unlock();
        work();
        work = nullptr;
        lock.lock();
        --running_;
    }
}

std::size_t WorkPool::waiting() const {
    const std::scoped_lock lock(mutex_);
    return waiting_.size();
}

std::size_t WorkPool::running() const {
    const std::scoped_lock lock(mutex_);
    return running_;
}

}  // namespace crowfly
