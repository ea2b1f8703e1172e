#include "store/embedded/category_names.h"

#include <bit>
#include <functional>

namespace crowfly {
namespace {

constexpr std::size_t kFirstSlots = 64;

std::size_t hash_of(std::string_view name) noexcept {
    return std::hash<std::string_view>{}(name);
}

}  // namespace

CategoryNames::CategoryNames() {
    table_ = tables_.emplace_back(std::make_unique<Table>(kFirstSlots)).get();
}

std::string& CategoryNames::at(std::uint32_t number) const noexcept {
    const std::size_t shifted = number / kFirstBlock + 1;
    const auto block = static_cast<std::size_t>(std::bit_width(shifted)) - 1;
    const std::size_t begin = ((std::size_t{1} << block) - 1) * kFirstBlock;
    return blocks_[block][number - begin];
}

const std::string& CategoryNames::operator[](std::uint32_t number) const noexcept {
    return at(number);
}

std::optional<std::uint32_t> CategoryNames::find(std::string_view name) const noexcept {
    const auto& slots = table_.load(std::memory_order_acquire)->numbers;
    for (std::size_t slot = hash_of(name);; ++slot) {
        const std::uint32_t found = slots[slot % slots.size()].load(std::memory_order_acquire);
        if (found == 0) return std::nullopt;
        if (at(found - 1) == name) return found - 1;
    }
}

std::uint32_t CategoryNames::add(std::string_view name) {
    if (const auto known = find(name)) return *known;
    const std::size_t shifted = size_ / kFirstBlock + 1;
    auto& block = blocks_[static_cast<std::size_t>(std::bit_width(shifted)) - 1];
    if (block == nullptr) block = std::make_unique<std::string[]>(std::bit_floor(shifted) * kFirstBlock);
    at(size_) = name;
    if ((size_ + std::size_t{1}) * 2 > tables_.back()->numbers.size()) grow();
    text_ += name.size();
    insert(*tables_.back(), size_);
    return size_++;
}

void CategoryNames::grow() {
    auto next = std::make_unique<Table>(tables_.back()->numbers.size() * 2);
    for (std::uint32_t number = 0; number < size_; ++number) insert(*next, number);
    table_.store(tables_.emplace_back(std::move(next)).get(), std::memory_order_release);
}

void CategoryNames::insert(Table& table, std::uint32_t number) const noexcept {
    std::size_t slot = hash_of(at(number));
    while (table.numbers[slot % table.numbers.size()].load(std::memory_order_relaxed) != 0) ++slot;
    table.numbers[slot % table.numbers.size()].store(number + 1, std::memory_order_release);
}

std::size_t CategoryNames::memory() const noexcept {
    return size_ * sizeof(std::string) + text_ + tables_.back()->numbers.size() * 2 * sizeof(std::uint32_t);
}

}  // namespace crowfly
