#include "store/embedded/extent_keeper.h"

#include <algorithm>
#include <iterator>
#include <vector>

namespace crowfly {
namespace {

// A side keeps twice as many rows at most; when it has more, it goes back to so many.
constexpr std::size_t kKept = 512;

}  // namespace

class ExtentKeeper::Least {
  public:
    void add(std::uint32_t row, double value) {
        if (value >= rest_) return;
        values_.emplace_back(value, row);
        if (values_.size() <= 2 * kKept) return;
        const auto first_left_out = values_.begin() + kKept;
        std::nth_element(values_.begin(), first_left_out, values_.end());
        rest_ = first_left_out->first;
        values_.erase(first_left_out, values_.end());
    }

    const std::vector<Value>& values() const noexcept { return values_; }

    /// Rows that are not among the values have no less.
    double rest() const noexcept { return rest_; }

  private:
    std::vector<Value> values_;
    double rest_ = kInfinity;
};

void ExtentKeeper::Side::assign(const Least& least) {
    outermost_ = std::set<Value>(least.values().begin(), least.values().end());
    values_.clear();
    for (const auto& [value, row] : least.values()) values_.emplace(row, value);
    rest_ = least.rest();
}

void ExtentKeeper::Side::reset() {
    outermost_.clear();
    values_.clear();
    rest_ = -kInfinity;
}

void ExtentKeeper::Side::remove(std::uint32_t row) {
    const auto kept = values_.find(row);
    if (kept == values_.end()) return;
    outermost_.erase({kept->second, row});
    values_.erase(kept);
}

void ExtentKeeper::Side::add(std::uint32_t row, double value) {
    if (value >= rest_) return;
    outermost_.emplace(value, row);
    values_.emplace(row, value);
    if (outermost_.size() <= 2 * kKept) return;
    while (outermost_.size() > kKept) {
        const auto last = std::prev(outermost_.end());
        rest_ = last->first;
        values_.erase(last->second);
        outermost_.erase(last);
    }
}

std::optional<double> ExtentKeeper::Side::least() const noexcept {
    if (outermost_.empty()) return std::nullopt;
    return outermost_.begin()->first;
}

void ExtentKeeper::remove(std::uint32_t row) {
    for (Side& side : sides_) side.remove(row);
}

void ExtentKeeper::add(std::uint32_t row, const Extent& extent) {
    const auto values = sides_of(extent);
    for (std::size_t i = 0; i < sides_.size(); ++i) sides_[i].add(row, values[i]);
}

std::optional<Extent> ExtentKeeper::extent(const Rows& rows) {
    if (!std::all_of(sides_.begin(), sides_.end(), [](const Side& side) { return side.is_known(); })) {
        std::array<Least, 4> least;
        rows([&](std::uint32_t row, const Extent& extent) {
            const auto values = sides_of(extent);
            for (std::size_t i = 0; i < least.size(); ++i) least[i].add(row, values[i]);
        });
        for (std::size_t i = 0; i < least.size(); ++i) sides_[i].assign(least[i]);
    }
    if (!sides_[0].least()) return std::nullopt;
    return Extent{*sides_[0].least(), *sides_[1].least(), -*sides_[2].least(), -*sides_[3].least()};
}

void ExtentKeeper::reset() {
    for (Side& side : sides_) side.reset();
}

}  // namespace crowfly
