#include "service/knn_search.h"

#include <fmt/format.h>

#include "formats/geojson_writer.h"
#include "service/auth/authenticator.h"
#include "service/media_types.h"
#include "service/problem.h"
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

HttpResponse search(const Catalog& catalog, const Call& call) {
    SearchRequest search = parse_search_request(call.request.body);
    const auto collection = collection_for(catalog, search.collection);
    require(call.principal, Role::reader, collection->schema().name);
    if (collection->schema().crs != Crs::wgs84) {
        throw InvalidRequest(
            {{.pointer = "/collection",
              .detail = fmt::format("\"{}\" has planar coordinates; this search measures on WGS84",
                                    collection->schema().name)}});
    }
    const PlaceQuery query{.point = search.point,
                           .category = std::move(search.category),
                           .match = search.match,
                           .control = call.control};
    const auto neighbors = collection->nearest(query, search.k, search.max_distance);

    HttpResponse response{.content_type = media_type::kGeoJson};
    write_feature_collection(response.body, neighbors, query.metric, Decimals::two);
    return response;
}

}  // namespace

Endpoint knn_search(const Catalog& catalog) {
    return {.answer = [&catalog](const Call& call) { return search(catalog, call); },
            .most_body_bytes = 1U << 20U};
}

}  // namespace crowfly
