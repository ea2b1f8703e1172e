#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crowfly {

/// Gives each category a number, from 0 on, for as long as the object lives. One thread adds; any number of
/// others look up meanwhile, and never wait.
class CategoryNames {
  public:
    CategoryNames();

    /// Adds the name when it is new. Cost: O(1).
    std::uint32_t add(std::string_view name);

    /// The number of a name that was added before, as the caller knows it.
    std::optional<std::uint32_t> find(std::string_view name) const noexcept;

    /// The number must be one that `add` has returned.
    const std::string& operator[](std::uint32_t number) const noexcept;

    std::uint32_t size() const noexcept { return size_; }

    /// Bytes, about.
    std::size_t memory() const noexcept;

  private:
    /// Open addressing: a number plus 1 in each slot, 0 for none. Never freed before the object, since
    /// somebody may still look into it; all together are no more than twice the last.
    struct Table {
        explicit Table(std::size_t slots) : numbers(slots) {}
        std::vector<std::atomic<std::uint32_t>> numbers;
    };

    // Block b has 2^b names times as many as the first, so that names never move.
    static constexpr std::size_t kFirstBlock = 64;
    static constexpr std::size_t kBlocks = 27;

    std::string& at(std::uint32_t number) const noexcept;
    void insert(Table& table, std::uint32_t number) const noexcept;
    void grow();

    std::array<std::unique_ptr<std::string[]>, kBlocks> blocks_;
    std::vector<std::unique_ptr<Table>> tables_;
    std::atomic<const Table*> table_;
    std::uint32_t size_ = 0;
    std::size_t text_ = 0;
};

}  // namespace crowfly
