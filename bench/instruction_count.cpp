// A fixed workload, whose instructions bench/count_instructions.sh counts. Valgrind runs it, which has no
// AVX-512, so that the engine takes its AVX2 code: the counts are of that.

#include <cstdio>
#include <vector>

#include "bench/point_sets.h"

#include "core/search/searcher.h"

namespace {

using crowfly::LonLat;
using crowfly::MetricKind;
using crowfly::PointIndex;
using crowfly::Searcher;
using Positions = std::vector<LonLat>;

double search(const PointIndex& index, const Positions& queries, std::size_t k) {
    Searcher searcher(index);
    double sum = 0;
    for (const LonLat query : queries) sum += searcher.nearest(query, {.k = k}).back().distance;
    return sum;
}

}  // namespace

// What is counted is known to Valgrind by these names, so they are neither mangled nor inlined.
extern "C" {

[[gnu::noinline]] PointIndex* measured_build_spheroid(const Positions& points) {
    return new PointIndex(points, MetricKind::spheroid);
}

[[gnu::noinline]] double measured_plane_k1(const PointIndex& index, const Positions& queries) {
    return search(index, queries, 1);
}

[[gnu::noinline]] double measured_plane_k10(const PointIndex& index, const Positions& queries) {
    return search(index, queries, 10);
}

[[gnu::noinline]] double measured_spheroid_k10(const PointIndex& index, const Positions& queries) {
    return search(index, queries, 10);
}
}

int main() {
    const Positions points = crowfly::bench::clustered_points(200'000, 1);
    const Positions queries = crowfly::bench::clustered_points(2'000, 2);
    const PointIndex plane(points, MetricKind::plane);
    double sum = measured_plane_k1(plane, queries) + measured_plane_k10(plane, queries);
    const PointIndex* spheroid = measured_build_spheroid(points);
    sum += measured_spheroid_k10(*spheroid, queries);
    delete spheroid;
    std::printf("%g\n", sum);
}
