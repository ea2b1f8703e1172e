#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "store/collection.h"

namespace crowfly {

/// The extent of rows that come and go, without looking at all of them each time. Of each side it keeps the
/// rows that lie outermost: as long as there are some, the first of them is the side. Once they are used up,
/// all rows are looked at again. For one thread.
class ExtentKeeper {
  public:
    /// Calls its argument with every row and its extent.
    using Rows = std::function<void(const std::function<void(std::uint32_t, const Extent&)>&)>;

    /// Takes a row out, if it is kept. Cost: O(1).
    void remove(std::uint32_t row);

    /// Puts in a row that is not there. Cost: O(1) for nearly all.
    void add(std::uint32_t row, const Extent& extent);

    /// Of all rows, which `rows` gives when they are needed: they are those that have been added and not
    /// been removed. Cost: O(1); O(n) after some hundred outermost rows have gone, and the first time.
    std::optional<Extent> extent(const Rows& rows);

    /// Forgets everything: the next extent looks at all rows.
    void reset();

  private:
    using Value = std::pair<double, std::uint32_t>;

    /// The rows with the least values, of all rows that are given one after the other.
    class Least;

    /// The same of rows that come and go.
    class Side {
      public:
        void remove(std::uint32_t row);
        void add(std::uint32_t row, double value);
        void assign(const Least& least);
        void reset();

        /// Whether the least value of all is known: rows are kept, or there are none at all.
        bool is_known() const noexcept { return !outermost_.empty() || rest_ == kInfinity; }
        std::optional<double> least() const noexcept;

      private:
        std::set<Value> outermost_;
        std::unordered_map<std::uint32_t, double> values_;  // of the same rows
        double rest_ = -kInfinity;                          // rows that are not kept have no less
    };

    static constexpr double kInfinity = std::numeric_limits<double>::infinity();

    static std::array<double, 4> sides_of(const Extent& extent) noexcept {
        return {extent.min_lon, extent.min_lat, -extent.max_lon, -extent.max_lat};
    }

    std::array<Side, 4> sides_;
};

}  // namespace crowfly
