#include "store/embedded/row_columns.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "core/error.h"

namespace crowfly {
namespace {

constexpr std::size_t kTextBlock = 16'384;

// The greatest number is no row's (core/search: kNoRow).
constexpr std::size_t kMostSlots = std::numeric_limits<std::uint32_t>::max() / RowChunk::kRows;

}  // namespace

std::uint32_t RowColumns::append(std::int64_t fid, std::uint32_t category, std::string_view record) {
    RowChunk& chunk = chunk_with_room();
    const char* bytes = kept(record);
    const std::uint32_t row = new_row();
    chunk.fids[row % RowChunk::kRows] = fid;
    chunk.records[row % RowChunk::kRows] = bytes;
    chunk.categories[row % RowChunk::kRows] = category;
    return row;
}

std::uint32_t RowColumns::append_mapped(std::int64_t fid, std::uint32_t category, const char* record,
                                        const std::shared_ptr<const void>& mapped) {
    RowChunk& chunk = chunk_with_room();
    if (chunk.mapped == nullptr) chunk.mapped = mapped;
    const std::uint32_t row = new_row();
    chunk.fids[row % RowChunk::kRows] = fid;
    chunk.records[row % RowChunk::kRows] = record;
    chunk.categories[row % RowChunk::kRows] = category;
    return row;
}

std::uint32_t RowColumns::new_row() noexcept {
    Slot& slot = slots_[open_];
    const auto row = static_cast<std::uint32_t>(open_ * RowChunk::kRows + slot.used);
    alter(slot, [&] {
        slot.is_alive.set(slot.used++);
        ++slot.alive;
    });
    return row;
}

/// The open chunk, or a new one when that is full.
RowChunk& RowColumns::chunk_with_room() {
    if (!slots_.empty() && slots_[open_].chunk != nullptr && slots_[open_].used < RowChunk::kRows)
        return *slots_[open_].chunk;
    auto chunk = std::make_shared<RowChunk>();
    if (free_slots_.empty()) {
        if (slots_.size() == kMostSlots) throw Error(Code::too_large, "a collection has room for 2^32 rows");
        free_slots_.push_back(slots_.size());
        slots_.emplace_back();
    }
    open_ = free_slots_.back();
    free_slots_.pop_back();
    slots_[open_].chunk = std::move(chunk);
    text_used_ = text_size_ = 0;
    view_.reset();
    return *slots_[open_].chunk;
}

/// A copy among the texts of the open chunk.
const char* RowColumns::kept(std::string_view record) {
    RowChunk& chunk = *slots_[open_].chunk;
    if (record.size() > text_size_ - text_used_) {
        const std::size_t size = std::max(kTextBlock, record.size());
        chunk.texts.push_back(std::make_unique_for_overwrite<char[]>(size));
        chunk.text_bytes += size;
        text_size_ = size;
        text_used_ = 0;
    }
    char* at = chunk.texts.back().get() + text_used_;
    std::memcpy(at, record.data(), record.size());
    text_used_ += record.size();
    return at;
}

void RowColumns::bury(std::uint32_t row) noexcept {
    Slot& slot = slots_[row / RowChunk::kRows];
    alter(slot, [&] {
        slot.alive -= slot.is_alive[row % RowChunk::kRows] ? 1 : 0;
        slot.is_alive.reset(row % RowChunk::kRows);
    });
}

void RowColumns::revive(std::uint32_t row) noexcept {
    Slot& slot = slots_[row / RowChunk::kRows];
    alter(slot, [&] {
        slot.alive += slot.is_alive[row % RowChunk::kRows] ? 0 : 1;
        slot.is_alive.set(row % RowChunk::kRows);
    });
}

bool RowColumns::is_alive(std::uint32_t row) const noexcept {
    const std::size_t slot = row / RowChunk::kRows;
    return slot < slots_.size() && slots_[slot].is_alive[row % RowChunk::kRows];
}

std::vector<std::uint32_t> RowColumns::scattered() const {
    std::vector<std::uint32_t> rows;
    if (scattered_ == 0) return rows;
    const auto found = std::find_if(slots_.begin(), slots_.end(), is_scattered);
    rows.reserve(found->alive);
    visit_rows(static_cast<std::size_t>(found - slots_.begin()),
               [&](std::uint32_t row) { rows.push_back(row); });
    return rows;
}

void RowColumns::free_deserted() {
    free_slots_.reserve(slots_.size());
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        if (!is_deserted(slots_[i])) continue;
        free_slots_.push_back(i);
        slots_[i] = Slot();
    }
    deserted_ = 0;
    view_.reset();
}

std::shared_ptr<const RowView> RowColumns::view() {
    if (deserted_ != 0) free_deserted();
    if (view_ == nullptr) {
        std::vector<std::shared_ptr<const RowChunk>> chunks;
        chunks.reserve(slots_.size());
        for (const Slot& slot : slots_) chunks.push_back(slot.chunk);
        view_ = std::make_shared<const RowView>(std::move(chunks));
    }
    return view_;
}

std::size_t RowColumns::memory() const noexcept {
    std::size_t bytes = slots_.size() * sizeof(Slot);
    for (const Slot& slot : slots_) {
        if (slot.chunk != nullptr) bytes += sizeof(RowChunk) + slot.chunk->text_bytes;
    }
    return bytes;
}

}  // namespace crowfly
