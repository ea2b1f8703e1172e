#include "core/spheroid.h"

#include <GeographicLib/Geodesic.hpp>
#include <GeographicLib/Math.hpp>

#include "core/earth.h"

namespace crowfly {

Vec<3> Spheroid::embed(LonLat p) {
    using GeographicLib::Math;
    double sin_lat, cos_lat, sin_lon, cos_lon;
    Math::sincosd(p.lat, sin_lat, cos_lat);
    Math::sincosd(p.lon, sin_lon, cos_lon);
    const double prime_vertical_radius =
        earth::kEquatorialRadius / std::sqrt(1 - earth::kEccentricity2 * sin_lat * sin_lat);
    return {prime_vertical_radius * cos_lat * cos_lon, prime_vertical_radius * cos_lat * sin_lon,
            prime_vertical_radius * (1 - earth::kEccentricity2) * sin_lat};
}

double Spheroid::distance(LonLat q, LonLat p) {
    double metres = 0;
    GeographicLib::Geodesic::WGS84().Inverse(q.lat, q.lon, p.lat, p.lon, metres);
    return metres;
}

}  // namespace crowfly
