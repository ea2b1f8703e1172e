#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "core/lonlat.h"

namespace crowfly::bench {

/// Every `step`-th position of a tab-separated file, from its columns of those names, which its first line
/// has. Throws Error for a file that is not there, or a field that is not a number.
std::vector<LonLat> positions_of(const std::filesystem::path& file, std::string_view x, std::string_view y,
                                 std::size_t step);

}  // namespace crowfly::bench
