#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/lonlat.h"

namespace crowfly::bench {

// All of these are the same for the same seed on every machine: no distribution of the standard library is
// used.

/// Positions on earth as places have them: towns of all sizes, dense in the middle.
std::vector<LonLat> clustered_points(std::size_t count, std::uint64_t seed);

/// Positions of which every area of the earth has its share.
std::vector<LonLat> uniform_points(std::size_t count, std::uint64_t seed);

/// `count` queries (fewer when there are fewer points) in random order, each from another point of the set,
/// moved by at most `offset` along each axis but not out of the box of all points.
std::vector<LonLat> queries_near(const std::vector<LonLat>& points, std::size_t count, double offset,
                                 std::uint64_t seed);

/// The points in the order of a Hilbert curve over their box.
std::vector<LonLat> in_hilbert_order(const std::vector<LonLat>& points);

/// A category below `values` for each of `count` points or queries, at random: about count / values have
/// each.
std::vector<std::uint32_t> scattered_categories(std::size_t count, std::uint32_t values, std::uint64_t seed);

/// A category below `values` for each point: every category has a stretch of the Hilbert curve to itself, all
/// stretches have as many points, and which category has which is left to chance.
std::vector<std::uint32_t> clustered_categories(const std::vector<LonLat>& points, std::uint32_t values,
                                                std::uint64_t seed);

}  // namespace crowfly::bench
