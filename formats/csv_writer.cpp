#include "formats/csv_writer.h"

#include <iterator>

#include <fmt/format.h>

namespace crowfly {

void write_csv_field(std::string& out, std::string_view text) {
    const bool plain = text.find_first_of(",\"\r\n") == std::string_view::npos && !text.starts_with(' ') &&
                       !text.ends_with(' ');
    if (plain) {
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

void write_csv_header(std::string& out, MetricKind metric) {
    out += "rank,id,name,category,lon,lat,";
    out += metric == MetricKind::plane ? "distance\n" : "distance_m\n";
}

void write_csv_row(std::string& out, const NeighborPlace& neighbor) {
    const Place& place = neighbor.place;
    fmt::format_to(std::back_inserter(out), "{}", neighbor.rank);
    for (const std::string_view text :
         {std::string_view(place.id), std::string_view(place.name), std::string_view(place.category)}) {
        out += ',';
        write_csv_field(out, text);
    }
    fmt::format_to(std::back_inserter(out), ",{},{},{}\n", place.position.lon, place.position.lat,
                   neighbor.distance);
}

}  // namespace crowfly
