#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain.h"
#include "core/geometry/geometry.h"
#include "core/lonlat.h"

namespace crowfly {

class MapView;

/// How one layer of a map is drawn.
struct MapStyle {
    std::string label = {};  ///< in the legend; empty: not there
    std::string color = {};  ///< as CSS has it
    double dot = 4;          ///< diameter of a point in pixels, where there are few of them
    double stroke = 1;       ///< width of a line or outline in pixels
    bool is_framed = true;   ///< whether the map is to hold all of the layer
};

/// A picture of places for reports, as SVG: layers of points, lines and shapes, the first at the bottom, on
/// WGS84 over the outline of the land (a cylindrical map, true to scale at its middle), with a legend and a
/// scale.
///
///     MapPicture map(Crs::wgs84);
///     const auto shops = map.add_layer({.label = "shops", .color = "steelblue"});
///     map.add_point(shops, {13.4, 52.5});
///     file.write(map.svg());
///
/// The map is cut where it is emptiest, so places on both sides of the antimeridian are beside each other.
/// What comes to lie on the same pixel is drawn once, so that the file's size is bounded by the picture's,
/// and of lines kMostLines are drawn.
class MapPicture {
  public:
    static constexpr std::size_t kMostLines = 200'000;

    explicit MapPicture(Crs crs) : crs_(crs) {}

    /// Its number.
    std::size_t add_layer(MapStyle style);

    /// Gives the layer another label.
    void set_label(std::size_t layer, std::string label) { layers_[layer].style.label = std::move(label); }

    void add_point(std::size_t layer, LonLat point) { layers_[layer].points.push_back(point); }

    /// On WGS84 drawn along the great circle.
    void add_line(std::size_t layer, LonLat from, LonLat to);

    /// Drawn as its vertices are, polygons filled.
    void add_shape(std::size_t layer, const Geometry& shape) { layers_[layer].shapes.push_back(shape); }

    std::string svg() const;

  private:
    struct Line {
        LonLat from, to;
    };
    struct Layer {
        MapStyle style;
        std::vector<LonLat> points;
        std::vector<Line> lines;
        std::vector<Geometry> shapes;
    };

    static void append_layer(std::string& out, const Layer& layer, const MapView& view);
    void append_legend(std::string& out) const;

    /// All positions of the layers that are to be held.
    std::vector<LonLat> framed_positions() const;

    Crs crs_;
    std::vector<Layer> layers_;
};

/// A colour for the n-th of many things; they come round after twelve.
std::string_view map_color(std::size_t number) noexcept;

}  // namespace crowfly
