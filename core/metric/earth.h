#pragma once

namespace crowfly::earth {

/// WGS84 (NIMA TR8350.2, third edition): equatorial radius in metres, and flattening.
inline constexpr double kEquatorialRadius = 6378137.0;
inline constexpr double kFlattening = 1 / 298.257223563;

/// Polar radius in metres, and the inverse squares of both radii.
inline constexpr double kPolarRadius = kEquatorialRadius * (1 - kFlattening);
inline constexpr double kInverseA2 = 1 / (kEquatorialRadius * kEquatorialRadius);
inline constexpr double kInverseB2 = 1 / (kPolarRadius * kPolarRadius);

/// First eccentricity squared.
inline constexpr double kEccentricity2 = kFlattening * (2 - kFlattening);

/// The greatest curvature, in 1/metre, of any normal section: that of the meridian at the equator.
inline constexpr double kGreatestCurvature = kEquatorialRadius / (kPolarRadius * kPolarRadius);

/// Radius in metres of the sphere of the metric `sphere`: (2a + b) / 3, as PostGIS has it.
inline constexpr double kMeanRadius = 6371008.7714150598;

}  // namespace crowfly::earth
