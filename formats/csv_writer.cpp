#include "formats/csv_writer.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "formats/wkt.h"

namespace crowfly {
namespace {

void write_header(std::string& out, MetricKind metric, bool with_shapes) {
    out += "rank,id,name,category,lon,lat,";
    out += metric == MetricKind::plane ? "distance" : "distance_m";
    out += with_shapes ? ",nearest_lon,nearest_lat,wkt\n" : "\n";
}

void write_shape(std::string& out, const NeighborPlace& neighbor) {
    const Place& place = neighbor.place;
    const LonLat nearest = neighbor.nearest_point.value_or(place.position);
    fmt::format_to(std::back_inserter(out), ",{},{},", nearest.lon, nearest.lat);
    std::string wkt;
    write_wkt(place.shape != nullptr ? *place.shape : Geometry::point(place.position), wkt);
    write_csv_field(out, wkt);
}

void write_row(std::string& out, const NeighborPlace& neighbor, bool with_shapes) {
    const Place& place = neighbor.place;
    fmt::format_to(std::back_inserter(out), "{}", neighbor.rank);
    for (const std::string_view text :
         {std::string_view(place.id), std::string_view(place.name), std::string_view(place.category)}) {
        out += ',';
        write_csv_field(out, text);
    }
    fmt::format_to(std::back_inserter(out), ",{},{},{}", place.position.lon, place.position.lat,
                   neighbor.distance);
    if (with_shapes) write_shape(out, neighbor);
    out += '\n';
}

}  // namespace

void write_csv_field(std::string& out, std::string_view text) {
    const bool plain = std::none_of(text.begin(), text.end(),
                                    [](char c) { return c == ',' || c == '"' || c == '\r' || c == '\n'; });
    if (plain && !text.starts_with(' ') && !text.ends_with(' ')) {
        out += text;
        return;
    }
    out += '"';
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
}

void write_csv(std::string& out, std::span<const NeighborPlace> neighbors, MetricKind metric) {
    const bool with_shapes = has_shapes(neighbors);
    write_header(out, metric, with_shapes);
    for (const NeighborPlace& neighbor : neighbors) write_row(out, neighbor, with_shapes);
}

}  // namespace crowfly
