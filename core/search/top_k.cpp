#include "core/search/top_k.h"

#include <algorithm>

namespace crowfly {

void TopK::offer(Neighbor neighbor) {
    if (neighbor.distance > max_distance_) return;
    if (found_.size() == k_) {
        if (!before_(neighbor, found_.front())) return;
        std::pop_heap(found_.begin(), found_.end(), before_);
        found_.back() = neighbor;
    } else {
        found_.push_back(neighbor);
    }
    std::push_heap(found_.begin(), found_.end(), before_);
}

std::vector<Neighbor> TopK::take() {
    std::sort_heap(found_.begin(), found_.end(), before_);
    return std::move(found_);
}

std::vector<Neighbor> WithinDistance::take() {
    std::sort(found_.begin(), found_.end(), before_);
    return std::move(found_);
}

}  // namespace crowfly
