#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/cluster/cluster_summary.h"
#include "formats/json_writer.h"
#include "formats/place.h"

namespace crowfly {

/// Appends a place with its cluster, noise as -1, under the header `id,cluster`.
void write_cluster_header(std::string& out);
void write_cluster_row(std::string& out, std::string_view id, std::int64_t cluster);

/// Appends a place as a GeoJSON Feature. Its `properties` always have `name` and `category`, null when there
/// is none, `cluster`, noise as -1, and `core`, whether it is a core point; a property of the place that has
/// one of these names is left out.
void write_clustered_feature(JsonWriter& json, const Place& place, std::int64_t cluster, bool core);

/// Appends a cluster under the header
/// `cluster,size,core,centroid_lon,centroid_lat,west,south,east,north,wkt`. What the cluster has not is
/// empty. Numbers have the fewest digits that read back as the same double.
void write_summary_header(std::string& out);
void write_summary_row(std::string& out, std::size_t cluster, const ClusterSummary& summary);

/// Appends a cluster as a GeoJSON Feature: its extent as `bbox`, its hull as geometry, or when none was asked
/// for its centroid, or else null. Its `properties` are `cluster`, `size`, `core` and `centroid`, [lon, lat]
/// or null.
void write_summary_feature(JsonWriter& json, std::size_t cluster, const ClusterSummary& summary,
                           HullKind hull);

}  // namespace crowfly
