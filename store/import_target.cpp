#include "store/import_target.h"

#include <atomic>
#include <exception>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "core/error.h"
#include "store/embedded/embedded_collection.h"
#include "store/embedded/fresh_table.h"
#include "store/embedded/import_log.h"
#include "store/place_search.h"
#include "store/place_spool.h"
#include "store/seen_ids.h"

namespace crowfly {
namespace {

// With so many rows in a transaction what a transaction costs no longer shows, and others that write wait
// for some ten milliseconds.
constexpr std::size_t kStagedRows = 10'000;

class CountedTarget : public ImportTarget {
  public:
    std::uint64_t published() const noexcept final { return published_.load(std::memory_order_acquire); }

  protected:
    void add_published(std::uint64_t count) noexcept {
        published_.fetch_add(count, std::memory_order_release);
    }

  private:
    std::atomic<std::uint64_t> published_ = 0;
};

/// A new collection, of which nothing is seen before the end. Its rows go to a table in the file, and to
/// memory as well, so that they need not be read again.
class FreshTarget final : public CountedTarget {
  public:
    FreshTarget(const EmbeddedStore& store, NewCollection make)
        : store_(store.open_store()),
          make_(std::move(make)),
          loaded_(hot_attributes(make_.schema, make_.options.hot_attributes)) {
        require_valid(make_.schema);
        for (const MetricKind metric : make_.metrics) require_metric_of(make_.schema.crs, metric);
        ids_.emplace(*loaded_.columns);
        table_.emplace(store_->file, make_.schema);
    }

    const Schema& schema() const noexcept override { return make_.schema; }
    std::size_t batch_rows() const noexcept override { return kStagedRows; }

    bool admit(const Place& place) override {
        if (ids_->find(place.id)) return false;
        const RowFacts facts{.fid = static_cast<std::int64_t>(++rows_),
                             .has_more = has_more_properties(place, make_.schema, loaded_.hot)};
        ids_->insert(loaded_.add(place, facts));
        return true;
    }

    void write(std::span<Place> places) override { table_->append(places); }

    /// That of the ids in the file, and those of the positions in memory, at the same time.
    void make_index(const Control& control) override {
        ids_.reset();
        std::exception_ptr error;
        {
            const std::jthread indexing([&] {
                try {
                    table_->make_index(control);
                } catch (...) {
                    error = std::current_exception();
                }
            });
            // The number is known when it is published.
            in_memory_ = std::make_unique<LiveRows>(std::move(loaded_), make_.metrics, 0, store_->executor);
        }
        if (error) std::rethrow_exception(error);
    }

    void publish(const Control& control) override {
        control.check();
        const CollectionRecord record = table_->publish();
        table_.reset();
        in_memory_->publish(record.sequence_number);
        add_published(rows_);
        collection_ = std::make_unique<EmbeddedCollection>(store_, make_.schema, make_.metrics, make_.options,
                                                           std::move(in_memory_), record);
    }

    void abandon() noexcept override {
        table_.reset();
        in_memory_.reset();
        ids_.reset();
        loaded_ = LoadedRows({});
    }

    std::unique_ptr<Collection> take_collection() override { return std::move(collection_); }

  private:
    std::shared_ptr<OpenStore> store_;
    NewCollection make_;
    LoadedRows loaded_;
    std::optional<IdMap> ids_;
    std::uint64_t rows_ = 0;
    std::optional<FreshTable> table_;
    std::unique_ptr<LiveRows> in_memory_;
    std::unique_ptr<Collection> collection_;
};

/// The entry of an import in the file's list, for as long as it lives.
class LogEntry {
  public:
    LogEntry(std::shared_ptr<OpenStore> store, const std::string& collection, ImportMode mode)
        : store_(std::move(store)) {
        change([&](sqlite::Database& database) { job_ = import_log::begin(database, collection, mode); });
    }
    LogEntry(const LogEntry&) = delete;
    LogEntry& operator=(const LogEntry&) = delete;
    ~LogEntry() {
        if (ended_) return;
        try {
            change([&](sqlite::Database& database) { import_log::end(database, job_); });
        } catch (const std::exception&) {
            // It is taken off when the file is next opened for writing.
        }
    }

    std::int64_t job() const noexcept { return job_; }

    /// Somebody else has taken it off.
    void set_ended() noexcept { ended_ = true; }

  private:
    template <class Work>
    void change(const Work& work) {
        sqlite::Database& database = store_->file.connection();
        const std::scoped_lock lock(store_->file.mutex());
        sqlite::Transaction transaction(database);
        work(database);
        transaction.commit();
    }

    std::shared_ptr<OpenStore> store_;
    std::int64_t job_ = 0;
    bool ended_ = false;
};

/// A collection that is there.
class ExistingTarget : public CountedTarget {
  public:
    const Schema& schema() const noexcept final { return into_.schema(); }
    bool admit(const Place& place) final { return ids_.insert(place.id); }
    void make_index(const Control& /*control*/) final { ids_ = SeenIds(); }
    void abandon() noexcept override {
        entry_.reset();
        ids_ = SeenIds();
    }

  protected:
    ExistingTarget(const EmbeddedStore& store, EmbeddedCollection& into, ImportMode mode) : into_(into) {
        entry_.emplace(store.open_store(), into.schema().name, mode);
    }

    EmbeddedCollection& into_;
    std::optional<LogEntry> entry_;

  private:
    SeenIds ids_;
};

/// Gives a connection room for the index of ids of some million places while it lives: what is imported is in
/// no order of ids.
class LargeCache {
  public:
    explicit LargeCache(sqlite::Database& database) : database_(database) {
        sqlite::Statement size(database_, "PRAGMA cache_size");
        if (size.step()) before_ = size.integer(0);
        size.reset();
        database_.execute("PRAGMA cache_size = -131072");
    }
    LargeCache(const LargeCache&) = delete;
    LargeCache& operator=(const LargeCache&) = delete;
    ~LargeCache() {
        try {
            database_.execute(fmt::format("PRAGMA cache_size = {}", before_));
        } catch (const Error&) {
            // Then it stays as it is.
        }
    }

  private:
    sqlite::Database& database_;
    std::int64_t before_ = 0;
};

/// All places at the end. Until then they are in a file beside the store.
class SpoolTarget final : public ExistingTarget {
  public:
    SpoolTarget(const EmbeddedStore& store, EmbeddedCollection& into)
        : ExistingTarget(store, into, ImportMode::atomic) {
        const auto directory = std::filesystem::path(store.open_store()->file.path()).parent_path();
        spool_.emplace(directory.empty() ? "." : directory.string());
    }

    std::size_t batch_rows() const noexcept override { return kStagedRows; }
    void write(std::span<Place> places) override {
        for (const Place& place : places) spool_->add(place);
    }

    void publish(const Control& control) override {
        const Written written = into_.write_places([&](sqlite::Database& database, const auto& upsert) {
            const LargeCache cache(database);
            import_log::end(database, entry_->job());
            spool_->rewind();
            for (Place place; spool_->next(place);) {
                control.check();
                upsert(place);
            }
        });
        entry_->set_ended();
        add_published(written.upserted);
        abandon();
    }

    void abandon() noexcept override {
        spool_.reset();
        ExistingTarget::abandon();
    }

  private:
    std::optional<PlaceSpool> spool_;
};

/// Some places at a time.
class BatchTarget final : public ExistingTarget {
  public:
    BatchTarget(const EmbeddedStore& store, EmbeddedCollection& into, std::size_t batch_rows)
        : ExistingTarget(store, into, ImportMode::batches), batch_rows_(batch_rows) {}

    BatchTarget(const EmbeddedStore& store, std::unique_ptr<EmbeddedCollection> made, std::size_t batch_rows)
        : BatchTarget(store, *made, batch_rows) {
        made_ = std::move(made);
    }

    std::size_t batch_rows() const noexcept override { return batch_rows_; }

    void write(std::span<Place> places) override {
        into_.write_places([&](sqlite::Database& database, const auto& upsert) {
            for (const Place& place : places) upsert(place);
            import_log::set_published(database, entry_->job(), published() + places.size());
        });
        add_published(places.size());
    }

    void publish(const Control& /*control*/) override { abandon(); }
    std::unique_ptr<Collection> take_collection() override { return std::move(made_); }

  private:
    std::unique_ptr<EmbeddedCollection> made_;
    std::size_t batch_rows_;
};

}  // namespace

std::unique_ptr<ImportTarget> target_of_new_collection(const EmbeddedStore& store, const NewCollection& make,
                                                       const ImportOptions& options) {
    if (options.mode == ImportMode::atomic) return std::make_unique<FreshTarget>(store, make);
    PlaceList none({});
    return std::make_unique<BatchTarget>(
        store,
        std::make_unique<EmbeddedCollection>(store.open_store(), make.schema, make.metrics, make.options,
                                             none),
        options.batch_rows);
}

std::unique_ptr<ImportTarget> target_of_collection(const EmbeddedStore& store, Collection& into,
                                                   const ImportOptions& options) {
    auto* const embedded = dynamic_cast<EmbeddedCollection*>(&into);
    if (embedded == nullptr) {
        throw Error(Code::invalid_argument,
                    fmt::format("collection \"{}\" is not in a file; an import needs one that is",
                                into.schema().name));
    }
    if (options.mode == ImportMode::atomic) return std::make_unique<SpoolTarget>(store, *embedded);
    return std::make_unique<BatchTarget>(store, *embedded, options.batch_rows);
}

}  // namespace crowfly
