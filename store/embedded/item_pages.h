#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "store/collection.h"
#include "store/embedded/live_rows.h"
#include "store/embedded/place_table.h"
#include "store/embedded/record_filter.h"

namespace crowfly {

/// A page of the places of one state, in the order of their fids. Where most places count, the file is read
/// on from where the last page ended; where they are rare, those that count are first found in memory.
class ItemPages {
  public:
    /// All must outlive it. The filter must have been lent what it needs.
    ItemPages(const Schema& schema, const RowsState& state, const RecordFilter& filter, PlaceTable& table,
              const ItemsQuery& query);

    ItemsPage operator()();

  private:
    bool read_on();
    bool counts(const Place& place) const;
    void find_in_memory();
    std::vector<std::int64_t> rest(std::size_t wanted) const;
    void visit_rows(const std::function<void(std::uint32_t row)>& visit) const;
    bool is_full() const noexcept { return found_.size() > query_.limit; }

    struct Found {
        std::int64_t fid;
        Place place;
    };

    const Schema& schema_;
    const RowsState& state_;
    const RecordFilter& filter_;
    PlaceTable& table_;
    const ItemsQuery& query_;
    std::optional<cql2::Predicate> predicate_;
    std::int64_t last_;         // all fids up to it have been looked at
    std::vector<Found> found_;  // one more than the page has, when there is one more
};

}  // namespace crowfly
