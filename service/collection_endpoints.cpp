#include "service/collection_endpoints.h"

#include <array>

#include <fmt/format.h>

#include "core/error.h"
#include "formats/geojson_writer.h"
#include "service/links.h"
#include "service/media_types.h"
#include "service/query_parameters.h"

namespace crowfly {
namespace {

constexpr std::string_view kCrs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

constexpr std::array<std::string_view, 2> kConformance{
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
};

/// Throws for any parameter but `f`, by which clients may ask for what they get anyway.
void require_no_parameters(const HttpRequest& request) {
    QueryParameters parameters(request.query, {"f"});
    parameters.one_of("f", {"json"});
    parameters.finish();
}

std::string collection_url(const HttpRequest& request, const Collection& collection) {
    return base_url(request) + "/collections/" + collection.schema().name;
}

void write_extent(JsonWriter& json, const Extent& extent) {
    json.key("extent").begin_object().key("spatial").begin_object();
    json.key("bbox").begin_array().begin_array();
    json.number(extent.min_lon).number(extent.min_lat).number(extent.max_lon).number(extent.max_lat);
    json.end_array().end_array().key("crs").string(kCrs84).end_object().end_object();
}

void write_collection(JsonWriter& json, const HttpRequest& request, const Collection& collection) {
    const Schema& schema = collection.schema();
    json.begin_object().key("id").string(schema.name).key("title").string(schema.name);
    json.key("itemType").string("feature").key("itemCount").number(collection.count());
    const bool is_wgs84 = schema.crs == Crs::wgs84;
    if (is_wgs84) {
        json.key("crs").begin_array().string(kCrs84).end_array();
        json.key("storageCrs").string(kCrs84);
        if (const auto extent = collection.extent()) write_extent(json, *extent);
    }
    const std::string url = collection_url(request, collection);
    json.key("links").begin_array();
    write_link(json, "self", media_type::kJson, url);
    write_link(json, "items", media_type::kGeoJson, url + "/items");
    json.end_array().end_object();
}

HttpResponse landing_page(const Call& call) {
    require_no_parameters(call.request);
    const std::string base = base_url(call.request);
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object().key("title").string("crowfly").key("description");
    json.string("The places nearest to a place, exactly on the WGS84 ellipsoid");
    json.key("links").begin_array();
    write_link(json, "self", media_type::kJson, base + "/");
    write_link(json, "conformance", media_type::kJson, base + "/conformance");
    write_link(json, "data", media_type::kJson, base + "/collections");
    json.end_array().end_object();
    return response;
}

HttpResponse conformance(const Call& call) {
    require_no_parameters(call.request);
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object().key("conformsTo").begin_array();
    for (const std::string_view uri : kConformance) json.string(uri);
    json.end_array().end_object();
    return response;
}

HttpResponse collections(const Catalog& catalog, const Call& call) {
    require_no_parameters(call.request);
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object().key("collections").begin_array();
    for (const auto& collection : catalog.list()) write_collection(json, call.request, *collection);
    json.end_array().key("links").begin_array();
    write_link(json, "self", media_type::kJson, base_url(call.request) + "/collections");
    json.end_array().end_object();
    return response;
}

HttpResponse collection(const Catalog& catalog, const Call& call) {
    require_no_parameters(call.request);
    HttpResponse response;
    JsonWriter json(response.body);
    write_collection(json, call.request, *catalog.require(call.values[0]));
    return response;
}

HttpResponse item(const Catalog& catalog, const Call& call) {
    require_no_parameters(call.request);
    const auto collection = catalog.require(call.values[0]);
    const auto place = collection->get(call.values[1]);
    if (!place) {
        throw Error(Code::not_found, fmt::format("\"{}\" has no place \"{}\"", collection->schema().name,
                                                 shown(call.values[1])));
    }
    HttpResponse response{.content_type = media_type::kGeoJson};
    JsonWriter json(response.body);
    const std::string url = collection_url(call.request, *collection);
    json.begin_object();
    write_feature_members(json, *place);
    json.key("links").begin_array();
    write_link(json, "self", media_type::kGeoJson, url + "/items/" + percent_encoded(place->id));
    write_link(json, "collection", media_type::kJson, url);
    json.end_array().end_object();
    return response;
}

}  // namespace

void add_collection_endpoints(ApiRouter& router, const Catalog& catalog) {
    router.add("GET", "/", {.answer = landing_page});
    router.add("GET", "/conformance", {.answer = conformance});
    router.add("GET", "/collections",
               {.answer = [&](const Call& call) { return collections(catalog, call); }});
    router.add("GET", "/collections/{c}",
               {.answer = [&](const Call& call) { return collection(catalog, call); }});
    router.add("GET", "/collections/{c}/items/{id}",
               {.answer = [&](const Call& call) { return item(catalog, call); }});
}

}  // namespace crowfly
