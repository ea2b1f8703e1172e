#pragma once

#include <chrono>
#include <optional>
#include <stop_token>

namespace crowfly {

/// When to give up. Work that takes one asks it at bounded intervals.
struct Control {
    std::optional<std::chrono::steady_clock::time_point> deadline = {};
    std::stop_token stop = {};  ///< by default never requested

    /// Throws Error(cancelled) when a stop was requested and Error(deadline_exceeded) when the deadline has
    /// passed.
    void check() const;
};

}  // namespace crowfly
