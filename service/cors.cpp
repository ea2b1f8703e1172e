#include "service/cors.h"

#include <algorithm>

namespace crowfly {

bool Cors::allows(std::string_view origin) const {
    const auto is_it = [origin](const std::string& allowed) { return allowed == "*" || allowed == origin; };
    return !origin.empty() && std::any_of(origins_.begin(), origins_.end(), is_it);
}

void Cors::allow(const HttpRequest& request, HttpResponse& response) const {
    if (origins_.empty()) return;
    response.headers.emplace_back("Vary", "Origin");
    const std::string_view origin = request.header("Origin");
    if (!allows(origin)) return;
    response.headers.emplace_back("Access-Control-Allow-Origin", origin);
    response.headers.emplace_back("Access-Control-Expose-Headers", "ETag, Location, Retry-After");
}

std::optional<HttpResponse> Cors::preflight(const HttpRequest& request, std::string_view methods) const {
    if (request.method != "OPTIONS" || !allows(request.header("Origin")) ||
        request.header("Access-Control-Request-Method").empty()) {
        return std::nullopt;
    }
    HttpResponse response{.status = 204, .content_type = {}};
    response.headers.emplace_back("Access-Control-Allow-Methods", methods);
    response.headers.emplace_back(
        "Access-Control-Allow-Headers",
        "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Prefer, traceparent");
    response.headers.emplace_back("Access-Control-Max-Age", "600");
    return response;
}

}  // namespace crowfly
