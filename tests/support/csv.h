#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace crowfly::tests {

/// The rows of a CSV text without quoting, its header first.
std::vector<std::vector<std::string>> csv_table(std::string_view text);

}  // namespace crowfly::tests
