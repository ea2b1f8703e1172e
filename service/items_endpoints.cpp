#include "service/items_endpoints.h"

#include <charconv>

#include <fmt/format.h>

#include "formats/geojson_writer.h"
#include "service/datetime_parameter.h"
#include "service/entity_tag.h"
#include "service/item_urls.h"
#include "service/links.h"
#include "service/media_types.h"
#include "service/query_parameters.h"
#include "service/restrictions.h"
#include "store/queryables.h"

namespace crowfly {
namespace {

constexpr std::size_t kDefaultItems = 10;

std::string_view json_schema_type(AttributeType type) {
    switch (type) {
        case AttributeType::boolean:
            return "boolean";
        case AttributeType::integer:
            return "integer";
        case AttributeType::real:
            return "number";
        case AttributeType::text:
            break;
    }
    return "string";
}

HttpResponse queryables_of(const Catalog& catalog, const Call& call) {
    const auto collection = catalog.require(call.values[0]);
    require_no_parameters(call.request.query);
    HttpResponse response{.content_type = media_type::kJsonSchema};
    JsonWriter json(response.body);
    const std::string url = collection_url(call.request, *collection);
    json.begin_object().key("$schema").string("https://json-schema.org/draft/2020-12/schema");
    json.key("$id").string(url + "/queryables").key("type").string("object");
    json.key("title").string(collection->schema().name).key("additionalProperties").boolean(false);
    json.key("properties").begin_object();
    for (const cql2::Queryable& queryable : queryables(collection->schema())) {
        json.key(queryable.name).begin_object().key("type").string(json_schema_type(queryable.type));
        json.end_object();
    }
    json.end_object().end_object();
    return response;
}

std::optional<std::int64_t> after_of(QueryParameters& parameters) {
    const auto text = parameters.text("after");
    if (!text) return std::nullopt;
    std::int64_t after = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), after);
    if (error == std::errc() && end == text->data() + text->size()) return after;
    parameters.fault("after", "is not what a link to a next page has");
    return std::nullopt;
}

/// Places have no time, and so are there at any.
void judge_datetime(QueryParameters& parameters) {
    const auto text = parameters.text("datetime");
    if (!text || is_datetime_parameter(*text)) return;
    parameters.fault("datetime", fmt::format("is \"{}\"; expected a time such as 2026-01-31T12:00:00Z, or an "
                                             "interval of two with a slash between",
                                             shown(*text)));
}

std::vector<std::string_view> known_parameters(const std::vector<cql2::Queryable>& queryables) {
    std::vector<std::string_view> names{"limit", "after", "datetime", "f"};
    names.insert(names.end(), std::begin(Restrictions::kNames), std::end(Restrictions::kNames));
    for (const cql2::Queryable& queryable : queryables) names.push_back(queryable.name);
    return names;
}

HttpResponse page_of(const Call& call, const Collection& collection, const ItemsPage& page) {
    HttpResponse response{.content_type = media_type::kGeoJson};
    JsonWriter json(response.body);
    json.begin_object().key("type").string("FeatureCollection");
    json.key("numberReturned").number(page.places.size());
    json.key("links").begin_array();
    const std::string url = collection_url(call.request, collection);
    write_link(json, "self", media_type::kGeoJson, with_query(url + "/items", call.request.query));
    if (page.next) {
        write_link(json, "next", media_type::kGeoJson,
                   with_query(url + "/items",
                              with_parameter(call.request.query, "after", std::to_string(*page.next))));
    }
    write_link(json, "collection", media_type::kJson, url);
    json.end_array().key("features").begin_array();
    for (const Place& place : page.places) {
        json.begin_object();
        write_feature_members(json, place);
        json.end_object();
    }
    json.end_array().end_object();
    return response;
}

HttpResponse items(const Catalog& catalog, const ApiLimits& limits, const Call& call) {
    const auto collection = catalog.require(call.values[0]);
    const auto asked = queryables(collection->schema());
    QueryParameters parameters(call.request.query, known_parameters(asked));
    parameters.one_of("f", {"json"});
    judge_datetime(parameters);
    ItemsQuery query{
        .after = after_of(parameters),
        .limit = parameters.whole_up_to("limit", 1, limits.most_neighbors).value_or(kDefaultItems),
        .control = call.control};
    Restrictions restrictions = Restrictions::of(parameters, collection->schema(), true);
    parameters.finish();
    query.box = std::move(restrictions.box);
    query.filter = std::move(restrictions.filter);
    return page_of(call, *collection, collection->items(query));
}

HttpResponse item(const Catalog& catalog, const Call& call) {
    require_no_parameters(call.request.query);
    const auto collection = catalog.require(call.values[0]);
    const Preconditions conditions(call.request);
    const auto place = collection->get(call.values[1]);
    if (!place) refuse_unknown_place(*collection, call.values[1]);
    std::string members;
    JsonWriter feature(members);
    write_feature_members(feature, *place);
    std::string tag = entity_tag(members);
    if (conditions.is_known(tag))
        return {.status = 304, .content_type = "", .headers = {{"ETag", std::move(tag)}}};
    HttpResponse response{.content_type = media_type::kGeoJson, .headers = {{"ETag", std::move(tag)}}};
    JsonWriter json(response.body);
    json.begin_object().raw(members).key("links").begin_array();
    write_link(json, "self", media_type::kGeoJson, item_url(call.request, *collection, place->id));
    write_link(json, "collection", media_type::kJson, collection_url(call.request, *collection));
    json.end_array().end_object();
    return response;
}

}  // namespace

void add_items_endpoints(ApiRouter& router, const Catalog& catalog, const ApiLimits& limits) {
    router.add("GET", "/collections/{c}/queryables",
               {.answer = [&](const Call& call) { return queryables_of(catalog, call); }});
    router.add("GET", "/collections/{c}/items",
               {.answer = [&](const Call& call) { return items(catalog, limits, call); },
                .lane = [](const HttpRequest&) { return Lane::slow; }});
    router.add("GET", "/collections/{c}/items/{id}",
               {.answer = [&](const Call& call) { return item(catalog, call); }});
}

}  // namespace crowfly
