#include "store/embedded/store_writer.h"

#include <algorithm>
#include <utility>

#include "core/error.h"

namespace crowfly {
namespace {

/// An error that shares nothing with the other, for another thread to end.
std::exception_ptr copy_of(const std::exception_ptr& error) noexcept try {
    if (error) std::rethrow_exception(error);
    return {};
} catch (const Error& thrown) {
    return std::make_exception_ptr(Error(thrown.code(), std::string(thrown.what())));
} catch (...) {
    return error;
}

}  // namespace

StoreWriter::StoreWriter(StoreFile& file, const GroupCommit& group) : file_(file), group_(group) {}

StoreWriter::~StoreWriter() = default;

void StoreWriter::add(WriteTarget& target) {
    const std::scoped_lock lock(mutex_);
    chores_.push_back({&target, Clock::now()});
    if (!thread_.joinable()) thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    changed_.notify_one();
}

void StoreWriter::remove(WriteTarget& target) {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [&] { return busy_with_ != &target; });
    std::erase_if(chores_, [&](const Chore& chore) { return chore.target == &target; });
}

void StoreWriter::write(WriteTarget& target, std::size_t rows, const std::function<void()>& stage) {
    const auto batch = std::make_shared<Batch>();
    batch->target = &target;
    batch->rows = rows;
    batch->stage = &stage;
    batch->since = Clock::now();
    {
        std::unique_lock lock(mutex_);
        if (is_free()) {
            commit_here(target, batch, lock);
        } else {
            queue_.push_back(batch);
            queued_rows_ += rows;
            changed_.notify_one();
        }
    }
    batch->is_done.wait(0);
    // The writer's thread may still hold the batch, but has no more to do with the error.
    if (batch->error) std::rethrow_exception(std::exchange(batch->error, nullptr));
}

/// Whether nobody writes or waits, and no chore either.
bool StoreWriter::is_free() {
    const Chore* chore = next_chore();
    return busy_with_ == nullptr && queue_.empty() && (chore == nullptr || chore->due > Clock::now());
}

void StoreWriter::commit_here(WriteTarget& target, const std::shared_ptr<Batch>& batch,
                              std::unique_lock<std::mutex>& lock) {
    // The chores that come of it may wait a little: there may be many such batches, one after the other.
    constexpr std::chrono::milliseconds kAWhile(10);
    std::optional<Clock::time_point> planned;
    for (const Chore& chore : chores_) {
        if (chore.target == &target) planned = chore.due;
    }
    const Clock::time_point due =
        std::min(Clock::now() + kAWhile, planned.value_or(Clock::time_point::max()));
    work_for(target, lock, [&] {
        commit({batch});
        return due;
    });
    has_committed_ = true;
    if (planned != due) changed_.notify_one();
}

void StoreWriter::write_now(WriteTarget& target, const std::function<void()>& stage) {
    const auto batch = std::make_shared<Batch>();
    batch->target = &target;
    batch->stage = &stage;
    transact(target, {batch});
}

void StoreWriter::run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    // Chores and commits take turns: neither keeps the other waiting for long.
    for (;;) {
        wait_for_work(lock, stop);
        if (busy_with_ != nullptr) {
            idle_.wait(lock, [this] { return busy_with_ == nullptr; });
            continue;
        }
        const Chore* chore = next_chore();
        const bool is_due = chore != nullptr && chore->due <= Clock::now();
        if (is_due && (has_committed_ || queue_.empty())) {
            WriteTarget* const target = chore->target;
            work_for(*target, lock, [&] { return target->tidy_up(); });
            has_committed_ = false;
        } else if (!queue_.empty()) {
            wait_for_company(lock, stop);
            const Batches group = next_group();
            work_for(*group.front()->target, lock, [&] {
                commit(group);
                return Clock::now();
            });
            has_committed_ = true;
        } else if (stop.stop_requested()) {
            return;
        }
    }
}

/// Does something for a target without the mutex; it returns when the target has its next chore.
void StoreWriter::work_for(WriteTarget& target, std::unique_lock<std::mutex>& lock,
                           const std::function<std::optional<Clock::time_point>()>& work) {
    busy_with_ = &target;
    lock.unlock();
    const auto due = work();
    lock.lock();
    busy_with_ = nullptr;
    for (Chore& chore : chores_) {
        if (chore.target == &target) chore.due = due;
    }
    idle_.notify_all();
}

void StoreWriter::wait_for_work(std::unique_lock<std::mutex>& lock, const std::stop_token& stop) {
    const auto has_work = [this] {
        const Chore* chore = next_chore();
        return !queue_.empty() || (chore != nullptr && chore->due <= Clock::now());
    };
    if (const Chore* chore = next_chore()) {
        const Clock::time_point due = *chore->due;
        changed_.wait_until(lock, stop, due, has_work);
    } else {
        changed_.wait(lock, stop, [this] { return !queue_.empty() || next_chore() != nullptr; });
    }
}

/// Several that are waiting may be joined by others.
void StoreWriter::wait_for_company(std::unique_lock<std::mutex>& lock, const std::stop_token& stop) {
    if (queue_.size() < 2 || group_.delay.count() <= 0) return;
    changed_.wait_until(lock, stop, queue_.front()->since + group_.delay,
                        [this] { return queued_rows_ >= group_.rows; });
}

/// The first batches in the queue that are for one collection, as many as a commit takes.
StoreWriter::Batches StoreWriter::next_group() {
    Batches group;
    std::size_t rows = 0;
    while (!queue_.empty() && (group.empty() || rows < group_.rows)) {
        if (!group.empty() && queue_.front()->target != group.front()->target) break;
        rows += queue_.front()->rows;
        queued_rows_ -= queue_.front()->rows;
        group.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    return group;
}

void StoreWriter::commit(const Batches& group) {
    WriteTarget& target = *group.front()->target;
    const auto attempt = [&](const Batches& batches) {
        try {
            transact(target, batches);
            return std::exception_ptr();
        } catch (...) {
            return std::current_exception();
        }
    };
    std::exception_ptr error = attempt(group);
    bool one_by_one = is_staging_ && group.size() > 1;
    for (const auto& batch : group) {
        if (one_by_one) {
            error = attempt({batch});
            one_by_one = !error || is_staging_;
        }
        end(*batch, error);
    }
}

/// Lets the one go on who waits for it.
void StoreWriter::end(Batch& batch, const std::exception_ptr& error) noexcept {
    batch.error = copy_of(error);
    batch.is_done = 1;
    batch.is_done.notify_one();
}

void StoreWriter::transact(WriteTarget& target, const Batches& group) {
    {
        const std::scoped_lock lock(file_.mutex());
        is_staging_ = false;
        try {
            sqlite::Transaction transaction(file_.connection());
            target.begin();
            is_staging_ = true;
            for (const auto& batch : group) (*batch->stage)();
            is_staging_ = false;
            target.finish();
            transaction.commit();
        } catch (...) {
            target.abandon();
            throw;
        }
    }
    target.publish();
}

/// The one that is due first, if any ever is.
StoreWriter::Chore* StoreWriter::next_chore() {
    Chore* next = nullptr;
    for (Chore& chore : chores_) {
        if (chore.due && (next == nullptr || *chore.due < *next->due)) next = &chore;
    }
    return next;
}

}  // namespace crowfly
