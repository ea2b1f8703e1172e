#include "store/embedded/embedded_collection.h"

#include <unordered_set>

#include "core/error.h"
#include "store/embedded/place_writer.h"
#include "store/embedded/store_format.h"

namespace crowfly {

EmbeddedCollection::EmbeddedCollection(std::shared_ptr<StoreFile> file, Schema schema,
                                       std::vector<MetricKind> metrics)
    : file_(std::move(file)), schema_(std::move(schema)), metrics_(std::move(metrics)) {
    for (const MetricKind metric : metrics_) require_metric_of(schema_.crs, metric);
    const std::scoped_lock lock(file_->mutex());
    PlaceTable table(file_->connection(), schema_);
    snapshot_ = std::make_shared<const Snapshot>(table.load(), metrics_);
}

EmbeddedCollection::EmbeddedCollection(std::shared_ptr<StoreFile> file, Schema schema,
                                       std::vector<MetricKind> metrics, PlaceSource& places)
    : file_(std::move(file)), schema_(std::move(schema)), metrics_(std::move(metrics)) {
    require_valid(schema_);
    for (const MetricKind metric : metrics_) require_metric_of(schema_.crs, metric);
    const std::scoped_lock lock(file_->mutex());
    sqlite::Database& database = file_->connection();
    sqlite::Transaction transaction(database);
    if (geopackage::is_empty(database)) geopackage::create_tables(database);
    store_format::record(database);
    PlaceTable::create(database, schema_);
    write_all(places);
    snapshot_ = next_snapshot();
    transaction.commit();
}

std::uint64_t EmbeddedCollection::upsert(PlaceSource& places) {
    const std::scoped_lock lock(file_->mutex());
    sqlite::Transaction transaction(file_->connection());
    const std::uint64_t taken = write_all(places);
    auto next = next_snapshot();
    transaction.commit();
    publish(std::move(next));
    return taken;
}

std::uint64_t EmbeddedCollection::erase(std::span<const std::string> ids) {
    const std::scoped_lock lock(file_->mutex());
    sqlite::Transaction transaction(file_->connection());
    PlaceWriter writer(file_->connection(), schema_);
    std::uint64_t erased = 0;
    for (const std::string& id : ids) erased += writer.erase(id) ? 1 : 0;
    auto next = next_snapshot();
    transaction.commit();
    publish(std::move(next));
    return erased;
}

Written EmbeddedCollection::write(std::vector<Change> changes) {
    require_valid(changes, schema_);
    const std::scoped_lock lock(file_->mutex());
    sqlite::Transaction transaction(file_->connection());
    PlaceWriter writer(file_->connection(), schema_);
    Written written;
    for (std::size_t i = 0; i < changes.size(); ++i) {
        if (auto* upsert = std::get_if<Upsert>(&changes[i])) {
            Place& place = upsert->place;
            if (place.shape != nullptr) place.set_geometry(place.shape);
            if (place.id.empty()) place.id = random_uuid();
            if (const auto fid = writer.find(place.id)) {
                writer.update(*fid, place);
            } else {
                writer.insert(place);
            }
            ++written.upserted;
        } else if (const auto* move = std::get_if<Move>(&changes[i])) {
            PlaceTable table(file_->connection(), schema_);
            auto place = table.get(move->id);
            if (!place) {
                written.absent.push_back(i);
                continue;
            }
            place->position = move->position;
            place->shape.reset();
            writer.update(*writer.find(move->id), *place);
            ++written.moved;
        } else if (writer.erase(std::get<Erase>(changes[i]).id)) {
            ++written.erased;
        } else {
            written.absent.push_back(i);
        }
    }
    auto next = next_snapshot();
    transaction.commit();
    publish(std::move(next));
    return written;
}

std::uint64_t EmbeddedCollection::write_all(PlaceSource& places) const {
    PlaceWriter writer(file_->connection(), schema_);
    std::unordered_set<std::int64_t> written;  // fids
    return take_places(places, schema_, [&](const Place& place) {
        const std::optional<std::int64_t> stored = writer.find(place.id);
        if (!stored) return written.insert(writer.insert(place)).second;
        if (!written.insert(*stored).second) return false;
        writer.update(*stored, place);
        return true;
    });
}

/// The state that a commit would make, and its extent in the file.
std::shared_ptr<const Snapshot> EmbeddedCollection::next_snapshot() const {
    PlaceTable table(file_->connection(), schema_);
    auto next = std::make_shared<const Snapshot>(table.load(), metrics_);
    geopackage::update_contents(file_->connection(), schema_.name, next->rows().extent());
    geopackage::widen_geometry_column(file_->connection(), schema_.name, next->rows().geometry_content());
    return next;
}

void EmbeddedCollection::publish(std::shared_ptr<const Snapshot> next) {
    const std::scoped_lock lock(snapshot_mutex_);
    snapshot_ = std::move(next);
}

std::shared_ptr<const Snapshot> EmbeddedCollection::snapshot() const {
    const std::scoped_lock lock(snapshot_mutex_);
    return snapshot_;
}

std::vector<NeighborPlace> EmbeddedCollection::nearest(const PlaceQuery& query, std::size_t k,
                                                       double max_distance) const {
    require_metric_of(schema_.crs, query.metric);
    const auto current = snapshot();
    return with_properties(*current, current->nearest(query, k, max_distance));
}

std::vector<NeighborPlace> EmbeddedCollection::within_distance(const PlaceQuery& query,
                                                               double max_distance) const {
    require_metric_of(schema_.crs, query.metric);
    const auto current = snapshot();
    return with_properties(*current, current->within_distance(query, max_distance));
}

std::vector<NeighborPlace> EmbeddedCollection::with_properties(
    const Snapshot& snapshot, const std::vector<RowNeighbor>& neighbors) const {
    std::vector<NeighborPlace> answer;
    answer.reserve(neighbors.size());
    with_reader([&](PlaceTable& table) {
        for (const auto& [row, distance, nearest_point] : neighbors) {
            answer.push_back({snapshot.rows().place(row), answer.size() + 1, distance, nearest_point});
            table.read_properties(snapshot.rows().rowid(row), answer.back().place);
        }
    });
    return answer;
}

std::optional<Place> EmbeddedCollection::get(std::string_view id) const {
    std::optional<Place> place;
    with_reader([&](PlaceTable& table) { place = table.get(id); });
    return place;
}

void EmbeddedCollection::scan(const std::function<void(const Place&)>& visit) const {
    with_reader([&](PlaceTable& table) { table.scan(visit); });
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
            reader = std::make_unique<Reader>(file_->path(), schema_);
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
