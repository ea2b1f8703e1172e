#include "service/collection_endpoints.h"

#include <array>

#include "service/crs84.h"
#include "service/links.h"
#include "service/media_types.h"
#include "service/query_parameters.h"

namespace crowfly {
namespace {

/// Of Part 1 without its class oas30: the API definition is OpenAPI 3.1.
constexpr std::array<std::string_view, 21> kConformance{
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/accent-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/property-property",
    "http://www.opengis.net/spec/cql2/1.0/conf/arithmetic",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
    "http://www.opengis.net/spec/tms/2.0/conf/tilematrixset",
    "http://www.opengis.net/spec/tms/2.0/conf/json-tilematrixset",
};

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
    write_link(json, "http://www.opengis.net/def/rel/ogc/1.0/queryables", media_type::kJsonSchema,
               url + "/queryables");
    if (is_wgs84) {
        write_link(json, "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", media_type::kJson,
                   url + "/tiles");
    }
    json.end_array().end_object();
}

HttpResponse landing_page(const Call& call) {
    require_no_parameters(call.request.query);
    const std::string base = base_url(call.request);
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object().key("title").string("crowfly").key("description");
    json.string("The places nearest to a place, exactly on the WGS84 ellipsoid");
    json.key("links").begin_array();
    write_link(json, "self", media_type::kJson, base + "/");
    write_link(json, "service-desc", media_type::kOpenApi, base + "/openapi.json");
    write_link(json, "conformance", media_type::kJson, base + "/conformance");
    write_link(json, "data", media_type::kJson, base + "/collections");
    write_link(json, "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes", media_type::kJson,
               base + "/tileMatrixSets");
    json.end_array().end_object();
    return response;
}

HttpResponse conformance(const Call& call) {
    require_no_parameters(call.request.query);
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object().key("conformsTo").begin_array();
    for (const std::string_view uri : kConformance) json.string(uri);
    json.end_array().end_object();
    return response;
}

HttpResponse collections(const Catalog& catalog, const Call& call) {
    require_no_parameters(call.request.query);
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object().key("collections").begin_array();
    for (const auto& collection : catalog.list()) {
        if (call.principal.may(Role::reader, collection->schema().name))
            write_collection(json, call.request, *collection);
    }
    json.end_array().key("links").begin_array();
    write_link(json, "self", media_type::kJson, base_url(call.request) + "/collections");
    json.end_array().end_object();
    return response;
}

HttpResponse collection(const Catalog& catalog, const Call& call) {
    require_no_parameters(call.request.query);
    HttpResponse response;
    JsonWriter json(response.body);
    write_collection(json, call.request, *catalog.require(call.values[0]));
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
}

}  // namespace crowfly
