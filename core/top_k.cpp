#include "core/top_k.h"

#include <algorithm>
#include <utility>

namespace crowfly {
namespace {

bool comes_before(const Neighbor& a, const Neighbor& b, const RowOrder& order) {
    if (a.distance != b.distance) return a.distance < b.distance;
    return order ? order(a.row, b.row) : a.row < b.row;
}

}  // namespace

bool TopK::Before::operator()(const Neighbor& a, const Neighbor& b) const {
    return comes_before(a, b, order);
}

void TopK::offer(Neighbor neighbor) {
    if (heap_.size() < k_) {
        if (neighbor.distance > max_distance_) return;
        heap_.push_back(neighbor);
        std::push_heap(heap_.begin(), heap_.end(), before_);
    } else if (before_(neighbor, heap_.front())) {
        std::pop_heap(heap_.begin(), heap_.end(), before_);
        heap_.back() = neighbor;
        std::push_heap(heap_.begin(), heap_.end(), before_);
    }
}

std::vector<Neighbor> TopK::take() {
    std::sort_heap(heap_.begin(), heap_.end(), before_);
    return std::exchange(heap_, {});
}

std::vector<Neighbor> WithinDistance::take() {
    std::sort(found_.begin(), found_.end(),
              [this](const Neighbor& a, const Neighbor& b) { return comes_before(a, b, order_); });
    return std::exchange(found_, {});
}

}  // namespace crowfly
