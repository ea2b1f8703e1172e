#include "formats/cluster_writer.h"

#include <iterator>

#include <fmt/format.h>

#include "formats/csv_writer.h"
#include "formats/geojson_geometry.h"
#include "formats/wkt.h"

namespace crowfly {
namespace {

bool is_taken(std::string_view name) {
    return name == "name" || name == "category" || name == "cluster" || name == "core";
}

void write_position(JsonWriter& json, LonLat position) {
    json.begin_array().number(position.lon).number(position.lat).end_array();
}

}  // namespace

void write_cluster_header(std::string& out) {
    out += "id,cluster\n";
}

void write_cluster_row(std::string& out, std::string_view id, std::int64_t cluster) {
    write_csv_field(out, id);
    fmt::format_to(std::back_inserter(out), ",{}\n", cluster);
}

void write_clustered_feature(JsonWriter& json, const Place& place, std::int64_t cluster, bool core) {
    json.begin_object().key("type").string("Feature").key("id").string(place.id);
    json.key("geometry");
    if (place.shape != nullptr) {
        write_geojson_geometry(*place.shape, json);
    } else {
        json.begin_object().key("type").string("Point").key("coordinates");
        write_position(json, place.position);
        json.end_object();
    }
    json.key("properties").begin_object();
    json.key("name").string_or_null(place.name);
    json.key("category").string_or_null(place.category);
    json.key("cluster").number(cluster).key("core").boolean(core);
    for (const Property& property : place.properties) {
        if (!is_taken(property.name)) json.key(property.name).value(property.value);
    }
    json.end_object().end_object();
}

void write_summary_header(std::string& out) {
    out += "cluster,size,core,centroid_lon,centroid_lat,west,south,east,north,wkt\n";
}

void write_summary_row(std::string& out, std::size_t cluster, const ClusterSummary& summary) {
    const auto end = std::back_inserter(out);
    fmt::format_to(end, "{},{},{},", cluster, summary.size, summary.core);
    if (summary.centroid) fmt::format_to(end, "{},{}", summary.centroid->lon, summary.centroid->lat);
    if (!summary.centroid) out += ',';
    const ClusterExtent& extent = summary.extent;
    fmt::format_to(end, ",{},{},{},{},", extent.west, extent.south, extent.east, extent.north);
    if (summary.hull) {
        std::string wkt;
        write_wkt(*summary.hull, wkt);
        write_csv_field(out, wkt);
    }
    out += '\n';
}

void write_summary_feature(JsonWriter& json, std::size_t cluster, const ClusterSummary& summary,
                           HullKind hull) {
    const ClusterExtent& extent = summary.extent;
    json.begin_object().key("type").string("Feature").key("id").number(cluster);
    json.key("bbox").begin_array();
    for (const double side : {extent.west, extent.south, extent.east, extent.north}) json.number(side);
    json.end_array().key("geometry");
    if (summary.hull) {
        write_geojson_geometry(*summary.hull, json);
    } else if (hull == HullKind::none && summary.centroid) {
        write_geojson_geometry(Geometry::point(*summary.centroid), json);
    } else {
        json.null();
    }
    json.key("properties").begin_object();
    json.key("cluster").number(cluster).key("size").number(summary.size).key("core").number(summary.core);
    json.key("centroid");
    if (summary.centroid) {
        write_position(json, *summary.centroid);
    } else {
        json.null();
    }
    json.end_object().end_object();
}

}  // namespace crowfly
