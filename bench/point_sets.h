#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/lonlat.h"

namespace crowfly::bench {

/// Positions on earth as places have them: towns of all sizes, dense in the middle. The same for the same
/// seed on every machine (no distribution of the standard library is used).
std::vector<LonLat> clustered_points(std::size_t count, std::uint64_t seed);

/// The points in the order of a Hilbert curve over longitude and latitude.
std::vector<LonLat> in_hilbert_order(std::vector<LonLat> points);

}  // namespace crowfly::bench
