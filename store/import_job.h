#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "formats/rejects.h"
#include "store/collection.h"
#include "store/embedded/embedded_store.h"
#include "store/import_options.h"
#include "store/import_target.h"

namespace crowfly {

/// The import of many places into a collection, while others search it and write: rows are read and judged in
/// one thread, put by in another one, indexed, and published.
///
///     ImportJob job(store, {.schema = {.name = "places"}, .metrics = {MetricKind::spheroid}});
///     Rejects rejects(OnError::skip);
///     job.run(*open_places("places.csv", {}, {}, rejects), rejects);
///
/// What is published is on disk when `run` returns. Nothing of what is not stays, also when the process ends
/// in the middle (`EmbeddedStore::interrupted_imports`).
///
/// A new collection is filled in a table of its own; those who write other collections of the file wait for
/// some ten milliseconds at a time, and for about a second for each million places while the ids are indexed.
/// Places for a collection that is there are put by in a file beside the store, and with ImportMode::atomic
/// written in one transaction, through which all other writes to the file wait: some seconds for each
/// million. With ImportMode::batches they wait for one batch at a time.
class ImportJob {
  public:
    /// Makes the collection. Throws as EmbeddedStore::create_collection.
    ImportJob(const EmbeddedStore& store, const NewCollection& make, const ImportOptions& options = {});

    /// Into a collection that was opened by this store, and must outlive the job: a place whose id is there
    /// replaces that one. Throws Error(invalid_argument) for a collection of another kind of store, and
    /// Error(permission_denied) when the store is only read.
    ImportJob(const EmbeddedStore& store, Collection& into, const ImportOptions& options = {});

    ImportJob(const ImportJob&) = delete;
    ImportJob& operator=(const ImportJob&) = delete;
    ~ImportJob();

    /// Reads all places of the source in the calling thread; once. A place with a fault, or an id that came
    /// before, is refused to the source; one without an id gets a random UUID. `rejects` is where the source
    /// counts what it refuses, and must outlive the job.
    ///
    /// Throws what the source throws, Error(cancelled), and whatever keeps the store from being written. Of
    /// an import with ImportMode::atomic then nothing is there; else what `progress` says was published.
    void run(PlaceSource& places, const Rejects& rejects);

    /// How far it is. In any thread.
    ImportProgress progress() const;

    /// Ends it soon, unless all has been published. In any thread. A source that waits for input is not
    /// woken: see ByteFeed::source.
    void cancel() noexcept { stop_.request_stop(); }

    /// Says when it was cancelled, for a source that may wait.
    std::stop_token stop_token() const { return stop_.get_token(); }

    const std::string& collection() const noexcept { return target_->schema().name; }
    ImportMode mode() const noexcept { return mode_; }

    /// The collection that it has made; nothing before it has, or after the first call.
    std::unique_ptr<Collection> take_collection();

  private:
    using Clock = std::chrono::steady_clock;

    ImportJob(std::unique_ptr<ImportTarget> target, const ImportOptions& options);

    void read(PlaceSource& places);
    bool admits(Place& place, PlaceSource& places);
    void end(ImportPhase phase) noexcept;

    std::unique_ptr<ImportTarget> target_;
    ImportMode mode_;
    std::stop_source stop_;
    Control caller_;   ///< ends the job too
    Control control_;  ///< of all its steps
    std::atomic<ImportPhase> phase_ = ImportPhase::reading;
    std::atomic<std::uint64_t> valid_ = 0;
    std::atomic<const Rejects*> rejects_ = nullptr;
    std::atomic<Clock::time_point> start_ = Clock::now();
    std::atomic<Clock::time_point> end_ = Clock::time_point::max();
};

}  // namespace crowfly
