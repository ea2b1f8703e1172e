#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/error.h"
#include "store/import_job.h"

namespace crowfly {

struct ImportStatus;

/// An import for ImportJobs to run. Its functions are destroyed when it has ended.
struct ImportOrder {
    /// Opens what is read; it and all rows refused later go to the Rejects. Called in the job's thread. A
    /// source that may wait, such as that of a ByteFeed, is to end when the token says so.
    using Open = std::function<std::unique_ptr<PlaceSource>(Rejects&, std::stop_token)>;

    /// Makes the import. Called in the job's thread too, since it writes to the store, and may have to wait
    /// for others that do.
    std::function<std::unique_ptr<ImportJob>()> make = {};

    /// What `make` makes it for.
    std::string collection = {};
    ImportMode mode = ImportMode::atomic;

    Open open = {};
    OnError on_error = OnError::skip;

    /// The file for the report of rejects; empty: none is written.
    std::string rejects = {};

    /// Called in the job's thread at the end, unless it failed; takes over the collection that was made.
    std::function<void(ImportJob&)> published = {};

    /// Called in the job's thread when all is over; must not throw.
    std::function<void(const ImportStatus&)> ended = {};
};

/// What there is to say of an import.
struct ImportStatus {
    std::uint64_t number = 0;  ///< of the import, from 1 on
    std::string collection = {};
    ImportMode mode = ImportMode::atomic;
    ImportProgress progress = {};
    std::string rejects = {};        ///< the file of its report, as it was ordered
    std::optional<Code> error = {};  ///< why it has ended early or, if it has finished, has no whole report
    std::string message = {};        ///< of that error
    bool has_ended = false;          ///< and its report is there as far as it ever will
};

/// Imports that run side by side, each in a thread of its own, and those that have ended. All members may be
/// called from any thread.
class ImportJobs {
  public:
    /// So many run at a time, and of so many the end is remembered.
    explicit ImportJobs(std::size_t most_running = 4, std::size_t most_ended = 100);
    ImportJobs(const ImportJobs&) = delete;
    ImportJobs& operator=(const ImportJobs&) = delete;

    /// Cancels those that run, and waits for them.
    ~ImportJobs();

    /// Starts an import; returns its number. Throws Error(busy) when too many run.
    std::uint64_t start(ImportOrder order);

    /// All that are known, by number.
    std::vector<ImportStatus> list() const;
    std::optional<ImportStatus> find(std::uint64_t number) const;

    /// As ImportJob::cancel; false when there is none of that number.
    bool cancel(std::uint64_t number);

    /// Returns when it has ended, or there is none of that number.
    void wait(std::uint64_t number) const;

  private:
    class Run;

    std::shared_ptr<Run> run_of(std::uint64_t number) const;
    void forget_the_oldest();

    const std::size_t most_running_;
    const std::size_t most_ended_;
    mutable std::mutex mutex_;
    std::uint64_t last_ = 0;
    std::map<std::uint64_t, std::shared_ptr<Run>> runs_;
};

}  // namespace crowfly
