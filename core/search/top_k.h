#pragma once

#include <vector>

#include "core/search/neighbor.h"

namespace crowfly {

/// The k first neighbors offered, in the order (distance, id), within a maximal distance: the plain way, for
/// the scan.
class TopK {
  public:
    /// `order` must outlive it.
    TopK(std::size_t k, double max_distance, const RowOrder& order)
        : k_(k), max_distance_(max_distance), before_{order} {}

    void offer(Neighbor neighbor);

    /// Ends the collection; the neighbors in order.
    std::vector<Neighbor> take();

  private:
    std::size_t k_;
    double max_distance_;
    NeighborBefore before_;
    std::vector<Neighbor> found_;  // a max-heap
};

/// All neighbors offered within a maximal distance.
class WithinDistance {
  public:
    /// As TopK has them.
    WithinDistance(double max_distance, const RowOrder& order)
        : max_distance_(max_distance), before_{order} {}

    void offer(Neighbor neighbor) {
        if (neighbor.distance <= max_distance_) found_.push_back(neighbor);
    }
    std::vector<Neighbor> take();

  private:
    double max_distance_;
    NeighborBefore before_;
    std::vector<Neighbor> found_;
};

}  // namespace crowfly
