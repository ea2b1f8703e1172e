#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "bench/in_process.h"
#include "bench/systems/systems.h"
#include <boost/geometry.hpp>
#include <boost/geometry/index/rtree.hpp>

namespace crowfly::bench {
namespace {

namespace geometry = boost::geometry;

class BoostRtree {
  public:
    explicit BoostRtree(const std::vector<LonLat>& points) {
        std::vector<Value> values;
        values.reserve(points.size());
        for (std::uint32_t row = 0; row < points.size(); ++row)
            values.emplace_back(Point(points[row].lon, points[row].lat), row);
        tree_ = Tree(values);
    }

    double nearest(LonLat query, std::size_t k) {
        const Point at(query.lon, query.lat);
        found_.clear();
        tree_.query(geometry::index::nearest(at, static_cast<unsigned>(k)), std::back_inserter(found_));
        double farthest = -1;
        for (const Value& value : found_)
            farthest = std::max(farthest, geometry::comparable_distance(at, value.first));
        return found_.empty() ? -1 : std::sqrt(farthest);
    }

    std::size_t within_distance(LonLat query, double max_distance) {
        const Point at(query.lon, query.lat);
        const geometry::model::box<Point> around(Point(query.lon - max_distance, query.lat - max_distance),
                                                 Point(query.lon + max_distance, query.lat + max_distance));
        const double square = max_distance * max_distance;
        const auto is_within = [&](const Value& value) {
            return geometry::comparable_distance(at, value.first) <= square;
        };
        found_.clear();
        return tree_.query(geometry::index::intersects(around) && geometry::index::satisfies(is_within),
                           std::back_inserter(found_));
    }

  private:
    using Point = geometry::model::point<double, 2, geometry::cs::cartesian>;
    using Value = std::pair<Point, std::uint32_t>;
    using Tree = geometry::index::rtree<Value, geometry::index::rstar<16>>;

    Tree tree_;
    std::vector<Value> found_;
};

std::size_t most_queries(const Work& work) {
    return work.kind == Work::Kind::nearest && work.k > 10 ? 10'000 : 1'000'000;
}

}  // namespace

std::unique_ptr<System> boost_rtree_system(const std::vector<LonLat>& points, int repeats) {
    BuildCost build;
    auto index = timed_build(
        repeats, [&] { return std::make_unique<BoostRtree>(points); }, build);
    return std::make_unique<InProcess<BoostRtree>>("Boost rtree", std::vector{build}, std::move(index),
                                                   most_queries);
}

}  // namespace crowfly::bench
