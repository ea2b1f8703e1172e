#include "formats/geojson_writer.h"

#include "formats/geojson_geometry.h"

namespace crowfly {
namespace {

bool is_taken(std::string_view name, MetricKind metric) {
    return name == "name" || name == "category" || name == "rank" || name == distance_member(metric) ||
           name == "nearest_point";
}

void write_position(JsonWriter& json, LonLat position) {
    json.begin_array().number(position.lon).number(position.lat).end_array();
}

void write_geometry(JsonWriter& json, const Place& place) {
    if (place.shape != nullptr) return write_geojson_geometry(*place.shape, json);
    json.begin_object().key("type").string("Point").key("coordinates");
    write_position(json, place.position);
    json.end_object();
}

}  // namespace

std::string_view distance_member(MetricKind metric) noexcept {
    return metric == MetricKind::plane ? "distance" : "distance_meters";
}

void write_feature(JsonWriter& json, const NeighborPlace& neighbor, MetricKind metric, Decimals decimals) {
    const Place& place = neighbor.place;
    json.begin_object().key("type").string("Feature").key("id").string(place.id);
    json.key("geometry");
    write_geometry(json, place);
    json.key("properties").begin_object();
    json.key("name").string_or_null(place.name);
    json.key("category").string_or_null(place.category);
    json.key("rank").number(neighbor.rank);
    json.key(distance_member(metric));
    if (decimals == Decimals::two) {
        json.rounded(neighbor.distance, 2);
    } else {
        json.number(neighbor.distance);
    }
    if (neighbor.nearest_point) {
        json.key("nearest_point");
        write_position(json, *neighbor.nearest_point);
    }
    for (const Property& property : place.properties) {
        if (!is_taken(property.name, metric)) json.key(property.name).value(property.value);
    }
    json.end_object().end_object();
}

void write_feature_members(JsonWriter& json, const Place& place) {
    json.key("type").string("Feature").key("id").string(place.id);
    json.key("geometry");
    write_geometry(json, place);
    json.key("properties").begin_object();
    json.key("name").string_or_null(place.name);
    json.key("category").string_or_null(place.category);
    for (const Property& property : place.properties) {
        if (property.name != "name" && property.name != "category")
            json.key(property.name).value(property.value);
    }
    json.end_object();
}

void write_feature_collection(std::string& out, std::span<const NeighborPlace> neighbors, MetricKind metric,
                              Decimals decimals) {
    JsonWriter json(out);
    json.begin_object().key("type").string("FeatureCollection").key("features").begin_array();
    for (const NeighborPlace& neighbor : neighbors) write_feature(json, neighbor, metric, decimals);
    json.end_array().end_object();
}

}  // namespace crowfly
