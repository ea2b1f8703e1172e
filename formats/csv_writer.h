#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/metric/metric.h"
#include "formats/place.h"

namespace crowfly {

/// Appends a field, quoted as RFC 4180 has it when it needs to be.
void write_csv_field(std::string& out, std::string_view text);

/// Appends an answer under the header `rank,id,name,category,lon,lat,distance_m`, on the plane `distance` at
/// its end. When any of the places has a shape, `nearest_lon,nearest_lat,wkt` follow, for points their
/// position. Numbers have the fewest digits that read back as the same double.
void write_csv(std::string& out, std::span<const NeighborPlace> neighbors, MetricKind metric);

}  // namespace crowfly
