#include "store/embedded/embedded_collection.h"

#include <algorithm>
#include <set>
#include <unordered_set>

#include <fmt/format.h>

#include "core/error.h"
#include "store/embedded/geopackage.h"
#include "store/embedded/item_pages.h"
#include "store/embedded/record_filter.h"
#include "store/embedded/store_format.h"
#include "store/place_snapshot.h"

namespace crowfly {
namespace {

GeometryContent content_of(const LoadedRows& loaded) {
    GeometryContent content{.shapes = !loaded.shapes.empty()};
    for (const auto& shape : loaded.shapes) {
        if (shape == nullptr) continue;
        content.z = content.z || !shape->z().empty();
        content.m = content.m || !shape->m().empty();
    }
    return content;
}

}  // namespace

class EmbeddedCollection::Snapshot final : public PlaceSnapshot {
  public:
    Snapshot(std::shared_ptr<const RowsState> state, const EmbeddedCollection& of)
        : state_(std::move(state)), of_(of) {}

    std::uint64_t sequence_number() const noexcept override { return state_->sequence_number; }
    const LiveSnapshot& rows() const noexcept override { return *state_->index; }
    std::string_view id(std::uint32_t row) const noexcept override { return state_->rows->id(row); }
    std::string_view name(std::uint32_t row) const noexcept override {
        return state_->rows->record(row).name();
    }
    std::string_view category(std::uint32_t row) const noexcept override {
        return (*state_->categories)[state_->rows->category(row)];
    }
    void with_filter(const cql2::Expression& filter,
                     const std::function<void(const RowFilter&)>& use) const override {
        RecordFilter records(of_.schema_, of_.hot_, *state_, std::nullopt, &filter);
        const RowFilter passes = [&](std::uint32_t row) { return records.passes(row); };
        if (records.cold().empty()) return use(passes);
        of_.with_reader([&](PlaceTable& table) {
            const PlaceTable::Reading reading(table);
            ColdValues cold(table, records.cold());
            records.lend(cold);
            use(passes);
        });
    }

  private:
    std::shared_ptr<const RowsState> state_;
    const EmbeddedCollection& of_;
};

std::vector<Attribute> hot_attributes(const Schema& schema, const std::vector<std::string>& names) {
    std::set<std::string_view> unknown(names.begin(), names.end());
    std::vector<Attribute> hot;
    for (const Attribute& attribute : schema.attributes) {
        if (unknown.erase(attribute.name) != 0) hot.push_back(attribute);
    }
    if (unknown.empty()) return hot;
    throw Error(Code::invalid_argument,
                fmt::format("collection \"{}\" has no attribute \"{}\"", schema.name, *unknown.begin()));
}

EmbeddedCollection::EmbeddedCollection(std::shared_ptr<OpenStore> store, Schema schema,
                                       std::vector<MetricKind> metrics, EmbeddedOptions options)
    : store_(std::move(store)),
      schema_(std::move(schema)),
      metrics_(std::move(metrics)),
      options_(std::move(options)),
      hot_(hot_attributes(schema_, options_.hot_attributes)) {
    for (const MetricKind metric : metrics_) require_metric_of(schema_.crs, metric);
    start(load());
}

EmbeddedCollection::EmbeddedCollection(std::shared_ptr<OpenStore> store, Schema schema,
                                       std::vector<MetricKind> metrics, EmbeddedOptions options,
                                       PlaceSource& places)
    : store_(std::move(store)),
      schema_(std::move(schema)),
      metrics_(std::move(metrics)),
      options_(std::move(options)) {
    require_valid(schema_);
    for (const MetricKind metric : metrics_) require_metric_of(schema_.crs, metric);
    hot_ = hot_attributes(schema_, options_.hot_attributes);
    start(create(places));
}

EmbeddedCollection::EmbeddedCollection(std::shared_ptr<OpenStore> store, Schema schema,
                                       std::vector<MetricKind> metrics, EmbeddedOptions options,
                                       std::unique_ptr<LiveRows> rows, const CollectionRecord& record)
    : store_(std::move(store)),
      schema_(std::move(schema)),
      metrics_(std::move(metrics)),
      options_(std::move(options)),
      hot_(hot_attributes(schema_, options_.hot_attributes)),
      rows_(std::move(rows)) {
    start(record);
}

EmbeddedCollection::~EmbeddedCollection() {
    if (writer_ != nullptr) store_->writer.remove(*writer_);
    // After the writer, which wakes merges.
    store_->merges.forget(*rows_);
    if (writer_ == nullptr) return;
    save_cache();
    // Its statements are of the connection that all collections of the store share.
    const std::scoped_lock lock(store_->file.mutex());
    writer_.reset();
}

/// Of the store: through links it has the same index cache.
std::string EmbeddedCollection::resolved_path() const {
    return store_->file.connection().resolved_path();
}

void EmbeddedCollection::tell_of_cache(const std::string& fault) const {
    if (!options_.on_cache_fault) return;
    options_.on_cache_fault(fmt::format("{} {}", index_cache_path(resolved_path(), schema_.name), fault));
}

/// Unless the one that is there is true.
void EmbeddedCollection::save_cache() const noexcept {
    try {
        const auto state = rows_->state();
        if (state->fault || writer_->rows_are_stale() || state->index->size() < options_.cache_from ||
            cached_ == writer_->record()) {
            return;
        }
        rows_->save(resolved_path(), schema_.name, CacheKey(schema_, hot_, writer_->record()));
    } catch (const std::exception& error) {
        tell_of_cache(fmt::format("was not written: {}", error.what()));
    }
}

/// Rows and index of what is in the file. The record is read before the rows: should somebody else write in
/// between, the first batch finds another record, and the rows are loaded again.
CollectionRecord EmbeddedCollection::load() {
    const std::scoped_lock lock(store_->file.mutex());
    sqlite::Database& database = store_->file.connection();
    auto record = CollectionRecord::read(database, schema_.name);
    if (store_->can_write && (!record || record->row_changes != 0)) {
        sqlite::Transaction transaction(database);
        record = CollectionRecord::create(database, schema_.name);
        transaction.commit();
    }
    LoadedRows loaded = load_rows(record);
    rows_ = std::make_unique<LiveRows>(std::move(loaded), metrics_, record ? record->sequence_number : 0,
                                       store_->executor);
    return record.value_or(CollectionRecord());
}

/// From the index cache or, when that does not hold, from the table.
LoadedRows EmbeddedCollection::load_rows(const std::optional<CollectionRecord>& record) {
    std::string fault = "is of a file that does not say what has changed in it";
    try {
        if (record) {
            LoadedRows cached =
                load_index_cache(index_cache_path(resolved_path(), schema_.name),
                                 CacheKey(schema_, hot_, *record), schema_, hot_, metrics_, store_->executor);
            require_as_many(cached.columns->size());
            cached_ = record;
            return cached;
        }
    } catch (const Error& error) {
        fault = error.code() == Code::not_found ? "is not there" : error.what();
    }
    LoadedRows loaded(hot_);
    PlaceTable(store_->file.connection(), schema_).load(hot_, [&](const StoredRow& row) { loaded.add(row); });
    if (loaded.rows.size() >= options_.cache_from) tell_of_cache("is not used: it " + fault);
    return loaded;
}

/// A file that was patched together after damage may have lost rows unseen.
void EmbeddedCollection::require_as_many(std::uint64_t cached) const {
    const std::uint64_t stored = PlaceTable::count(store_->file.connection(), schema_.name);
    if (cached == stored) return;
    throw Error(Code::conflict, fmt::format("has {} rows, and the file has {}", cached, stored));
}

CollectionRecord EmbeddedCollection::create(PlaceSource& places) {
    const std::scoped_lock lock(store_->file.mutex());
    sqlite::Database& database = store_->file.connection();
    sqlite::Transaction transaction(database);
    if (geopackage::is_empty(database)) geopackage::create_tables(database);
    store_format::record(database);
    PlaceTable::create(database, schema_);
    LoadedRows loaded(hot_);
    IdMap ids(*loaded.columns);
    PlaceWriter table(database, schema_, false);
    const std::uint64_t taken = take_places(places, schema_, [&](const Place& place) {
        if (ids.find(place.id)) return false;
        const RowFacts facts{.fid = table.insert(place, std::nullopt),
                             .has_more = has_more_properties(place, schema_, hot_)};
        ids.insert(loaded.add({facts, place}));
        return true;
    });
    CollectionRecord record = CollectionRecord::create(database, schema_.name);
    if (taken != 0) ++record.sequence_number;
    RecordKeeper(database, schema_.name).set(record, loaded.extent);
    geopackage::widen_geometry_column(database, schema_.name, content_of(loaded));
    rows_ = std::make_unique<LiveRows>(std::move(loaded), metrics_, record.sequence_number, store_->executor);
    transaction.commit();
    return record;
}

void EmbeddedCollection::start(const CollectionRecord& record) {
    log_ = std::make_unique<ChangeLog>(options_.collection.retained_changes, record.sequence_number);
    if (!store_->can_write) return;
    writer_ =
        std::make_unique<CollectionWriter>(CollectionWriter::Needs{.file = store_->file,
                                                                   .schema = schema_,
                                                                   .hot = hot_,
                                                                   .options = options_.collection,
                                                                   .rows = *rows_,
                                                                   .log = *log_,
                                                                   .published = [this] { wake_merges(); },
                                                                   .erase_expired = options_.erase_expired,
                                                                   .writer = store_->writer},
                                           record);
    store_->writer.add(*writer_);
}

void EmbeddedCollection::wake_merges() noexcept {
    try {
        if (rows_->merge_is_due()) store_->merges.wake(*rows_);
    } catch (const std::exception&) {
        // What is due is so after the next write too.
    }
}

std::shared_ptr<const RowsState> EmbeddedCollection::state() const {
    auto state = rows_->state();
    if (state->fault) std::rethrow_exception(state->fault);
    return state;
}

Written EmbeddedCollection::run(std::size_t rows, const std::function<Written()>& stage) {
    if (writer_ == nullptr) {
        throw Error(Code::permission_denied,
                    store_->file.path() + ": is open for reading only; open it for writing");
    }
    Written written;
    store_->writer.write(*writer_, rows, [&] { written = stage(); });
    return written;
}

std::uint64_t EmbeddedCollection::upsert(PlaceSource& places) {
    std::vector<Change> changes;
    std::unordered_set<std::string> given;
    take_places(places, schema_, [&](const Place& place) {
        if (!given.insert(place.id).second) return false;
        changes.emplace_back(Upsert{place});
        return true;
    });
    return run(changes.size(), [&] { return writer_->stage(changes); }).upserted;
}

std::uint64_t EmbeddedCollection::erase(std::span<const std::string> ids) {
    std::vector<Change> changes;
    for (const std::string& id : ids) changes.emplace_back(Erase{id});
    return run(changes.size(), [&] { return writer_->stage(changes); }).erased;
}

Written EmbeddedCollection::write(std::vector<Change> changes) {
    require_valid(changes, schema_);
    for (Change& change : changes) {
        auto* upsert = std::get_if<Upsert>(&change);
        if (upsert == nullptr) continue;
        Place& place = upsert->place;
        if (place.shape != nullptr) place.set_geometry(place.shape);
        if (place.id.empty()) place.id = random_uuid();
    }
    return run(changes.size(), [&] { return writer_->stage(changes); });
}

Edited EmbeddedCollection::edit(const std::string& id, const Edit& edit) {
    Edited edited;
    std::exception_ptr refusal;
    const Written written = run(1, [&] {
        const PlaceState before = writer_->state_of(id);
        std::vector<Change> changes;
        try {
            refusal = nullptr;
            changes = changes_of(edit, before, id, schema_);
        } catch (...) {
            // Not thrown from here: the batches of others in the transaction would have to be staged anew.
            refusal = std::current_exception();
        }
        Written staged = writer_->stage(changes);
        edited.place = changes.empty() ? before.place : writer_->state_of(id).place;
        return staged;
    });
    if (refusal) std::rethrow_exception(refusal);
    edited.written = written;
    return edited;
}

std::uint64_t EmbeddedCollection::erase_expired() {
    constexpr auto kAll = std::numeric_limits<std::size_t>::max();
    return run(1, [&] { return writer_->stage_expired(kAll); }).erased;
}

Written EmbeddedCollection::write_places(const PlaceWork& work) {
    return run(1, [&] { return writer_->stage_places(work); });
}

ChangeFeed EmbeddedCollection::changes_since(std::uint64_t sequence_number, std::size_t limit) const {
    return log_->since(sequence_number, limit);
}

std::vector<NeighborPlace> EmbeddedCollection::nearest(const PlaceQuery& query, std::size_t k,
                                                       double max_distance) const {
    return search(query, {k, max_distance});
}

std::vector<NeighborPlace> EmbeddedCollection::within_distance(const PlaceQuery& query,
                                                               double max_distance) const {
    return search(query, {std::nullopt, max_distance});
}

std::vector<NeighborPlace> EmbeddedCollection::search(const PlaceQuery& query, Reach reach) const {
    require_metric_of(schema_.crs, query.metric);
    if (query.area != nullptr) require_area_of(schema_.crs, *query.area);
    const auto state = this->state();
    const RowView& rows = *state->rows;
    RecordFilter filter(schema_, hot_, *state, query.category, query.filter.get());
    // The query is still judged, but the index is not walked to its end for nothing.
    if (filter.lets_none_pass()) reach.max_distance = std::min(reach.max_distance, 0.0);
    RowFilter passes;
    if (!filter.lets_all_pass()) passes = [&](std::uint32_t row) { return filter.passes(row); };
    const auto ids = [&rows](std::uint32_t row) { return rows.id(row); };
    const RowCategories categories{
        [&rows](std::uint32_t row) { return rows.category(row); },
        [&state](std::uint32_t number) -> std::string_view { return (*state->categories)[number]; }};
    const PlaceSearch search(*state->index, metrics_, query, std::move(passes), ids, categories);
    if (filter.cold().empty()) return with_places(*state, search(reach), query);
    std::vector<RowNeighbor> neighbors;
    with_reader([&](PlaceTable& table) {
        const PlaceTable::Reading reading(table);
        ColdValues cold(table, filter.cold());
        filter.lend(cold);
        neighbors = search(reach);
        if (query.report == nullptr) return;
        query.report->rows_read = cold.rows_read();
        for (const Attribute& attribute : filter.cold())
            query.report->read_from_file.push_back(attribute.name);
    });
    return with_places(*state, neighbors, query);
}

std::vector<NeighborPlace> EmbeddedCollection::with_places(const RowsState& state,
                                                           const std::vector<RowNeighbor>& neighbors,
                                                           const PlaceQuery& query) const {
    constexpr std::size_t kRowsBetweenChecks = 256;
    std::vector<NeighborPlace> answer;
    answer.reserve(neighbors.size());
    std::vector<std::size_t> unfinished;
    for (const auto& [row, distance, nearest_point] : neighbors) {
        const RowRecord record = state.rows->record(row);
        const LiveRow indexed = *state.index->find(row);
        if (record.has_more()) unfinished.push_back(answer.size());
        answer.push_back({.place = {.id = std::string(record.id()),
                                    .position = indexed.position,
                                    .name = std::string(record.name()),
                                    .category = (*state.categories)[state.rows->category(row)],
                                    .shape = indexed.shape},
                          .rank = answer.size() + 1,
                          .distance = distance,
                          .nearest_point = nearest_point});
        if (!record.has_more()) record.append_values(hot_, answer.back().place);
    }
    if (query.by_category) rank_within_categories(answer);
    if (unfinished.empty()) return answer;
    with_reader([&](PlaceTable& table) {
        for (const std::size_t i : unfinished) {
            if (i % kRowsBetweenChecks == 0) query.control.check();
            table.read_properties(state.rows->fid(neighbors[i].row), answer[i].place);
        }
    });
    return answer;
}

std::optional<Place> EmbeddedCollection::get(std::string_view id) const {
    std::optional<Place> place;
    with_reader([&](PlaceTable& table) { place = table.get(id); });
    return place;
}

std::optional<Timestamp> EmbeddedCollection::expires_at(std::string_view id) const {
    std::optional<Timestamp> time;
    with_reader([&](PlaceTable& table) { time = table.expires_at(id); });
    return time;
}

std::shared_ptr<const PlaceSnapshot> EmbeddedCollection::snapshot() const {
    return std::make_shared<const Snapshot>(state(), *this);
}

void EmbeddedCollection::scan(const std::function<void(const Place&)>& visit) const {
    with_reader([&](PlaceTable& table) { table.scan(visit); });
}

ItemsPage EmbeddedCollection::items(const ItemsQuery& query) const {
    require_valid(query, schema_.crs);
    const auto state = this->state();
    RecordFilter filter(schema_, hot_, *state, std::nullopt, query.filter.get());
    ItemsPage page;
    with_reader([&](PlaceTable& table) {
        const PlaceTable::Reading reading(table);
        std::optional<ColdValues> cold;
        if (!filter.cold().empty()) filter.lend(cold.emplace(table, filter.cold()));
        page = ItemPages(schema_, *state, filter, table, query)();
    });
    return page;
}

EmbeddedCollection::Reader::Reader(const std::string& path, const Schema& schema)
    : database(path, sqlite::Access::read_only), table(database, schema) {}

/// Lends a reading connection that no other thread has. One whose use threw is not lent again.
void EmbeddedCollection::with_reader(const std::function<void(PlaceTable&)>& use) const {
    std::unique_ptr<Reader> reader;
    {
        const std::scoped_lock lock(readers_mutex_);
        if (!idle_readers_.empty()) {
            reader = std::move(idle_readers_.back());
            idle_readers_.pop_back();
        }
    }
    if (!reader) {
        try {
            reader = std::make_unique<Reader>(store_->file.path(), schema_);
        } catch (const Error& error) {
            // That the file is gone is no fault of the one who asks for a place.
            if (error.code() == Code::not_found) throw Error(Code::io, error.what());
            throw;
        }
    }
    use(reader->table);
    const std::scoped_lock lock(readers_mutex_);
    idle_readers_.push_back(std::move(reader));
}

}  // namespace crowfly
