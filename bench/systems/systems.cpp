#include "bench/systems/systems.h"

#include <utility>

namespace crowfly::bench {

Systems all_systems(MetricKind metric, const std::vector<LonLat>& points, int repeats,
                    const std::filesystem::path& directory) {
    Systems systems;
    systems.push_back(crowfly_system(metric, points, repeats));
    if (metric == MetricKind::plane) {
        systems.push_back(nanoflann_system(points, repeats));
        systems.push_back(boost_rtree_system(points, repeats));
    }
    if (metric == MetricKind::sphere) systems.push_back(s2_system(points, repeats));
    for (auto& peer : peer_processes(metric, points, repeats, directory)) systems.push_back(std::move(peer));
    return systems;
}

}  // namespace crowfly::bench
