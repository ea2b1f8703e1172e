#include "service/live_events.h"

#include <fmt/format.h>

namespace crowfly {
namespace {

using Kind = NeighborChange::Kind;

/// JSON as an event's data. Where it has line breaks, which JSON that a place was stored with may have
/// between its tokens, each line is one of its own; the client puts them together again.
void write_data(std::string& out, std::string_view json) {
    while (true) {
        const std::size_t end = json.find_first_of("\r\n");
        out += "data: ";
        out += json.substr(0, end);
        out += '\n';
        if (end == std::string_view::npos) break;
        json.remove_prefix(end + 1);
    }
    out += '\n';
}

void write_changes_of(JsonWriter& json, Kind kind, const NeighborNews& news, MetricKind metric,
                      Decimals decimals) {
    bool is_open = false;
    for (const auto& [of, neighbor] : news.changes) {
        if (of != kind) continue;
        if (!is_open) json.key(name(kind)).begin_array();
        is_open = true;
        if (kind == Kind::left) {
            json.string(neighbor.place.id);
        } else if (kind == Kind::reordered) {
            json.begin_object().key("id").string(neighbor.place.id).key("rank").number(neighbor.rank);
            json.end_object();
        } else {
            write_feature(json, neighbor, metric, decimals);
        }
    }
    if (is_open) json.end_array();
}

}  // namespace

void write_live_event(std::string& out, const NeighborNews& news, MetricKind metric, Decimals decimals) {
    out += fmt::format("event: {}\nid: {}\n", news.is_first ? "answer" : "change", news.sequence_number);
    std::string data;
    if (news.is_first) {
        write_feature_collection(data, *news.neighbors, metric, decimals);
    } else {
        JsonWriter json(data);
        json.begin_object();
        for (const Kind kind : {Kind::left, Kind::entered, Kind::moved, Kind::changed, Kind::reordered})
            write_changes_of(json, kind, news, metric, decimals);
        json.end_object();
    }
    write_data(out, data);
}

void write_live_problem(std::string& out, std::string_view problem_json) {
    out += "event: problem\n";
    write_data(out, problem_json);
}

void write_live_retry(std::string& out, int milliseconds) {
    out += fmt::format("retry: {}\n\n", milliseconds);
}

void write_live_heartbeat(std::string& out) {
    out += ":\n\n";
}

}  // namespace crowfly
