#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/control.h"
#include "core/search/area.h"
#include "formats/cql2/expression.h"
#include "formats/place.h"

namespace crowfly {

/// No page has more places.
inline constexpr std::size_t kGreatestPage = 100'000;

/// Which places are listed, and where the list goes on.
struct ItemsQuery {
    /// The `next` of the page before. It holds whatever is written meanwhile: a place that is replaced keeps
    /// its place in the list, a new one comes last.
    std::optional<std::int64_t> after = {};

    std::size_t limit = 10;  ///< at most so many places, 1 to kGreatestPage

    /// Only places that it touches: a box, in the reference system of the collection. Of a place with a shape
    /// the edges are straight in longitude and latitude here, or in x and y.
    std::optional<Area> box = {};

    cql2::Filter filter = {};  ///< only places of which it is true
    Control control = {};
};

/// Places that follow one another.
struct ItemsPage {
    std::vector<Place> places = {};
    std::optional<std::int64_t> next = {};  ///< where the next page begins; nothing when this is the last
};

/// Throws Error(invalid_argument) for a limit that is out of range and a box in another reference system; and
/// as Control has it.
void require_valid(const ItemsQuery& query, Crs crs);

/// Whether the geometry of a place and a box have a position in common. Cost: O(vertices).
bool touches(const Area& box, LonLat position, const Geometry* shape);

}  // namespace crowfly
