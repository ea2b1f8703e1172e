#include "service/links.h"

#include <algorithm>

namespace crowfly {

std::string base_url(const HttpRequest& request) {
    const std::string_view host = request.header("Host");
    const bool is_a_host = !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '-' || c == ':' || c == '[' || c == ']';
    });
    return is_a_host ? "http://" + std::string(host) : std::string();
}

void write_link(JsonWriter& json, std::string_view rel, std::string_view type, std::string_view href,
                std::string_view title) {
    json.begin_object().key("rel").string(rel).key("type").string(type);
    if (!title.empty()) json.key("title").string(title);
    json.key("href").string(href).end_object();
}

}  // namespace crowfly
