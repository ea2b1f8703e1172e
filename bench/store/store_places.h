#pragma once

#include <string>
#include <vector>

#include "core/lonlat.h"

namespace crowfly::bench {

enum class Ids {
    numbers,  ///< 0, 1, 2 and so on
    uuids,    ///< random
};

/// Writes places as comma-separated text: id, name, category, lon, lat, and with `properties` population and
/// website too. The same for the same arguments.
void write_places(const std::string& path, const std::vector<LonLat>& positions, Ids ids, bool properties);

}  // namespace crowfly::bench
