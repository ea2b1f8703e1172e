#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "core/live/live_snapshot.h"
#include "store/change_log.h"
#include "store/collection.h"
#include "store/place_search.h"

namespace crowfly {

/// A collection that lives as long as the process: for one search over a file, and as the plain model that
/// the durable one is tested against. Each write builds the next state from scratch.
class MemoryCollection final : public Collection {
  public:
    /// `metrics` are those that can be searched by Method::index. Throws as `require_valid` does.
    MemoryCollection(Schema schema, std::vector<MetricKind> metrics, CollectionOptions options = {});

    const Schema& schema() const noexcept override { return schema_; }
    std::uint64_t count() const override { return state()->places.size(); }
    std::optional<Extent> extent() const override;
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

  private:
    using Expiries = std::map<std::string, Timestamp, std::less<>>;

    struct State {
        State(std::vector<Place> all, std::vector<std::int64_t> numbers, Expiries expire,
              std::uint64_t number, std::span<const MetricKind> metrics);
        std::vector<Place> places;
        std::vector<std::int64_t> keys;  // of the places, ascending; never those of others
        Expiries expiries;
        std::uint64_t sequence_number;
        std::shared_ptr<const LiveSnapshot> index;  // a row is a place's number
    };

    class Draft;
    class Snapshot;

    std::shared_ptr<const State> state() const;
    std::vector<NeighborPlace> search(const PlaceQuery& query, const Reach& reach) const;
    Written publish(Draft draft);

    Schema schema_;
    std::vector<MetricKind> metrics_;
    CollectionOptions options_;
    ChangeLog log_;
    mutable std::mutex state_mutex_;
    std::shared_ptr<const State> state_;
    std::mutex write_mutex_;
    std::int64_t last_key_ = 0;
};

}  // namespace crowfly
