#include "store/memory_collection.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace crowfly {
namespace {

Rows rows_of(const std::vector<Place>& places) {
    Rows rows;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const Place& place = places[i];
        rows.push_back(static_cast<std::int64_t>(i), place);
    }
    return rows;
}

std::vector<NeighborPlace> with_places(const std::vector<Place>& places,
                                       const std::vector<RowNeighbor>& neighbors) {
    std::vector<NeighborPlace> answer;
    answer.reserve(neighbors.size());
    for (const RowNeighbor& neighbor : neighbors) {
        answer.push_back(
            {places[neighbor.row], answer.size() + 1, neighbor.distance, neighbor.nearest_point});
    }
    return answer;
}

}  // namespace

MemoryCollection::State::State(std::vector<Place> all, std::span<const MetricKind> metrics)
    : places(std::move(all)), snapshot(rows_of(places), metrics) {}

MemoryCollection::MemoryCollection(Schema schema, std::vector<MetricKind> metrics)
    : schema_(std::move(schema)), metrics_(std::move(metrics)) {
    require_valid(schema_);
    for (const MetricKind metric : metrics_) require_metric_of(schema_.crs, metric);
    publish({});
}

std::shared_ptr<const MemoryCollection::State> MemoryCollection::state() const {
    const std::scoped_lock lock(state_mutex_);
    return state_;
}

void MemoryCollection::publish(std::vector<Place> places) {
    auto next = std::make_shared<const State>(std::move(places), metrics_);
    const std::scoped_lock lock(state_mutex_);
    state_ = std::move(next);
}

std::vector<NeighborPlace> MemoryCollection::nearest(const PlaceQuery& query, std::size_t k,
                                                     double max_distance) const {
    require_metric_of(schema_.crs, query.metric);
    const auto current = state();
    return with_places(current->places, current->snapshot.nearest(query, k, max_distance));
}

std::vector<NeighborPlace> MemoryCollection::within_distance(const PlaceQuery& query,
                                                             double max_distance) const {
    require_metric_of(schema_.crs, query.metric);
    const auto current = state();
    return with_places(current->places, current->snapshot.within_distance(query, max_distance));
}

std::optional<Place> MemoryCollection::get(std::string_view id) const {
    const auto current = state();
    const auto at = std::find_if(current->places.begin(), current->places.end(),
                                 [&](const Place& place) { return place.id == id; });
    if (at == current->places.end()) return std::nullopt;
    return *at;
}

std::uint64_t MemoryCollection::upsert(PlaceSource& source) {
    const std::scoped_lock lock(write_mutex_);
    std::vector<Place> places = state()->places;
    std::unordered_map<std::string, std::size_t> stored;
    for (std::size_t i = 0; i < places.size(); ++i) stored.emplace(places[i].id, i);
    std::unordered_set<std::string> given;
    const std::uint64_t taken = take_places(source, schema_, [&](const Place& place) {
        if (!given.insert(place.id).second) return false;
        const auto [at, is_new] = stored.emplace(place.id, places.size());
        if (is_new) {
            places.push_back(place);
        } else {
            places[at->second] = place;
        }
        return true;
    });
    publish(std::move(places));
    return taken;
}

std::uint64_t MemoryCollection::erase(std::span<const std::string> ids) {
    const std::scoped_lock lock(write_mutex_);
    std::vector<Place> places = state()->places;
    const std::unordered_set<std::string_view> gone(ids.begin(), ids.end());
    const auto erased = std::erase_if(places, [&](const Place& place) { return gone.contains(place.id); });
    publish(std::move(places));
    return erased;
}

void MemoryCollection::scan(const std::function<void(const Place&)>& visit) const {
    for (const Place& place : state()->places) visit(place);
}

}  // namespace crowfly
