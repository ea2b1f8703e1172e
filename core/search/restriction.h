#pragma once

#include <cstdint>
#include <span>

#include "core/search/area.h"
#include "core/search/dead_marks.h"
#include "core/search/neighbor.h"

namespace crowfly {

/// An area, and the positions of the rows that it is asked about: those that the index was built from.
struct AreaFilter {
    const Area* area = nullptr;
    std::span<const LonLat> positions = {};
};

/// What of an index no longer counts, though it is in its trees. Null: nothing.
struct DeadRows {
    const DeadMarks* rows = nullptr;

    /// The same by their slots in the tree over all rows, where these are known: a search of it is faster so.
    const DeadMarks* slots = nullptr;

    /// What a search of the tree over all rows, or of another tree, must ask of each row.
    const DeadMarks* to_ask(bool all_rows) const noexcept {
        return slots_of(all_rows) != nullptr ? nullptr : rows;
    }
    const DeadMarks* slots_of(bool all_rows) const noexcept { return all_rows ? slots : nullptr; }
};

/// Which rows count: those that pass the filter and lie in the area, where there is one, and are not dead.
class Restriction {
  public:
    Restriction(const RowFilter& filter, const AreaFilter& area, const AreaGate* gate,
                const DeadMarks* dead = nullptr)
        : filter_(filter), area_(area), gate_(gate), dead_(dead) {}

    bool any() const { return filter_ || gate_ != nullptr || dead_ != nullptr; }
    bool admits(std::uint32_t row) const {
        if (dead_ != nullptr && dead_->has(row)) return false;
        if (gate_ != nullptr && !area_.area->contains(area_.positions[row])) return false;
        return !filter_ || filter_(row);
    }

    /// Whether a box in the metric's space can hold rows that count.
    template <std::size_t D>
    bool may_admit(const Box<D>& box) const {
        return gate_ == nullptr || gate_->may_hold(box);
    }

  private:
    const RowFilter& filter_;
    const AreaFilter& area_;
    const AreaGate* gate_;
    const DeadMarks* dead_;
};

}  // namespace crowfly
