#include "service/utc_time.h"

#include <charconv>
#include <cstddef>

namespace crowfly {
namespace {

namespace chrono = std::chrono;

/// The number that the text begins with, of exactly so many digits, which are taken off it.
std::optional<unsigned> take_number(std::string_view& text, std::size_t digits) noexcept {
    unsigned number = 0;
    if (text.size() < digits) return std::nullopt;
    const auto read = std::from_chars(text.data(), text.data() + digits, number);
    if (read.ec != std::errc() || read.ptr != text.data() + digits) return std::nullopt;
    text.remove_prefix(digits);
    return number;
}

bool take(std::string_view& text, char wanted) noexcept {
    if (!text.starts_with(wanted)) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<chrono::sys_days> take_date(std::string_view& text) noexcept {
    // Whole years within what a clock of nanoseconds counts.
    constexpr unsigned kFirst = 1678;
    constexpr unsigned kLast = 2261;
    const auto year = take_number(text, 4);
    if (!year || *year < kFirst || *year > kLast || !take(text, '-')) return std::nullopt;
    const auto month = take_number(text, 2);
    if (!month || !take(text, '-')) return std::nullopt;
    const auto day = take_number(text, 2);
    if (!day) return std::nullopt;
    const chrono::year_month_day date{chrono::year(static_cast<int>(*year)), chrono::month(*month),
                                      chrono::day(*day)};
    if (!date.ok()) return std::nullopt;
    return chrono::sys_days(date);
}

/// Puts a number where zeros stand, its last digit at that place. The log writes a time for each request, and
/// fmt takes several times as long.
template <class Number>
void put_digits(std::string& text, std::size_t last, Number number) {
    for (; number > 0; number /= 10, --last) text[last] = static_cast<char>('0' + number % 10);
}

}  // namespace

std::string utc_text(chrono::system_clock::time_point time) {
    const auto day = chrono::floor<chrono::days>(time);
    const chrono::year_month_day date(day);
    const chrono::hh_mm_ss clock(chrono::floor<chrono::seconds>(time) - day);
    std::string text = "0000-00-00T00:00:00Z";
    put_digits(text, 3, static_cast<int>(date.year()));
    put_digits(text, 6, static_cast<unsigned>(date.month()));
    put_digits(text, 9, static_cast<unsigned>(date.day()));
    put_digits(text, 12, clock.hours().count());
    put_digits(text, 15, clock.minutes().count());
    put_digits(text, 18, clock.seconds().count());
    return text;
}

std::string utc_microsecond_text(chrono::system_clock::time_point time) {
    std::string text = utc_text(time);
    text.replace(text.size() - 1, 1, ".000000Z");
    const auto second = chrono::floor<chrono::seconds>(time);
    put_digits(text, 25, chrono::floor<chrono::microseconds>(time - second).count());
    return text;
}

std::optional<chrono::system_clock::time_point> parse_utc(std::string_view text) noexcept {
    const auto day = take_date(text);
    if (!day) return std::nullopt;
    if (text.empty()) return *day;
    if (!take(text, 'T')) return std::nullopt;
    const auto hour = take_number(text, 2);
    if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
    const auto minute = take_number(text, 2);
    if (!minute || *minute > 59 || !take(text, ':')) return std::nullopt;
    const auto second = take_number(text, 2);
    if (!second || *second > 59 || text != "Z") return std::nullopt;
    return *day + chrono::hours(*hour) + chrono::minutes(*minute) + chrono::seconds(*second);
}

}  // namespace crowfly
