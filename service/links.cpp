#include "service/links.h"

#include <algorithm>

#include "service/query_parameters.h"

namespace crowfly {

std::string base_url(const HttpRequest& request) {
    const std::string_view host = request.header("Host");
    const bool is_a_host = !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '-' || c == ':' || c == '[' || c == ']';
    });
    return is_a_host ? "http://" + std::string(host) : std::string();
}

std::string collection_url(const HttpRequest& request, const Collection& collection) {
    return base_url(request) + "/collections/" + collection.schema().name;
}

std::string with_query(const std::string& url, std::string_view query) {
    return query.empty() ? url : url + "?" + std::string(query);
}

std::string with_parameter(std::string_view query, std::string_view name, std::string_view value) {
    std::string changed;
    while (!query.empty()) {
        const RawParameter parameter = take_parameter(query);
        if (parameter.text.empty() || parameter.name == name) continue;
        changed += parameter.text;
        changed += '&';
    }
    changed += name;
    changed += '=';
    return changed + percent_encoded(value);
}

void write_link(JsonWriter& json, std::string_view rel, std::string_view type, std::string_view href,
                std::string_view title) {
    json.begin_object().key("rel").string(rel).key("type").string(type);
    if (!title.empty()) json.key("title").string(title);
    json.key("href").string(href).end_object();
}

}  // namespace crowfly
