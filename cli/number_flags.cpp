#include "cli/number_flags.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <thread>

#include <fmt/format.h>

#include "core/error.h"
#include "formats/value.h"

namespace crowfly {
namespace {

[[noreturn]] void fail(const char* flag, const std::string& text, std::string_view expected) {
    throw Error(Code::invalid_argument, fmt::format("{} \"{}\": expected {}", flag, text, expected));
}

/// The whole number of at least 0 that the text is, or nothing.
std::optional<std::uint64_t> whole_number(const std::string& text) {
    const auto value = converted(Value(text), AttributeType::integer);
    const auto* number = value ? std::get_if<std::int64_t>(&*value) : nullptr;
    if (number == nullptr || *number < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*number);
}

}  // namespace

std::size_t parse_k(const std::string& text, const char* flag) {
    const auto k = whole_number(text);
    if (!k || *k == 0) fail(flag, text, "a whole number of 1 or more");
    return *k;
}

double parse_distance(const std::string& text, const char* flag) {
    const auto distance = parse_double(text);
    if (!distance || *distance < 0) fail(flag, text, "a number of 0 or more");
    return *distance;
}

std::size_t parse_threads(const std::string& text, const char* flag) {
    constexpr std::size_t kMost = 1024;
    const auto threads = text.empty() ? 0 : whole_number(text);
    if (!threads || *threads > kMost) fail(flag, text, "a whole number up to 1024, 0 for all processors");
    return *threads > 0 ? *threads : std::max(std::thread::hardware_concurrency(), 1U);
}

std::uint64_t parse_bytes(const std::string& text, const char* flag) {
    constexpr std::string_view kUnits = "KMGT";
    constexpr std::string_view kExpected = "a number of bytes, which K, M, G or T may follow, as in 512M";
    const std::size_t unit = text.empty() ? kUnits.npos : kUnits.find(text.back());
    const auto number = whole_number(unit == kUnits.npos ? text : text.substr(0, text.size() - 1));
    const std::size_t shift = unit == kUnits.npos ? 0 : 10 * (unit + 1);
    if (!number || *number == 0 || *number > (std::numeric_limits<std::uint64_t>::max() >> shift))
        fail(flag, text, kExpected);
    return *number << shift;
}

bool parse_boolean(const std::string& text, const char* flag) {
    if (text != "true" && text != "false") fail(flag, text, "true or false");
    return text == "true";
}

}  // namespace crowfly
