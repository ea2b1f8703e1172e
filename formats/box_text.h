#pragma once

#include <string_view>

#include "core/search/area.h"

namespace crowfly {

/// Reads `WEST,SOUTH,EAST,NORTH`, as GeoJSON and OGC API order a bbox; of six numbers the third and the sixth
/// are heights, which are passed over. Throws Error(invalid_argument) for anything else, and as Area::box.
Area parse_box(std::string_view text, Crs crs);

}  // namespace crowfly
