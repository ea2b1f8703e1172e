#pragma once

#include <string>
#include <string_view>

#include "core/metric/metric.h"
#include "formats/place.h"

namespace crowfly {

/// Appends a field, quoted as RFC 4180 has it when it needs to be.
void write_csv_field(std::string& out, std::string_view text);

/// Appends `rank,id,name,category,lon,lat,distance_m`, or `distance` at the end on the plane.
void write_csv_header(std::string& out, MetricKind metric);

/// Appends a neighbor under that header. Numbers have the fewest digits that read back as the same double.
void write_csv_row(std::string& out, const NeighborPlace& neighbor);

}  // namespace crowfly
