#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>

namespace crowfly {

/// A shared pointer that one thread at a time replaces while any number of others take copies, without ever
/// waiting: std::atomic<std::shared_ptr> of GCC's library is a lock that is spun on, and in version 12 not
/// free of races.
///
/// The pointers stand in some cells. One word has the number of the present cell and how many readers have
/// come to it: a reader learns of the cell and is counted by one and the same addition. When the cell is
/// replaced, it is known how many came; as soon as so many have left, the last of them, or else the writer,
/// empties it.
template <class T>
class Published {
  public:
    explicit Published(std::shared_ptr<T> value) {
        cells_[0].value = std::move(value);
        cells_[0].is_free = false;
    }
    Published(const Published&) = delete;
    Published& operator=(const Published&) = delete;

    /// The value that was stored last.
    std::shared_ptr<T> load() const noexcept {
        Cell& cell = cells_[present_.fetch_add(kOneReader, std::memory_order_acquire) % kCells];
        std::shared_ptr<T> value = cell.value;
        leave(cell, 1);
        return value;
    }

    /// Waits only if all other cells are held by readers that the system has halted amid `load`.
    void store(std::shared_ptr<T> value) noexcept {
        const std::uint64_t next = free_cell();
        cells_[next].value = std::move(value);
        cells_[next].is_free.store(false, std::memory_order_relaxed);
        const std::uint64_t before = present_.exchange(next, std::memory_order_acq_rel);
        leave(cells_[before % kCells], -static_cast<std::int64_t>(before / kOneReader));
    }

  private:
    static constexpr std::uint64_t kCells = 64;
    // What is left of the word counts 2^58 readers between two stores.
    static constexpr std::uint64_t kOneReader = kCells;

    struct alignas(64) Cell {
        std::shared_ptr<T> value;
        std::atomic<std::int64_t> left = 0;  ///< readers; after it was replaced less all that had come
        std::atomic<bool> is_free = true;
    };

    static void leave(Cell& cell, std::int64_t readers) noexcept {
        // Before the cell is replaced this is above 0.
        if (cell.left.fetch_add(readers, std::memory_order_acq_rel) + readers != 0) return;
        cell.value.reset();
        cell.is_free.store(true, std::memory_order_release);
    }

    std::uint64_t free_cell() const noexcept {
        const std::uint64_t present = present_.load(std::memory_order_relaxed) % kCells;
        for (std::uint64_t i = present + 1;; ++i) {
            if (i % kCells == present) {
                std::this_thread::yield();
            } else if (cells_[i % kCells].is_free.load(std::memory_order_acquire)) {
                return i % kCells;
            }
        }
    }

    mutable std::array<Cell, kCells> cells_;
    mutable std::atomic<std::uint64_t> present_ = 0;
};

}  // namespace crowfly
