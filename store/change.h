#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "formats/place.h"

namespace crowfly {

struct Schema;

/// Milliseconds since 1970 (UTC), leap seconds not counted.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// What the time is.
using Clock = std::function<Timestamp()>;

/// The clock of the system.
Timestamp system_time();

/// How long a place lives after it was last written; see Upsert and Move. At most 100 years.
using TimeToLive = std::chrono::milliseconds;

/// Stores a place whole, in the stead of one with its id. It expires after `ttl`; without one it never does.
/// A place without an id gets a random UUID (version 4).
struct Upsert {
    Place place;
    std::optional<TimeToLive> ttl = {};
};

/// Gives a place that is there another position, as its geometry; all else stays as it is. It expires after
/// `ttl`; without one it does when it would have.
struct Move {
    std::string id;
    LonLat position;
    std::optional<TimeToLive> ttl = {};
};

/// Removes a place.
struct Erase {
    std::string id;
};

using Change = std::variant<Upsert, Move, Erase>;

/// Throws Error(invalid_argument) that names the change and its member for a place with a `place_fault`, a
/// position outside the reference system, an empty id in a Move or an Erase, and a time to live that is not
/// positive or too long.
void require_valid(std::span<const Change> changes, const Schema& schema);

/// What has become of a batch of changes.
struct Written {
    /// Of the batch or, when it changed nothing, of the last one before it.
    std::uint64_t sequence_number = 0;
    std::uint64_t upserted = 0;
    std::uint64_t moved = 0;
    std::uint64_t erased = 0;
    /// Which changes, counted from 0, were a Move or an Erase of a place that was not there.
    std::vector<std::size_t> absent = {};

    friend bool operator==(const Written&, const Written&) = default;
};

/// A place as an edit finds it.
struct PlaceState {
    std::optional<Place> place = {};  ///< nothing when it is not there
    std::optional<Timestamp> expires_at = {};
};

/// Says what is to become of a place, as it is: a change of that place, or nothing. What it throws ends the
/// edit.
using Edit = std::function<std::optional<Change>(const PlaceState& state)>;

/// What has become of an edit.
struct Edited {
    Written written = {};
    std::optional<Place> place = {};  ///< as the edit has left it, and `get` then gives it
};

/// What `edit` wants for the place of that id, ready to be written; at most one. Throws what it throws, and
/// as `require_valid`, also for a change of another place.
std::vector<Change> changes_of(const Edit& edit, const PlaceState& state, const std::string& id,
                               const Schema& schema);

/// A change as it was done to one place.
struct CommittedChange {
    enum class Kind { upserted, moved, erased };

    Kind kind;
    std::string id;
    std::optional<LonLat> before = {};  ///< position; nothing when the place was not there
    std::optional<LonLat> after = {};   ///< likewise

    /// Whether it had, or now has, a shape: then the position does not say where all of it is.
    bool shape_before = false;
    bool shape_after = false;

    friend bool operator==(const CommittedChange&, const CommittedChange&) = default;
};

/// The changes that became visible together, in the order they were asked for.
struct CommittedBatch {
    std::uint64_t sequence_number;  ///< one more than that of the batch before
    std::vector<CommittedChange> changes;
};

/// Batches that follow one another.
struct ChangeFeed {
    std::vector<std::shared_ptr<const CommittedBatch>> batches = {};

    /// Of the last batch that is committed, whether or not it is among these.
    std::uint64_t last = 0;

    /// Whether batches that were asked for are no longer retained. Then there are none here: whoever follows
    /// the feed reads all places anew and goes on after `last`.
    bool missed = false;
};

/// When the batches of several callers are committed together. One that is alone never waits.
struct GroupCommit {
    /// A commit takes no further batch once it has so many changes.
    std::size_t rows = 10'000;

    /// When several batches are waiting, how long after the first of them a commit still waits for more.
    std::chrono::microseconds delay{0};
};

}  // namespace crowfly
