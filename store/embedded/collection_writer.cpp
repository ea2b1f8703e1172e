#include "store/embedded/collection_writer.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/error.h"
#include "store/embedded/geopackage.h"
#include "store/embedded/place_table.h"

namespace crowfly {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Places that expire are erased in batches, so that others can write in between.
constexpr std::size_t kMostExpired = 10'000;
constexpr std::chrono::milliseconds kShortestPause(20);
constexpr std::chrono::milliseconds kLongestPause(1000);

bool exceeds(const GeometryContent& content, const GeometryContent& admitted) noexcept {
    return (content.shapes && !admitted.shapes) || (content.z && !admitted.z) || (content.m && !admitted.m);
}

void widen(GeometryContent& content, const Place& place) {
    if (place.shape == nullptr) return;
    content.shapes = true;
    content.z = content.z || !place.shape->z().empty();
    content.m = content.m || !place.shape->m().empty();
}

}  // namespace

CollectionWriter::CollectionWriter(Needs needs, const CollectionRecord& record)
    : needs_(std::move(needs)), record_(record), next_(record), own_number_(random_number()) {}

void CollectionWriter::begin() {
    batches_.clear();
    content_ = {};
    own_row_changes_ = 0;
    if (!keeper_ || keeper_->schema_version() != schema_version_) prepare_statements();
    const CollectionRecord found = keeper_->get();
    if (rows_are_stale_ || found != record_) reload(found);
    next_ = record_;
    next_.sequence_number = std::max(record_.sequence_number, last_reload_);
}

/// Whenever somebody has changed the file's schema, which this itself does now and then.
void CollectionWriter::prepare_statements() {
    sqlite::Database& database = needs_.file.connection();
    if (!CollectionRecord::read(database, needs_.schema.name)) {
        CollectionRecord::create(database, needs_.schema.name);
        rows_are_stale_ = true;
    }
    triggers_are_on_ = switch_triggers(database);
    table_.emplace(database, needs_.schema, PlaceTable::has_expiry(database, needs_.schema.name));
    keeper_.emplace(database, needs_.schema.name);
    schema_version_ = keeper_->schema_version();
}

/// Takes all rows from the file, because somebody else has changed them. That is a batch too, of which nobody
/// knows the changes. What others have changed is seen by those who read from now on, even if the transaction
/// is rolled back; then its number gets to the file with the next one.
void CollectionWriter::reload(const CollectionRecord& found) {
    rows_are_stale_ = true;
    LoadedRows loaded(needs_.hot);
    PlaceTable(needs_.file.connection(), needs_.schema).load(needs_.hot, [&](const StoredRow& row) {
        loaded.add(row);
    });
    last_reload_ = std::max({found.sequence_number, record_.sequence_number, last_reload_}) + 1;
    needs_.log.pass_over(last_reload_);
    needs_.rows.reset(std::move(loaded), last_reload_);
    rows_are_stale_ = false;
    record_ = found;
}

void CollectionWriter::begin_batch() {
    written_ = {};
    changes_.clear();
    change_count_ = 0;
}

Written CollectionWriter::end_batch() {
    if (change_count_ != 0) {
        ++next_.sequence_number;
        batches_.emplace_back(next_.sequence_number, nullptr);
        if (changes_.size() == change_count_) {
            batches_.back().second = std::make_shared<const CommittedBatch>(
                CommittedBatch{next_.sequence_number, std::move(changes_)});
        }
    }
    written_.sequence_number = next_.sequence_number;
    return std::move(written_);
}

void CollectionWriter::log(CommittedChange change) {
    ++change_count_;
    if (change_count_ <= needs_.options.retained_changes) changes_.push_back(std::move(change));
}

void CollectionWriter::log_upsert(CommittedChange change, const Place& place) {
    widen(content_, place);
    change.kind = CommittedChange::Kind::upserted;
    change.after = place.position;
    change.shape_after = place.shape != nullptr;
    log(std::move(change));
    ++written_.upserted;
}

/// As the place is before it, in a row, when it is there; so far it is erased.
CommittedChange CollectionWriter::change_of(std::string_view id, std::optional<std::uint32_t> row) const {
    CommittedChange change{CommittedChange::Kind::erased, std::string(id)};
    if (!row) return change;
    change.before = needs_.rows.position(*row);
    change.shape_before = needs_.rows.has_shape(*row);
    return change;
}

Written CollectionWriter::stage(std::vector<Change>& changes) {
    begin_batch();
    for (std::size_t i = 0; i < changes.size(); ++i) {
        if (!std::visit([this](auto& change) { return stage(change); }, changes[i]))
            written_.absent.push_back(i);
    }
    return end_batch();
}

bool CollectionWriter::stage(Upsert& upsert) {
    stage(upsert.place, upsert.ttl);
    return true;
}

void CollectionWriter::stage(const Place& place, const std::optional<TimeToLive>& ttl) {
    RowFacts facts{.has_more = has_more_properties(place, needs_.schema, needs_.hot),
                   .expires_at = expiry_after(ttl)};
    const auto row = needs_.rows.find(place.id);
    CommittedChange change = change_of(place.id, row);
    if (row) {
        facts.fid = needs_.rows.fid(*row);
        require_written(table_->update(facts.fid, place, facts.expires_at), *row);
        needs_.rows.replace(*row, place, facts);
    } else {
        facts.fid = table_->insert(place, facts.expires_at);
        ++own_row_changes_;
        needs_.rows.add(place, facts);
    }
    log_upsert(std::move(change), place);
}

bool CollectionWriter::stage(const Move& move) {
    const auto row = needs_.rows.find(move.id);
    if (!row) return false;
    CommittedChange change = change_of(move.id, row);
    if (const auto expires_at = expiry_after(move.ttl)) {
        require_written(table_->move(needs_.rows.fid(*row), move.position, *expires_at), *row);
        needs_.rows.expire(*row, expires_at);
    } else {
        require_written(table_->move(needs_.rows.fid(*row), move.position), *row);
    }
    needs_.rows.move(*row, move.position);
    change.kind = CommittedChange::Kind::moved;
    change.after = move.position;
    log(std::move(change));
    ++written_.moved;
    return true;
}

bool CollectionWriter::stage(const Erase& erase) {
    const auto row = needs_.rows.find(erase.id);
    if (row) this->erase(*row);
    return row.has_value();
}

void CollectionWriter::erase(std::uint32_t row) {
    require_written(table_->erase(needs_.rows.fid(row)), row);
    log(change_of(needs_.rows.id(row), row));
    needs_.rows.remove(row);
    ++written_.erased;
}

/// Throws unless the file had the row.
void CollectionWriter::require_written(bool was_there, std::uint32_t row) {
    ++own_row_changes_;
    if (was_there) return;
    rows_are_stale_ = true;
    throw Error(Code::busy, fmt::format("{}: {}, row {}: is not in the file any more, though no trigger has "
                                        "told of it; all rows are read again; try again",
                                        needs_.file.path(), needs_.schema.name, needs_.rows.fid(row)));
}

Written CollectionWriter::stage_expired(std::size_t most) {
    begin_batch();
    std::vector<std::uint32_t> rows = needs_.rows.expired(needs_.options.clock(), most);
    std::sort(rows.begin(), rows.end(), [this](std::uint32_t a, std::uint32_t b) {
        const auto a_time = needs_.rows.expires_at(a), b_time = needs_.rows.expires_at(b);
        return a_time != b_time ? a_time < b_time : needs_.rows.id(a) < needs_.rows.id(b);
    });
    for (const std::uint32_t row : rows) erase(row);
    return end_batch();
}

Written CollectionWriter::stage_places(const PlaceWork& work) {
    begin_batch();
    work(needs_.file.connection(), [this](const Place& place) { stage(place, std::nullopt); });
    return end_batch();
}

PlaceState CollectionWriter::state_of(const std::string& id) {
    if (!needs_.rows.find(id)) return {};
    PlaceTable table(needs_.file.connection(), needs_.schema);
    return {.place = table.get(id), .expires_at = table.expires_at(id)};
}

/// The table gets its column for it with the first place that expires.
std::optional<Timestamp> CollectionWriter::expiry_after(const std::optional<TimeToLive>& ttl) {
    if (!ttl) return std::nullopt;
    if (!table_->has_expiry()) {
        PlaceTable::add_expiry(needs_.file.connection(), needs_.schema.name);
        table_.emplace(needs_.file.connection(), needs_.schema, true);
    }
    return needs_.options.clock() + *ttl;
}

void CollectionWriter::finish() {
    if (next_.sequence_number == record_.sequence_number) return;
    sqlite::Database& database = needs_.file.connection();
    if (exceeds(content_, admitted_))
        geopackage::widen_geometry_column(database, needs_.schema.name, content_);
    next_.writer = own_number_;
    next_.row_changes = row_changes_of_triggers();
    keeper_->set(next_, needs_.rows.extent());
}

/// How many rows triggers of other programs have changed in the transaction.
std::int64_t CollectionWriter::row_changes_of_triggers() {
    if (!triggers_are_on_) return 0;
    return keeper_->get().row_changes - record_.row_changes - own_row_changes_;
}

void CollectionWriter::publish() noexcept {
    if (next_.sequence_number == record_.sequence_number) return;
    record_ = next_;
    admitted_.shapes = admitted_.shapes || content_.shapes;
    admitted_.z = admitted_.z || content_.z;
    admitted_.m = admitted_.m || content_.m;
    try {
        // First the log, so that whoever has seen the rows finds what follows.
        for (auto& [number, batch] : batches_) {
            if (batch != nullptr) {
                needs_.log.append(std::move(batch));
            } else {
                needs_.log.pass_over(number);
            }
        }
        needs_.rows.publish(record_.sequence_number);
        rows_are_stale_ = record_.row_changes != 0;
    } catch (...) {
        lose_rows();
    }
    batches_.clear();
    needs_.published();
}

/// To be called while something is caught. What is on disk is not in memory: nobody gets an answer from that
/// any more, until the rows are loaded again, as the next batch or chore does.
void CollectionWriter::lose_rows() noexcept {
    needs_.rows.fail(std::current_exception());
    rows_are_stale_ = true;
}

/// Whether there was something to tidy up.
bool CollectionWriter::tidy_rows() noexcept {
    try {
        return needs_.rows.tidy();
    } catch (...) {
        lose_rows();
        return true;
    }
}

void CollectionWriter::abandon() noexcept {
    needs_.rows.abandon();
    batches_.clear();
    table_.reset();
    keeper_.reset();
}

std::optional<SteadyClock::time_point> CollectionWriter::tidy_up() {
    const SteadyClock::time_point now = SteadyClock::now();
    try {
        const bool has_unsaved_number = last_reload_ > record_.sequence_number;
        if (rows_are_stale_ || has_unsaved_number) needs_.writer.write_now(*this, [] {});
        needs_.file.shorten_log();
        needs_.rows.prepare_to_write();
        if (tidy_rows()) return now;
        const auto next = needs_.rows.next_expiry();
        if (!next || !needs_.erase_expired) return std::nullopt;
        const auto left = *next - needs_.options.clock();
        if (left.count() > 0)
            return now + std::clamp<SteadyClock::duration>(left, kShortestPause, kLongestPause);
        if (now < next_erasure_) return next_erasure_;
        needs_.writer.write_now(*this, [this] { stage_expired(kMostExpired); });
        next_erasure_ = SteadyClock::now() + kShortestPause;
        return next_erasure_;
    } catch (const std::exception&) {
        // Nobody waits for it; it is tried again, and whoever writes meanwhile is told why that fails.
        return now + kLongestPause;
    }
}

}  // namespace crowfly
