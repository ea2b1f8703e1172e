#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace crowfly::cql2 {

/// A day, or a moment in UTC.
struct Instant {
    enum class Kind : std::uint8_t { date, timestamp };

    Kind kind = Kind::date;
    std::int64_t since_1970 = 0;  ///< days; of a timestamp microseconds

    friend bool operator==(const Instant&, const Instant&) = default;
};

/// Reads "2012-08-10", or "2012-08-10T05:30:00Z" with up to 6 decimals of a second (RFC 3339, UTC alone).
/// Nothing for any other text, and for days that no calendar has.
std::optional<Instant> parse_instant(std::string_view text, Instant::Kind kind) noexcept;

/// In the same form, with as many decimals as it takes.
std::string to_string(Instant instant);

}  // namespace crowfly::cql2
