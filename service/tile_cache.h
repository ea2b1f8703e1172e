#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace crowfly {

/// Tiles that were asked for last, by a text that says which tile of what state it is. May be called from any
/// thread.
class TileCache {
  public:
    using Tile = std::shared_ptr<const std::string>;

    /// Keeps tiles that have at most so many bytes together.
    explicit TileCache(std::size_t most_bytes) : most_bytes_(most_bytes) {}

    /// Null when it is not there.
    Tile find(std::string_view key);

    /// In the stead of those that nobody has asked for the longest.
    void put(std::string key, Tile tile);

    std::size_t bytes() const;

  private:
    struct Kept {
        std::string key;
        Tile tile;

        std::size_t bytes() const noexcept;
    };

    void drop_last();

    const std::size_t most_bytes_;
    mutable std::mutex mutex_;
    std::size_t bytes_ = 0;
    std::list<Kept> kept_;                                                    // the last asked for is first
    std::unordered_map<std::string_view, std::list<Kept>::iterator> by_key_;  // views of the list's keys
};

}  // namespace crowfly
