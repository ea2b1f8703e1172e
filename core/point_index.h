#pragma once

#include <span>
#include <variant>

#include "core/packed_index.h"
#include "core/plane.h"
#include "core/sphere.h"
#include "core/spheroid.h"

namespace crowfly {

/// An immutable index over points for one metric that is chosen at run time. Any number of threads may search
/// it, each through a Searcher of its own.
///
///     PointIndex index(positions, MetricKind::spheroid);
///     Searcher searcher(index);
///     for (const Neighbor& n : searcher.nearest({-118.29, 36.58}, {.k = 10})) use(n.row, n.distance);
class PointIndex {
  public:
    using Tree = std::variant<PackedIndex<Plane>, PackedIndex<Sphere>, PackedIndex<Spheroid>>;

    /// Row i is positions[i]; the span need not outlive the call.
    /// Throws Error(invalid_argument) that names the row of a position outside the metric's domain, and
    /// Error(too_large) for more than 2^32 - 2 positions. Cost: O(n log n).
    PointIndex(std::span<const LonLat> positions, MetricKind metric);

    MetricKind metric() const noexcept { return static_cast<MetricKind>(tree_.index()); }
    std::size_t size() const noexcept;
    const Tree& tree() const noexcept { return tree_; }

  private:
    Tree tree_;
};

}  // namespace crowfly
