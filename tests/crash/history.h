#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/embedded/embedded_store.h"

namespace crowfly::tests {

/// The collection that the crash tests write.
Schema crash_schema();
inline constexpr const char* kCrashCollection = "places";

/// How they open it: at that time, and with an index cache however few places there are.
EmbeddedOptions crash_options(Timestamp now);

/// Batch `number` of a writer: what it is depends on nothing else than these and the seed, so that whoever
/// knows how far a writer has come knows what must be stored. Numbers start at 1. Writers have ids of their
/// own, each about 30 of them, which come, move, change and go.
struct Batch {
    enum class Kind { write, upsert, erase };

    Batch(std::uint64_t seed, std::size_t writer, std::uint64_t number);

    Kind kind;
    std::vector<Change> changes;

    /// Through `Collection::write`, `upsert` or `erase`, as the kind says. Returns the sequence number that
    /// the collection has then or, with other writers, a later one.
    std::uint64_t write_to(Collection& collection) const;
};

/// What one writer's places must be.
class Expected {
  public:
    struct Entry {
        Place place;
        std::optional<Timestamp> expires_at = {};
        bool may_be_gone = false;  ///< its time is over, and nobody knows whether the store was there already
    };

    void apply(const Batch& batch, Timestamp now);

    /// Time goes on.
    void expire(Timestamp now);

    /// Whether these are the places, but for those that may be gone.
    bool allows(const std::map<std::string, Entry>& found) const;

    /// Goes on from what was found, which must be allowed.
    void settle(const std::map<std::string, Entry>& found);

    /// The first difference, for people.
    std::string difference(const std::map<std::string, Entry>& found) const;

  private:
    std::map<std::string, Entry> entries_;
};

/// The writer whose id this is.
std::size_t writer_of(const std::string& id);

}  // namespace crowfly::tests
