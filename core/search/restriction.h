#pragma once

#include <cstdint>
#include <span>

#include "core/search/area.h"
#include "core/search/neighbor.h"

namespace crowfly {

/// An area, and the positions of the rows that it is asked about: those that the index was built from.
struct AreaFilter {
    const Area* area = nullptr;
    std::span<const LonLat> positions = {};
};

/// Which rows count: those that pass the filter and lie in the area, where there is one.
class Restriction {
  public:
    Restriction(const RowFilter& filter, const AreaFilter& area, const AreaGate* gate)
        : filter_(filter), area_(area), gate_(gate) {}

    bool any() const { return filter_ || gate_ != nullptr; }
    bool admits(std::uint32_t row) const {
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
};

}  // namespace crowfly
