#include "store/items.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/error.h"
#include "core/search/shape_searcher.h"
#include "store/place_search.h"

namespace crowfly {
namespace {

struct Sides {
    double west, south, east, north;

    bool holds(LonLat p) const { return p.lon >= west && p.lon <= east && p.lat >= south && p.lat <= north; }
};

Geometry polygon_of(const Sides& box) {
    GeometryBuilder builder;
    builder.begin(GeometryType::polygon);
    builder.add_part();
    builder.add_sequence();
    for (const LonLat corner :
         {LonLat{box.west, box.south}, LonLat{box.east, box.south}, LonLat{box.east, box.north},
          LonLat{box.west, box.north}, LonLat{box.west, box.south}}) {
        builder.add_position(corner);
    }
    builder.end();
    return builder.finish();
}

bool touches(const Sides& box, const Geometry& shape) {
    const std::span<const LonLat> vertices = shape.positions();
    Sides extent{vertices[0].lon, vertices[0].lat, vertices[0].lon, vertices[0].lat};
    for (const LonLat vertex : vertices) {
        if (box.holds(vertex)) return true;
        extent = {std::min(extent.west, vertex.lon), std::min(extent.south, vertex.lat),
                  std::max(extent.east, vertex.lon), std::max(extent.north, vertex.lat)};
    }
    const bool are_apart = extent.west > box.east || extent.east < box.west || extent.south > box.north ||
                           extent.north < box.south;
    return !are_apart && distance_between(polygon_of(box), shape, MetricKind::plane).distance == 0;
}

}  // namespace

void require_valid(const ItemsQuery& query, Crs crs) {
    if (query.limit == 0 || query.limit > kGreatestPage) {
        throw Error(Code::invalid_argument,
                    fmt::format("limit {}: expected 1 to {}", query.limit, kGreatestPage));
    }
    if (query.box) require_area_of(crs, *query.box);
    query.control.check();
}

bool touches(const Area& box, LonLat position, const Geometry* shape) {
    if (shape == nullptr) return box.contains(position);
    // A box across the antimeridian is one on either side of it.
    const double seam = box.crs() == Crs::wgs84 ? std::min(box.east(), 180.0) : box.east();
    if (touches(Sides{box.west(), box.south(), seam, box.north()}, *shape)) return true;
    return seam < box.east() && touches(Sides{-180, box.south(), box.east() - 360, box.north()}, *shape);
}

}  // namespace crowfly
