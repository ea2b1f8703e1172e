#include "store/seen_ids.h"

#include <algorithm>
#include <cstring>
#include <random>

#include <xxhash.h>

namespace crowfly {
namespace {

constexpr std::size_t kFewestSlots = 64;
constexpr unsigned kTagBits = 16;
constexpr unsigned kChunkBits = 20;
constexpr std::size_t kChunk = std::size_t{1} << kChunkBits;
constexpr std::uint64_t kPlaceMask = ~std::uint64_t{0} >> kTagBits;

std::uint64_t tag_of(std::uint64_t hash) noexcept {
    return hash & ~kPlaceMask;
}

}  // namespace

SeenIds::SeenIds() : slots_(kFewestSlots), used_(kChunk) {
    std::random_device entropy;
    seed_ = (std::uint64_t{entropy()} << 32U) | entropy();
}

bool SeenIds::insert(std::string_view id) {
    if (3 * (size_ + 1) > 2 * slots_.size()) grow();
    const std::uint64_t hash = XXH3_64bits_withSeed(id.data(), id.size(), seed_);
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash & mask;
    for (; slots_[at] != 0; at = (at + 1) & mask) {
        if (tag_of(slots_[at]) == tag_of(hash) && text_of(slots_[at]) == id) return false;
    }
    slots_[at] = keep(id, hash);
    ++size_;
    return true;
}

/// A text that does not fit into the last chunk begins another one, which is as long as it needs to be.
SeenIds::Slot SeenIds::keep(std::string_view id, std::uint64_t hash) {
    const std::uint64_t length = id.size();
    const std::size_t needed = sizeof length + id.size();
    if (used_ + needed > kChunk) {
        chunks_.push_back(std::make_unique_for_overwrite<char[]>(std::max(kChunk, needed)));
        used_ = 0;
    }
    char* const to = chunks_.back().get() + used_;
    std::memcpy(to, &length, sizeof length);
    std::memcpy(to + sizeof length, id.data(), id.size());
    // One more than the place, so that the first is not 0.
    const Slot slot = tag_of(hash) | (((chunks_.size() - 1) << kChunkBits) + used_ + 1);
    used_ += needed;
    return slot;
}

std::string_view SeenIds::text_of(Slot slot) const noexcept {
    const std::size_t place = (slot & kPlaceMask) - 1;
    const char* const from = chunks_[place >> kChunkBits].get() + (place & (kChunk - 1));
    std::uint64_t length = 0;
    std::memcpy(&length, from, sizeof length);
    return {from + sizeof length, length};
}

void SeenIds::grow() {
    std::vector<Slot> slots(2 * slots_.size());
    const std::size_t mask = slots.size() - 1;
    for (const Slot slot : slots_) {
        if (slot == 0) continue;
        const std::string_view id = text_of(slot);
        std::size_t at = XXH3_64bits_withSeed(id.data(), id.size(), seed_) & mask;
        while (slots[at] != 0) at = (at + 1) & mask;
        slots[at] = slot;
    }
    slots_ = std::move(slots);
}

}  // namespace crowfly
