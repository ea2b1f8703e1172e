#include "store/import_target.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "core/error.h"
#include "store/embedded/fresh_table.h"
#include "store/embedded/import_log.h"
#include "store/place_spool.h"
#include "store/seen_ids.h"
#include "store/snapshot.h"

namespace crowfly {
namespace {

// With so many rows in a transaction what a transaction costs no longer shows, and others that write wait
// for some ten milliseconds.
constexpr std::size_t kStagedRows = 10'000;

/// What all have in common.
class Target : public ImportTarget {
  public:
    bool admit(const Place& place) final { return ids_.insert(place.id); }
    std::uint64_t published() const noexcept final { return published_.load(std::memory_order_relaxed); }

  protected:
    void add_published(std::uint64_t count) noexcept {
        published_.fetch_add(count, std::memory_order_relaxed);
    }
    void forget_ids() { ids_ = SeenIds(); }
    std::uint64_t admitted() const noexcept { return ids_.size(); }

  private:
    SeenIds ids_;
    std::atomic<std::uint64_t> published_ = 0;
};

/// A new collection, of which nothing is seen before the end.
class FreshTarget final : public Target {
  public:
    FreshTarget(const EmbeddedStore& store, const Schema& schema, std::vector<MetricKind> metrics)
        : store_(store), schema_(schema), metrics_(std::move(metrics)) {
        require_valid(schema_);
        for (const MetricKind metric : metrics_) require_metric_of(schema_.crs, metric);
        table_ = std::make_unique<FreshTable>(store_.file(), schema_);
    }

    const Schema& schema() const noexcept override { return schema_; }
    std::size_t batch_rows() const noexcept override { return kStagedRows; }
    void write(std::span<Place> places) override { table_->append(places); }
    void make_index(const Control& control) override { table_->make_index(control); }

    void publish(const Control& control) override {
        control.check();
        table_->publish();
        table_.reset();
        add_published(admitted());
        forget_ids();
        collection_ = store_.open_collection(schema_.name, metrics_);
    }

    void abandon() noexcept override { table_.reset(); }
    std::unique_ptr<Collection> take_collection() override { return std::move(collection_); }

  private:
    const EmbeddedStore& store_;
    Schema schema_;
    std::vector<MetricKind> metrics_;
    std::unique_ptr<FreshTable> table_;
    std::unique_ptr<Collection> collection_;
};

/// The entry of an import in the file's list, for as long as it lives.
class LogEntry {
  public:
    LogEntry(std::shared_ptr<StoreFile> file, const std::string& collection, ImportMode mode)
        : file_(std::move(file)) {
        change(
            [&](sqlite::Database& database) { job_ = import_log::begin(database, collection, mode, false); });
    }
    LogEntry(const LogEntry&) = delete;
    LogEntry& operator=(const LogEntry&) = delete;
    ~LogEntry() {
        try {
            change([&](sqlite::Database& database) { import_log::end(database, job_); });
        } catch (const Error&) {
            // It is taken off when the file is next opened for writing.
        }
    }

    void set_published(std::uint64_t count) {
        change([&](sqlite::Database& database) { import_log::set_published(database, job_, count); });
    }

  private:
    template <class Work>
    void change(const Work& work) {
        const std::scoped_lock lock(file_->mutex());
        sqlite::Transaction transaction(file_->connection());
        work(file_->connection());
        transaction.commit();
    }

    std::shared_ptr<StoreFile> file_;
    std::int64_t job_ = 0;
};

/// What was put by, as a source for the collection.
class SpoolSource final : public PlaceSource {
  public:
    SpoolSource(PlaceSpool& spool, const Control& control) : spool_(spool), control_(control) {}

    bool next(Place& place) override {
        control_.check();
        return spool_.next(place);
    }
    void refuse(std::string_view member, const std::string& reason) override {
        throw Error(Code::internal,
                    fmt::format("a place that was judged before is refused: {} {}", member, reason));
    }

  private:
    PlaceSpool& spool_;
    const Control& control_;
};

std::string directory_of(const StoreFile& file) {
    const std::filesystem::path parent = std::filesystem::path(file.path()).parent_path();
    return parent.empty() ? "." : parent.string();
}

/// A collection that is there, to which all places are added at the end.
class SpoolTarget final : public Target {
  public:
    SpoolTarget(const EmbeddedStore& store, Collection& into)
        : into_(into), spool_(std::make_unique<PlaceSpool>(directory_of(*store.file()))) {
        entry_.emplace(store.file(), into.schema().name, ImportMode::atomic);
    }

    const Schema& schema() const noexcept override { return into_.schema(); }
    std::size_t batch_rows() const noexcept override { return kStagedRows; }
    void write(std::span<Place> places) override {
        for (const Place& place : places) spool_->add(place);
    }
    void make_index(const Control& /*control*/) override { forget_ids(); }

    void publish(const Control& control) override {
        SpoolSource source(*spool_, control);
        add_published(into_.upsert(source));
        abandon();
    }

    void abandon() noexcept override {
        spool_.reset();
        entry_.reset();
    }

  private:
    Collection& into_;
    std::unique_ptr<PlaceSpool> spool_;
    std::optional<LogEntry> entry_;
};

/// A collection to which some places are added at a time.
class BatchTarget final : public Target {
  public:
    BatchTarget(const EmbeddedStore& store, Collection& into, std::size_t batch_rows)
        : into_(into), batch_rows_(batch_rows) {
        entry_.emplace(store.file(), into.schema().name, ImportMode::batches);
    }

    BatchTarget(const EmbeddedStore& store, std::unique_ptr<Collection> made, std::size_t batch_rows)
        : BatchTarget(store, *made, batch_rows) {
        made_ = std::move(made);
    }

    const Schema& schema() const noexcept override { return into_.schema(); }
    std::size_t batch_rows() const noexcept override { return batch_rows_; }

    void write(std::span<Place> places) override {
        PlaceList list(places);
        add_published(into_.upsert(list));
        const auto now = std::chrono::steady_clock::now();
        if (now < next_note_) return;
        entry_->set_published(published());
        next_note_ = now + std::chrono::seconds(1);
    }

    void make_index(const Control& /*control*/) override { forget_ids(); }
    void publish(const Control& /*control*/) override { abandon(); }
    void abandon() noexcept override { entry_.reset(); }
    std::unique_ptr<Collection> take_collection() override { return std::move(made_); }

  private:
    std::unique_ptr<Collection> made_;  // before what refers to it
    Collection& into_;
    std::size_t batch_rows_;
    std::optional<LogEntry> entry_;
    std::chrono::steady_clock::time_point next_note_ = {};
};

}  // namespace

std::unique_ptr<ImportTarget> target_of_new_collection(const EmbeddedStore& store, const Schema& schema,
                                                       const ImportOptions& options) {
    if (options.mode == ImportMode::atomic)
        return std::make_unique<FreshTarget>(store, schema, options.metrics);
    PlaceList none({});
    return std::make_unique<BatchTarget>(store, store.create_collection(schema, options.metrics, none),
                                         options.batch_rows);
}

std::unique_ptr<ImportTarget> target_of_collection(const EmbeddedStore& store, Collection& into,
                                                   const ImportOptions& options) {
    if (options.mode == ImportMode::atomic) return std::make_unique<SpoolTarget>(store, into);
    return std::make_unique<BatchTarget>(store, into, options.batch_rows);
}

}  // namespace crowfly
