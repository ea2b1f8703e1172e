#include "store/embedded/live_rows.h"

#include <new>
#include <unordered_set>

#include "store/place_search.h"

namespace crowfly {
namespace {

std::shared_ptr<LiveIndex> index_of(LoadedRows& loaded, std::span<const MetricKind> metrics,
                                    Executor& executor) {
    LiveOptions options = live_options(metrics);
    if (loaded.base) return std::make_shared<LiveIndex>(std::move(*loaded.base), std::move(options));
    if (!loaded.shapes.empty()) loaded.shapes.resize(loaded.rows.size());
    return std::make_shared<LiveIndex>(LiveColumns{.rows = std::move(loaded.rows),
                                                   .positions = std::move(loaded.positions),
                                                   .shapes = std::move(loaded.shapes)},
                                       std::move(options), &executor);
}

Extent extent_of(const LiveRow& row) {
    std::optional<Extent> extent;
    grow(extent, row.shape != nullptr ? row.shape->positions() : std::span(&row.position, 1));
    return *extent;
}

}  // namespace

LiveRows::LiveRows(LoadedRows loaded, std::vector<MetricKind> metrics, std::uint64_t sequence_number,
                   Executor& executor)
    : hot_(loaded.hot), metrics_(std::move(metrics)), executor_(executor), published_(nullptr) {
    reset(std::move(loaded), sequence_number);
}

void LiveRows::reset(LoadedRows loaded, std::uint64_t sequence_number) {
    auto index = index_of(loaded, metrics_, executor_);
    std::shared_ptr<CategoryNames> categories = std::move(loaded.categories);
    auto state = std::make_shared<const RowsState>(
        RowsState{loaded.columns->view(), categories, index->snapshot(), loaded.extent, sequence_number});
    auto failed = std::make_shared<RowsState>();
    ExpiryQueue expiries;
    for (const auto& [row, time] : loaded.expiries) expiries.set(row, time);

    ids_.reset();
    extents_.reset();
    columns_ = std::move(loaded.columns);
    categories_ = std::move(categories);
    expiries_ = std::move(expiries);
    extent_ = loaded.extent;
    failed_ = std::move(failed);
    const std::scoped_lock lock(publish_mutex_);
    index_ = std::move(index);
    published_.store(std::move(state));
}

IdMap& LiveRows::ids() {
    if (!ids_) ids_.emplace(*columns_);
    return *ids_;
}

std::optional<std::uint32_t> LiveRows::find(std::string_view id) {
    return ids().find(id);
}

LonLat LiveRows::position(std::uint32_t row) const {
    const auto staged = upsert_of_.find(row);
    return staged != upsert_of_.end() ? upserts_[staged->second].position
                                      : state()->index->find(row)->position;
}

bool LiveRows::has_shape(std::uint32_t row) const {
    const auto staged = upsert_of_.find(row);
    if (staged != upsert_of_.end()) return upserts_[staged->second].shape != nullptr;
    const auto state = this->state();
    return state->index->has_shapes() && state->index->find(row)->shape != nullptr;
}

void LiveRows::add(const Place& place, const RowFacts& facts) {
    record_.clear();
    append_row_record(place, hot_, facts.has_more, record_);
    const std::uint32_t row = append(facts.fid, categories_->add(place.category), record_);
    stage({.row = row, .position = place.position, .shape = place.shape});
    expire(row, facts.expires_at);
}

void LiveRows::replace(std::uint32_t row, const Place& place, const RowFacts& facts) {
    record_.clear();
    append_row_record(place, hot_, facts.has_more, record_);
    const std::uint32_t category = categories_->add(place.category);
    const bool is_same = columns_->fid(row) == facts.fid && columns_->category(row) == category &&
                         columns_->record(row).bytes(hot_.size()) == record_;
    if (!is_same) {
        remove(row);
        row = append(facts.fid, category, record_);
    }
    stage({.row = row, .position = place.position, .shape = place.shape});
    expire(row, facts.expires_at);
}

void LiveRows::move(std::uint32_t row, LonLat position) {
    stage({.row = row, .position = position});
}

void LiveRows::expire(std::uint32_t row, std::optional<Timestamp> time) {
    new_expiries_.emplace_back(row, time);
}

void LiveRows::remove(std::uint32_t row) {
    bury(row);
    erased_.push_back(row);
    expire(row, std::nullopt);
    const auto staged = upsert_of_.find(row);
    if (staged == upsert_of_.end()) return;
    const std::size_t place = staged->second;
    upsert_of_.erase(staged);
    if (place + 1 != upserts_.size()) {
        upserts_[place] = std::move(upserts_.back());
        upsert_of_[upserts_[place].row] = place;
    }
    upserts_.pop_back();
}

std::vector<std::uint32_t> LiveRows::expired(Timestamp now, std::size_t most) {
    std::vector<std::uint32_t> rows = expiries_.due(now, most);
    std::unordered_set<std::uint32_t> staged;
    for (const auto& [row, time] : new_expiries_) staged.insert(row);
    std::erase_if(rows, [&](std::uint32_t row) { return staged.contains(row); });
    return rows;
}

std::uint32_t LiveRows::append(std::int64_t fid, std::uint32_t category, std::string_view record) {
    IdMap& ids = this->ids();
    make_room_for_undo();
    const std::uint32_t row = columns_->append(fid, category, record);
    undo_.push_back({row, true});
    ids.insert(row);
    return row;
}

void LiveRows::bury(std::uint32_t row) {
    IdMap& ids = this->ids();
    make_room_for_undo();
    ids.erase(row);
    columns_->bury(row);
    undo_.push_back({row, false});
}

/// So that nothing is done that cannot be undone.
void LiveRows::make_room_for_undo() {
    if (undo_.size() == undo_.capacity()) undo_.reserve(2 * undo_.size() + 16);
}

void LiveRows::stage(LiveRow row) {
    const auto [at, is_new] = upsert_of_.emplace(row.row, upserts_.size());
    if (is_new) {
        upserts_.push_back(std::move(row));
    } else {
        upserts_[at->second] = std::move(row);
    }
}

std::optional<Extent> LiveRows::extent() {
    extents_are_ahead_ = true;
    for (const std::uint32_t row : erased_) extents_.remove(row);
    for (const LiveRow& row : upserts_) {
        extents_.remove(row.row);
        extents_.add(row.row, extent_of(row));
    }
    extent_ = extents_.extent([this](const auto& visit) { visit_extents(visit); });
    return extent_;
}

/// Of all rows, with what is staged.
void LiveRows::visit_extents(const std::function<void(std::uint32_t, const Extent&)>& visit) const {
    const std::unordered_set<std::uint32_t> erased(erased_.begin(), erased_.end());
    state()->index->for_each([&](const LiveRow& row) {
        if (!erased.contains(row.row) && !upsert_of_.contains(row.row)) visit(row.row, extent_of(row));
    });
    for (const LiveRow& row : upserts_) visit(row.row, extent_of(row));
}

void LiveRows::publish(std::uint64_t sequence_number) {
    {
        const std::scoped_lock lock(publish_mutex_);
        RowsState next = *state();
        next.fault = nullptr;
        next.extent = extent_;
        next.sequence_number = sequence_number;
        if (!upserts_.empty() || !erased_.empty()) {
            next.index = index_->apply(upserts_, erased_);
            next.rows = columns_->view();
        }
        published_.store(std::make_shared<const RowsState>(std::move(next)));
    }
    for (const auto& [row, time] : new_expiries_) expiries_.set(row, time);
    clear_staged();
}

void LiveRows::clear_staged() noexcept {
    upserts_.clear();
    upsert_of_.clear();
    erased_.clear();
    new_expiries_.clear();
    undo_.clear();
    extents_are_ahead_ = false;
}

void LiveRows::abandon() noexcept {
    for (auto undo = undo_.rbegin(); undo != undo_.rend(); ++undo) {
        if (undo->was_added) {
            if (ids_) ids_->erase(undo->row);
            columns_->bury(undo->row);
            continue;
        }
        columns_->revive(undo->row);
        try {
            if (ids_) ids_->insert(undo->row);
        } catch (const std::bad_alloc&) {
            ids_.reset();  // made anew when there is memory again
        }
    }
    if (extents_are_ahead_) extents_.reset();
    extent_ = state()->extent;
    clear_staged();
}

bool LiveRows::tidy() {
    const std::vector<std::uint32_t> rows = columns_->scattered();
    if (rows.empty()) return false;
    const auto last = state();
    for (const std::uint32_t row : rows) {
        const LiveRow live = *last->index->find(row);
        const auto expires_at = expiries_.time_of(row);
        remove(row);
        const std::uint32_t moved =
            append(columns_->fid(row), columns_->category(row), columns_->record(row).bytes(hot_.size()));
        stage({.row = moved, .position = live.position, .shape = live.shape});
        expire(moved, expires_at);
    }
    extent();
    publish(last->sequence_number);
    return true;
}

std::shared_ptr<LiveIndex> LiveRows::index() {
    const std::scoped_lock lock(publish_mutex_);
    return index_;
}

bool LiveRows::merge_is_due() {
    return index()->merge_is_due();
}

bool LiveRows::merge(Executor& executor, const Control& control) {
    const auto index = this->index();
    if (!index->merge(executor, control)) return false;
    // While the mutex is held, the rows that are published are those of the index.
    const std::scoped_lock lock(publish_mutex_);
    if (index != index_) return true;
    RowsState merged = *state();
    merged.index = index->snapshot();
    published_.store(std::make_shared<const RowsState>(std::move(merged)));
    return true;
}

void LiveRows::fail(std::exception_ptr fault) noexcept {
    clear_staged();
    const std::scoped_lock lock(publish_mutex_);
    if (failed_ == nullptr) return;  // it has failed before
    *failed_ = *state();
    failed_->fault = std::move(fault);
    published_.store(std::move(failed_));
}

void LiveRows::save(const std::string& store, std::string_view collection, const CacheKey& key) {
    index()->merge_all(executor_);
    const auto index = this->index()->snapshot();
    save_index_cache(store, collection, key, {*columns_, hot_.size(), *categories_, expiries_, *index});
}

std::size_t LiveRows::memory() const {
    return columns_->memory() + categories_->memory() + (ids_ ? ids_->memory() : 0) +
           state()->index->memory();
}

}  // namespace crowfly
