#include "core/cluster/antimeridian.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <GeographicLib/GeodesicLine.hpp>

#include "core/cluster/geodesics.h"

namespace crowfly {
namespace {

using GeographicLib::Geodesic;

constexpr double kHalf = 180;
constexpr double kWhole = 360;
constexpr std::size_t kTriangle = 4;  // the vertices of its ring

bool is_pole(LonLat at) {
    return std::abs(at.lat) == 90;
}

/// The latitude at which the geodesic from a to b, whose longitudes do not jump, has a longitude between
/// theirs. Longitude grows or falls all along it, so halving finds the place.
double latitude_at(LonLat a, LonLat b, double lon, MetricKind metric) {
    const auto line = geodesics_of(metric).InverseLine(
        a.lat, a.lon, b.lat, b.lon, Geodesic::LATITUDE | Geodesic::LONGITUDE | Geodesic::DISTANCE_IN);
    const auto at = [&](double distance) {
        double lat = 0, found = 0, none = 0;
        line.GenPosition(false, distance, Geodesic::LATITUDE | Geodesic::LONGITUDE | Geodesic::LONG_UNROLL,
                         lat, found, none, none, none, none, none, none);
        return LonLat{found, lat};
    };
    double low = 0, high = line.Distance();
    constexpr int kHalvings = 60;
    for (int i = 0; i < kHalvings; ++i) {
        const double middle = low + (high - low) / 2;
        ((at(middle).lon < lon) == (a.lon < b.lon) ? low : high) = middle;
    }
    return at(low).lat;
}

/// Longitudes that do not jump: each the nearest to the one before it. Where an edge passes over a pole, or
/// a vertex is one, the path goes along the pole's parallel, which is no way at all.
Path unwrapped(const Path& path) {
    Path result;
    double turns = 0;
    for (const LonLat at : path) {
        if (result.empty() || is_pole(at)) {
            result.push_back({result.empty() ? at.lon : result.back().lon, at.lat});
            continue;
        }
        const LonLat before = result.back();
        const double step = at.lon + turns - before.lon;
        turns += step > kHalf ? -kWhole : step < -kHalf ? kWhole : 0;
        const double lon = at.lon + turns;
        if (is_pole(before)) {
            result.push_back({lon, before.lat});
        } else if (std::abs(lon - before.lon) == kHalf) {
            const double pole = std::copysign(90.0, before.lat + at.lat);
            result.push_back({before.lon, pole});
            result.push_back({lon, pole});
        }
        result.push_back({lon, at.lat});
    }
    return result;
}

/// Which strip between antimeridians a longitude is in: 0 for those above -180, up to 180.
double strip_of(double lon) {
    return std::ceil((lon - kHalf) / kWhole);
}

/// Where the path goes over the antimeridian: chain i of `Chains` ends at crossing i, and the next one begins
/// there.
struct Crossing {
    double lat;
    double side;  ///< that it comes from: 180 or -180
};

/// A path, cut where it goes over the antimeridian; longitudes are from -180 to 180.
struct Chains {
    std::vector<Path> chains{1};
    std::vector<Crossing> crossings;

    Chains(const Path& path, MetricKind metric) {
        for (std::size_t i = 0; i < path.size(); ++i) {
            const double strip = strip_of(path[i].lon);
            if (i > 0) cross(path[i - 1], path[i], strip_of(path[i - 1].lon), strip, metric);
            chains.back().push_back({path[i].lon - strip * kWhole, path[i].lat});
        }
    }

  private:
    void cross(LonLat from, LonLat to, double from_strip, double to_strip, MetricKind metric) {
        if (from_strip == to_strip) return;
        const double lon = std::min(from_strip, to_strip) * kWhole + kHalf;
        const double lat = from.lon == lon || (is_pole(from) && is_pole(to)) ? from.lat
                           : to.lon == lon                                   ? to.lat
                                           : latitude_at(from, to, lon, metric);
        const double side = to_strip > from_strip ? kHalf : -kHalf;
        crossings.push_back({lat, side});
        if (chains.back().back() != LonLat{side, lat}) chains.back().push_back({side, lat});
        chains.push_back({{-side, lat}});
    }
};

/// Which crossing is at the other end of the stretch of the antimeridian that begins at a crossing and lies
/// in the polygon. Seen from the pole that is outside, every other stretch is; the last crossing, when their
/// number is odd, is alone with the pole, and its own partner.
std::vector<std::size_t> partners_of(const std::vector<Crossing>& crossings, bool north) {
    std::vector<std::size_t> order(crossings.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return north ? crossings[a].lat < crossings[b].lat : crossings[a].lat > crossings[b].lat;
    });
    std::vector<std::size_t> partners(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        partners[order[i]] = order[std::min(i ^ 1U, order.size() - 1)];
    }
    return partners;
}

/// Follows chains and stretches of the antimeridian around.
std::vector<Path> rings_of(const Chains& parts, double pole) {
    const std::vector<std::size_t> partners = partners_of(parts.crossings, pole > 0);
    std::vector<bool> done(parts.chains.size());
    std::vector<Path> rings;
    for (std::size_t first = 0; first < parts.chains.size(); ++first) {
        if (done[first]) continue;
        Path ring;
        std::size_t at = first;
        do {
            done[at] = true;
            ring.insert(ring.end(), parts.chains[at].begin(), parts.chains[at].end());
            if (partners[at] == at) {
                ring.push_back({parts.crossings[at].side, pole});
                ring.push_back({-parts.crossings[at].side, pole});
            }
            at = (partners[at] + 1) % parts.chains.size();
        } while (at != first);
        ring.push_back(ring.front());
        ring.erase(std::unique(ring.begin(), ring.end()), ring.end());
        if (ring.size() >= kTriangle) rings.push_back(std::move(ring));
    }
    return rings;
}

Geometry geometry_of(const std::vector<Path>& parts, GeometryType one, GeometryType many) {
    GeometryBuilder builder;
    builder.begin(parts.size() == 1 ? one : many);
    for (const Path& part : parts) {
        builder.add_part();
        builder.add_sequence();
        for (const LonLat at : part) builder.add_position(at);
    }
    builder.end();
    return builder.finish();
}

}  // namespace

Geometry cut_at_antimeridian(const Path& path, LonLat middle, MetricKind metric) {
    Chains parts(unwrapped(path), metric);
    if (path.size() < kTriangle) {
        return geometry_of(parts.chains, GeometryType::line_string, GeometryType::multi_line_string);
    }
    if (parts.crossings.empty()) {
        return geometry_of(parts.chains, GeometryType::polygon, GeometryType::multi_polygon);
    }
    // The last chain goes on as the first, from the vertex that both have.
    Path& last = parts.chains.back();
    last.insert(last.end(), parts.chains.front().begin() + 1, parts.chains.front().end());
    parts.chains.front() = std::move(last);
    parts.chains.pop_back();
    return geometry_of(rings_of(parts, std::copysign(90.0, middle.lat)), GeometryType::polygon,
                       GeometryType::multi_polygon);
}

}  // namespace crowfly
