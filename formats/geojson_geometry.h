#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <simdjson.h>

#include "core/error.h"
#include "core/geometry/geometry.h"
#include "formats/json_writer.h"

namespace crowfly {

/// Why JSON is not a GeoJSON geometry. The message is `member: reason`.
class GeoJsonFault : public Error {
  public:
    GeoJsonFault(Code code, std::string member, std::string reason)
        : Error(code, member.empty() ? reason : member + ": " + reason),
          member_(std::move(member)),
          reason_(std::move(reason)) {}

    /// Within the geometry, as `geometries[2].coordinates[0][1]`; empty when it is the whole.
    const std::string& member() const noexcept { return member_; }

    /// What was found, and what would be right.
    const std::string& reason() const noexcept { return reason_; }

  private:
    std::string member_;
    std::string reason_;
};

/// Reads a geometry object of RFC 7946, of any type. A third coordinate is z; more are passed over, as are
/// members that the type has no use for. Empty arrays of coordinates are EMPTY, also within a multi type.
/// Throws GeoJsonFault: malformed for what is no geometry, a null too, which its owner may give a meaning;
/// too_large beyond the limits of Geometry, such as collections more than 32 deep. The geometry is not
/// judged. Cost: linear.
Geometry read_geojson_geometry(simdjson::dom::element geometry);

/// Reads the text of one. Throws as `read_geojson_geometry` does, also for text that is not JSON.
Geometry parse_geojson_geometry(std::string_view text);

/// Writes a geometry object. Positions must be finite; a z that is not is left out, as is every m, for which
/// GeoJSON has no place. But for these, `read_geojson_geometry` gives an equal geometry.
void write_geojson_geometry(const Geometry& geometry, JsonWriter& json);

}  // namespace crowfly
