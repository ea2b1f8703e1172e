#include "store/embedded/item_pages.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "core/live/live_searcher.h"
#include "store/queryables.h"

namespace crowfly {
namespace {

constexpr std::uint64_t kRowsBetweenChecks = 256;

/// How many rows of the file are read in the hope that they fill the page. That they do not costs no more
/// than some milliseconds.
std::size_t rows_to_try(std::size_t limit) noexcept {
    constexpr std::size_t kLeast = 500, kForEach = 10, kMost = 100'000;
    return std::max(limit + 1, std::min(kLeast + kForEach * limit, kMost));
}

}  // namespace

ItemPages::ItemPages(const Schema& schema, const RowsState& state, const RecordFilter& filter,
                     PlaceTable& table, const ItemsQuery& query)
    : schema_(schema),
      state_(state),
      filter_(filter),
      table_(table),
      query_(query),
      last_(query.after.value_or(std::numeric_limits<std::int64_t>::min())) {
    if (query.filter != nullptr) predicate_.emplace(*query.filter, queryables(schema));
}

ItemsPage ItemPages::operator()() {
    const bool is_done = read_on();
    if (!is_done) find_in_memory();
    ItemsPage page;
    if (is_full()) {
        found_.pop_back();
        page.next = found_.back().fid;
    }
    for (Found& found : found_) page.places.push_back(std::move(found.place));
    return page;
}

/// Whether the page is full, or there are no more rows.
bool ItemPages::read_on() {
    const bool all_count = !predicate_ && !query_.box;
    const std::size_t most = all_count ? std::numeric_limits<std::size_t>::max() : rows_to_try(query_.limit);
    std::size_t read = 0;
    bool is_at_end = true;
    table_.scan_after(last_, [&](std::int64_t fid, Place& place) {
        if (++read % kRowsBetweenChecks == 0) query_.control.check();
        last_ = fid;
        if (counts(place)) found_.push_back({fid, std::move(place)});
        is_at_end = !is_full() && read < most;
        return is_at_end;
    });
    return is_full() || is_at_end;
}

bool ItemPages::counts(const Place& place) const {
    if (query_.box && !touches(*query_.box, place.position, place.shape.get())) return false;
    return !predicate_ || predicate_->passes(PlaceValues(place, schema_));
}

/// The file may have been written meanwhile: a row that has gone from it, or no longer counts, is passed
/// over.
void ItemPages::find_in_memory() {
    for (bool are_more = true; are_more && !is_full();) {
        const std::size_t wanted = query_.limit + 1 - found_.size();
        const std::vector<std::int64_t> fids = rest(wanted);
        for (const std::int64_t fid : fids) {
            auto place = table_.at(fid);
            if (place && counts(*place)) found_.push_back({fid, std::move(*place)});
            last_ = fid;
        }
        are_more = fids.size() == wanted;
    }
}

/// The fids of the next rows that count, in order: as many as are wanted, if there are so many.
std::vector<std::int64_t> ItemPages::rest(std::size_t wanted) const {
    // The least so many, as a heap with the greatest in front.
    std::vector<std::int64_t> fids;
    std::uint64_t asked = 0;
    visit_rows([&](std::uint32_t row) {
        if (++asked % kRowsBetweenChecks == 0) query_.control.check();
        const std::int64_t fid = state_.rows->fid(row);
        if (fid <= last_ || (fids.size() == wanted && fid >= fids.front())) return;
        if (!filter_.passes(row)) return;
        fids.push_back(fid);
        std::push_heap(fids.begin(), fids.end());
        if (fids.size() <= wanted) return;
        std::pop_heap(fids.begin(), fids.end());
        fids.pop_back();
    });
    std::sort_heap(fids.begin(), fids.end());
    return fids;
}

/// Calls visit(row) with those that the box touches: found by the index where all are points.
void ItemPages::visit_rows(const std::function<void(std::uint32_t row)>& visit) const {
    const LiveSnapshot& index = *state_.index;
    if (!query_.box || index.has_shapes()) {
        index.for_each([&](const LiveRow& row) {
            if (!query_.box || touches(*query_.box, row.position, row.shape.get())) visit(row.row);
        });
        return;
    }
    const Area& box = *query_.box;
    LiveSearcher searcher(index, index.options().metrics.front());
    for (const auto& [row, distance] :
         searcher.within_distance(LonLat{box.west(), box.south()}, std::numeric_limits<double>::infinity(),
                                  {.area = &box, .control = query_.control})) {
        visit(row);
    }
}

}  // namespace crowfly
