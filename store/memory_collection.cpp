#include "store/memory_collection.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "core/live/live_index.h"
#include "store/place_snapshot.h"
#include "store/queryables.h"

namespace crowfly {
namespace {

std::shared_ptr<const LiveSnapshot> index_of(const std::vector<Place>& places,
                                             std::span<const MetricKind> metrics) {
    std::vector<std::uint32_t> rows(places.size());
    std::iota(rows.begin(), rows.end(), 0U);
    std::vector<LonLat> positions;
    std::vector<std::shared_ptr<const Geometry>> shapes;
    for (const Place& place : places) {
        positions.push_back(place.position);
        if (place.shape == nullptr) continue;
        shapes.resize(places.size());
        shapes[positions.size() - 1] = place.shape;
    }
    return LiveIndex(
               {.rows = std::move(rows), .positions = std::move(positions), .shapes = std::move(shapes)},
               live_options(metrics))
        .snapshot();
}

/// Gives the categories numbers, as they come.
void number_categories(const std::vector<Place>& places, std::vector<std::string_view>& names,
                       std::vector<std::uint32_t>& numbers) {
    std::unordered_map<std::string_view, std::uint32_t> known;
    for (const Place& place : places) {
        const auto [at, is_new] = known.try_emplace(place.category, static_cast<std::uint32_t>(names.size()));
        if (is_new) names.push_back(place.category);
        numbers.push_back(at->second);
    }
}

}  // namespace

MemoryCollection::State::State(std::vector<Place> all, std::vector<std::int64_t> numbers, Expiries expire,
                               std::uint64_t number, std::span<const MetricKind> metrics)
    : places(std::move(all)),
      keys(std::move(numbers)),
      expiries(std::move(expire)),
      sequence_number(number),
      index(index_of(places, metrics)) {}

/// What is to become the next state.
class MemoryCollection::Draft {
  public:
    Draft(const State& last, std::int64_t last_key, const CollectionOptions& options)
        : places_(last.places),
          keys_(last.keys),
          last_key_(last_key),
          expiries_(last.expiries),
          written_{.sequence_number = last.sequence_number},
          options_(options) {
        for (std::size_t i = 0; i < places_.size(); ++i) rows_.emplace(places_[i].id, i);
    }

    void apply(Change& change, std::size_t number) {
        const bool there = std::visit([this](auto& one) { return take(one); }, change);
        if (!there) written_.absent.push_back(number);
    }

    bool take(Upsert& upsert) {
        Place& place = upsert.place;
        if (place.shape != nullptr) place.set_geometry(place.shape);
        if (place.id.empty()) place.id = random_uuid();
        const auto [at, is_new] = rows_.emplace(place.id, places_.size());
        log(CommittedChange::Kind::upserted, place.id, is_new ? nullptr : &places_[at->second], &place);
        expiries_.erase(place.id);
        expire_after(place.id, upsert.ttl);
        ++written_.upserted;
        if (is_new) {
            places_.push_back(std::move(place));
            keys_.push_back(++last_key_);
        } else {
            places_[at->second] = std::move(place);
        }
        return true;
    }

    bool take(const Move& move) {
        const auto at = rows_.find(move.id);
        if (at == rows_.end()) return false;
        Place& place = places_[at->second];
        const Place moved{.position = move.position};
        log(CommittedChange::Kind::moved, move.id, &place, &moved);
        place.position = move.position;
        place.shape.reset();
        expire_after(move.id, move.ttl);
        ++written_.moved;
        return true;
    }

    bool take(const Erase& erase) {
        const auto at = rows_.find(erase.id);
        if (at == rows_.end()) return false;
        log(CommittedChange::Kind::erased, erase.id, &places_[at->second], nullptr);
        places_.erase(places_.begin() + static_cast<std::ptrdiff_t>(at->second));
        keys_.erase(keys_.begin() + static_cast<std::ptrdiff_t>(at->second));
        for (auto& [id, row] : rows_) row -= row > at->second ? 1 : 0;
        rows_.erase(at);
        expiries_.erase(erase.id);
        ++written_.erased;
        return true;
    }

  private:
    friend class MemoryCollection;

    void expire_after(const std::string& id, const std::optional<TimeToLive>& ttl) {
        if (ttl) expiries_[id] = options_.clock() + *ttl;
    }

    /// Null: the place was not there, or is not any more.
    void log(CommittedChange::Kind kind, const std::string& id, const Place* before, const Place* after) {
        ++change_count_;
        if (change_count_ > options_.retained_changes) return;
        const auto position = [](const Place* place) {
            return place != nullptr ? std::optional(place->position) : std::nullopt;
        };
        const auto has_shape = [](const Place* place) { return place != nullptr && place->shape != nullptr; };
        changes_.push_back(
            {kind, id, position(before), position(after), has_shape(before), has_shape(after)});
    }

    std::vector<Place> places_;
    std::vector<std::int64_t> keys_;
    std::int64_t last_key_;
    Expiries expiries_;
    std::unordered_map<std::string, std::size_t> rows_;
    std::vector<CommittedChange> changes_;  // no more than are retained
    std::size_t change_count_ = 0;
    Written written_;
    const CollectionOptions& options_;
};

class MemoryCollection::Snapshot final : public PlaceSnapshot {
  public:
    Snapshot(std::shared_ptr<const State> state, const Schema& schema)
        : state_(std::move(state)), schema_(schema) {}

    std::uint64_t sequence_number() const noexcept override { return state_->sequence_number; }
    const LiveSnapshot& rows() const noexcept override { return *state_->index; }
    std::string_view id(std::uint32_t row) const noexcept override { return state_->places[row].id; }
    std::string_view name(std::uint32_t row) const noexcept override { return state_->places[row].name; }
    std::string_view category(std::uint32_t row) const noexcept override {
        return state_->places[row].category;
    }
    void with_filter(const cql2::Expression& filter,
                     const std::function<void(const RowFilter&)>& use) const override {
        const cql2::Predicate predicate(filter, queryables(schema_));
        use([&](std::uint32_t row) { return predicate.passes(PlaceValues(state_->places[row], schema_)); });
    }

  private:
    std::shared_ptr<const State> state_;
    const Schema& schema_;
};

MemoryCollection::MemoryCollection(Schema schema, std::vector<MetricKind> metrics, CollectionOptions options)
    : schema_(std::move(schema)),
      metrics_(std::move(metrics)),
      options_(std::move(options)),
      log_(options_.retained_changes, 0) {
    require_valid(schema_);
    for (const MetricKind metric : metrics_) require_metric_of(schema_.crs, metric);
    state_ = std::make_shared<const State>(std::vector<Place>{}, std::vector<std::int64_t>{}, Expiries{}, 0,
                                           metrics_);
}

std::shared_ptr<const MemoryCollection::State> MemoryCollection::state() const {
    const std::scoped_lock lock(state_mutex_);
    return state_;
}

Written MemoryCollection::publish(Draft draft) {
    Written& written = draft.written_;
    if (draft.change_count_ == 0) return std::move(written);
    ++written.sequence_number;
    auto next = std::make_shared<const State>(std::move(draft.places_), std::move(draft.keys_),
                                              std::move(draft.expiries_), written.sequence_number, metrics_);
    if (draft.changes_.size() == draft.change_count_) {
        log_.append(std::make_shared<const CommittedBatch>(
            CommittedBatch{written.sequence_number, std::move(draft.changes_)}));
    } else {
        log_.pass_over(written.sequence_number);
    }
    last_key_ = draft.last_key_;
    const std::scoped_lock lock(state_mutex_);
    state_ = std::move(next);
    return std::move(written);
}

std::optional<Extent> MemoryCollection::extent() const {
    const auto current = state();
    std::optional<Extent> extent;
    for (const Place& place : current->places) grow(extent, place.vertices());
    return extent;
}

std::vector<NeighborPlace> MemoryCollection::nearest(const PlaceQuery& query, std::size_t k,
                                                     double max_distance) const {
    return search(query, {k, max_distance});
}

std::vector<NeighborPlace> MemoryCollection::within_distance(const PlaceQuery& query,
                                                             double max_distance) const {
    return search(query, {std::nullopt, max_distance});
}

std::vector<NeighborPlace> MemoryCollection::search(const PlaceQuery& query, const Reach& reach) const {
    require_metric_of(schema_.crs, query.metric);
    if (query.area != nullptr) require_area_of(schema_.crs, *query.area);
    const auto current = state();
    const std::vector<Place>& places = current->places;
    std::optional<cql2::Predicate> predicate;
    if (query.filter != nullptr) predicate.emplace(*query.filter, queryables(schema_));
    RowFilter filter;
    if (query.category || predicate) {
        filter = [&](std::uint32_t row) {
            if (query.category && places[row].category != *query.category) return false;
            return !predicate || predicate->passes(PlaceValues(places[row], schema_));
        };
    }
    const auto ids = [&](std::uint32_t row) -> std::string_view { return places[row].id; };
    std::vector<std::string_view> names;
    std::vector<std::uint32_t> numbers;
    if (query.by_category) number_categories(places, names, numbers);
    const RowCategories categories{[&](std::uint32_t row) { return numbers[row]; },
                                   [&](std::uint32_t number) { return names[number]; }};
    std::vector<NeighborPlace> answer;
    for (const auto& [row, distance, nearest_point] :
         PlaceSearch(*current->index, metrics_, query, filter, ids, categories)(reach)) {
        answer.push_back({places[row], answer.size() + 1, distance, nearest_point});
    }
    if (query.by_category) rank_within_categories(answer);
    return answer;
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
    Draft draft(*state(), last_key_, options_);
    std::unordered_set<std::string> given;
    take_places(source, schema_, [&](const Place& place) {
        if (!given.insert(place.id).second) return false;
        Upsert upsert{place};
        return draft.take(upsert);
    });
    return publish(std::move(draft)).upserted;
}

std::uint64_t MemoryCollection::erase(std::span<const std::string> ids) {
    const std::scoped_lock lock(write_mutex_);
    Draft draft(*state(), last_key_, options_);
    for (const std::string& id : ids) draft.take(Erase{id});
    return publish(std::move(draft)).erased;
}

Written MemoryCollection::write(std::vector<Change> changes) {
    require_valid(changes, schema_);
    const std::scoped_lock lock(write_mutex_);
    Draft draft(*state(), last_key_, options_);
    for (std::size_t i = 0; i < changes.size(); ++i) draft.apply(changes[i], i);
    return publish(std::move(draft));
}

Edited MemoryCollection::edit(const std::string& id, const Edit& edit) {
    const std::scoped_lock lock(write_mutex_);
    std::vector<Change> changes = changes_of(edit, {get(id), expires_at(id)}, id, schema_);
    Draft draft(*state(), last_key_, options_);
    for (std::size_t i = 0; i < changes.size(); ++i) draft.apply(changes[i], i);
    Edited edited{.written = publish(std::move(draft))};
    edited.place = get(id);
    return edited;
}

std::uint64_t MemoryCollection::erase_expired() {
    const std::scoped_lock lock(write_mutex_);
    Draft draft(*state(), last_key_, options_);
    const Timestamp now = options_.clock();
    std::set<std::pair<Timestamp, std::string>> expired;
    for (const auto& [id, time] : state()->expiries) {
        if (time <= now) expired.emplace(time, id);
    }
    for (const auto& [time, id] : expired) draft.take(Erase{id});
    return publish(std::move(draft)).erased;
}

std::optional<Timestamp> MemoryCollection::expires_at(std::string_view id) const {
    const auto current = state();
    const auto known = current->expiries.find(id);
    if (known == current->expiries.end()) return std::nullopt;
    return known->second;
}

ChangeFeed MemoryCollection::changes_since(std::uint64_t sequence_number, std::size_t limit) const {
    return log_.since(sequence_number, limit);
}

ItemsPage MemoryCollection::items(const ItemsQuery& query) const {
    require_valid(query, schema_.crs);
    const auto current = state();
    std::optional<cql2::Predicate> predicate;
    if (query.filter != nullptr) predicate.emplace(*query.filter, queryables(schema_));
    const std::vector<std::int64_t>& keys = current->keys;
    const auto first = query.after ? std::upper_bound(keys.begin(), keys.end(), *query.after) : keys.begin();
    ItemsPage page;
    std::int64_t last = 0;
    for (auto i = static_cast<std::size_t>(first - keys.begin()); i < keys.size(); ++i) {
        const Place& place = current->places[i];
        if (query.box && !touches(*query.box, place.position, place.shape.get())) continue;
        if (predicate && !predicate->passes(PlaceValues(place, schema_))) continue;
        if (page.places.size() == query.limit) {
            page.next = last;
            break;
        }
        page.places.push_back(place);
        last = keys[i];
    }
    return page;
}

std::shared_ptr<const PlaceSnapshot> MemoryCollection::snapshot() const {
    return std::make_shared<const Snapshot>(state(), schema_);
}

void MemoryCollection::scan(const std::function<void(const Place&)>& visit) const {
    const auto current = state();
    for (const Place& place : current->places) visit(place);
}

}  // namespace crowfly
