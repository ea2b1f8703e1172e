#include "service/trace_context.h"

#include <cstddef>

namespace crowfly {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

/// The digits up to the next hyphen, or the end, which are taken off with it; empty unless there are so many
/// of them.
std::string_view take_hex(std::string_view& text, std::size_t digits) noexcept {
    const std::string_view field = text.substr(0, digits);
    text.remove_prefix(field.size());
    const bool ends_well = text.empty() || text.front() == '-';
    if (field.size() != digits || !ends_well || field.find_first_not_of(kDigits) != std::string_view::npos)
        return {};
    if (!text.empty()) text.remove_prefix(1);
    return field;
}

bool is_zero(std::string_view field) noexcept {
    return field.find_first_not_of('0') == std::string_view::npos;
}

}  // namespace

std::optional<TraceContext> parse_traceparent(std::string_view value) noexcept {
    constexpr std::size_t kLength = 55;
    constexpr unsigned kSampled = 1;
    std::string_view rest = value;
    const std::string_view version = take_hex(rest, 2);
    const std::string_view trace = take_hex(rest, 32);
    const std::string_view parent = take_hex(rest, 16);
    const std::string_view flags = take_hex(rest, 2);
    if (version.empty() || version == "ff" || is_zero(trace) || is_zero(parent) || flags.empty())
        return std::nullopt;
    if (version == "00" && value.size() != kLength) return std::nullopt;
    return TraceContext{trace, parent, (kDigits.find(flags[1]) & kSampled) != 0};
}

}  // namespace crowfly
