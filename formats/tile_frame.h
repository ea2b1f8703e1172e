#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/geometry/geometry.h"
#include "core/lonlat.h"
#include "formats/mvt_writer.h"

namespace crowfly {

/// A tile of WebMercatorQuad (OGC 17-083r4, annex D.1): 2^z times 2^z tiles, x from the antimeridian to the
/// east, y from latitude 85.05 to the south.
struct TileAddress {
    std::uint32_t z = 0;
    std::uint32_t x = 0;
    std::uint32_t y = 0;

    static constexpr std::uint32_t kMostZoom = 24;
};

/// Throws Error(invalid_argument) that names the member unless there is such a tile.
void require_valid(TileAddress tile);

/// Longitudes and latitudes, of which west is at most east.
struct TileBounds {
    double west;
    double south;
    double east;
    double north;
};

/// Where a tile is, and what is in it.
class TileFrame {
  public:
    /// Throws as `require_valid`.
    explicit TileFrame(TileAddress tile);

    /// A box that holds all positions that are in the tile, and little more.
    TileBounds bounds() const;

    /// Whether the position is in the tile. Each position on WGS84 is in exactly one tile of a zoom level, or
    /// beyond latitude 85.05 in none.
    bool contains(LonLat position) const noexcept {
        return position.lat <= north_ && position.lat > south_ && column(position) == tile_.x;
    }

    /// Where in the tile the position is; nothing for one that is not in it.
    std::optional<TilePoint> find(LonLat position) const;

    /// The same for one that is known to be in it, or beyond its border by no more than rounding.
    TilePoint nearest(LonLat position) const;

    /// How far a position in the tile is from its western side, as a share of its width, less than 1.
    double share_of_width(LonLat position) const noexcept { return turned(position) - tile_.x; }

    /// The latitude of what is that share of the tile's height below its northern side.
    double latitude(double share_of_height) const;

    /// What of a shape is in the tile or in the 64 units around it, each kind of geometry by itself: lines
    /// and rings cut there, vertices that are less than 4 units from the one before left out, and so whatever
    /// is smaller than that. Edges go the shorter way around the earth, straight on the map; a ring around a
    /// pole is closed over it.
    std::vector<TileGeometry> clip(const Geometry& shape) const;

    /// How far the box of the shape's vertices goes, in units, the greater of width and height: it is as wide
    /// as the vertices' way is.
    double size(const Geometry& shape) const;

    /// Whether that box meets the tile and the 64 units around it.
    bool meets(const Geometry& shape) const;

  private:
    using Point = std::array<double, 2>;  // in units, from the tile's north-western corner
    using Path = std::vector<Point>;

    struct PathBox {
        Point min;
        Point max;
    };

    /// In tiles from the antimeridian. Longitude 180 is in the last column.
    double turned(LonLat position) const noexcept {
        return std::min((position.lon + 180) / 360 * scale_, most_turned_);
    }
    double column(LonLat position) const noexcept { return std::floor(turned(position)); }

    Point project(LonLat position) const;
    Path path_of(std::span<const LonLat> sequence, bool is_ring) const;
    PathBox box_of(std::span<const LonLat> sequence) const;
    std::vector<double> turns(double min, double max) const;
    void clip_points(std::span<const LonLat> sequence, TileGeometry& points) const;
    void clip_line(const Path& line, TileGeometry& lines) const;
    void clip_polygon(const Geometry& shape, const Geometry::Part& part, TileGeometry& polygons) const;

    TileAddress tile_;
    double scale_;        // tiles around the earth
    double most_turned_;  // the greatest number below that
    double north_;
    double south_;
};

}  // namespace crowfly
