#include "service/tile_endpoints.h"

#include <charconv>
#include <map>
#include <mutex>
#include <numbers>

#include <fmt/format.h>

#include "core/error.h"
#include "formats/tile_frame.h"
#include "service/crs84.h"
#include "service/links.h"
#include "service/media_types.h"
#include "service/query_parameters.h"
#include "service/tile_cache.h"
#include "store/place_tile.h"

namespace crowfly {
namespace {

constexpr std::size_t kMostCachedBytes = 32U << 20U;

constexpr std::string_view kWebMercatorQuad = "WebMercatorQuad";
constexpr std::string_view kWebMercatorQuadUri =
    "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad";
constexpr std::string_view kWebMercator = "http://www.opengis.net/def/crs/EPSG/0/3857";
constexpr std::string_view kTilingScheme = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme";

/// A name for each collection that no other one has had, in this process or another: a collection's sequence
/// numbers mean nothing to the next one of the same name.
class StateNames {
  public:
    /// Of the collection with that sequence number.
    std::string of(const std::shared_ptr<Collection>& collection, std::uint64_t sequence_number) {
        const std::scoped_lock lock(mutex_);
        std::erase_if(names_, [](const auto& entry) { return entry.first.expired(); });
        auto [entry, is_new] = names_.try_emplace(collection);
        if (is_new) entry->second = random_uuid().substr(0, 18);
        return fmt::format("{}-{}", entry->second, sequence_number);
    }

  private:
    std::mutex mutex_;
    std::map<std::weak_ptr<Collection>, std::string, std::owner_less<>> names_;
};

/// What the tiles of all collections share.
struct Tiles {
    StateNames states;
    TileCache cache{kMostCachedBytes};
};

std::shared_ptr<Collection> tiled(const Catalog& catalog, const std::string& name) {
    auto collection = catalog.require(name);
    if (collection->schema().crs != Crs::wgs84) {
        throw Error(Code::conflict, fmt::format("\"{}\" is planar; there are tiles of collections on WGS84",
                                                collection->schema().name));
    }
    return collection;
}

std::string tile_set_url(const HttpRequest& request, const Collection& collection) {
    return fmt::format("{}/tiles/{}", collection_url(request, collection), kWebMercatorQuad);
}

std::string tile_matrix_set_url(const HttpRequest& request) {
    return fmt::format("{}/tileMatrixSets/{}", base_url(request), kWebMercatorQuad);
}

/// What a list of tile sets has of one; the caller opens and closes the object.
void write_tile_set(JsonWriter& json, const HttpRequest& request, const Collection& collection) {
    const std::string url = tile_set_url(request, collection);
    json.key("title").string(collection.schema().name).key("dataType").string("vector");
    json.key("crs").string(kWebMercator).key("tileMatrixSetId").string(kWebMercatorQuad);
    json.key("tileMatrixSetURI").string(kWebMercatorQuadUri);
    json.key("links").begin_array();
    write_link(json, "self", media_type::kJson, url);
    write_link(json, kTilingScheme, media_type::kJson, tile_matrix_set_url(request));
    json.begin_object().key("rel").string("item").key("type").string(media_type::kVectorTile);
    json.key("href").string(url + "/{tileMatrix}/{tileRow}/{tileCol}").key("templated").boolean(true);
    json.end_object().end_array();
}

HttpResponse tile_sets(const Catalog& catalog, const Call& call) {
    const auto collection = tiled(catalog, call.values[0]);
    require_no_parameters(call.request.query);
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object().key("links").begin_array();
    write_link(json, "self", media_type::kJson, collection_url(call.request, *collection) + "/tiles");
    json.end_array().key("tilesets").begin_array().begin_object();
    write_tile_set(json, call.request, *collection);
    json.end_object().end_array().end_object();
    return response;
}

HttpResponse tile_set(const Catalog& catalog, const Call& call) {
    const auto collection = tiled(catalog, call.values[0]);
    require_no_parameters(call.request.query);
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object();
    write_tile_set(json, call.request, *collection);
    json.key("layers").begin_array().begin_object();
    json.key("id").string(collection->schema().name).key("dataType").string("vector");
    json.key("minTileMatrix").string("0").key("maxTileMatrix").string(std::to_string(TileAddress::kMostZoom));
    json.end_object().end_array();
    if (const auto extent = collection->extent()) {
        json.key("boundingBox").begin_object();
        json.key("lowerLeft").begin_array().number(extent->min_lon).number(extent->min_lat).end_array();
        json.key("upperRight").begin_array().number(extent->max_lon).number(extent->max_lat).end_array();
        json.key("crs").string(kCrs84).end_object();
    }
    json.end_object();
    return response;
}

/// Those of the path; nothing when it names none.
std::optional<TileAddress> address_of(std::string_view z, std::string_view y, std::string_view x) {
    TileAddress tile;
    for (const auto& [text, number] : {std::pair(z, &tile.z), std::pair(y, &tile.y), std::pair(x, &tile.x)}) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
        if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    }
    const bool is_there = tile.z <= TileAddress::kMostZoom && tile.x >> tile.z == 0 && tile.y >> tile.z == 0;
    return is_there ? std::optional(tile) : std::nullopt;
}

/// Whether an If-None-Match has the tag, which is compared weakly (RFC 9110, 13.1.2). Our tags have no
/// commas.
bool names_tag(std::string_view field, std::string_view tag) {
    while (!field.empty()) {
        std::string_view one = field.substr(0, field.find(','));
        field.remove_prefix(std::min(one.size() + 1, field.size()));
        const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
        while (!one.empty() && is_blank(one.front())) one.remove_prefix(1);
        while (!one.empty() && is_blank(one.back())) one.remove_suffix(1);
        if (one == "*") return true;
        if (one.starts_with("W/")) one.remove_prefix(2);
        if (one == tag) return true;
    }
    return false;
}

TileCache::Tile tile_of(Tiles& tiles, const Collection& collection, const PlaceSnapshot& places,
                        const std::string& state, TileAddress address) {
    std::string key = fmt::format("{}/{}/{}/{}", state, address.z, address.y, address.x);
    if (auto tile = tiles.cache.find(key)) return tile;
    auto tile = std::make_shared<const std::string>(place_tile(places, collection.schema().name, address));
    tiles.cache.put(std::move(key), tile);
    return tile;
}

HttpResponse tile(const Catalog& catalog, Tiles& tiles, const Call& call) {
    const auto collection = tiled(catalog, call.values[0]);
    QueryParameters parameters(call.request.query, {"f"});
    parameters.one_of("f", {"mvt"});
    parameters.finish();
    const auto address = address_of(call.values[1], call.values[2], call.values[3]);
    if (!address) {
        throw Error(
            Code::not_found,
            fmt::format("there is no such tile; expected {{tileMatrix}} from 0 to {}, {{tileRow}} and "
                        "{{tileCol}} from 0 to 2^{{tileMatrix}} - 1",
                        TileAddress::kMostZoom));
    }
    const auto places = collection->snapshot();
    const std::string state = tiles.states.of(collection, places->sequence_number());
    HttpResponse response{.content_type = media_type::kVectorTile,
                          .headers = {{"ETag", '"' + state + '"'}, {"Cache-Control", "no-cache"}}};
    if (names_tag(call.request.header("If-None-Match"), response.headers.front().second)) {
        response.status = 304;
    } else {
        response.body = *tile_of(tiles, *collection, *places, state, *address);
        if (response.body.empty()) response.status = 204;
    }
    if (response.body.empty()) response.content_type = {};
    return response;
}

HttpResponse tile_matrix_sets(const Call& call) {
    require_no_parameters(call.request.query);
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object().key("tileMatrixSets").begin_array().begin_object();
    json.key("id").string(kWebMercatorQuad).key("uri").string(kWebMercatorQuadUri);
    json.key("links").begin_array();
    write_link(json, "self", media_type::kJson, tile_matrix_set_url(call.request));
    json.end_array().end_object().end_array().end_object();
    return response;
}

/// OGC 17-083r4, annex D.1.
HttpResponse tile_matrix_set(const Call& call) {
    constexpr double kHalfWidth = std::numbers::pi * 6378137;  // of the earth on the map, in metres
    constexpr int kTileSize = 256;                             // in pixels, as scales are reckoned
    constexpr double kPixel = 0.28e-3;                         // in metres on the screen
    require_no_parameters(call.request.query);
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object().key("id").string(kWebMercatorQuad).key("uri").string(kWebMercatorQuadUri);
    json.key("title").string("Google Maps Compatible for the World");
    json.key("crs").string(kWebMercator).key("orderedAxes").begin_array().string("X").string("Y").end_array();
    json.key("wellKnownScaleSet").string("http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible");
    json.key("tileMatrices").begin_array();
    for (std::uint32_t zoom = 0; zoom <= TileAddress::kMostZoom; ++zoom) {
        const std::uint32_t tiles = 1U << zoom;
        const double cell = 2 * kHalfWidth / kTileSize / tiles;
        json.begin_object().key("id").string(std::to_string(zoom));
        json.key("scaleDenominator").number(cell / kPixel).key("cellSize").number(cell);
        json.key("pointOfOrigin").begin_array().number(-kHalfWidth).number(kHalfWidth).end_array();
        json.key("tileWidth").number(kTileSize).key("tileHeight").number(kTileSize);
        json.key("matrixWidth").number(tiles).key("matrixHeight").number(tiles).end_object();
    }
    json.end_array().end_object();
    return response;
}

}  // namespace

void add_tile_endpoints(ApiRouter& router, const Catalog& catalog) {
    router.add("GET", "/tileMatrixSets", {.answer = tile_matrix_sets});
    router.add("GET", "/tileMatrixSets/WebMercatorQuad", {.answer = tile_matrix_set});
    router.add("GET", "/collections/{c}/tiles",
               {.answer = [&](const Call& call) { return tile_sets(catalog, call); }});
    router.add("GET", "/collections/{c}/tiles/WebMercatorQuad",
               {.answer = [&](const Call& call) { return tile_set(catalog, call); }});
    router.add("GET", "/collections/{c}/tiles/WebMercatorQuad/{z}/{y}/{x}",
               {.answer = [&catalog, tiles = std::make_shared<Tiles>()](
                              const Call& call) { return tile(catalog, *tiles, call); },
                .lane = [](const HttpRequest&) { return Lane::slow; }});
}

}  // namespace crowfly
