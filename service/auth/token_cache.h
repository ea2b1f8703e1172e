#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "service/auth/principal.h"

namespace crowfly {

/// Tokens that were found good, so that a client who sends the same one with each request has it verified
/// once. What it takes of memory is bounded; when it is full, some are forgotten. Any number of threads may
/// use it.
class TokenCache {
  public:
    /// What a token says, and when it is good: in seconds since 1970, from `from_s` on and before `until_s`.
    struct Entry {
        Principal principal;
        double from_s = 0;
        double until_s = 0;
    };

    static constexpr std::size_t kMost = 1024;

    /// Who sends it; nothing when it is not known or not good at that time.
    std::optional<Principal> find(std::string_view token, double now_s) const;

    void add(std::string_view token, Entry entry, double now_s);

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>()(text);
        }
    };
    struct Shard {
        mutable std::mutex mutex;
        std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries;
    };
    static constexpr std::size_t kShards = 16;

    std::array<Shard, kShards> shards_;
};

}  // namespace crowfly
