#include "service/nearest_endpoints.h"

#include <algorithm>
#include <array>
#include <limits>

#include "formats/geojson_writer.h"
#include "formats/value.h"
#include "service/links.h"
#include "service/media_types.h"
#include "service/query_parameters.h"
#include "service/search_explain.h"
#include "service/search_parameters.h"
#include "store/neighbor_token.h"

namespace crowfly {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr std::size_t kMostGeometryBytes = 16U << 20U;

/// A search for at most so many is quick enough to be done between two requests.
constexpr double kQuickNeighbors = 200;

/// With a link to the next page when there may be one.
HttpResponse answer_of(const Call& call, const SearchParameters& search, const PlaceQuery& query,
                       std::span<const NeighborPlace> neighbors, std::size_t k) {
    note_search(*call.notes, k, neighbors.size(), search.report());
    HttpResponse response{.content_type = media_type::kGeoJson};
    JsonWriter json(response.body);
    json.begin_object().key("type").string("FeatureCollection");
    json.key("numberReturned").number(neighbors.size());
    if (search.explains()) write_explain(json, search.report(), query.method);
    json.key("links").begin_array();
    const std::string url = base_url(call.request) + std::string(call.request.path);
    if (neighbors.size() == k && call.request.method == "GET") {
        write_link(json, "next", media_type::kGeoJson,
                   with_query(url, with_parameter(
                                       call.request.query, "after",
                                       to_token({neighbors.back().distance, neighbors.back().place.id}))));
    }
    json.end_array().key("features").begin_array();
    for (const NeighborPlace& neighbor : neighbors)
        write_feature(json, neighbor, query.metric, Decimals::all);
    json.end_array().end_object();
    return response;
}

HttpResponse nearest(const Catalog& catalog, const ApiLimits& limits, const Call& call) {
    const auto collection = catalog.require(call.values[0]);
    SearchParameters search(call, *collection, {"k", "max_distance", "after", "method", "explain"});
    search.read_after();
    const std::size_t k =
        search.parameters().whole("k", 1, limits.most_neighbors).value_or(kDefaultNeighbors);
    const double max_distance = search.parameters().number("max_distance", 0, kInf).value_or(kInf);
    const PlaceQuery& query = search.query();
    const auto neighbors = collection->nearest(query, k, max_distance);
    return answer_of(call, search, query, neighbors, k);
}

HttpResponse within(const Catalog& catalog, const ApiLimits& limits, const Call& call) {
    const auto collection = catalog.require(call.values[0]);
    SearchParameters search(call, *collection, {"distance", "limit", "count", "after", "method", "explain"});
    search.read_after();
    const double distance = search.parameters().required_number("distance", 0, kInf);
    const std::size_t limit =
        search.parameters().whole("limit", 1, limits.most_neighbors).value_or(limits.most_neighbors);
    const bool count_alone = search.parameters().flag("count");
    const PlaceQuery& query = search.query();
    if (count_alone) {
        const std::size_t count = collection->within_distance(query, distance).size();
        call.notes->counts = search.report().counts;
        HttpResponse response;
        JsonWriter json(response.body);
        json.begin_object().key("count").number(count).end_object();
        return response;
    }
    const auto neighbors = collection->nearest(query, limit, distance);
    return answer_of(call, search, query, neighbors, limit);
}

/// Whether it is a search through the index from a position for few neighbors among all places, by a glance
/// at its query, which is judged later.
bool is_quick(const HttpRequest& request) {
    constexpr std::array<std::string_view, 6> kQuick{"lon", "lat", "k", "max_distance", "metric", "explain"};
    if (request.method == "POST") return false;
    for (std::string_view query = request.query; !query.empty();) {
        const RawParameter parameter = take_parameter(query);
        if (std::find(kQuick.begin(), kQuick.end(), parameter.name) == kQuick.end()) return false;
        if (parameter.name == "k" && parse_double(parameter.value).value_or(0) > kQuickNeighbors)
            return false;
    }
    return true;
}

}  // namespace

void add_nearest_endpoints(ApiRouter& router, const Catalog& catalog, const ApiLimits& limits) {
    const Endpoint nearest_of{
        .answer = [&](const Call& call) { return nearest(catalog, limits, call); },
        .lane = [](const HttpRequest& request) { return is_quick(request) ? Lane::at_once : Lane::slow; },
        .most_body_bytes = kMostGeometryBytes,
    };
    const Endpoint within_of{
        .answer = [&](const Call& call) { return within(catalog, limits, call); },
        .lane = [](const HttpRequest&) { return Lane::slow; },
        .most_body_bytes = kMostGeometryBytes,
    };
    for (const char* method : {"GET", "POST"}) {
        router.add(method, "/collections/{c}/nearest", nearest_of);
        router.add(method, "/collections/{c}/within", within_of);
    }
}

}  // namespace crowfly
