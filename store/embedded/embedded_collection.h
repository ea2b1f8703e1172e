#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "store/change_log.h"
#include "store/embedded/collection_writer.h"
#include "store/embedded/embedded_store.h"
#include "store/embedded/open_store.h"
#include "store/embedded/place_table.h"
#include "store/place_search.h"

namespace crowfly {

/// The attributes of those names, in the order of the schema. Throws Error(invalid_argument) for one that
/// there is not.
std::vector<Attribute> hot_attributes(const Schema& schema, const std::vector<std::string>& names);

/// A collection in a GeoPackage. Searches run on rows and an index in memory; properties other than name,
/// category and hot attributes are read from the file by rowid. Writes go through the store's one writer.
class EmbeddedCollection final : public Collection {
  public:
    /// One that is in the file.
    EmbeddedCollection(std::shared_ptr<OpenStore> store, Schema schema, std::vector<MetricKind> metrics,
                       EmbeddedOptions options);

    /// Makes the table, and fills it, in one transaction.
    EmbeddedCollection(std::shared_ptr<OpenStore> store, Schema schema, std::vector<MetricKind> metrics,
                       EmbeddedOptions options, PlaceSource& places);

    /// One that has just been made in the file, and of which all is in memory already.
    EmbeddedCollection(std::shared_ptr<OpenStore> store, Schema schema, std::vector<MetricKind> metrics,
                       EmbeddedOptions options, std::unique_ptr<LiveRows> rows,
                       const CollectionRecord& record);
    ~EmbeddedCollection() override;

    const Schema& schema() const noexcept override { return schema_; }
    std::uint64_t count() const override { return state()->index->size(); }
    std::optional<Extent> extent() const override { return state()->extent; }
    std::vector<NeighborPlace> nearest(const PlaceQuery& query, std::size_t k,
                                       double max_distance) const override;
    std::vector<NeighborPlace> within_distance(const PlaceQuery& query, double max_distance) const override;
    std::optional<Place> get(std::string_view id) const override;
    std::uint64_t upsert(PlaceSource& places) override;
    std::uint64_t erase(std::span<const std::string> ids) override;
    Written write(std::vector<Change> changes) override;
    Edited edit(const std::string& id, const Edit& edit) override;
    std::uint64_t erase_expired() override;
    std::optional<Timestamp> expires_at(std::string_view id) const override;
    std::uint64_t sequence_number() const override { return state()->sequence_number; }
    ChangeFeed changes_since(std::uint64_t sequence_number, std::size_t limit) const override;
    ItemsPage items(const ItemsQuery& query) const override;
    std::shared_ptr<const PlaceSnapshot> snapshot() const override;
    void scan(const std::function<void(const Place&)>& visit) const override;

    /// Upserts the places that `work` gives, as one batch that need not be in memory. `work` is called in
    /// the writer's thread, and again when the transaction was rolled back because of another batch.
    Written write_places(const PlaceWork& work);

  private:
    class Snapshot;

    struct Reader {
        Reader(const std::string& path, const Schema& schema);
        sqlite::Database database;
        PlaceTable table;
    };

    CollectionRecord load();
    LoadedRows load_rows(const std::optional<CollectionRecord>& record);
    void require_as_many(std::uint64_t cached) const;
    void save_cache() const noexcept;
    std::string resolved_path() const;
    void tell_of_cache(const std::string& fault) const;
    CollectionRecord create(PlaceSource& places);
    void start(const CollectionRecord& record);
    void wake_merges() noexcept;
    std::shared_ptr<const RowsState> state() const;
    Written run(std::size_t rows, const std::function<Written()>& stage);
    std::vector<NeighborPlace> search(const PlaceQuery& query, Reach reach) const;
    std::vector<NeighborPlace> with_places(const RowsState& state, const std::vector<RowNeighbor>& neighbors,
                                           const PlaceQuery& query) const;
    void with_reader(const std::function<void(PlaceTable&)>& use) const;

    std::shared_ptr<OpenStore> store_;  // first, so that the writing connection closes last
    Schema schema_;
    std::vector<MetricKind> metrics_;
    EmbeddedOptions options_;
    std::vector<Attribute> hot_;
    std::unique_ptr<LiveRows> rows_;
    std::unique_ptr<ChangeLog> log_;
    std::unique_ptr<CollectionWriter> writer_;  // null: the store is only read
    std::optional<CollectionRecord> cached_;    // what the index cache was made from
    mutable std::mutex readers_mutex_;
    mutable std::vector<std::unique_ptr<Reader>> idle_readers_;
};

}  // namespace crowfly
