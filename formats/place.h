#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/geometry/geometry.h"
#include "core/lonlat.h"
#include "formats/value.h"

namespace crowfly {

struct Property {
    std::string name;
    Value value;

    friend bool operator==(const Property&, const Property&) = default;
};

/// A row: what people search for.
struct Place {
    std::string id = {};        ///< empty when none was given
    LonLat position = {};       ///< with a shape, its `representative_position`
    std::string name = {};      ///< empty when there is none
    std::string category = {};  ///< empty when there is none
    std::vector<Property> properties = {};

    /// The geometry, never changed once it is here; null for a plain point, which is the position alone.
    std::shared_ptr<const Geometry> shape = {};

    /// Whether it has a position. One without comes only from a source that was told to keep it.
    bool has_geometry = true;

    /// Gives the place its geometry: a plain point as its position, without z and m; anything else as its
    /// shape. The geometry must not be empty.
    void set_geometry(Geometry geometry);
    void set_geometry(std::shared_ptr<const Geometry> geometry);

    /// Makes it a place without a geometry, at 0, 0.
    void remove_geometry() noexcept;

    /// All vertices of its geometry, of which there must be one.
    std::span<const LonLat> vertices() const noexcept;

    /// Shapes are compared by value.
    friend bool operator==(const Place& a, const Place& b);
};

/// Where a shape is shown when one position must do: the middle of the box of its vertices' coordinates,
/// which takes no notice of the antimeridian; of a point that itself. The geometry must not be empty.
LonLat representative_position(const Geometry& geometry);

/// A place with its distance and rank in an answer.
struct NeighborPlace {
    Place place = {};
    std::uint64_t rank = 1;  ///< 1 = nearest
    double distance = 0;     ///< metres; on the plane the coordinates' unit

    /// Of a place with a shape: where on the shape the distance is, or its centroid, if that was measured to.
    std::optional<LonLat> nearest_point = {};

    friend bool operator==(const NeighborPlace&, const NeighborPlace&) = default;
};

/// Whether any of the places has a shape.
bool has_shapes(std::span<const NeighborPlace> neighbors) noexcept;

/// A stream of places that the consumer pulls from.
class PlaceSource {
  public:
    PlaceSource() = default;
    PlaceSource(const PlaceSource&) = delete;
    PlaceSource& operator=(const PlaceSource&) = delete;
    virtual ~PlaceSource() = default;

    /// Overwrites `place` with the next one; false at the end. Throws Error.
    virtual bool next(Place& place) = 0;

    /// The consumer cannot take the place that `next` gave last, because of `member`. Throws Error, or counts
    /// it and lets the stream go on, as the source was told to.
    virtual void refuse(std::string_view member, const std::string& reason) = 0;
};

}  // namespace crowfly
