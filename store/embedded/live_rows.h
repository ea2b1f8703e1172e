#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/executor.h"
#include "core/live/live_index.h"
#include "core/live/published.h"
#include "store/embedded/expiry_queue.h"
#include "store/embedded/extent_keeper.h"
#include "store/embedded/id_map.h"
#include "store/embedded/index_cache.h"
#include "store/embedded/loaded_rows.h"

namespace crowfly {

/// One state of a collection in memory, which never changes. A row of the index is a row of `rows`.
struct RowsState {
    std::shared_ptr<const RowView> rows;
    std::shared_ptr<const CategoryNames> categories;
    std::shared_ptr<const LiveSnapshot> index;
    std::optional<Extent> extent;
    std::uint64_t sequence_number = 0;
    std::exception_ptr fault = nullptr;  ///< why this is not what the file says
};

/// The places of a collection in memory: their rows, the index over them, and what the one who writes needs
/// to know. `state` and `merge` are for any thread, all else for the one that writes.
///
/// Changes are staged one after the other: whoever stages sees them, whoever reads does not, until they are
/// published all together, or dropped.
class LiveRows {
  public:
    /// `executor` lends threads to build indexes, as long as the object lives.
    LiveRows(LoadedRows loaded, std::vector<MetricKind> metrics, std::uint64_t sequence_number,
             Executor& executor);
    LiveRows(const LiveRows&) = delete;
    LiveRows& operator=(const LiveRows&) = delete;

    std::shared_ptr<const RowsState> state() const noexcept { return published_.load(); }

    /// As LiveIndex has them.
    bool merge_is_due();
    bool merge(Executor& executor, const Control& control);

    /// Makes what only writing needs, unless it is there; else the first to write does. Cost: O(n).
    void prepare_to_write() { ids(); }

    /// Which row has the id. Cost: O(1).
    std::optional<std::uint32_t> find(std::string_view id);

    std::int64_t fid(std::uint32_t row) const noexcept { return columns_->fid(row); }
    std::string_view id(std::uint32_t row) const noexcept { return columns_->id(row); }
    LonLat position(std::uint32_t row) const;
    bool has_shape(std::uint32_t row) const;
    std::optional<Timestamp> expires_at(std::uint32_t row) const noexcept { return expiries_.time_of(row); }

    // Each stages one change.

    /// A place that is not there.
    void add(const Place& place, const RowFacts& facts);

    /// A place in the stead of the one in a row, which then may be in another row.
    void replace(std::uint32_t row, const Place& place, const RowFacts& facts);

    /// Another position, as the geometry.
    void move(std::uint32_t row, LonLat position);
    void expire(std::uint32_t row, std::optional<Timestamp> time);
    void remove(std::uint32_t row);

    /// With what is staged. Cost: as ExtentKeeper.
    std::optional<Extent> extent();

    /// Publishes what is staged.
    void publish(std::uint64_t sequence_number);

    /// Drops what is staged, as long as `publish` has not been called.
    void abandon() noexcept;

    /// Takes other rows instead of all that are here. Nothing may be staged. All or nothing.
    void reset(LoadedRows loaded, std::uint64_t sequence_number);

    /// To be called when `publish` or `tidy` has thrown: drops what is staged. From now on the state has this
    /// fault, and nothing may be done but `reset`.
    void fail(std::exception_ptr fault) noexcept;

    /// Puts the rows of a chunk that is mostly dead elsewhere, and publishes that: false when there is none.
    /// Nothing may be staged.
    bool tidy();

    /// As ExpiryQueue.
    std::optional<Timestamp> next_expiry() const noexcept { return expiries_.next(); }

    /// As ExpiryQueue, but for rows of whose time, or end, something is staged: they wait until that is
    /// published.
    std::vector<std::uint32_t> expired(Timestamp now, std::size_t most);

    /// Merges all runs and writes the index cache; see save_index_cache.
    void save(const std::string& store, std::string_view collection, const CacheKey& key);

    /// Bytes, about, the index's included.
    std::size_t memory() const;

  private:
    struct Undo {
        std::uint32_t row;
        bool was_added;  ///< else it was removed
    };

    std::shared_ptr<LiveIndex> index();
    IdMap& ids();
    std::uint32_t append(std::int64_t fid, std::uint32_t category, std::string_view record);
    void bury(std::uint32_t row);
    void stage(LiveRow row);
    void clear_staged() noexcept;
    void visit_extents(const std::function<void(std::uint32_t, const Extent&)>& visit) const;
    void make_room_for_undo();

    std::vector<Attribute> hot_;
    std::vector<MetricKind> metrics_;
    Executor& executor_;
    std::unique_ptr<RowColumns> columns_;
    std::shared_ptr<CategoryNames> categories_;
    ExpiryQueue expiries_;
    std::optional<IdMap> ids_;  // nothing until it is needed
    ExtentKeeper extents_;

    // What is staged. Of each row that is to be there, what it is to be.
    std::vector<LiveRow> upserts_;
    std::unordered_map<std::uint32_t, std::size_t> upsert_of_;  // row -> place in upserts_
    std::vector<std::uint32_t> erased_;
    std::vector<std::pair<std::uint32_t, std::optional<Timestamp>>> new_expiries_;
    std::vector<Undo> undo_;
    bool extents_are_ahead_ = false;  // of what is published

    std::optional<Extent> extent_;
    std::mutex publish_mutex_;  // held while index and rows are not of the same state
    std::shared_ptr<LiveIndex> index_;
    Published<const RowsState> published_;
    std::shared_ptr<RowsState> failed_;  // ready, as there may be no memory for it when something fails
    std::string record_;
};

}  // namespace crowfly
