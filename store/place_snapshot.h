#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "core/live/live_snapshot.h"
#include "core/live/rows_in_area.h"

namespace crowfly {

/// One state of a collection's places as memory has them: what a map asks of many places at a time. It never
/// changes, and stays as long as it is held. Any number of threads may read it.
class PlaceSnapshot {
  public:
    PlaceSnapshot() = default;
    PlaceSnapshot(const PlaceSnapshot&) = delete;
    PlaceSnapshot& operator=(const PlaceSnapshot&) = delete;
    virtual ~PlaceSnapshot() = default;

    /// That of the collection.
    virtual std::uint64_t sequence_number() const noexcept = 0;

    /// The rows; their numbers are good for what follows.
    virtual const LiveSnapshot& rows() const noexcept = 0;

    // Of a row, as long as the snapshot is held.
    virtual std::string_view id(std::uint32_t row) const noexcept = 0;
    virtual std::string_view name(std::uint32_t row) const noexcept = 0;
    virtual std::string_view category(std::uint32_t row) const noexcept = 0;
};

}  // namespace crowfly
