#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/executor.h"
#include "core/join/join.h"

namespace crowfly {

/// One side of a join after it was judged. What is but a point is known by its position alone, and with
/// Match::centroid everything is.
class PreparedSide {
  public:
    /// Throws as `join` has it; `name` and `first_row` are for the messages.
    PreparedSide(const JoinSide& side, std::string_view name, MetricKind metric, Match match,
                 Executor& executor, std::size_t first_row = 0);

    std::size_t size() const noexcept { return side_.positions.size(); }

    /// Whether there is a row that is more than a point.
    bool has_shapes() const noexcept { return has_shapes_; }

    /// Null where the row is a point.
    const Geometry* shape(std::size_t row) const noexcept {
        return has_shapes_ && !is_point_[row] ? side_.shapes[row] : nullptr;
    }

    /// Of a shape its first vertex. Of absent rows they mean nothing.
    std::span<const LonLat> positions() const noexcept {
        return own_positions_.empty() ? side_.positions : std::span<const LonLat>(own_positions_);
    }

    std::span<const std::uint32_t> absent() const noexcept { return side_.absent; }

    /// The rows first to last - 1 that are not absent.
    std::vector<std::uint32_t> present(std::size_t first, std::size_t last) const;

  private:
    void require_valid_columns(std::string_view name) const;
    void prepare_row(std::size_t row, MetricKind metric, Match match);

    JoinSide side_;
    bool has_shapes_ = false;
    std::vector<LonLat> own_positions_;  ///< when there are geometries
    std::vector<std::uint8_t> is_point_;
};

}  // namespace crowfly
