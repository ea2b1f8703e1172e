#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include <sqlite3.h>

#include "tests/crash/simulated_disk.h"

namespace crowfly::tests {

/// While one of these lives, SQLite's files of this process go through it. It hands on what is asked of it to
/// the system's files, and fails when it is told to. Counted are calls that change a file or its name:
/// writes, truncations, synchronisations and removals.
class FaultyVfs {
  public:
    enum class Fault {
        none,
        io_error,   ///< the call fails; of a write the first half is done
        disk_full,  ///< files do not grow
        power_cut,  ///< it is as if the machine were off: this call may have been done, and none after it is
    };

    FaultyVfs();
    FaultyVfs(const FaultyVfs&) = delete;
    FaultyVfs& operator=(const FaultyVfs&) = delete;
    ~FaultyVfs();

    /// The n-th call from now on, counted from 1, has the fault; or, as after a power cut always, all from
    /// that one on.
    void fail_at(std::uint64_t call, Fault fault, bool from_then_on = false);
    void heal() { fail_at(0, Fault::none); }

    /// From now on reading fails, or no longer does.
    void fail_reads(bool fail) { reads_fail_ = fail; }

    /// Since the last `fail_at` or `heal`.
    std::uint64_t calls() const noexcept { return calls_; }

    /// Whether a call has failed since then.
    bool has_failed() const noexcept { return has_failed_; }

    /// After a power cut.
    const SimulatedDisk& disk() const noexcept { return disk_; }

  private:
    friend struct FaultyFile;

    int open(const char* path, sqlite3_file* file, int flags, int* out_flags);
    int remove(const char* path, int sync_directory);

    struct Verdict {
        Fault fault = Fault::none;
        bool is_first = false;  ///< the first that fails
    };
    Verdict judge_next(bool grows);

    sqlite3_vfs* real_;
    sqlite3_vfs vfs_;
    std::recursive_mutex mutex_;
    SimulatedDisk disk_;
    Fault fault_ = Fault::none;
    std::uint64_t at_ = 0;
    bool from_then_on_ = false;
    std::atomic<std::uint64_t> calls_ = 0;
    std::atomic<bool> has_failed_ = false;
    std::atomic<bool> reads_fail_ = false;
};

}  // namespace crowfly::tests
