#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace crowfly {

/// The k-th least of the values of different rows, where a row's value is the least that it was offered with.
/// For k up to kSorted it is exact, above that never too low.
class RowLimit {
  public:
    explicit RowLimit(std::size_t k) : k_(k) {}

    double kth() const noexcept { return kth_; }

    /// The least value of the row, or infinity when it is not known to be among the first.
    double of(std::uint32_t row) const {
        if (k_ <= kSorted) {
            for (const Entry& entry : sorted_) {
                if (entry.second == row) return entry.first;
            }
        } else if (const auto at = of_row_.find(row); at != of_row_.end()) {
            return at->second;
        }
        return std::numeric_limits<double>::infinity();
    }

    void offer(std::uint32_t row, double value) {
        if (value >= kth_) return;
        if (k_ <= kSorted) {
            offer_sorted(row, value);
        } else {
            offer_many(row, value);
        }
    }

  private:
    static constexpr std::size_t kSorted = 32;
    using Entry = std::pair<double, std::uint32_t>;

    void offer_sorted(std::uint32_t row, double value) {
        auto at =
            std::find_if(sorted_.begin(), sorted_.end(), [&](const Entry& e) { return e.second == row; });
        if (at == sorted_.end()) {
            if (sorted_.size() == k_) sorted_.pop_back();
            sorted_.push_back({value, row});
            at = sorted_.end() - 1;
        } else if (value >= at->first) {
            return;
        } else {
            at->first = value;
        }
        for (; at != sorted_.begin() && *at < *(at - 1); --at) std::swap(*at, *(at - 1));
        if (sorted_.size() == k_) kth_ = sorted_.back().first;
    }

    void offer_many(std::uint32_t row, double value) {
        const auto [at, is_new] = of_row_.try_emplace(row, value);
        if (!is_new) at->second = std::min(at->second, value);
        if (!is_new || of_row_.size() < next_selection_) return;
        std::vector<double> values;
        values.reserve(of_row_.size());
        for (const auto& entry : of_row_) values.push_back(entry.second);
        const auto kth = values.begin() + static_cast<std::ptrdiff_t>(k_ - 1);
        std::nth_element(values.begin(), kth, values.end());
        kth_ = *kth;
        std::erase_if(of_row_, [&](const auto& entry) { return entry.second > kth_; });
        next_selection_ = of_row_.size() + k_ / 2 + 1;
    }

    std::size_t k_;
    double kth_ = std::numeric_limits<double>::infinity();
    std::vector<Entry> sorted_;
    std::unordered_map<std::uint32_t, double> of_row_;
    std::size_t next_selection_ = k_;
};

}  // namespace crowfly
