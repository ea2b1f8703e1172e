#include "service/once_filter.h"

#include <algorithm>

namespace crowfly {
namespace {

std::size_t row_numbers(const LiveSnapshot& rows) {
    std::size_t count = 0;
    for (const LiveRun& run : rows.runs()) {
        if (run.run->size() > 0) count = std::max<std::size_t>(count, run.run->row(run.run->size() - 1) + 1U);
    }
    return count;
}

}  // namespace

OnceFilter::OnceFilter(const RowFilter& filter, const LiveSnapshot& rows, const Control& control)
    : filter_(filter), control_(control), states_(row_numbers(rows)) {}

bool OnceFilter::operator()(std::uint32_t row) const {
    constexpr std::uint64_t kRowsBetweenChecks = 256;
    std::atomic<State>& state = states_[row];
    State known = state.load(std::memory_order_relaxed);
    if (known == State::unknown) {
        const std::scoped_lock lock(mutex_);
        if (++asked_ % kRowsBetweenChecks == 0) control_.check();
        known = filter_(row) ? State::passes : State::fails;
        state.store(known, std::memory_order_relaxed);
    }
    return known == State::passes;
}

}  // namespace crowfly
