#include "core/search/area.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/error.h"
#include "core/metric/sphere.h"
#include "core/metric/spheroid.h"

namespace crowfly {
namespace {

[[noreturn]] void refuse(const std::string& reason) {
    throw Error(Code::invalid_argument, "area: " + reason);
}

/// Judges a ring's position: as any other, but that longitudes may run on beyond the antimeridian.
void require_valid(LonLat position, Crs crs, std::size_t ring, std::size_t number) {
    LonLat judged = position;
    if (crs == Crs::wgs84 && std::abs(position.lon) <= 360) judged.lon = 0;
    if (const auto fault = coordinate_fault(judged, crs)) {
        refuse(fmt::format("ring {}, position {}: {}", ring, number, fault->message));
    }
}

/// Twice the signed area of the triangle a b p: 0 when p is on the line through a and b.
double turn(LonLat a, LonLat b, LonLat p) {
    return (b.lon - a.lon) * (p.lat - a.lat) - (b.lat - a.lat) * (p.lon - a.lon);
}

}  // namespace

Area Area::box(double west, double south, double east, double north, Crs crs) {
    for (const LonLat corner : {LonLat{west, south}, LonLat{east, north}}) {
        if (const auto fault = coordinate_fault(corner, crs)) refuse(fault->message);
    }
    if (south > north) refuse(fmt::format("south {} is above north {}", south, north));
    if (west > east) {
        if (crs == Crs::planar) refuse(fmt::format("west {} is beyond east {}", west, east));
        east += 360;
    }
    return {west, south, east, north, crs};
}

Area Area::polygon(std::span<const std::vector<LonLat>> rings, Crs crs) {
    if (rings.empty()) refuse("a polygon has at least one ring");
    std::vector<Edge> edges;
    for (std::size_t number = 0; number < rings.size(); ++number) {
        const std::vector<LonLat>& ring = rings[number];
        if (ring.size() < 4) {
            refuse(fmt::format("ring {} has {} positions; it needs at least 4", number, ring.size()));
        }
        for (std::size_t i = 0; i < ring.size(); ++i) require_valid(ring[i], crs, number, i);
        if (ring.front() != ring.back()) {
            refuse(fmt::format("ring {} is open; its last position must be its first", number));
        }
        for (std::size_t i = 1; i < ring.size(); ++i) edges.push_back({ring[i - 1], ring[i]});
    }
    const LonLat first = edges.front().from;
    Area area(first.lon, first.lat, first.lon, first.lat, crs);
    for (const Edge& edge : edges) {
        area.west_ = std::min(area.west_, edge.to.lon);
        area.south_ = std::min(area.south_, edge.to.lat);
        area.east_ = std::max(area.east_, edge.to.lon);
        area.north_ = std::max(area.north_, edge.to.lat);
    }
    area.sort_into_slabs(edges);
    return area;
}

std::size_t Area::slab_of(double lat) const {
    const auto slabs = static_cast<double>(slab_begin_.size() - 1);
    const double height = north_ - south_;
    if (!(height > 0)) return 0;
    return static_cast<std::size_t>(std::clamp((lat - south_) / height * slabs, 0.0, slabs - 1));
}

void Area::sort_into_slabs(const std::vector<Edge>& edges) {
    // Tall edges are in many slabs; so many slabs that an edge is in some 4 of them on average.
    double heights = 0;
    for (const Edge& edge : edges) heights += std::abs(edge.to.lat - edge.from.lat);
    const auto count = static_cast<double>(edges.size());
    const double share = north_ > south_ ? heights / (north_ - south_) : 1;
    const double slabs = std::clamp(4 * count / std::max(share, 1.0), 1.0, count / 2 + 1);
    slab_begin_.assign(static_cast<std::size_t>(slabs) + 1, 0);
    const auto slabs_of = [&](const Edge& edge) {
        return std::pair(slab_of(std::min(edge.from.lat, edge.to.lat)),
                         slab_of(std::max(edge.from.lat, edge.to.lat)));
    };
    for (const Edge& edge : edges) {
        const auto [low, high] = slabs_of(edge);
        for (std::size_t slab = low; slab <= high; ++slab) ++slab_begin_[slab + 1];
    }
    for (std::size_t slab = 1; slab < slab_begin_.size(); ++slab) slab_begin_[slab] += slab_begin_[slab - 1];
    slab_edges_.resize(slab_begin_.back());
    std::vector<std::size_t> next(slab_begin_.begin(), slab_begin_.end() - 1);
    for (const Edge& edge : edges) {
        const auto [low, high] = slabs_of(edge);
        for (std::size_t slab = low; slab <= high; ++slab) slab_edges_[next[slab]++] = edge;
    }
}

bool Area::contains(LonLat position) const {
    if (contains_unwrapped(position)) return true;
    return crs_ == Crs::wgs84 && (contains_unwrapped({position.lon - 360, position.lat}) ||
                                  contains_unwrapped({position.lon + 360, position.lat}));
}

bool Area::contains_unwrapped(LonLat p) const {
    const bool in_box = p.lon >= west_ && p.lon <= east_ && p.lat >= south_ && p.lat <= north_;
    if (!in_box || slab_begin_.empty()) return in_box;
    const std::size_t slab = slab_of(p.lat);
    bool inside = false;
    for (std::size_t i = slab_begin_[slab]; i < slab_begin_[slab + 1]; ++i) {
        const auto& [a, b] = slab_edges_[i];
        const double side = turn(a, b, p);
        const bool beside = p.lon >= std::min(a.lon, b.lon) && p.lon <= std::max(a.lon, b.lon) &&
                            p.lat >= std::min(a.lat, b.lat) && p.lat <= std::max(a.lat, b.lat);
        if (side == 0 && beside) return true;
        // A ray to the east crosses the edges that pass the latitude, each end belonging to one side of it.
        const bool upwards = b.lat > a.lat;
        if ((a.lat <= p.lat) != (b.lat <= p.lat) && (side > 0) == upwards) inside = !inside;
    }
    return inside;
}

AreaGate::AreaGate(const Area& area, MetricKind metric)
    : west_(area.west()), south_(area.south()), east_(area.east()), north_(area.north()) {
    wraps_ = area.crs() == Crs::wgs84;
    if (metric == MetricKind::plane) return;
    // Coordinates in space are right to some nanometres.
    constexpr double kSlack = 1e-3;
    const auto height = [&](double lat) {
        return metric == MetricKind::sphere ? Sphere::embed({0, lat})[2] : Spheroid::embed({0, lat})[2];
    };
    south_ = height(area.south()) - kSlack;
    north_ = height(area.north()) + kSlack;
    whole_turn_ = east_ - west_ >= 360;
    wider_than_half_ = east_ - west_ > 180;
    constexpr double kRadian = 3.14159265358979323846 / 180;
    east_of_west_ = {-std::sin(west_ * kRadian), std::cos(west_ * kRadian)};
    west_of_east_ = {std::sin(east_ * kRadian), -std::cos(east_ * kRadian)};
}

bool AreaGate::may_hold(const Box<2>& box) const {
    if (static_cast<double>(box.max[1]) < south_ || static_cast<double>(box.min[1]) > north_) return false;
    const auto reaches = [&](double turn) {
        return static_cast<double>(box.max[0]) >= west_ + turn &&
               static_cast<double>(box.min[0]) <= east_ + turn;
    };
    return reaches(0) || (wraps_ && (reaches(-360) || reaches(360)));
}

bool AreaGate::may_hold(const Box<3>& box) const {
    if (static_cast<double>(box.max[2]) < south_ || static_cast<double>(box.min[2]) > north_) return false;
    if (whole_turn_) return true;
    const auto reaches = [&](const std::array<double, 2>& side) {
        constexpr double kSlack = -1e-3;
        const double x = static_cast<double>(side[0] > 0 ? box.max[0] : box.min[0]);
        const double y = static_cast<double>(side[1] > 0 ? box.max[1] : box.min[1]);
        return side[0] * x + side[1] * y >= kSlack;
    };
    const bool from_west = reaches(east_of_west_);
    const bool from_east = reaches(west_of_east_);
    return wider_than_half_ ? from_west || from_east : from_west && from_east;
}

}  // namespace crowfly
