#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "store/change.h"
#include "store/embedded/store_file.h"

namespace crowfly {

/// One collection as the writer sees it. One thread at a time calls these.
class WriteTarget {
  public:
    WriteTarget() = default;
    WriteTarget(const WriteTarget&) = delete;
    WriteTarget& operator=(const WriteTarget&) = delete;
    virtual ~WriteTarget() = default;

    /// A transaction has begun, and is about to be committed. When these or a job throw, it is rolled back.
    virtual void begin() = 0;
    virtual void finish() = 0;

    /// It was committed, or rolled back. The file's mutex is held by `abandon` alone, as by the two above.
    virtual void publish() noexcept = 0;
    virtual void abandon() noexcept = 0;

    /// Does what must be done now and then, a piece of it that does not take long, as others may be waiting.
    /// Returns when to call it again, if ever; it is also called after each commit.
    virtual std::optional<std::chrono::steady_clock::time_point> tidy_up() = 0;
};

/// The one who writes a store. A batch that comes while nothing else is written is committed in the thread
/// that brings it, as handing it over takes as long as the disk; else a thread of its own takes those that
/// wait, several in one transaction, and lets each go on when its batch is on disk and published. A batch
/// that cannot be staged fails alone: the transaction is rolled back, and its batches are tried one by one.
/// When it fails otherwise, as for a lock of another program, all its batches do.
class StoreWriter {
  public:
    /// The file must outlive it. The thread starts with the first target.
    StoreWriter(StoreFile& file, const GroupCommit& group);

    /// There are no targets left.
    ~StoreWriter();

    void add(WriteTarget& target);

    /// Nobody may be writing to it. Returns when it is not in use any more.
    void remove(WriteTarget& target);

    /// Runs `stage`, which writes `rows` rows or so, in this thread or another within a transaction; returns
    /// when that is committed and published. `stage` is run again when the transaction was rolled back
    /// because of another batch. Throws what it throws, and what the transaction does.
    void write(WriteTarget& target, std::size_t rows, const std::function<void()>& stage);

    /// The same from within `tidy_up`: a transaction of its own.
    void write_now(WriteTarget& target, const std::function<void()>& stage);

  private:
    using Clock = std::chrono::steady_clock;

    struct Batch {
        WriteTarget* target;
        std::size_t rows;
        const std::function<void()>* stage;
        Clock::time_point since;
        std::exception_ptr error = {};
        std::atomic<int> is_done = 0;
    };
    using Batches = std::vector<std::shared_ptr<Batch>>;

    struct Chore {
        WriteTarget* target;
        std::optional<Clock::time_point> due;
    };

    bool is_free();
    void commit_here(WriteTarget& target, const std::shared_ptr<Batch>& batch,
                     std::unique_lock<std::mutex>& lock);
    void run(const std::stop_token& stop);
    void wait_for_work(std::unique_lock<std::mutex>& lock, const std::stop_token& stop);
    void wait_for_company(std::unique_lock<std::mutex>& lock, const std::stop_token& stop);
    Batches next_group();
    void commit(const Batches& group);
    void transact(WriteTarget& target, const Batches& group);
    static void end(Batch& batch, const std::exception_ptr& error) noexcept;
    void do_chores(std::unique_lock<std::mutex>& lock);
    Chore* next_chore();
    void work_for(WriteTarget& target, std::unique_lock<std::mutex>& lock,
                  const std::function<std::optional<Clock::time_point>()>& work);

    StoreFile& file_;
    const GroupCommit group_;
    std::mutex mutex_;  // of what follows
    std::condition_variable_any changed_;
    std::condition_variable idle_;
    std::deque<std::shared_ptr<Batch>> queue_;
    std::size_t queued_rows_ = 0;
    std::vector<Chore> chores_;
    bool has_committed_ = false;              // since the last chore
    const WriteTarget* busy_with_ = nullptr;  // outside the mutex
    bool is_staging_ = false;  // for the one who is busy alone; still so when a batch could not be staged
    std::jthread thread_;
};

}  // namespace crowfly
