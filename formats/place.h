#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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
    std::string id = {};  ///< empty when none was given
    LonLat position = {};
    std::string name = {};      ///< empty when there is none
    std::string category = {};  ///< empty when there is none
    std::vector<Property> properties = {};

    friend bool operator==(const Place&, const Place&) = default;
};

/// A place with its distance and rank in an answer.
struct NeighborPlace {
    Place place = {};
    std::uint64_t rank = 1;  ///< 1 = nearest
    double distance = 0;     ///< metres; on the plane the coordinates' unit

    friend bool operator==(const NeighborPlace&, const NeighborPlace&) = default;
};

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
