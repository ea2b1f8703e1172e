#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/search/area.h"

namespace crowfly {

/// What of `--bbox` and `--area` is given, as an area. Throws Error(invalid_argument) that names the flag for
/// both, and for text that is no box or polygon.
std::shared_ptr<const Area> parse_area(const std::optional<std::string>& bbox,
                                       const std::optional<std::string>& polygon, Crs crs);

}  // namespace crowfly
