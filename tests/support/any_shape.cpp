#include "tests/support/any_shape.h"

#include <algorithm>
#include <cmath>

#include "core/geometry/pieces.h"

namespace crowfly::tests {

Geometry AnyShape::operator()() {
    static constexpr GeometryType kTypes[] = {GeometryType::point,
                                              GeometryType::line_string,
                                              GeometryType::polygon,
                                              GeometryType::multi_point,
                                              GeometryType::multi_polygon,
                                              GeometryType::multi_line_string,
                                              GeometryType::geometry_collection};
    return of(kTypes[random_.below(std::size(kTypes))]);
}

Geometry AnyShape::of(GeometryType type) {
    add(type, 0);
    return builder_.finish();
}

LonLat AnyShape::near(LonLat at, double reach) {
    const double lat = std::clamp(at.lat + random_.uniform(-reach, reach), -90.0, 90.0);
    const double lon = at.lon + random_.uniform(-reach, reach) / std::max(0.05, std::cos(lat * 0.01745));
    return {wrapped(lon), lat};
}

void AnyShape::add(GeometryType type, int depth) {
    builder_.begin(type);
    if (type == GeometryType::geometry_collection) {
        for (std::size_t i = 1 + random_.below(3); i > 0; --i) {
            add(depth < 2 ? static_cast<GeometryType>(1 + random_.below(7)) : GeometryType::point, depth + 1);
        }
    } else {
        const bool multi = type >= GeometryType::multi_point;
        for (std::size_t i = multi ? 1 + random_.below(3) : 1; i > 0; --i) add_part(type);
    }
    builder_.end();
}

void AnyShape::add_part(GeometryType type) {
    const LonLat at = near(middle_, spread_);
    const double reach = spread_ * std::pow(10.0, random_.uniform(-3, -0.5));
    builder_.add_part();
    if (type == GeometryType::point || type == GeometryType::multi_point) {
        builder_.add_sequence();
        builder_.add_position(at);
    } else if (type == GeometryType::line_string || type == GeometryType::multi_line_string) {
        builder_.add_sequence();
        for (std::size_t i = 2 + random_.below(30); i > 0; --i) builder_.add_position(near(at, reach));
    } else {
        add_ring(at, reach);
        if (random_.below(2) == 0) add_ring(at, reach / 12);
    }
}

void AnyShape::add_ring(LonLat at, double reach) {
    builder_.add_sequence();
    const std::size_t corners = 3 + random_.below(12);
    LonLat first{};
    for (std::size_t i = 0; i < corners; ++i) {
        const double angle = 6.283185307179586 * static_cast<double>(i) / static_cast<double>(corners);
        const double radius = reach * random_.uniform(0.5, 1);
        const double lat = std::clamp(at.lat + radius * std::sin(angle), -90.0, 90.0);
        const LonLat corner{
            wrapped(at.lon + radius * std::cos(angle) / std::max(0.05, std::cos(lat * 0.01745))), lat};
        if (i == 0) first = corner;
        builder_.add_position(corner);
    }
    builder_.add_position(first);
}

}  // namespace crowfly::tests
