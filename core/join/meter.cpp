#include "core/join/meter.h"

#include <algorithm>

namespace crowfly {
namespace {

constexpr std::chrono::milliseconds kBetweenCalls{100};

}  // namespace

JoinMeter::JoinMeter(const JoinOptions& options, std::uint64_t total) : options_(options), total_(total) {}

void JoinMeter::add_queries(std::uint64_t count) {
    options_.control.check();
    queries_ += count;
    if (!options_.progress || std::this_thread::get_id() != thread_) return;
    if (std::chrono::steady_clock::now() - told_ >= kBetweenCalls) tell();
}

void JoinMeter::tell() {
    if (!options_.progress) return;
    queries_told_ = std::max<std::uint64_t>(queries_told_, queries_);
    options_.progress({.queries_done = queries_told_, .queries_total = total_, .rows = rows_});
    told_ = std::chrono::steady_clock::now();
}

}  // namespace crowfly
