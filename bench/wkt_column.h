#pragma once

#include <filesystem>
#include <vector>

#include "core/domain.h"
#include "core/geometry/geometry.h"

namespace crowfly::bench {

/// The shapes of the last column of a tab-separated file, in WKT, without those that have a fault. Throws
/// Error for a file that is not there, or a field that is no WKT.
std::vector<Geometry> shapes_of(const std::filesystem::path& file, Crs crs);

}  // namespace crowfly::bench
