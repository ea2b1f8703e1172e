#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "store/embedded/place_table.h"
#include "store/embedded/store_file.h"
#include "store/snapshot.h"

namespace crowfly {

/// A collection in a GeoPackage. Searches run on a snapshot in memory; properties other than name and
/// category are read from the file by rowid. Each write builds the next snapshot inside its transaction,
/// commits, then publishes it.
class EmbeddedCollection final : public Collection {
  public:
    EmbeddedCollection(std::shared_ptr<StoreFile> file, Schema schema, std::vector<MetricKind> metrics);

    /// Makes the table, and fills it, in one transaction.
    EmbeddedCollection(std::shared_ptr<StoreFile> file, Schema schema, std::vector<MetricKind> metrics,
                       PlaceSource& places);

    const Schema& schema() const noexcept override { return schema_; }
    std::uint64_t count() const override { return snapshot()->rows().size(); }
    std::optional<Extent> extent() const override { return snapshot()->rows().extent(); }
    std::vector<NeighborPlace> nearest(const PlaceQuery& query, std::size_t k,
                                       double max_distance) const override;
    std::vector<NeighborPlace> within_distance(const PlaceQuery& query, double max_distance) const override;
    std::optional<Place> get(std::string_view id) const override;
    std::uint64_t upsert(PlaceSource& places) override;
    std::uint64_t erase(std::span<const std::string> ids) override;
    Written write(std::vector<Change> changes) override;
    std::uint64_t erase_expired() override { return 0; }
    std::optional<Timestamp> expires_at(std::string_view /*id*/) const override { return std::nullopt; }
    std::uint64_t sequence_number() const override { return 0; }
    ChangeFeed changes_since(std::uint64_t /*sequence_number*/, std::size_t /*limit*/) const override {
        return {};
    }
    void scan(const std::function<void(const Place&)>& visit) const override;

  private:
    struct Reader {
        Reader(const std::string& path, const Schema& schema);
        sqlite::Database database;
        PlaceTable table;
    };

    std::uint64_t write_all(PlaceSource& places) const;
    std::shared_ptr<const Snapshot> next_snapshot() const;
    void publish(std::shared_ptr<const Snapshot> next);
    std::shared_ptr<const Snapshot> snapshot() const;
    std::vector<NeighborPlace> with_properties(const Snapshot& snapshot,
                                               const std::vector<RowNeighbor>& neighbors) const;
    void with_reader(const std::function<void(PlaceTable&)>& use) const;

    std::shared_ptr<StoreFile>
        file_;  // first, so that the writing connection closes last and empties the log
    Schema schema_;
    std::vector<MetricKind> metrics_;
    mutable std::mutex snapshot_mutex_;
    std::shared_ptr<const Snapshot> snapshot_;
    mutable std::mutex readers_mutex_;
    mutable std::vector<std::unique_ptr<Reader>> idle_readers_;
};

}  // namespace crowfly
