#include "core/cluster/hull.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include <GeographicLib/Gnomonic.hpp>
#include <fmt/format.h>

#include "core/cluster/antimeridian.h"
#include "core/cluster/concave_hull.h"
#include "core/cluster/geodesics.h"
#include "core/error.h"
#include "core/metric/earth.h"

namespace crowfly {
namespace {

/// A position, and where it is on a plane.
struct Projected {
    LonLat at;
    LonLat position;

    bool operator<(const Projected& other) const {
        return std::tie(at.lon, at.lat) < std::tie(other.at.lon, other.at.lat);
    }
};

/// Nothing when one is too far from the middle.
std::optional<std::vector<Projected>> project(std::span<const LonLat> positions, LonLat middle,
                                              MetricKind metric) {
    const GeographicLib::Gnomonic gnomonic(geodesics_of(metric));
    const double farthest = std::tan(kWidestHull * (3.14159265358979323846 / 180)) * earth::kMeanRadius;
    std::vector<Projected> projected;
    for (const LonLat position : positions) {
        LonLat at{};
        gnomonic.Forward(middle.lat, middle.lon, position.lat, position.lon, at.lon, at.lat);
        // Beyond the horizon it gives NaN.
        if (!(std::hypot(at.lon, at.lat) <= farthest)) return std::nullopt;
        projected.push_back({at, position});
    }
    // Those that are too close to be told apart are given once.
    std::stable_sort(projected.begin(), projected.end());
    projected.erase(std::unique(projected.begin(), projected.end(),
                                [](const Projected& a, const Projected& b) { return a.at == b.at; }),
                    projected.end());
    return projected;
}

Path planar_hull(std::span<const LonLat> points, const HullOptions& options, const PlanarGeos& geos) {
    return options.kind == HullKind::convex ? geos.convex_hull(points)
                                            : concave_hull(points, options.ratio, geos);
}

Geometry planar_geometry(const Path& path) {
    constexpr std::size_t kTriangle = 4;
    if (path.size() == 1) return Geometry::point(path.front());
    GeometryBuilder builder;
    builder.begin(path.size() < kTriangle ? GeometryType::line_string : GeometryType::polygon);
    builder.add_part();
    builder.add_sequence();
    for (const LonLat at : path) builder.add_position(at);
    builder.end();
    return builder.finish();
}

}  // namespace

void require_valid(const HullOptions& options) {
    // Written so that NaN fails too.
    if (!(options.ratio >= 0 && options.ratio <= 1)) {
        throw Error(Code::invalid_argument,
                    fmt::format("the hull's ratio is {}; it must be from 0 to 1", options.ratio));
    }
}

std::optional<Geometry> hull_of(std::span<const LonLat> positions, LonLat middle, MetricKind metric,
                                const HullOptions& options, const PlanarGeos& geos) {
    if (metric == MetricKind::plane) return planar_geometry(planar_hull(positions, options, geos));
    const std::optional<std::vector<Projected>> projected = project(positions, middle, metric);
    if (!projected) return std::nullopt;
    std::vector<LonLat> points;
    for (const Projected& point : *projected) points.push_back(point.at);
    Path path = planar_hull(points, options, geos);
    for (LonLat& vertex : path) {
        vertex = std::lower_bound(projected->begin(), projected->end(), Projected{vertex, {}})->position;
    }
    if (path.size() == 1) return Geometry::point(path.front());
    return cut_at_antimeridian(path, middle, metric);
}

}  // namespace crowfly
