#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/lonlat.h"
#include "core/metric/metric.h"
#include "formats/json_writer.h"

namespace crowfly {

/// A stretch from a query to its neighbor.
using JoinLine = std::pair<LonLat, LonLat>;

/// The line, or where it is shorter across the antimeridian the two on either side of it (RFC 7946, 3.1.9),
/// cut where it is straight in longitude and latitude.
std::pair<JoinLine, std::optional<JoinLine>> cut_at_antimeridian(const JoinLine& line);

/// "distance_m", or "distance" on the plane.
std::string_view join_distance_name(MetricKind metric) noexcept;

/// One row of a join's answer as it is written. The columns are query_id, rank, object_id, category, where
/// the k were chosen within each, and the distance. A query without neighbors, whose rank is 0, has the
/// others empty, or null. Numbers have the fewest digits that read back as the same double.
struct JoinText {
    MetricKind metric = MetricKind::spheroid;
    std::string_view query_id = {};
    std::uint32_t rank = 0;
    std::string_view object_id = {};
    std::optional<std::string_view> category = {};
    double distance = 0;
};

void write_join_header(std::string& out, MetricKind metric, bool by_category);
void write_join_row(std::string& out, const JoinText& row);

/// Writes the row as a JSON object.
void write_join_object(JsonWriter& json, const JoinText& row);

/// Writes the row as a GeoJSON Feature with the line, cut at the antimeridian, as its geometry. A query
/// without neighbors has no line.
void write_join_feature(JsonWriter& json, const JoinText& row, const std::optional<JoinLine>& line);

}  // namespace crowfly
