#include "bench/data_sets.h"

#include <cstdio>
#include <string_view>

#include "bench/point_sets.h"
#include "bench/real_sets.h"

namespace crowfly::bench {
namespace {

constexpr double kNearDegrees = 0.005;
constexpr double kNearMetres = 500;

/// Columns of a real set, and which metrics they are for.
struct RealSet {
    std::string name;
    std::string_view x;
    std::string_view y;
    double near;  ///< how far at most a query is from a point, along each axis
    std::vector<MetricKind> metrics;
};

std::vector<RealSet> real_sets() {
    using enum MetricKind;
    return {
        {"geonames_postal", "lon", "lat", kNearDegrees, {plane, sphere, spheroid}},
        {"uk_postcodes", "easting", "northing", kNearMetres, {plane}},
        {"uk_postcodes", "lon", "lat", kNearDegrees, {sphere, spheroid}},
        {"osm_nodes", "lon", "lat", kNearDegrees, {plane, sphere, spheroid}},
    };
}

}  // namespace

std::vector<DataSet> data_sets(const Sizes& sizes, const std::filesystem::path& directory) {
    using enum MetricKind;
    std::vector<DataSet> sets;
    sets.push_back(
        {"", {plane, sphere, spheroid}, [=] {
             return PointSet{clustered_points(sizes.points, 1), clustered_points(sizes.queries, 2)};
         }});
    sets.push_back(
        {"uniform", {plane, sphere, spheroid}, [=] {
             return PointSet{uniform_points(sizes.uniform_points, 3), uniform_points(sizes.queries, 4)};
         }});
    if (!std::filesystem::exists(directory)) {
        std::fprintf(stderr, "bench: the real sets are skipped: %s is not there\n", directory.c_str());
        return sets;
    }
    for (const RealSet& real : real_sets()) {
        const std::filesystem::path file = directory / "points" / (real.name + ".tsv.gz");
        if (!std::filesystem::exists(file)) {
            std::fprintf(stderr, "bench: %s is skipped: %s is not there\n", real.name.c_str(),
                         file.string().c_str());
            continue;
        }
        sets.push_back({real.name, real.metrics, [=] {
                            PointSet set{positions_of(file, real.x, real.y, sizes.real_step), {}};
                            set.queries = queries_near(set.points, sizes.queries, real.near, 5);
                            return set;
                        }});
    }
    return sets;
}

}  // namespace crowfly::bench
