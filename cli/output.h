#pragma once

#include <string_view>

namespace crowfly {

/// Writes to standard output, at once. Throws Error(io) when that fails.
void print(std::string_view text);

}  // namespace crowfly
