#include "cli/id_column.h"

#include <algorithm>
#include <bit>
#include <functional>

#include "core/place_id.h"

namespace crowfly {

bool IdColumn::push_back(std::string_view id) {
    if (ascends_ && size_ > 0) ascends_ = compare_ids(ids_[size_ - 1], id) < 0;
    if (!ascends_ && !has_table())
        make_table(std::bit_ceil(std::max<std::size_t>(4 * std::size_t{size_}, 16)));
    if (has_table()) {
        if (2 * (std::size_t{size_} + 1) > slots_.size()) make_table(2 * slots_.size());
        std::uint32_t& slot = slots_[slot_of(id)];
        if (slot != 0) return false;
        slot = size_ + 1;
    }
    ids_.push_back(id);
    ++size_;
    return true;
}

std::optional<std::uint32_t> IdColumn::find(std::string_view id) {
    if (!has_table()) make_table(std::bit_ceil(std::max<std::size_t>(2 * std::size_t{size_}, 16)));
    const std::uint32_t slot = slots_[slot_of(id)];
    if (slot == 0) return std::nullopt;
    return slot - 1;
}

RowOrder IdColumn::order() const {
    if (ascends_) return {};
    return [this](std::uint32_t a, std::uint32_t b) { return compare_ids(ids_[a], ids_[b]) < 0; };
}

/// Where the id is, or would go.
std::size_t IdColumn::slot_of(std::string_view id) const noexcept {
    std::size_t at = std::hash<std::string_view>()(id) & (slots_.size() - 1);
    while (slots_[at] != 0 && ids_[slots_[at] - 1] != id) at = (at + 1) & (slots_.size() - 1);
    return at;
}

void IdColumn::make_table(std::size_t slots) {
    slots_.assign(slots, 0);
    for (std::uint32_t row = 0; row < size_; ++row) slots_[slot_of(ids_[row])] = row + 1;
}

}  // namespace crowfly
