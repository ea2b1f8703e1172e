#include "service/tile_cache.h"

#include <utility>

namespace crowfly {

/// With what the list and the map take, about.
std::size_t TileCache::Kept::bytes() const noexcept {
    constexpr std::size_t kOverhead = 256;
    return key.size() + tile->size() + kOverhead;
}

TileCache::Tile TileCache::find(std::string_view key) {
    const std::scoped_lock lock(mutex_);
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    kept_.splice(kept_.begin(), kept_, found->second);
    return found->second->tile;
}

void TileCache::put(std::string key, Tile tile) {
    Kept kept{std::move(key), std::move(tile)};
    const std::size_t size = kept.bytes();
    if (size > most_bytes_) return;
    const std::scoped_lock lock(mutex_);
    if (by_key_.contains(kept.key)) return;  // another thread has made it too
    while (bytes_ + size > most_bytes_) drop_last();
    kept_.push_front(std::move(kept));
    by_key_.emplace(kept_.front().key, kept_.begin());
    bytes_ += size;
}

std::size_t TileCache::bytes() const {
    const std::scoped_lock lock(mutex_);
    return bytes_;
}

void TileCache::drop_last() {
    by_key_.erase(kept_.back().key);
    bytes_ -= kept_.back().bytes();
    kept_.pop_back();
}

}  // namespace crowfly
