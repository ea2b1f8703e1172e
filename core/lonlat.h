#pragma once

namespace crowfly {

/// A position. On WGS84 longitude and latitude in degrees, in that order; in a planar reference system
/// `lon` holds x (easting) and `lat` holds y (northing) in the system's own unit.
struct LonLat {
    double lon;
    double lat;

    friend bool operator==(const LonLat&, const LonLat&) = default;
};

}  // namespace crowfly
