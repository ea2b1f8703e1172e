#include "service/api.h"

#include <algorithm>
#include <new>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "formats/geojson_writer.h"
#include "service/problem.h"
#include "service/search_request.h"

namespace crowfly {
namespace {

constexpr std::string_view kGeoJson = "application/geo+json";
constexpr std::string_view kCrs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

std::string names_of(const std::vector<std::unique_ptr<Collection>>& collections) {
    std::string names;
    for (const auto& collection : collections)
        names += (names.empty() ? "" : ", ") + collection->schema().name;
    return names;
}

/// The path as text that JSON can hold: a request line may have any bytes.
std::string printable(std::string_view path) {
    std::string text(path.substr(0, 200));
    for (char& c : text) {
        if (c <= ' ' || c > '~') c = '?';
    }
    return text;
}

void write_collection(JsonWriter& json, const Collection& collection) {
    json.begin_object()
        .key("id")
        .string(collection.schema().name)
        .key("title")
        .string(collection.schema().name);
    json.key("itemType").string("feature").key("itemCount").number(collection.count());
    const bool is_wgs84 = collection.schema().crs == Crs::wgs84;
    if (is_wgs84) json.key("crs").begin_array().string(kCrs84).end_array();
    if (const auto extent = collection.extent(); extent && is_wgs84) {
        json.key("extent")
            .begin_object()
            .key("spatial")
            .begin_object()
            .key("bbox")
            .begin_array()
            .begin_array();
        json.number(extent->min_lon).number(extent->min_lat).number(extent->max_lon).number(extent->max_lat);
        json.end_array().end_array().key("crs").string(kCrs84).end_object().end_object();
    }
    json.key("links").begin_array().end_array().end_object();
}

}  // namespace

Api::Api(std::vector<std::unique_ptr<Collection>> collections) : collections_(std::move(collections)) {}

const std::vector<Api::Route>& Api::routes() {
    static const std::vector<Route> kRoutes{
        {"POST", "/knn/search", &Api::search},
        {"GET", "/collections", &Api::list_collections},
        {"GET", "/healthz", &Api::health},
    };
    return kRoutes;
}

HttpResponse Api::handle(const HttpRequest& request) const try {
    return dispatch(request);
} catch (const Error& error) {
    const CodeInfo& code = info(error.code());
    if (code.http_status < 500) return problem_of(error);
    // What went wrong inside is for the log; the client is told no paths or statements.
    spdlog::error("{} {}: {}", request.method, request.path, error.what());
    return problem_of(Error(error.code(), std::string(code.title)));
} catch (const std::bad_alloc&) {
    spdlog::error("{} {}: out of memory", request.method, request.path);
    return problem_of(Error(Code::out_of_memory, std::string(info(Code::out_of_memory).title)));
} catch (const std::exception& error) {
    spdlog::error("{} {}: {}", request.method, request.path, error.what());
    return problem_of(Error(Code::internal, std::string(info(Code::internal).title)));
}

Admission Api::admit(const HttpRequest& /*request*/) {
    constexpr std::size_t kMostBodyBytes = 1U << 20U;
    return {.most_body_bytes = kMostBodyBytes};
}

std::optional<HttpResponse> Api::handle(const HttpRequest& request, const Later& /*later*/) {
    return handle(request);
}

HttpResponse Api::dispatch(const HttpRequest& request) const {
    // HEAD is GET, whose body the connection leaves out.
    const std::string_view method = request.method == "HEAD" ? "GET" : request.method;
    std::string allowed;
    for (const Route& route : routes()) {
        if (route.path != request.path) continue;
        if (route.method == method) return (this->*route.handler)(request);
        allowed += (allowed.empty() ? "" : ", ") + std::string(route.method) +
                   (route.method == "GET" ? ", HEAD" : "");
    }
    if (allowed.empty())
        return problem_of_status(404, fmt::format("there is nothing at {}", printable(request.path)));
    HttpResponse response = problem_of_status(405, fmt::format("{} takes {}", request.path, allowed));
    response.headers.emplace_back("Allow", allowed);
    return response;
}

const Collection& Api::collection_for(const std::optional<std::string>& name) const {
    if (!name && collections_.size() == 1) return *collections_.front();
    const auto known = std::find_if(collections_.begin(), collections_.end(), [&](const auto& collection) {
        return collection->schema().name == name;
    });
    if (known != collections_.end()) return **known;
    throw InvalidRequest(
        {{.pointer = "/collection",
          .detail = fmt::format("{}; expected one of {}",
                                name ? fmt::format("is \"{}\", which is not there", *name) : "is required",
                                names_of(collections_))}});
}

HttpResponse Api::search(const HttpRequest& request) const {
    SearchRequest search = parse_search_request(request.body);
    const Collection& collection = collection_for(search.collection);
    if (collection.schema().crs != Crs::wgs84) {
        throw InvalidRequest(
            {{.pointer = "/collection",
              .detail = fmt::format("\"{}\" has planar coordinates; this search measures on WGS84",
                                    collection.schema().name)}});
    }
    const PlaceQuery query{
        .point = search.point, .category = std::move(search.category), .match = search.match};
    const auto neighbors = collection.nearest(query, search.k, search.max_distance);

    HttpResponse response{.content_type = kGeoJson};
    write_feature_collection(response.body, neighbors, query.metric, Decimals::two);
    return response;
}

HttpResponse Api::list_collections(const HttpRequest& /*request*/) const {
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object().key("collections").begin_array();
    for (const auto& collection : collections_) write_collection(json, *collection);
    json.end_array();
    json.key("links").begin_array().begin_object().key("rel").string("self").key("type").string(
        "application/json");
    json.key("href").string("/collections").end_object().end_array().end_object();
    return response;
}

HttpResponse Api::health(const HttpRequest& /*request*/) const {
    return {.body = R"({"status":"ok"})"};
}

}  // namespace crowfly
