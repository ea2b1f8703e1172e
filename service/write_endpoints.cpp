#include "service/write_endpoints.h"

#include <algorithm>

#include <fmt/format.h>

#include "formats/geojson_writer.h"
#include "service/content_type.h"
#include "service/entity_tag.h"
#include "service/feature_body.h"
#include "service/item_urls.h"
#include "service/media_types.h"
#include "service/merge_patch.h"
#include "service/position_body.h"
#include "service/query_parameters.h"

namespace crowfly {
namespace {

constexpr std::size_t kMostBytes = 16U << 20U;
constexpr std::size_t kMostUnknownIds = 1'000;

/// Of a store that is only read, its path is nobody's business.
template <class Write>
auto writing(const Collection& collection, const Write& write) try {
    return write();
} catch (const Error& error) {
    if (error.code() != Code::permission_denied) throw;
    throw Error(Code::permission_denied, fmt::format("\"{}\" is served for reading only; nothing was written",
                                                     collection.schema().name));
}

/// How long what is written lives; the only parameter of a write.
std::optional<TimeToLive> ttl_parameter(const Call& call) {
    QueryParameters parameters(call.request.query, {"ttl"});
    const auto seconds = parameters.number("ttl", 0.001, kLongestTtl);
    parameters.finish();
    return seconds ? std::optional(ttl_of(*seconds)) : std::nullopt;
}

std::optional<std::string> tag_of(const PlaceState& state) {
    return state.place ? std::optional(entity_tag(*state.place)) : std::nullopt;
}

HttpResponse created(const Call& call, const Collection& collection, const Place& place) {
    return {
        .status = 201,
        .content_type = "",
        .headers = {{"Location", item_url(call.request, collection, place.id)}, {"ETag", entity_tag(place)}}};
}

HttpResponse create(const Call& call, Collection& collection, std::optional<TimeToLive> ttl) {
    Place place = read_feature(call.request.body, collection.schema());
    if (place.id.empty()) place.id = random_uuid();
    const Edited edited = writing(collection, [&] {
        return collection.edit(place.id, [&](const PlaceState& state) -> std::optional<Change> {
            if (!state.place) return Upsert{place, ttl};
            throw Error(Code::conflict, fmt::format("\"{}\" has a place \"{}\" already; PUT replaces it",
                                                    collection.schema().name, shown(place.id)));
        });
    });
    call.notes->changes = 1;
    return created(call, collection, edited.place.value());
}

HttpResponse upsert_all(const Call& call, Collection& collection, PlaceFormat format,
                        std::optional<TimeToLive> ttl) {
    std::vector<Change> changes;
    for (Place& place : read_features(call.request.body, format, collection.schema()))
        changes.emplace_back(Upsert{std::move(place), ttl});
    const Written written = writing(collection, [&] { return collection.write(std::move(changes)); });
    call.notes->changes = written.upserted;
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object().key("written").number(written.upserted);
    json.key("sequence_number").number(written.sequence_number).end_object();
    return response;
}

HttpResponse post_items(const Catalog& catalog, const Call& call) {
    const auto collection = catalog.require(call.values[0]);
    const auto ttl = ttl_parameter(call);
    require_plain_body(call.request);
    const std::string type = media_type_of(call.request);
    if (type == media_type::kGeoJson || type == media_type::kJson) {
        if (is_one_feature(call.request.body)) return create(call, *collection, ttl);
        return upsert_all(call, *collection, PlaceFormat::geojson, ttl);
    }
    if (type == media_type::kNdjson || type == media_type::kGeoJsonSequence)
        return upsert_all(call, *collection, PlaceFormat::ndjson, ttl);
    refuse_media_type(call.request, {media_type::kGeoJson, media_type::kJson, media_type::kNdjson,
                                     media_type::kGeoJsonSequence});
}

/// A Feature may name the id that the path has, or none.
void require_id(Place& place, const std::string& id) {
    if (place.id.empty()) place.id = id;
    if (place.id == id) return;
    throw InvalidRequest({{.pointer = "/id",
                           .detail = fmt::format("is \"{}\"; expected \"{}\", as in the path, or none",
                                                 shown(place.id), shown(id))}});
}

HttpResponse put_item(const Catalog& catalog, const Call& call) {
    const auto collection = catalog.require(call.values[0]);
    const std::string& id = call.values[1];
    const auto ttl = ttl_parameter(call);
    const Preconditions conditions(call.request);
    require_plain_body(call.request);
    const std::string type = media_type_of(call.request);
    if (type != media_type::kGeoJson && type != media_type::kJson)
        refuse_media_type(call.request, {media_type::kGeoJson, media_type::kJson});
    Place place = read_feature(call.request.body, collection->schema());
    require_id(place, id);
    bool is_new = false;
    const Edited edited = writing(*collection, [&] {
        return collection->edit(id, [&](const PlaceState& state) -> std::optional<Change> {
            if (!conditions.are_none()) conditions.require(tag_of(state));
            is_new = !state.place;
            return Upsert{place, ttl};
        });
    });
    call.notes->changes = 1;
    if (is_new) return created(call, *collection, edited.place.value());
    return {.status = 204, .content_type = "", .headers = {{"ETag", entity_tag(edited.place.value())}}};
}

/// What is left of its life; at least a moment, so that it still expires.
std::optional<TimeToLive> life_left(const PlaceState& state) {
    if (!state.expires_at) return std::nullopt;
    return std::max(TimeToLive(1), *state.expires_at - system_time());
}

/// A place as the patch has it. What the patch does not speak of stays as it is, though GeoJSON has no words
/// for it, such as the measures of a line.
Place patched(const Place& before, std::string_view patch, const Schema& schema) {
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    write_feature_members(json, before);
    json.end_object();
    Place place = read_feature(merge_patch(text, patch), schema);
    require_id(place, before.id);
    if (!patches(patch, "geometry")) {
        place.position = before.position;
        place.shape = before.shape;
    }
    return place;
}

HttpResponse patch_item(const Catalog& catalog, const Call& call) {
    const auto collection = catalog.require(call.values[0]);
    const std::string& id = call.values[1];
    const auto ttl = ttl_parameter(call);
    const Preconditions conditions(call.request);
    require_plain_body(call.request);
    if (media_type_of(call.request) != media_type::kMergePatch)
        refuse_media_type(call.request, {media_type::kMergePatch}, "Accept-Patch");
    const Edited edited = writing(*collection, [&] {
        return collection->edit(id, [&](const PlaceState& state) -> std::optional<Change> {
            if (!state.place) refuse_unknown_place(*collection, id);
            if (!conditions.are_none()) conditions.require(tag_of(state));
            return Upsert{patched(*state.place, call.request.body, collection->schema()),
                          ttl ? ttl : life_left(state)};
        });
    });
    call.notes->changes = 1;
    return {.status = 204, .content_type = "", .headers = {{"ETag", entity_tag(edited.place.value())}}};
}

HttpResponse delete_item(const Catalog& catalog, const Call& call) {
    const auto collection = catalog.require(call.values[0]);
    const std::string& id = call.values[1];
    require_no_parameters(call.request.query);
    const Preconditions conditions(call.request);
    writing(*collection, [&] {
        return collection->edit(id, [&](const PlaceState& state) -> std::optional<Change> {
            if (!state.place) refuse_unknown_place(*collection, id);
            if (!conditions.are_none()) conditions.require(tag_of(state));
            return Erase{id};
        });
    });
    call.notes->changes = 1;
    return {.status = 204, .content_type = ""};
}

HttpResponse write_positions(const Call& call, Collection& collection, std::vector<Move> moves) {
    const Written written = writing(
        collection, [&] { return collection.write(std::vector<Change>(moves.begin(), moves.end())); });
    call.notes->changes = written.moved;
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object().key("written").number(written.moved);
    json.key("unknown").number(written.absent.size()).key("unknown_ids").begin_array();
    for (std::size_t i = 0; i < std::min(written.absent.size(), kMostUnknownIds); ++i)
        json.string(moves[written.absent[i]].id);
    json.end_array().key("sequence_number").number(written.sequence_number).end_object();
    return response;
}

HttpResponse post_positions(const Catalog& catalog, const Call& call) {
    const auto collection = catalog.require(call.values[0]);
    require_no_parameters(call.request.query);
    require_plain_body(call.request);
    const std::string type = media_type_of(call.request);
    if (type != media_type::kNdjson && type != media_type::kJson)
        refuse_media_type(call.request, {media_type::kNdjson, media_type::kJson});
    const auto records = type == media_type::kJson ? JsonRecords::array : JsonRecords::lines;
    return write_positions(call, *collection,
                           read_positions(call.request.body, records, collection->schema().crs));
}

using Answer = HttpResponse (*)(const Catalog&, const Call&);

Endpoint write_endpoint(const Catalog& catalog, Answer answer) {
    return {.answer = [&catalog, answer](const Call& call) { return answer(catalog, call); },
            .lane = [](const HttpRequest&) { return Lane::write; },
            .needed = Role::writer,
            .most_body_bytes = kMostBytes};
}

/// One that is not the same when it is done twice.
Endpoint repeatable(const Catalog& catalog, Idempotency& replies, Answer answer) {
    Endpoint endpoint = write_endpoint(catalog, answer);
    endpoint.answer = [&catalog, &replies, answer](const Call& call) {
        return replies.once(call.request, call.principal.id, [&] { return answer(catalog, call); });
    };
    return endpoint;
}

}  // namespace

void add_write_endpoints(ApiRouter& router, const Catalog& catalog, Idempotency& replies) {
    router.add("POST", "/collections/{c}/items", repeatable(catalog, replies, post_items));
    router.add("PUT", "/collections/{c}/items/{id}", write_endpoint(catalog, put_item));
    router.add("PATCH", "/collections/{c}/items/{id}", write_endpoint(catalog, patch_item));
    router.add("DELETE", "/collections/{c}/items/{id}", write_endpoint(catalog, delete_item));
    router.add("POST", "/collections/{c}/positions", repeatable(catalog, replies, post_positions));
}

}  // namespace crowfly
