#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/metric/metric.h"
#include "formats/json_writer.h"
#include "formats/place.h"

namespace crowfly {

enum class Decimals {
    all,  ///< the fewest digits that read back as the same double
    two,  ///< distances rounded to centimetres
};

/// The member of `properties` that carries the distance: `distance_meters`, or `distance` on the plane.
std::string_view distance_member(MetricKind metric) noexcept;

/// Appends a neighbor as a GeoJSON Feature. Its `properties` always have `name` and `category`, null when
/// there is none, `rank` and the distance, and for a place with a shape `nearest_point`, [lon, lat]; a
/// property of the place that has one of these names is left out.
void write_feature(JsonWriter& json, const NeighborPlace& neighbor, MetricKind metric, Decimals decimals);

/// Appends the members of a place as a GeoJSON Feature, for which the caller opens and closes the object. Its
/// `properties` always have `name` and `category`, null when there is none; a property of the place that has
/// one of these names is left out.
void write_feature_members(JsonWriter& json, const Place& place);

/// Appends an answer as a GeoJSON FeatureCollection.
void write_feature_collection(std::string& out, std::span<const NeighborPlace> neighbors, MetricKind metric,
                              Decimals decimals);

}  // namespace crowfly
