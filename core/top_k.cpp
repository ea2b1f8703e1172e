#include "core/top_k.h"

#include <algorithm>

namespace crowfly {

void TopK::offer(Neighbor neighbor) {
    if (found_.size() == k_) {
        if (!before_(neighbor, worst_neighbor())) return;
    } else if (neighbor.distance > max_distance_) {
        return;
    }
    if (k_ <= kLongestSorted) {
        insert(neighbor);
    } else {
        push(neighbor);
    }
}

void TopK::insert(Neighbor neighbor) {
    const auto place = std::upper_bound(found_.begin(), found_.end(), neighbor, before_);
    if (found_.size() < k_) {
        found_.insert(place, neighbor);
    } else {
        std::move_backward(place, found_.end() - 1, found_.end());
        *place = neighbor;
    }
}

void TopK::push(Neighbor neighbor) {
    if (found_.size() < k_) {
        found_.push_back(neighbor);
    } else {
        std::pop_heap(found_.begin(), found_.end(), before_);
        found_.back() = neighbor;
    }
    std::push_heap(found_.begin(), found_.end(), before_);
}

std::vector<Neighbor> TopK::take() {
    if (k_ > kLongestSorted) std::sort_heap(found_.begin(), found_.end(), before_);
    return std::move(found_);
}

std::vector<Neighbor> WithinDistance::take() {
    std::sort(found_.begin(), found_.end(), before_);
    return std::move(found_);
}

}  // namespace crowfly
