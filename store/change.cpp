#include "store/change.h"

#include <fmt/format.h>

#include "core/domain.h"
#include "core/error.h"
#include "store/collection.h"

namespace crowfly {
namespace {

constexpr TimeToLive kLongestLife = std::chrono::hours(24) * 36525;

std::optional<PlaceFault> life_fault(const std::optional<TimeToLive>& ttl) {
    if (!ttl || (ttl->count() > 0 && *ttl <= kLongestLife)) return std::nullopt;
    return PlaceFault{"ttl", fmt::format("{} ms; expected 1 to {}", ttl->count(), kLongestLife.count())};
}

std::optional<PlaceFault> id_fault(const std::string& id) {
    if (!id.empty()) return std::nullopt;
    return PlaceFault{"id", "is empty"};
}

struct FaultOf {
    const Schema& schema;

    std::optional<PlaceFault> operator()(const Upsert& upsert) const {
        if (auto fault = place_fault(upsert.place, schema)) return fault;
        return life_fault(upsert.ttl);
    }
    std::optional<PlaceFault> operator()(const Move& move) const {
        if (auto fault = id_fault(move.id)) return fault;
        if (auto fault = coordinate_fault(move.position, schema.crs))
            return PlaceFault{"geometry", std::move(fault->message)};
        return life_fault(move.ttl);
    }
    std::optional<PlaceFault> operator()(const Erase& erase) const { return id_fault(erase.id); }
};

const std::string& id_of(const Change& change) {
    struct Visitor {
        const std::string& operator()(const Upsert& upsert) const { return upsert.place.id; }
        const std::string& operator()(const Move& move) const { return move.id; }
        const std::string& operator()(const Erase& erase) const { return erase.id; }
    };
    return std::visit(Visitor{}, change);
}

}  // namespace

std::vector<Change> changes_of(const Edit& edit, const PlaceState& state, const std::string& id,
                               const Schema& schema) {
    std::optional<Change> change = edit(state);
    if (!change) return {};
    if (id_of(*change) != id) {
        throw Error(Code::invalid_argument,
                    fmt::format("the edit of \"{}\" is a change of \"{}\"", id, id_of(*change)));
    }
    std::vector<Change> changes{*std::move(change)};
    require_valid(changes, schema);
    auto* const upsert = std::get_if<Upsert>(&changes.front());
    if (upsert != nullptr && upsert->place.shape != nullptr) upsert->place.set_geometry(upsert->place.shape);
    return changes;
}

Timestamp system_time() {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

void require_valid(std::span<const Change> changes, const Schema& schema) {
    for (std::size_t i = 0; i < changes.size(); ++i) {
        if (const auto fault = std::visit(FaultOf{schema}, changes[i])) {
            throw Error(Code::invalid_argument,
                        fmt::format("change {}, {}: {}", i, fault->member, fault->reason));
        }
    }
}

}  // namespace crowfly
