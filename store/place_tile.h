#pragma once

#include <string>
#include <string_view>

#include "formats/tile_frame.h"
#include "store/place_snapshot.h"

namespace crowfly {

/// A tile of WebMercatorQuad over places, as a Mapbox Vector Tile with one layer; empty when there is nothing
/// in it. At most kMostTileBytes, however many places there are and however long their texts.
///
/// Each place that is a point is in the one tile it lies in, those beyond latitude 85.05 in none:
///   * up to kMostPlainPlaces in a tile come one by one, in the order of their ids, with `id` and, when they
///     have one, `name` and `category`;
///   * of more, those that share a cell of a grid of 64 x 64 come as one point in their middle, with their
///     `count`, and no other property. So the counts of a level's tiles, with 1 for each plain place, always
///     sum to all places.
///
/// Shapes are cut at 64 units around the tile. What is smaller than 16 units, a pixel of the map, counts as a
/// point, where its first vertex is. Of the others the largest come first, and as many as fit in half of the
/// bytes.
///
/// Where texts are so long that the tile would be too large, names and categories are left out, and then ids.
/// The same places give the same bytes, whatever has happened to the collection before.
///
/// Throws Error(invalid_argument) unless there is such a tile. The collection must be one on WGS84. Cost: a
/// look at each place in the tile; O(vertices) of all shapes.
std::string place_tile(const PlaceSnapshot& places, std::string_view layer, TileAddress tile);

inline constexpr std::size_t kMostTileBytes = 500'000;
inline constexpr std::size_t kMostPlainPlaces = 4096;

}  // namespace crowfly
