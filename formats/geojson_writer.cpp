#include "formats/geojson_writer.h"

namespace crowfly {
namespace {

struct Measured {
    const NeighborPlace& neighbor;
    MetricKind metric;
    Decimals decimals;
};

bool is_taken(std::string_view name, const Measured* measured) {
    return name == "name" || name == "category" ||
           (measured != nullptr && (name == "rank" || name == distance_member(measured->metric)));
}

void write_properties(JsonWriter& json, const Place& place, const Measured* measured) {
    json.begin_object();
    json.key("name").string_or_null(place.name);
    json.key("category").string_or_null(place.category);
    if (measured != nullptr) {
        const auto& [neighbor, metric, decimals] = *measured;
        json.key("rank").number(neighbor.rank);
        json.key(distance_member(metric));
        if (decimals == Decimals::two) {
            json.rounded(neighbor.distance, 2);
        } else {
            json.number(neighbor.distance);
        }
    }
    for (const Property& property : place.properties) {
        if (!is_taken(property.name, measured)) json.key(property.name).value(property.value);
    }
    json.end_object();
}

void write(JsonWriter& json, const Place& place, const Measured* measured) {
    json.begin_object().key("type").string("Feature").key("id").string(place.id);
    json.key("geometry").begin_object().key("type").string("Point").key("coordinates").begin_array();
    json.number(place.position.lon).number(place.position.lat).end_array().end_object();
    json.key("properties");
    write_properties(json, place, measured);
    json.end_object();
}

}  // namespace

std::string_view distance_member(MetricKind metric) noexcept {
    return metric == MetricKind::plane ? "distance" : "distance_meters";
}

void write_feature(JsonWriter& json, const Place& place) {
    write(json, place, nullptr);
}

void write_feature(JsonWriter& json, const NeighborPlace& neighbor, MetricKind metric, Decimals decimals) {
    const Measured measured{neighbor, metric, decimals};
    write(json, neighbor.place, &measured);
}

void write_feature_collection(std::string& out, std::span<const NeighborPlace> neighbors, MetricKind metric,
                              Decimals decimals) {
    JsonWriter json(out);
    json.begin_object().key("type").string("FeatureCollection").key("features").begin_array();
    for (const NeighborPlace& neighbor : neighbors) write_feature(json, neighbor, metric, decimals);
    json.end_array().end_object();
}

}  // namespace crowfly
