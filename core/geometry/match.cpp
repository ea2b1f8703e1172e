#include "core/geometry/match.h"

namespace crowfly {

std::string_view name(Match match) noexcept {
    switch (match) {
        case Match::geometry:
            return "geometry";
        case Match::centroid:
            return "centroid";
    }
    return {};
}

std::optional<Match> match_named(std::string_view name) noexcept {
    for (const Match match : {Match::geometry, Match::centroid}) {
        if (crowfly::name(match) == name) return match;
    }
    return std::nullopt;
}

}  // namespace crowfly
