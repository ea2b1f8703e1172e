#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace crowfly {

/// As `2026-11-21T19:46:03Z`; what is less than a second is left out.
std::string utc_text(std::chrono::system_clock::time_point time);

/// As `2026-11-21T19:46:03.001042Z`.
std::string utc_microsecond_text(std::chrono::system_clock::time_point time);

/// Reads `2026-11-21T19:46:03Z`, or `2026-11-21` for the beginning of that day in UTC, of the years 1678 to
/// 2261, which is what the clock counts; nothing for other texts.
std::optional<std::chrono::system_clock::time_point> parse_utc(std::string_view text) noexcept;

}  // namespace crowfly
