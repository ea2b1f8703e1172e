#include "store/embedded/id_map.h"

#include <algorithm>
#include <bit>
#include <random>

#include <xxhash.h>

namespace crowfly {
namespace {

constexpr std::uint8_t kEmpty = 0;
constexpr std::uint8_t kErased = 1;
constexpr std::size_t kFewestSlots = 64;

std::uint8_t tag_of(std::uint64_t hash) noexcept {
    return std::max(static_cast<std::uint8_t>(hash >> 56), static_cast<std::uint8_t>(kErased + 1));
}

/// The number of slots, a power of 2, of which no more than two thirds are taken.
std::size_t slots_for(std::size_t rows) noexcept {
    return std::max(kFewestSlots, std::bit_ceil(rows + rows / 2));
}

}  // namespace

IdMap::IdMap(const RowColumns& rows) : rows_(rows) {
    std::random_device entropy;
    seed_ = (std::uint64_t{entropy()} << 32) | entropy();
    rebuild(slots_for(rows.size()));
}

std::uint64_t IdMap::hash(std::string_view id) const noexcept {
    return XXH3_64bits_withSeed(id.data(), id.size(), seed_);
}

std::optional<std::uint32_t> IdMap::find(std::string_view id) const {
    const std::uint64_t hash = this->hash(id);
    const std::uint8_t tag = tag_of(hash);
    const std::size_t mask = tags_.size() - 1;
    for (std::size_t slot = hash & mask; tags_[slot] != kEmpty; slot = (slot + 1) & mask) {
        if (tags_[slot] == tag && rows_.id(numbers_[slot]) == id) return numbers_[slot];
    }
    return std::nullopt;
}

void IdMap::insert(std::uint32_t row) {
    // The row is alive already, so that building anew takes it in.
    if ((used_ + 1) * 4 > tags_.size() * 3) return rebuild(slots_for(size_ + 1));
    put(row);
}

void IdMap::put(std::uint32_t row) noexcept {
    const std::uint64_t hash = this->hash(rows_.id(row));
    const std::size_t mask = tags_.size() - 1;
    std::size_t slot = hash & mask;
    while (tags_[slot] > kErased) slot = (slot + 1) & mask;
    used_ += tags_[slot] == kEmpty ? 1 : 0;
    ++size_;
    tags_[slot] = tag_of(hash);
    numbers_[slot] = row;
}

void IdMap::erase(std::uint32_t row) noexcept {
    const std::size_t mask = tags_.size() - 1;
    std::size_t slot = hash(rows_.id(row)) & mask;
    for (; tags_[slot] <= kErased || numbers_[slot] != row; slot = (slot + 1) & mask) {
        if (tags_[slot] == kEmpty) return;
    }
    const bool ends_here = tags_[(slot + 1) & mask] == kEmpty;
    tags_[slot] = ends_here ? kEmpty : kErased;
    used_ -= ends_here ? 1 : 0;
    --size_;
}

void IdMap::rebuild(std::size_t slots) {
    std::vector<std::uint8_t> tags(slots, kEmpty);
    std::vector<std::uint32_t> numbers(slots);
    tags_.swap(tags);
    numbers_.swap(numbers);
    used_ = size_ = 0;
    rows_.for_each([this](std::uint32_t row) { put(row); });
}

std::size_t IdMap::memory() const noexcept {
    return tags_.size() * (sizeof(std::uint8_t) + sizeof(std::uint32_t));
}

}  // namespace crowfly
