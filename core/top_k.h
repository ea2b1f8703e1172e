#pragma once

#include <span>
#include <vector>

#include "core/neighbor.h"

namespace crowfly {

/// The k first neighbors offered so far, in the order (distance, id), within a maximal distance.
class TopK {
  public:
    TopK(std::size_t k, double max_distance, const RowOrder& order)
        : k_(k), max_distance_(max_distance), before_{order} {}

    /// No neighbor farther than this can enter; one at exactly this distance may, by its id.
    double worst() const noexcept { return heap_.size() < k_ ? max_distance_ : heap_.front().distance; }

    void offer(Neighbor neighbor);

    /// Ends the collection; the neighbors in order.
    std::vector<Neighbor> take();

  private:
    struct Before {
        const RowOrder& order;
        bool operator()(const Neighbor& a, const Neighbor& b) const;
    };

    std::size_t k_;
    double max_distance_;
    Before before_;
    std::vector<Neighbor> heap_;  // a max-heap by before_
};

/// All neighbors offered within a maximal distance.
class WithinDistance {
  public:
    WithinDistance(double max_distance, const RowOrder& order) : max_distance_(max_distance), order_(order) {}

    double worst() const noexcept { return max_distance_; }
    void offer(Neighbor neighbor) {
        if (neighbor.distance <= max_distance_) found_.push_back(neighbor);
    }
    std::vector<Neighbor> take();

  private:
    double max_distance_;
    const RowOrder& order_;
    std::vector<Neighbor> found_;
};

}  // namespace crowfly
