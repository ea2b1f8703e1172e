#include "service/knn_search.h"

#include <algorithm>

#include <fmt/format.h>

#include "formats/geojson_writer.h"
#include "service/auth/authenticator.h"
#include "service/media_types.h"
#include "service/problem.h"
#include "service/request_judge.h"
#include "service/search_explain.h"
#include "service/search_request.h"

namespace crowfly {
namespace {

std::shared_ptr<Collection> collection_for(const Catalog& catalog, const std::optional<std::string>& name) {
    if (name) {
        if (auto collection = catalog.find(*name)) return collection;
    } else if (auto all = catalog.list(); all.size() == 1) {
        return all.front();
    }
    throw InvalidRequest(
        {{.pointer = "/collection",
          .detail = fmt::format("{}; expected one of {}",
                                name ? fmt::format("is \"{}\", which is not there", *name) : "is required",
                                catalog.names())}});
}

/// What of the places is wanted.
void keep_fields(const std::vector<std::string>& fields, std::vector<NeighborPlace>& neighbors) {
    for (NeighborPlace& neighbor : neighbors) {
        std::erase_if(neighbor.place.properties, [&](const Property& property) {
            return std::find(fields.begin(), fields.end(), property.name) == fields.end();
        });
    }
}

void write_answer(std::string& out, const PlaceQuery& query, const SearchReport& report,
                  std::span<const NeighborPlace> neighbors) {
    JsonWriter json(out);
    json.begin_object().key("type").string("FeatureCollection");
    write_explain(json, report, query.method);
    json.key("features").begin_array();
    for (const NeighborPlace& neighbor : neighbors)
        write_feature(json, neighbor, query.metric, Decimals::two);
    json.end_array().end_object();
}

SearchRequest parsed(const Call& call) try {
    return parse_search_request(call.request.body);
} catch (const UnknownCrs&) {
    call.notes->unknown_crs = true;
    throw;
}

HttpResponse search(const Catalog& catalog, const Call& call) {
    SearchRequest search = parsed(call);
    const auto collection = collection_for(catalog, search.collection);
    require(call.principal, Role::reader, collection->schema().name);
    if (collection->schema().crs != Crs::wgs84) {
        throw InvalidRequest(
            {{.pointer = "/collection",
              .detail = fmt::format("\"{}\" has planar coordinates; this search measures on WGS84",
                                    collection->schema().name)}});
    }
    SearchReport report;
    const PlaceQuery query{.point = search.point,
                           .metric = search.metric,
                           .category = std::move(search.category),
                           .method = search.method,
                           .match = search.match,
                           .filter = judged_filter(std::move(search.filter), collection->schema()),
                           .area = std::move(search.area),
                           .by_category = search.by_category,
                           .control = call.control,
                           .report = &report};
    auto neighbors = collection->nearest(query, search.k, search.max_distance);
    note_search(*call.notes, search.k, neighbors.size(), report);
    if (search.fields) keep_fields(*search.fields, neighbors);

    HttpResponse response{.content_type = media_type::kGeoJson};
    if (search.explain) {
        write_answer(response.body, query, report, neighbors);
    } else {
        write_feature_collection(response.body, neighbors, query.metric, Decimals::two);
    }
    return response;
}

}  // namespace

Endpoint knn_search(const Catalog& catalog) {
    return {
        .answer = [&catalog](const Call& call) { return search(catalog, call); },
        .lane =
            [](const HttpRequest& request) { return may_be_slow(request.body) ? Lane::slow : Lane::at_once; },
        .most_body_bytes = 1U << 20U};
}

}  // namespace crowfly
