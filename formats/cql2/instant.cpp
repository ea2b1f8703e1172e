#include "formats/cql2/instant.h"

#include <chrono>

#include <fmt/format.h>

namespace crowfly::cql2 {
namespace {

constexpr std::int64_t kMicroseconds = 1'000'000;
constexpr std::int64_t kSecondsOfDay = 86'400;

/// Takes so many digits from the front of a text.
std::optional<int> take_digits(std::string_view& text, std::size_t count) noexcept {
    if (text.size() < count) return std::nullopt;
    int number = 0;
    for (const char c : text.substr(0, count)) {
        if (c < '0' || c > '9') return std::nullopt;
        number = 10 * number + (c - '0');
    }
    text.remove_prefix(count);
    return number;
}

bool take(std::string_view& text, char c) noexcept {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<std::int64_t> take_days(std::string_view& text) noexcept {
    const auto year = take_digits(text, 4);
    if (!year || !take(text, '-')) return std::nullopt;
    const auto month = take_digits(text, 2);
    if (!month || !take(text, '-')) return std::nullopt;
    const auto day = take_digits(text, 2);
    if (!day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days(date).time_since_epoch().count();
}

/// Decimals of a second, without the point, as microseconds.
std::optional<std::int64_t> take_decimals(std::string_view& text) noexcept {
    constexpr std::size_t kMost = 6;
    const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
    if (count == 0 || count > kMost) return std::nullopt;
    std::int64_t decimals = *take_digits(text, count);
    for (std::size_t i = count; i < kMost; ++i) decimals *= 10;
    return decimals;
}

/// The time of day in microseconds.
std::optional<std::int64_t> take_time(std::string_view& text) noexcept {
    const auto hour = take_digits(text, 2);
    if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
    const auto minute = take_digits(text, 2);
    if (!minute || *minute > 59 || !take(text, ':')) return std::nullopt;
    const auto second = take_digits(text, 2);
    if (!second || *second > 59) return std::nullopt;
    std::int64_t decimals = 0;
    if (take(text, '.')) {
        const auto given = take_decimals(text);
        if (!given) return std::nullopt;
        decimals = *given;
    }
    return ((*hour * std::int64_t{60} + *minute) * 60 + *second) * kMicroseconds + decimals;
}

std::string date_text(std::int64_t days) {
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

}  // namespace

std::optional<Instant> parse_instant(std::string_view text, Instant::Kind kind) noexcept {
    const auto days = take_days(text);
    if (!days) return std::nullopt;
    if (kind == Instant::Kind::date) {
        if (!text.empty()) return std::nullopt;
        return Instant{kind, *days};
    }
    if (!take(text, 'T')) return std::nullopt;
    const auto time = take_time(text);
    if (!time || text != "Z") return std::nullopt;
    return Instant{kind, *days * kSecondsOfDay * kMicroseconds + *time};
}

std::string to_string(Instant instant) {
    if (instant.kind == Instant::Kind::date) return date_text(instant.since_1970);
    constexpr std::int64_t kDay = kSecondsOfDay * kMicroseconds;
    const std::int64_t time = (instant.since_1970 % kDay + kDay) % kDay;
    const std::int64_t seconds = time / kMicroseconds;
    std::string decimals;
    if (time % kMicroseconds != 0) {
        decimals = fmt::format(".{:06}", time % kMicroseconds);
        decimals.resize(decimals.find_last_not_of('0') + 1);
    }
    return fmt::format("{}T{:02}:{:02}:{:02}{}Z", date_text((instant.since_1970 - time) / kDay),
                       seconds / 3600, seconds / 60 % 60, seconds % 60, decimals);
}

}  // namespace crowfly::cql2
