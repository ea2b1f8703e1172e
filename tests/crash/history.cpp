#include "tests/crash/history.h"

#include <random>
#include <set>

#include <fmt/format.h>

#include "formats/wkt.h"

namespace crowfly::tests {
namespace {

constexpr std::uint64_t kIds = 30;

/// Makes the changes of one batch.
class BatchMaker {
  public:
    BatchMaker(std::uint64_t seed, std::size_t writer, std::uint64_t number)
        : writer_(writer), number_(number) {
        std::seed_seq mixed{seed, seed >> 32U, std::uint64_t{writer}, number};
        engine_.seed(mixed);
    }

    std::uint64_t below(std::uint64_t count) { return engine_() % count; }

    std::string id() { return fmt::format("{}-{}", writer_, below(kIds)); }

    Place place() {
        Place place{.id = id(),
                    .position = position(),
                    .name = fmt::format("batch {}", number_),
                    .category = std::string(1, static_cast<char>('a' + below(3)))};
        if (below(6) == 0) place.set_geometry(shape(place.position));
        if (below(2) == 0) place.properties.push_back({"n", static_cast<std::int64_t>(number_)});
        // Now and then one that does not fit onto a page.
        constexpr std::size_t kLong = 9000;
        if (below(3) == 0)
            place.properties.push_back({"text", std::string(below(12) == 0 ? kLong : 20, 'x')});
        return place;
    }

    Change change() {
        switch (below(6)) {
            case 0:
                return Erase{id()};
            case 1:
                return Move{id(), position(), time_to_live()};
            case 2:
            case 3:
                return Move{id(), position()};
            default:
                return Upsert{place(), below(4) == 0 ? time_to_live() : std::nullopt};
        }
    }

  private:
    LonLat position() {
        return {static_cast<double>(below(3600)) / 10 - 180, static_cast<double>(below(1600)) / 10 - 80};
    }

    Geometry shape(LonLat at) {
        const double lon = at.lon > 0 ? at.lon - 1 : at.lon;
        return parse_wkt(below(2) == 0
                             ? fmt::format("LINESTRING ({} {}, {} {})", lon, at.lat, lon + 0.5, at.lat + 0.5)
                             : fmt::format("POLYGON (({0} {1}, {2} {1}, {0} {3}, {0} {1}))", lon, at.lat,
                                           lon + 0.5, at.lat + 0.5));
    }

    std::optional<TimeToLive> time_to_live() { return std::chrono::seconds(1 + below(5)); }

    std::size_t writer_;
    std::uint64_t number_;
    std::mt19937_64 engine_;
};

Batch::Kind kind_of(std::uint64_t number) {
    switch (number % 6) {
        case 4:
            return Batch::Kind::upsert;
        case 5:
            return Batch::Kind::erase;
        default:
            return Batch::Kind::write;
    }
}

/// Places, each id once.
std::vector<Change> upserts(BatchMaker& make, std::uint64_t count) {
    std::vector<Change> changes;
    std::set<std::string> ids;
    for (std::uint64_t i = 0; i < count; ++i) {
        Place place = make.place();
        if (ids.insert(place.id).second) changes.emplace_back(Upsert{std::move(place)});
    }
    return changes;
}

bool equal(const Expected::Entry& a, const Expected::Entry& b) {
    return a.place == b.place && a.expires_at == b.expires_at;
}

std::string text_of(const Expected::Entry& entry) {
    return fmt::format("\"{}\" ({}) at {}, {}{}{}", entry.place.id, entry.place.name,
                       entry.place.position.lon, entry.place.position.lat,
                       entry.place.shape != nullptr ? " with a shape" : "",
                       entry.expires_at ? " that expires" : "");
}

}  // namespace

Schema crash_schema() {
    return {.name = kCrashCollection, .attributes = {{"n", AttributeType::integer}}};
}

EmbeddedOptions crash_options(Timestamp now) {
    return {.collection = {.clock = [now] { return now; }}, .cache_from = 1};
}

Batch::Batch(std::uint64_t seed, std::size_t writer, std::uint64_t number) : kind(kind_of(number)) {
    BatchMaker make(seed, writer, number);
    const std::uint64_t count = 1 + make.below(12);
    if (kind == Kind::upsert) {
        changes = upserts(make, count);
    } else {
        for (std::uint64_t i = 0; i < count; ++i)
            changes.push_back(kind == Kind::erase ? Change(Erase{make.id()}) : make.change());
    }
}

std::uint64_t Batch::write_to(Collection& collection) const {
    if (kind == Kind::write) return collection.write(changes).sequence_number;
    if (kind == Kind::upsert) {
        std::vector<Place> places;
        for (const Change& change : changes) places.push_back(std::get<Upsert>(change).place);
        PlaceList list(places);
        collection.upsert(list);
    } else {
        std::vector<std::string> ids;
        for (const Change& change : changes) ids.push_back(std::get<Erase>(change).id);
        collection.erase(ids);
    }
    return collection.sequence_number();
}

void Expected::apply(const Batch& batch, Timestamp now) {
    const auto after = [&](const std::optional<TimeToLive>& ttl) {
        return ttl ? std::optional(now + *ttl) : std::nullopt;
    };
    for (const Change& change : batch.changes) {
        if (const auto* upsert = std::get_if<Upsert>(&change)) {
            entries_[upsert->place.id] = {upsert->place, after(upsert->ttl)};
        } else if (const auto* move = std::get_if<Move>(&change)) {
            const auto entry = entries_.find(move->id);
            if (entry == entries_.end()) continue;
            entry->second.place.position = move->position;
            entry->second.place.shape = nullptr;
            if (move->ttl) entry->second.expires_at = after(move->ttl);
        } else {
            entries_.erase(std::get<Erase>(change).id);
        }
    }
}

void Expected::expire(Timestamp now) {
    for (auto& [id, entry] : entries_) {
        if (entry.expires_at && *entry.expires_at <= now) entry.may_be_gone = true;
    }
}

bool Expected::allows(const std::map<std::string, Entry>& found) const {
    return difference(found).empty();
}

void Expected::settle(const std::map<std::string, Entry>& found) {
    entries_ = found;
}

std::string Expected::difference(const std::map<std::string, Entry>& found) const {
    for (const auto& [id, entry] : entries_) {
        const auto there = found.find(id);
        if (there == found.end()) {
            if (!entry.may_be_gone) return "lost: " + text_of(entry);
        } else if (!equal(entry, there->second)) {
            return "stored: " + text_of(there->second) + " instead of " + text_of(entry);
        }
    }
    for (const auto& [id, entry] : found) {
        if (!entries_.contains(id)) return "not written, or erased: " + text_of(entry);
    }
    return {};
}

std::size_t writer_of(const std::string& id) {
    return std::stoul(id.substr(0, id.find('-')));
}

}  // namespace crowfly::tests
