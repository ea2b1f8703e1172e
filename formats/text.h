#pragma once

#include <string>
#include <string_view>

namespace crowfly {

/// Without the blanks, tabs and line ends around it.
std::string_view trimmed(std::string_view text) noexcept;

/// ASCII letters in lower case, all other bytes as they are.
std::string lower_case(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;

/// Why the text cannot be stored and shown again ("is not UTF-8 text", "has a NUL byte"); empty when it can.
std::string_view text_fault(std::string_view text) noexcept;

}  // namespace crowfly
