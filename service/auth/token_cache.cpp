#include "service/auth/token_cache.h"

#include <utility>

namespace crowfly {

std::optional<Principal> TokenCache::find(std::string_view token, double now_s) const {
    const Shard& shard = shards_[Hash()(token) % kShards];
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.entries.find(token);
    if (found == shard.entries.end()) return std::nullopt;
    const Entry& entry = found->second;
    if (now_s < entry.from_s || now_s >= entry.until_s) return std::nullopt;
    return entry.principal;
}

void TokenCache::add(std::string_view token, Entry entry, double now_s) {
    Shard& shard = shards_[Hash()(token) % kShards];
    const std::lock_guard lock(shard.mutex);
    constexpr std::size_t kMostOfShard = kMost / kShards;
    if (shard.entries.size() >= kMostOfShard)
        std::erase_if(shard.entries, [&](const auto& known) { return now_s >= known.second.until_s; });
    if (shard.entries.size() >= kMostOfShard) shard.entries.clear();
    shard.entries.insert_or_assign(std::string(token), std::move(entry));
}

}  // namespace crowfly
