#include "formats/place.h"

#include <algorithm>
#include <numeric>

namespace crowfly {

void Place::set_geometry(Geometry geometry) {
    set_geometry(std::make_shared<const Geometry>(std::move(geometry)));
}

void Place::set_geometry(std::shared_ptr<const Geometry> geometry) {
    position = representative_position(*geometry);
    has_geometry = true;
    shape = geometry->type() == GeometryType::point ? nullptr : std::move(geometry);
}

void Place::remove_geometry() noexcept {
    position = {};
    shape.reset();
    has_geometry = false;
}

std::span<const LonLat> Place::vertices() const noexcept {
    return shape != nullptr ? shape->positions() : std::span(&position, 1);
}

bool operator==(const Place& a, const Place& b) {
    const bool same_shape = a.shape == b.shape || (a.shape && b.shape && *a.shape == *b.shape);
    return same_shape && a.has_geometry == b.has_geometry && a.id == b.id && a.position == b.position &&
           a.name == b.name && a.category == b.category && a.properties == b.properties;
}

bool has_shapes(std::span<const NeighborPlace> neighbors) noexcept {
    return std::any_of(neighbors.begin(), neighbors.end(),
                       [](const NeighborPlace& neighbor) { return neighbor.place.shape != nullptr; });
}

LonLat representative_position(const Geometry& geometry) {
    const auto by_lon = [](LonLat a, LonLat b) { return a.lon < b.lon; };
    const auto by_lat = [](LonLat a, LonLat b) { return a.lat < b.lat; };
    const auto vertices = geometry.positions();
    const auto [west, east] = std::minmax_element(vertices.begin(), vertices.end(), by_lon);
    const auto [south, north] = std::minmax_element(vertices.begin(), vertices.end(), by_lat);
    return {std::midpoint(west->lon, east->lon), std::midpoint(south->lat, north->lat)};
}

}  // namespace crowfly
