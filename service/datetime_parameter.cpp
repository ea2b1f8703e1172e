#include "service/datetime_parameter.h"

#include <algorithm>
#include <chrono>

namespace crowfly {
namespace {

/// Reads a text from its beginning.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    /// A number of so many digits; -1 when there is none.
    int digits(std::size_t count) {
        if (text_.size() < count) return -1;
        int number = 0;
        for (const char c : text_.substr(0, count)) {
            if (c < '0' || c > '9') return -1;
            number = 10 * number + (c - '0');
        }
        text_.remove_prefix(count);
        return number;
    }

    bool one_of(std::string_view characters) {
        if (text_.empty() || characters.find(text_.front()) == std::string_view::npos) return false;
        text_.remove_prefix(1);
        return true;
    }

    bool some_digits() {
        const auto end = std::find_if(text_.begin(), text_.end(), [](char c) { return c < '0' || c > '9'; });
        const auto count = static_cast<std::size_t>(end - text_.begin());
        text_.remove_prefix(count);
        return count > 0;
    }

    bool at_end() const { return text_.empty(); }

  private:
    std::string_view text_;
};

bool is_between(int value, int least, int most) {
    return value >= least && value <= most;
}

bool takes_date(Reader& text) {
    const int year = text.digits(4);
    if (year < 0 || !text.one_of("-")) return false;
    const int month = text.digits(2);
    if (month < 0 || !text.one_of("-")) return false;
    const int day = text.digits(2);
    return day > 0 && std::chrono::year_month_day(std::chrono::year(year),
                                                  std::chrono::month(static_cast<unsigned>(month)),
                                                  std::chrono::day(static_cast<unsigned>(day)))
                          .ok();
}

bool takes_hour_and_minute(Reader& text) {
    return is_between(text.digits(2), 0, 23) && text.one_of(":") && is_between(text.digits(2), 0, 59);
}

bool takes_offset(Reader& text) {
    return text.one_of("Zz") || (text.one_of("+-") && takes_hour_and_minute(text));
}

/// A leap second is a second too.
bool is_time(std::string_view value) {
    Reader text(value);
    if (!takes_date(text) || !text.one_of("Tt")) return false;
    if (!takes_hour_and_minute(text) || !text.one_of(":") || !is_between(text.digits(2), 0, 60)) return false;
    if (text.one_of(".") && !text.some_digits()) return false;
    return takes_offset(text) && text.at_end();
}

}  // namespace

bool is_datetime_parameter(std::string_view text) noexcept {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return is_time(text);
    const std::string_view from = text.substr(0, slash);
    const std::string_view to = text.substr(slash + 1);
    const auto is_open = [](std::string_view end) { return end.empty() || end == ".."; };
    if (is_open(from)) return is_time(to);
    return is_time(from) && (is_open(to) || is_time(to));
}

}  // namespace crowfly
