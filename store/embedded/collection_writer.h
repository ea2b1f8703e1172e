#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/change_log.h"
#include "store/embedded/collection_record.h"
#include "store/embedded/live_rows.h"
#include "store/embedded/place_writer.h"
#include "store/embedded/store_writer.h"

namespace crowfly {

/// Work that upserts places one after the other, by the function that it is given, and may do more to the
/// file in the same transaction. The places have been judged, and have different ids.
using PlaceWork = std::function<void(sqlite::Database&, const std::function<void(const Place&)>& upsert)>;

/// Brings batches of changes to a collection's table, and then to its rows in memory. The writer's thread
/// alone uses it, but for `record`.
class CollectionWriter final : public WriteTarget {
  public:
    struct Needs {
        StoreFile& file;
        const Schema& schema;
        std::vector<Attribute> hot;
        const CollectionOptions& options;
        LiveRows& rows;
        ChangeLog& log;
        std::function<void()> published;  ///< called after each commit; must not throw
        bool erase_expired;               ///< by itself
        StoreWriter& writer;
    };

    /// `record` is what the file said when the rows were loaded.
    CollectionWriter(Needs needs, const CollectionRecord& record);

    // Jobs of StoreWriter. They may be repeated.
    Written stage(std::vector<Change>& changes);
    Written stage_expired(std::size_t most);
    Written stage_places(const PlaceWork& work);

    /// A place as it is staged so far. For a job of StoreWriter to ask.
    PlaceState state_of(const std::string& id);

    void begin() override;
    void finish() override;
    void publish() noexcept override;
    void abandon() noexcept override;
    std::optional<std::chrono::steady_clock::time_point> tidy_up() override;

    /// What the file says now, and whether the rows in memory are those. No writer may be at work.
    const CollectionRecord& record() const noexcept { return record_; }
    bool rows_are_stale() const noexcept { return rows_are_stale_; }

  private:
    bool stage(Upsert& upsert);
    void stage(const Place& place, const std::optional<TimeToLive>& ttl);
    bool stage(const Move& move);
    bool stage(const Erase& erase);
    void erase(std::uint32_t row);
    void require_written(bool was_there, std::uint32_t row);
    void begin_batch();
    Written end_batch();
    void log(CommittedChange change);
    void log_upsert(CommittedChange change, const Place& place);
    CommittedChange change_of(std::string_view id, std::optional<std::uint32_t> row) const;
    std::optional<Timestamp> expiry_after(const std::optional<TimeToLive>& ttl);
    void prepare_statements();
    std::int64_t row_changes_of_triggers();
    void reload(const CollectionRecord& found);
    void lose_rows() noexcept;
    bool tidy_rows() noexcept;

    Needs needs_;
    CollectionRecord record_;        // as the file has it
    CollectionRecord next_;          // as it is to be
    std::int64_t own_number_;        // random; says whose the sequence numbers are
    std::uint64_t last_reload_ = 0;  // its number, which may not be in the file yet
    std::int64_t schema_version_ = -1;
    bool triggers_are_on_ = false;
    bool rows_are_stale_ = false;                              // must be loaded from the file
    std::chrono::steady_clock::time_point next_erasure_ = {};  // of places that have expired, at the earliest
    std::optional<PlaceWriter> table_;
    std::optional<RecordKeeper> keeper_;
    std::int64_t own_row_changes_ = 0;  // rows written in the transaction
    GeometryContent admitted_ = {};     // what the file's geometry column is known to admit
    GeometryContent content_ = {};      // of what is staged

    // The batch that is being staged, and those before it in the transaction.
    Written written_;
    std::vector<CommittedChange> changes_;
    std::size_t change_count_ = 0;
    std::vector<std::pair<std::uint64_t, std::shared_ptr<const CommittedBatch>>> batches_;
};

}  // namespace crowfly
