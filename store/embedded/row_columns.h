#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "store/embedded/row_record.h"

namespace crowfly {

/// Consecutive rows, each of which never changes once it is there.
struct RowChunk {
    static constexpr std::size_t kRows = 4096;

    std::array<std::int64_t, kRows> fids;
    std::array<const char*, kRows> records;
    std::array<std::uint32_t, kRows> categories;
    std::vector<std::unique_ptr<char[]>> texts = {};  ///< what the records point to
    std::size_t text_bytes = 0;                       ///< how much that is
    std::shared_ptr<const void> mapped = {};          ///< or that
};

/// The rows of a collection as they were at one time. A row's number means that row as long as the view that
/// goes with it is held.
class RowView {
  public:
    explicit RowView(std::vector<std::shared_ptr<const RowChunk>> chunks) : chunks_(std::move(chunks)) {}

    std::int64_t fid(std::uint32_t row) const noexcept { return chunk(row).fids[row % RowChunk::kRows]; }
    std::uint32_t category(std::uint32_t row) const noexcept {
        return chunk(row).categories[row % RowChunk::kRows];
    }
    RowRecord record(std::uint32_t row) const noexcept {
        return RowRecord(chunk(row).records[row % RowChunk::kRows]);
    }
    std::string_view id(std::uint32_t row) const noexcept { return record(row).id(); }

  private:
    const RowChunk& chunk(std::uint32_t row) const noexcept { return *chunks_[row / RowChunk::kRows]; }

    std::vector<std::shared_ptr<const RowChunk>> chunks_;
};

/// The rows of a collection, column by column: where the file has each, its record, and its category's
/// number. One thread adds and removes rows; others read the views. A row is removed by being counted as
/// dead; once half of a chunk is, what is alive in it is to be put elsewhere, and when nothing is left, the
/// chunk's memory and numbers are used again. Memory: 20 bytes a row besides its record.
class RowColumns {
  public:
    RowColumns() = default;
    RowColumns(const RowColumns&) = delete;
    RowColumns& operator=(const RowColumns&) = delete;

    /// The number of a new row, which is alive. The record is copied. Throws Error(too_large) when all
    /// numbers are taken.
    std::uint32_t append(std::int64_t fid, std::uint32_t category, std::string_view record);

    /// The same for a record that stays where it is as long as `mapped` is held.
    std::uint32_t append_mapped(std::int64_t fid, std::uint32_t category, const char* record,
                                const std::shared_ptr<const void>& mapped);

    /// Makes a row dead, or alive again, unless it is.
    void bury(std::uint32_t row) noexcept;
    void revive(std::uint32_t row) noexcept;

    bool is_alive(std::uint32_t row) const noexcept;

    /// How many rows are alive.
    std::size_t size() const noexcept { return alive_; }

    std::int64_t fid(std::uint32_t row) const noexcept {
        return slots_[row / RowChunk::kRows].chunk->fids[row % RowChunk::kRows];
    }
    std::uint32_t category(std::uint32_t row) const noexcept {
        return slots_[row / RowChunk::kRows].chunk->categories[row % RowChunk::kRows];
    }
    RowRecord record(std::uint32_t row) const noexcept {
        return RowRecord(slots_[row / RowChunk::kRows].chunk->records[row % RowChunk::kRows]);
    }
    std::string_view id(std::uint32_t row) const noexcept { return record(row).id(); }

    /// Calls `visit(row)` for the rows that are alive, in the order of their numbers.
    template <class Visit>
    void for_each(const Visit& visit) const {
        for (std::size_t slot = 0; slot < slots_.size(); ++slot) visit_rows(slot, visit);
    }

    /// The rows alive in a full chunk of which at least half is dead, or nothing when there is no such chunk.
    std::vector<std::uint32_t> scattered() const;
    bool any_scattered() const noexcept { return scattered_ != 0; }

    /// What there is now, for others to read. Chunks without a row that is alive are not in it, and their
    /// numbers are free again: nobody may ask the view for a dead row.
    std::shared_ptr<const RowView> view();

    /// Bytes, about.
    std::size_t memory() const noexcept;

  private:
    struct Slot {
        std::shared_ptr<RowChunk> chunk = {};  ///< null: the numbers are free
        std::size_t used = 0;
        std::size_t alive = 0;
        std::bitset<RowChunk::kRows> is_alive = {};
    };

    template <class Visit>
    void visit_rows(std::size_t slot, const Visit& visit) const {
        for (std::size_t i = 0; i < slots_[slot].used; ++i) {
            if (slots_[slot].is_alive[i]) visit(static_cast<std::uint32_t>(slot * RowChunk::kRows + i));
        }
    }

    /// Whether nothing is alive in a full chunk, or not much.
    static bool is_deserted(const Slot& slot) noexcept {
        return slot.used == RowChunk::kRows && slot.alive == 0;
    }
    static bool is_scattered(const Slot& slot) noexcept {
        return slot.used == RowChunk::kRows && slot.alive != 0 && slot.alive <= RowChunk::kRows / 2;
    }

    /// Changes a slot by `change`, and keeps count of what it then is.
    template <class Change>
    void alter(Slot& slot, const Change& change) noexcept {
        deserted_ -= is_deserted(slot) ? 1 : 0;
        scattered_ -= is_scattered(slot) ? 1 : 0;
        alive_ -= slot.alive;
        change();
        deserted_ += is_deserted(slot) ? 1 : 0;
        scattered_ += is_scattered(slot) ? 1 : 0;
        alive_ += slot.alive;
    }

    std::uint32_t new_row() noexcept;
    RowChunk& chunk_with_room();
    void free_deserted();
    const char* kept(std::string_view record);

    std::vector<Slot> slots_;
    std::vector<std::size_t> free_slots_;
    std::size_t open_ = 0;       // the slot that is being filled, if there is a chunk in it
    std::size_t text_used_ = 0;  // of the last block of its texts
    std::size_t text_size_ = 0;
    std::size_t alive_ = 0;
    std::size_t deserted_ = 0;
    std::size_t scattered_ = 0;
    std::shared_ptr<const RowView> view_;  // null when it is out of date
};

}  // namespace crowfly
