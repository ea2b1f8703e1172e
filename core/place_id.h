#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace crowfly {

/// An id is text. Text that is the canonical decimal form of a 64-bit signed integer (no sign on zero, no
/// plus, no leading zeros) is an integer id; this returns its value.
std::optional<std::int64_t> integer_id(std::string_view id) noexcept;

/// The order of ids, the second half of the order (distance, id): integer ids as integers, before all text
/// ids, which compare bytewise.
std::strong_ordering compare_ids(std::string_view a, std::string_view b) noexcept;

}  // namespace crowfly
