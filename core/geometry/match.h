#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace crowfly {

/// Between what of two geometries distance is measured.
enum class Match : std::uint8_t {
    geometry,  ///< the two themselves, edges and insides included
    centroid,  ///< their centroids by the metric (`centroid`)
};

/// "geometry" or "centroid".
std::string_view name(Match match) noexcept;

/// The one of that name, or nothing.
std::optional<Match> match_named(std::string_view name) noexcept;

}  // namespace crowfly
