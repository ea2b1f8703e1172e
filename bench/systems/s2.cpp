#include <utility>

#include "bench/in_process.h"
#include "bench/systems/systems.h"
#include <s2/s2closest_point_query.h>
#include <s2/s2latlng.h>
#include <s2/s2point_index.h>

#include "core/metric/earth.h"

namespace crowfly::bench {
namespace {

S2Point on_sphere(LonLat position) {
    return S2LatLng::FromDegrees(position.lat, position.lon).ToPoint();
}

class S2Index {
  public:
    explicit S2Index(const std::vector<LonLat>& points) : nearest_(&index_), within_(&index_) {
        for (std::uint32_t row = 0; row < points.size(); ++row) index_.Add(on_sphere(points[row]), row);
        nearest_.ReInit();
        within_.ReInit();
    }

    double nearest(LonLat query, std::size_t k) {
        nearest_.mutable_options()->set_max_results(static_cast<int>(k));
        S2ClosestPointQueryPointTarget target(on_sphere(query));
        nearest_.FindClosestPoints(&target, &found_);
        if (found_.empty()) return -1;
        return found_.back().distance().ToAngle().radians() * earth::kMeanRadius;
    }

    std::size_t within_distance(LonLat query, double max_distance) {
        within_.mutable_options()->set_inclusive_max_distance(
            S1Angle::Radians(max_distance / earth::kMeanRadius));
        S2ClosestPointQueryPointTarget target(on_sphere(query));
        within_.FindClosestPoints(&target, &found_);
        return found_.size();
    }

  private:
    using Query = S2ClosestPointQuery<std::uint32_t>;

    S2PointIndex<std::uint32_t> index_;
    Query nearest_;
    Query within_;
    std::vector<Query::Result> found_;
};

std::size_t most_queries(const Work& /*work*/) {
    return 10'000;
}

}  // namespace

std::unique_ptr<System> s2_system(const std::vector<LonLat>& points, int repeats) {
    BuildCost build;
    auto index = timed_build(
        repeats, [&] { return std::make_unique<S2Index>(points); }, build);
    return std::make_unique<InProcess<S2Index>>("S2", std::vector{build}, std::move(index), most_queries);
}

}  // namespace crowfly::bench
