#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "core/live/live_snapshot.h"
#include "core/live/rows_in_area.h"
#include "core/search/neighbor.h"
#include "formats/cql2/expression.h"

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

    /// Calls `use` with what says which rows the filter lets pass: for one thread at a time, until `use`
    /// returns. Attributes that are in the file alone are read from there, as they are now. Throws as
    /// cql2::Predicate, and what reading throws. The collection must still be there.
    virtual void with_filter(const cql2::Expression& filter,
                             const std::function<void(const RowFilter&)>& use) const = 0;
};

}  // namespace crowfly
