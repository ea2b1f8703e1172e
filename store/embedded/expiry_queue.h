#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

#include "store/change.h"

namespace crowfly {

/// When rows expire, the first of them first. For one thread. A row whose time is put off, as that of a
/// moving place is again and again, keeps its entry in the queue, which is put off when its turn comes.
/// Memory: 16 bytes for each row of the collection, once any expires, and 16 for each that does.
class ExpiryQueue {
  public:
    /// Sets the time of a row; nothing: it does not expire.
    void set(std::uint32_t row, std::optional<Timestamp> time);

    std::optional<Timestamp> time_of(std::uint32_t row) const noexcept;

    /// No later than when the next row expires; nothing when none does.
    std::optional<Timestamp> next() const noexcept;

    /// Rows that have expired by now, the first ones, at most so many. They stay in the queue until they are
    /// set to expire no more.
    std::vector<std::uint32_t> due(Timestamp now, std::size_t most);

  private:
    using Entry = std::pair<Timestamp, std::uint32_t>;

    static constexpr Timestamp kNever = Timestamp::max();

    struct Times {
        Timestamp expires = kNever;
        Timestamp queued = kNever;  ///< of the row's one entry that counts; no later than `expires`
    };

    void enqueue(std::uint32_t row, Timestamp time);

    std::vector<Times> times_;  // by row
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue_;
};

}  // namespace crowfly
