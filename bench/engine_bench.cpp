// Times the engine beside its peers on the same points and queries, in one thread, after their answers were
// compared.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "bench/point_sets.h"
#include "bench/table.h"
#include <boost/geometry.hpp>
#include <boost/geometry/index/rtree.hpp>
#include <fmt/format.h>
#include <nanoflann.hpp>

#include "core/searcher.h"

namespace crowfly::bench {
namespace {

namespace geometry = boost::geometry;

constexpr std::size_t kPoints = 2'237'580;
constexpr std::size_t kQueries = 100'000;
constexpr int kRepeats = 3;

using Clock = std::chrono::steady_clock;

/// The least time of some repeats, in microseconds.
double least_microseconds(int repeats, const std::function<void()>& work) {
    double least = std::numeric_limits<double>::infinity();
    for (int i = 0; i < repeats; ++i) {
        const auto start = Clock::now();
        work();
        least = std::min(least, std::chrono::duration<double, std::micro>(Clock::now() - start).count());
    }
    return least;
}

/// One system's search for the k nearest: returns the distance of the farthest, which every system must agree
/// on.
using Search = std::function<double(LonLat query, std::size_t k)>;

struct System {
    std::string name;
    MetricKind metric;
    Search search;
    double build_microseconds;
};

struct NanoflannPoints {
    const std::vector<LonLat>& points;
    std::size_t kdtree_get_point_count() const { return points.size(); }
    double kdtree_get_pt(std::size_t row, std::size_t dimension) const {
        return dimension == 0 ? points[row].lon : points[row].lat;
    }
    template <class Box>
    bool kdtree_get_bbox(Box& /*box*/) const {
        return false;
    }
};

System nanoflann_plane(const std::vector<LonLat>& points) {
    using Tree = nanoflann::KDTreeSingleIndexAdaptor<nanoflann::L2_Simple_Adaptor<double, NanoflannPoints>,
                                                     NanoflannPoints, 2, std::uint32_t>;
    const auto adaptor = std::make_shared<NanoflannPoints>(NanoflannPoints{points});
    std::shared_ptr<Tree> tree;
    const double build = least_microseconds(1, [&] {
        tree = std::make_shared<Tree>(2, *adaptor, nanoflann::KDTreeSingleIndexAdaptorParams(10));
        tree->buildIndex();
    });
    auto rows = std::make_shared<std::vector<std::uint32_t>>(1000);
    auto squares = std::make_shared<std::vector<double>>(1000);
    return {"nanoflann", MetricKind::plane,
            [=](LonLat query, std::size_t k) {
                const double at[2]{query.lon, query.lat};
                const std::size_t found = tree->knnSearch(at, k, rows->data(), squares->data());
                static_cast<void>(adaptor);
                return std::sqrt((*squares)[found - 1]);
            },
            build};
}

System boost_plane(const std::vector<LonLat>& points) {
    using Point = geometry::model::point<double, 2, geometry::cs::cartesian>;
    using Value = std::pair<Point, std::uint32_t>;
    using Tree = geometry::index::rtree<Value, geometry::index::rstar<16>>;
    std::shared_ptr<Tree> tree;
    const double build = least_microseconds(1, [&] {
        std::vector<Value> values;
        values.reserve(points.size());
        for (std::uint32_t row = 0; row < points.size(); ++row)
            values.emplace_back(Point(points[row].lon, points[row].lat), row);
        tree = std::make_shared<Tree>(values);
    });
    return {"Boost rtree", MetricKind::plane,
            [=](LonLat query, std::size_t k) {
                const Point at(query.lon, query.lat);
                double farthest = 0;
                for (auto found = tree->qbegin(geometry::index::nearest(at, static_cast<unsigned>(k)));
                     found != tree->qend(); ++found) {
                    farthest = std::max(farthest, geometry::distance(at, found->first));
                }
                return farthest;
            },
            build};
}

System crowfly_on(MetricKind metric, const std::vector<LonLat>& points) {
    std::shared_ptr<PointIndex> index;
    const double build = least_microseconds(1, [&] { index = std::make_shared<PointIndex>(points, metric); });
    const auto searcher = std::make_shared<Searcher>(*index);
    return {"crowfly", metric,
            [=](LonLat query, std::size_t k) {
                static_cast<void>(index);
                return searcher->nearest(query, {.k = k}).back().distance;
            },
            build};
}

/// Ends the program unless all systems find the same k-th distance (their last bits may differ).
void require_equal_answers(const std::vector<System>& systems, const std::vector<LonLat>& queries,
                           std::size_t k) {
    for (std::size_t i = 0; i < queries.size(); i += 97) {
        for (const System& system : systems) {
            if (system.metric != systems.front().metric) continue;
            const double expected = systems.front().search(queries[i], k);
            const double found = system.search(queries[i], k);
            if (std::abs(found - expected) <= 1e-12 * expected) continue;
            fmt::print(stderr, "{} disagrees at query {}: {} instead of {}\n", system.name, i, found,
                       expected);
            std::exit(1);
        }
    }
}

int run(const std::string& output) {
    const std::vector<LonLat> points = clustered_points(kPoints, 1);
    const std::vector<LonLat> random_order = clustered_points(kQueries, 2);
    const std::vector<LonLat> hilbert_order = in_hilbert_order(random_order);
    std::vector<System> systems;
    systems.push_back(crowfly_on(MetricKind::plane, points));
    systems.push_back(nanoflann_plane(points));
    systems.push_back(boost_plane(points));
    systems.push_back(crowfly_on(MetricKind::spheroid, points));
    systems.push_back(crowfly_on(MetricKind::sphere, points));

    std::vector<Row> rows;
    for (const System& system : systems) {
        rows.push_back({"engine", "build", std::string(name(system.metric)), 0, "", kPoints, system.name,
                        system.build_microseconds * 1000 / kPoints, "ns/point"});
    }
    double sink = 0;
    for (const std::size_t k : {std::size_t{1}, std::size_t{10}, std::size_t{100}}) {
        require_equal_answers(systems, random_order, k);
        for (const auto& [order, queries] :
             {std::pair("random", &random_order), std::pair("hilbert", &hilbert_order)}) {
            for (const System& system : systems) {
                const double time = least_microseconds(kRepeats, [&] {
                    for (const LonLat query : *queries) sink += system.search(query, k);
                });
                rows.push_back({"engine", "search", std::string(name(system.metric)), k, order, kPoints,
                                system.name, time / static_cast<double>(queries->size()), "us/query"});
            }
        }
    }
    report(rows, output);
    return sink > 0 ? 0 : 1;
}

}  // namespace
}  // namespace crowfly::bench

int main(int argc, char** argv) {
    return crowfly::bench::run(argc > 1 ? argv[1] : "engine.json");
}
