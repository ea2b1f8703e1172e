#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/index/packed_tree.h"

namespace crowfly {

/// Which of the numbers 0 to n - 1, slots of a tree or rows, are of something that no longer counts. Never
/// changes: to mark more gives new marks, which share with these all pages that have stayed the same.
///
/// Memory: n / 8 bytes in pages of 4096, of which those without a mark take none.
class DeadMarks {
  public:
    /// No number is marked.
    explicit DeadMarks(std::size_t numbers);

    /// These marks and those of `numbers`. Cost: O(n / 32768 + numbers), and a page copied for each that one
    /// of them is on.
    DeadMarks with(std::span<const std::uint32_t> numbers) const;

    bool has(std::size_t number) const noexcept {
        return (of_leaf(number / kLeafSize) >> (number % kLeafSize) & 1U) != 0;
    }

    /// A bit for each of the slots of a leaf.
    std::uint32_t of_leaf(std::size_t leaf) const noexcept {
        return (*pages_[leaf / kLeavesOfPage])[leaf % kLeavesOfPage];
    }

    /// The numbers that have a mark in later ones made from these, but none here. Cost: O(n / 32768), and
    /// that of pages which are not shared.
    std::vector<std::uint32_t> added_in(const DeadMarks& later) const;

    /// How many of the numbers first to end - 1 are marked.
    std::size_t count(std::size_t first, std::size_t end) const noexcept;

    /// Bytes, those included that other marks share.
    std::size_t memory() const noexcept;

  private:
    static constexpr std::size_t kLeavesOfPage = 2048;
    using Page = std::array<std::uint16_t, kLeavesOfPage>;

    static const Page kNoMarks;

    std::vector<std::shared_ptr<const Page>> pages_;
};

}  // namespace crowfly
