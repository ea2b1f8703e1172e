#pragma once

#include <string_view>

namespace crowfly {

/// Whether the text is a time as RFC 3339 (section 5.6) has it, or an interval of two with a slash between,
/// of which one may be empty or `..`: the parameter `datetime` of OGC API - Features, Part 1, 7.15.4.
bool is_datetime_parameter(std::string_view text) noexcept;

}  // namespace crowfly
