#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "cli/text_column.h"
#include "core/search/neighbor.h"

namespace crowfly {

/// The ids of rows, all different. As long as they come in ascending order, as those of sorted files do,
/// nothing is kept besides their text.
class IdColumn {
  public:
    /// False, and nothing is added, when the id is there already.
    bool push_back(std::string_view id);

    std::size_t size() const noexcept { return size_; }
    std::string_view operator[](std::size_t row) const noexcept { return ids_[row]; }

    /// The row that has the id.
    std::optional<std::uint32_t> find(std::string_view id);

    /// The order of ids, `compare_ids`. Refers to this column.
    RowOrder order() const;

  private:
    std::size_t slot_of(std::string_view id) const noexcept;
    void make_table(std::size_t slots);
    bool has_table() const noexcept { return !slots_.empty(); }

    TextColumn ids_;
    std::uint32_t size_ = 0;
    bool ascends_ = true;
    std::vector<std::uint32_t> slots_;  // open addressing: a row + 1, or 0; a power of two, at most half full
};

}  // namespace crowfly
