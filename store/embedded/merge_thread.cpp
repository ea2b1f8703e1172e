#include "store/embedded/merge_thread.h"

#include <algorithm>
#include <exception>

namespace crowfly {

void MergeThread::wake(LiveRows& rows) {
    const std::scoped_lock lock(mutex_);
    if (std::find(waiting_.begin(), waiting_.end(), &rows) == waiting_.end()) waiting_.push_back(&rows);
    if (!thread_.joinable()) thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    changed_.notify_all();
}

void MergeThread::forget(LiveRows& rows) {
    std::unique_lock lock(mutex_);
    std::erase(waiting_, &rows);
    if (merging_ != &rows) return;
    stop_merging_.request_stop();
    changed_.wait(lock, [&] { return merging_ != &rows; });
}

void MergeThread::run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return !waiting_.empty(); })) {
        LiveRows& rows = *waiting_.front();
        merging_ = &rows;
        waiting_.erase(waiting_.begin());
        stop_merging_ = std::stop_source();
        const std::stop_token stop_this = stop_merging_.get_token();
        lock.unlock();
        merge_all_due(rows, stop_this);
        lock.lock();
        merging_ = nullptr;
        changed_.notify_all();
    }
}

/// A merge that fails leaves the index as it is, and is due again after the next write.
void MergeThread::merge_all_due(LiveRows& rows, const std::stop_token& stop) {
    try {
        while (!stop.stop_requested() && rows.merge(executor_, {.stop = stop})) {
        }
    } catch (const std::exception&) {
    }
}

}  // namespace crowfly
