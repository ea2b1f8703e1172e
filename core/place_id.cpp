#include "core/place_id.h"

#include <charconv>

namespace crowfly {

std::optional<std::int64_t> integer_id(std::string_view id) noexcept {
    const std::string_view digits = id.starts_with('-') ? id.substr(1) : id;
    const bool canonical = !digits.empty() && (digits.front() != '0' || id == "0");
    if (!canonical) return std::nullopt;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), value);
    if (error != std::errc() || end != id.data() + id.size()) return std::nullopt;
    return value;
}

std::strong_ordering compare_ids(std::string_view a, std::string_view b) noexcept {
    const std::optional<std::int64_t> integer_a = integer_id(a);
    const std::optional<std::int64_t> integer_b = integer_id(b);
    if (integer_a && integer_b) return *integer_a <=> *integer_b;
    if (integer_a) return std::strong_ordering::less;
    if (integer_b) return std::strong_ordering::greater;
    // std::string_view compares chars as unsigned bytes.
    return a <=> b;
}

}  // namespace crowfly
