#include "service/search_explain.h"

namespace crowfly {

void write_explain(JsonWriter& json, const SearchReport& report, Method method) {
    json.key("explain").begin_object();
    json.key("method").string(method == Method::scan ? "scan" : "index");
    json.key("places").number(report.places).key("runs").number(report.runs);
    json.key("nodes").number(report.counts.nodes).key("leaves").number(report.counts.leaves);
    json.key("distances").number(report.counts.distances);
    json.key("geodesics").number(report.counts.geodesics);
    json.key("filtered").number(report.asked).key("rows_read").number(report.rows_read);
    json.key("read_from_file").begin_array();
    for (const std::string& property : report.read_from_file) json.string(property);
    json.end_array().end_object();
}

void note_search(CallNotes& notes, std::size_t k, std::size_t returned, const SearchReport& report) {
    notes.k = k;
    notes.returned = returned;
    notes.counts = report.counts;
}

}  // namespace crowfly
