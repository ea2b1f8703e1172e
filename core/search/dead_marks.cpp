#include "core/search/dead_marks.h"

#include <algorithm>
#include <bit>

namespace crowfly {

const DeadMarks::Page DeadMarks::kNoMarks{};

DeadMarks::DeadMarks(std::size_t numbers)
    // Without an owner: a page that is not to be freed.
    : pages_((numbers + kLeavesOfPage * kLeafSize - 1) / (kLeavesOfPage * kLeafSize),
             std::shared_ptr<const Page>(std::shared_ptr<const Page>(), &kNoMarks)) {}

DeadMarks DeadMarks::with(std::span<const std::uint32_t> numbers) const {
    DeadMarks marked(*this);
    std::vector<Page*> own(pages_.size());
    for (const std::uint32_t number : numbers) {
        const std::size_t leaf = number / kLeafSize, page = leaf / kLeavesOfPage;
        if (own[page] == nullptr) {
            auto copy = std::make_shared<Page>(*pages_[page]);
            own[page] = copy.get();
            marked.pages_[page] = std::move(copy);
        }
        std::uint16_t& marks = (*own[page])[leaf % kLeavesOfPage];
        marks = static_cast<std::uint16_t>(marks | 1U << (number % kLeafSize));
    }
    return marked;
}

std::vector<std::uint32_t> DeadMarks::added_in(const DeadMarks& later) const {
    std::vector<std::uint32_t> added;
    for (std::size_t page = 0; page < pages_.size(); ++page) {
        if (pages_[page] == later.pages_[page]) continue;
        for (std::size_t leaf = page * kLeavesOfPage; leaf < (page + 1) * kLeavesOfPage; ++leaf) {
            for (std::uint32_t more = later.of_leaf(leaf) & ~of_leaf(leaf); more != 0; more &= more - 1) {
                added.push_back(static_cast<std::uint32_t>(leaf * kLeafSize) +
                                static_cast<std::uint32_t>(std::countr_zero(more)));
            }
        }
    }
    return added;
}

std::size_t DeadMarks::count(std::size_t first, std::size_t end) const noexcept {
    std::size_t count = 0;
    while (first < end) {
        const std::size_t leaf = first / kLeafSize;
        const std::size_t next = std::min(end, (leaf + 1) * kLeafSize);
        // Of the leaf's bits those from `first` to `next`.
        const std::uint32_t from_first = of_leaf(leaf) >> (first % kLeafSize);
        count += static_cast<std::size_t>(std::popcount(from_first & ((1U << (next - first)) - 1)));
        first = next;
    }
    return count;
}

std::size_t DeadMarks::memory() const noexcept {
    const auto own =
        std::count_if(pages_.begin(), pages_.end(), [](const auto& page) { return page.get() != &kNoMarks; });
    return pages_.capacity() * sizeof pages_[0] + static_cast<std::size_t>(own) * sizeof(Page);
}

}  // namespace crowfly
