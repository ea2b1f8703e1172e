#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "bench/system.h"

namespace crowfly::bench {

/// Each builds its index over the points `repeats` times and reports the least time. The points must outlive
/// the system.
std::unique_ptr<System> crowfly_system(MetricKind metric, const std::vector<LonLat>& points, int repeats);
std::unique_ptr<System> nanoflann_system(const std::vector<LonLat>& points, int repeats);    ///< plane
std::unique_ptr<System> boost_rtree_system(const std::vector<LonLat>& points, int repeats);  ///< plane
std::unique_ptr<System> s2_system(const std::vector<LonLat>& points, int repeats);           ///< sphere

/// The peers of bench/peers that measure by the metric, each in a process of its own. One that was not set up
/// below `directory`, or gives up on the points, is left out, and a line on standard error says so.
Systems peer_processes(MetricKind metric, const std::vector<LonLat>& points, int repeats,
                       const std::filesystem::path& directory);

/// crowfly, which comes first, and all peers.
Systems all_systems(MetricKind metric, const std::vector<LonLat>& points, int repeats,
                    const std::filesystem::path& directory);

}  // namespace crowfly::bench
