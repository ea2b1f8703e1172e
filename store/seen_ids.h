#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace crowfly {

/// The ids that have come by. Memory: their text and 12 to 25 bytes each.
class SeenIds {
  public:
    SeenIds();

    /// False when the id has come before. Cost: O(its length).
    bool insert(std::string_view id);

    std::size_t size() const noexcept { return size_; }

  private:
    /// Where a text is: 16 bits of its hash, 48 of its place. 0: none.
    using Slot = std::uint64_t;

    Slot keep(std::string_view id, std::uint64_t hash);
    std::string_view text_of(Slot slot) const noexcept;
    void grow();

    std::uint64_t seed_;                           // so that nobody can choose ids that collide
    std::vector<Slot> slots_;                      // open addressing; a power of two, at most two thirds full
    std::vector<std::unique_ptr<char[]>> chunks_;  // of texts, each after its length
    std::size_t used_;                             // of the last chunk
    std::size_t size_ = 0;
};

}  // namespace crowfly
