#pragma once

#include <utility>
#include <vector>

#include "core/neighbor.h"

namespace crowfly {

/// Compares by (distance, id).
struct NeighborBefore {
    const RowOrder& order;
    bool operator()(const Neighbor& a, const Neighbor& b) const {
        if (a.distance != b.distance) return a.distance < b.distance;
        return order ? order(a.row, b.row) : a.row < b.row;
    }
};

/// The k first neighbors offered so far, in the order (distance, id), within a maximal distance.
class TopK {
  public:
    /// `order` must outlive it. `scratch` gives it memory that earlier searches used.
    TopK(std::size_t k, double max_distance, const RowOrder& order, std::vector<Neighbor> scratch = {})
        : k_(k), max_distance_(max_distance), before_{order}, found_(std::move(scratch)) {
        found_.clear();
    }

    /// No neighbor farther than this can enter; one at exactly this distance may, by its id.
    double worst() const noexcept { return found_.size() < k_ ? max_distance_ : worst_neighbor().distance; }

    void offer(Neighbor neighbor);

    /// Ends the collection; the neighbors in order.
    std::vector<Neighbor> take();

  private:
    // Up to this k the neighbors are kept sorted, which costs less than a heap and its sorting at the end;
    // beyond, they are a max-heap.
    static constexpr std::size_t kLongestSorted = 256;

    const Neighbor& worst_neighbor() const noexcept {
        return k_ <= kLongestSorted ? found_.back() : found_.front();
    }
    void insert(Neighbor neighbor);
    void push(Neighbor neighbor);

    std::size_t k_;
    double max_distance_;
    NeighborBefore before_;
    std::vector<Neighbor> found_;
};

/// All neighbors offered within a maximal distance.
class WithinDistance {
  public:
    /// As TopK has them.
    WithinDistance(double max_distance, const RowOrder& order, std::vector<Neighbor> scratch = {})
        : max_distance_(max_distance), before_{order}, found_(std::move(scratch)) {
        found_.clear();
    }

    double worst() const noexcept { return max_distance_; }
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
