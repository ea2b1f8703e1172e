#include "store/embedded/expiry_queue.h"

#include <algorithm>

namespace crowfly {

void ExpiryQueue::set(std::uint32_t row, std::optional<Timestamp> time) {
    if (row >= times_.size()) {
        if (!time) return;
        times_.resize(std::max(row + std::size_t{1}, times_.size() * 2));
    }
    times_[row].expires = time.value_or(kNever);
    if (time && *time < times_[row].queued) enqueue(row, *time);
}

void ExpiryQueue::enqueue(std::uint32_t row, Timestamp time) {
    queue_.emplace(time, row);
    times_[row].queued = time;
}

std::optional<Timestamp> ExpiryQueue::time_of(std::uint32_t row) const noexcept {
    if (row >= times_.size() || times_[row].expires == kNever) return std::nullopt;
    return times_[row].expires;
}

std::optional<Timestamp> ExpiryQueue::next() const noexcept {
    if (queue_.empty()) return std::nullopt;
    return queue_.top().first;
}

std::vector<std::uint32_t> ExpiryQueue::due(Timestamp now, std::size_t most) {
    std::vector<std::uint32_t> rows;
    while (!queue_.empty() && queue_.top().first <= now && rows.size() < most) {
        const auto [time, row] = queue_.top();
        queue_.pop();
        Times& times = times_[row];
        if (time != times.queued) continue;
        times.queued = kNever;
        if (times.expires == kNever) continue;
        if (times.expires <= now) {
            rows.push_back(row);
        } else {
            enqueue(row, times.expires);
        }
    }
    for (const std::uint32_t row : rows) enqueue(row, times_[row].expires);
    return rows;
}

}  // namespace crowfly
