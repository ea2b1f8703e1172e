#include "formats/join_text.h"

#include <array>
#include <charconv>
#include <cmath>

#include "formats/csv_writer.h"

namespace crowfly {
namespace {

template <class Number>
void append_number(std::string& out, Number number) {
    std::array<char, 32> digits;
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

void write_positions(JsonWriter& json, const JoinLine& line) {
    json.begin_array();
    for (const LonLat end : {line.first, line.second})
        json.begin_array().number(end.lon).number(end.lat).end_array();
    json.end_array();
}

void write_line(JsonWriter& json, MetricKind metric, const JoinLine& line) {
    const auto [first, second] =
        metric == MetricKind::plane ? std::pair{line, std::optional<JoinLine>()} : cut_at_antimeridian(line);
    json.begin_object().key("type").string(second ? "MultiLineString" : "LineString").key("coordinates");
    if (second) json.begin_array();
    write_positions(json, first);
    if (second) {
        write_positions(json, *second);
        json.end_array();
    }
    json.end_object();
}

void write_members(JsonWriter& json, const JoinText& row) {
    const bool is_pair = row.rank > 0;
    json.key("query_id").string(row.query_id);
    json.key("rank");
    is_pair ? json.number(row.rank) : json.null();
    json.key("object_id");
    is_pair ? json.string(row.object_id) : json.null();
    if (row.category) {
        json.key("category");
        is_pair ? json.string_or_null(*row.category) : json.null();
    }
    json.key(join_distance_name(row.metric)).number(row.distance);
}

}  // namespace

std::pair<JoinLine, std::optional<JoinLine>> cut_at_antimeridian(const JoinLine& line) {
    const auto [from, to] = line;
    if (std::abs(to.lon - from.lon) <= 180) return {line, std::nullopt};
    const double edge = std::copysign(180.0, from.lon);
    const double before = std::abs(edge - from.lon);
    const double after = 180 - std::abs(to.lon);
    const double part = before + after > 0 ? before / (before + after) : 0;
    const double lat = from.lat + part * (to.lat - from.lat);
    return {{from, {edge, lat}}, JoinLine{{-edge, lat}, to}};
}

std::string_view join_distance_name(MetricKind metric) noexcept {
    return metric == MetricKind::plane ? "distance" : "distance_m";
}

void write_join_header(std::string& out, MetricKind metric, bool by_category) {
    out += "query_id,rank,object_id,";
    if (by_category) out += "category,";
    out += join_distance_name(metric);
    out += '\n';
}

void write_join_row(std::string& out, const JoinText& row) {
    write_csv_field(out, row.query_id);
    if (row.rank == 0) {
        out += row.category ? ",,,,\n" : ",,,\n";
        return;
    }
    out += ',';
    append_number(out, row.rank);
    out += ',';
    write_csv_field(out, row.object_id);
    out += ',';
    if (row.category) {
        write_csv_field(out, *row.category);
        out += ',';
    }
    append_number(out, row.distance);
    out += '\n';
}

void write_join_object(JsonWriter& json, const JoinText& row) {
    json.begin_object();
    write_members(json, row);
    json.end_object();
}

void write_join_feature(JsonWriter& json, const JoinText& row, const std::optional<JoinLine>& line) {
    json.begin_object().key("type").string("Feature").key("geometry");
    if (line) {
        write_line(json, row.metric, *line);
    } else {
        json.null();
    }
    json.key("properties").begin_object();
    write_members(json, row);
    json.end_object().end_object();
}

}  // namespace crowfly
