#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace crowfly {

/// A column that never changes, and what keeps it: a vector of its own, or somebody else's memory, such as a
/// mapped file.
template <class T>
class SharedColumn {
  public:
    SharedColumn() = default;
    SharedColumn(std::vector<T> values) {
        auto kept = std::make_shared<const std::vector<T>>(std::move(values));
        values_ = *kept;
        owner_ = std::move(kept);
    }
    SharedColumn(std::span<const T> values, std::shared_ptr<const void> owner)
        : values_(values), owner_(std::move(owner)) {}

    operator std::span<const T>() const noexcept { return values_; }
    std::span<const T> span() const noexcept { return values_; }
    std::size_t size() const noexcept { return values_.size(); }
    bool empty() const noexcept { return values_.empty(); }
    const T& operator[](std::size_t i) const noexcept { return values_[i]; }

  private:
    std::span<const T> values_;
    std::shared_ptr<const void> owner_;
};

}  // namespace crowfly
