#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "store/embedded/row_columns.h"

namespace crowfly {

/// Which row has an id: a hash table of row numbers, whose ids are in the rows themselves. For one thread.
/// Memory: 7 to 14 bytes a row.
class IdMap {
  public:
    /// Of the rows that are alive, of which no two have one id. The rows must outlive it. Cost: O(n).
    explicit IdMap(const RowColumns& rows);

    std::optional<std::uint32_t> find(std::string_view id) const;

    /// Adds a row that is alive; its id must not be there. Cost: O(1); now and then it adds all rows anew.
    void insert(std::uint32_t row);

    /// Takes out a row, if it is there.
    void erase(std::uint32_t row) noexcept;

    /// Bytes, about.
    std::size_t memory() const noexcept;

  private:
    std::uint64_t hash(std::string_view id) const noexcept;
    void rebuild(std::size_t slots);
    void put(std::uint32_t row) noexcept;

    const RowColumns& rows_;
    std::uint64_t seed_;  // so that nobody can choose ids that collide
    std::vector<std::uint32_t> numbers_;
    std::vector<std::uint8_t> tags_;  // 0: empty; 1: erased; else some bits of the hash
    std::size_t used_ = 0;            // slots that are not empty
    std::size_t size_ = 0;
};

}  // namespace crowfly
