#include "service/tile_endpoints.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "store/memory_collection.h"
#include "store/place_tile.h"

namespace crowfly {
namespace {

using simdjson::dom::element;
using testing::HasSubstr;

/// A service with places around Zürich, and a planar collection.
class Tiles : public testing::Test {
  protected:
    std::vector<std::unique_ptr<Collection>> collections() {
        auto places =
            std::make_unique<MemoryCollection>(Schema{.name = "places"}, std::vector{MetricKind::spheroid});
        places_ = places.get();
        std::vector<Change> changes;
        for (int i = 0; i < 100; ++i) {
            changes.push_back(
                Upsert{{.id = std::to_string(i), .position = {8.5 + i / 1000.0, 47.3}, .name = "a place"}});
        }
        places->write(std::move(changes));
        std::vector<std::unique_ptr<Collection>> all;
        all.push_back(std::move(places));
        all.push_back(std::make_unique<MemoryCollection>(Schema{.name = "plan", .crs = Crs::planar},
                                                         std::vector{MetricKind::plane}));
        return all;
    }

    HttpResponse get(const std::string& target, const std::string& if_none_match = {}) {
        boost::beast::http::fields fields;
        fields.set(boost::beast::http::field::host, "t");
        if (!if_none_match.empty()) fields.set(boost::beast::http::field::if_none_match, if_none_match);
        const std::size_t query = std::min(target.find('?'), target.size());
        return api_.handle({.method = "GET",
                            .path = std::string_view(target).substr(0, query),
                            .query = std::string_view(target).substr(std::min(query + 1, target.size())),
                            .fields = &fields});
    }

    static std::string field(const HttpResponse& response, std::string_view name) {
        for (const auto& [field, value] : response.headers) {
            if (field == name) return value;
        }
        return {};
    }

    element parse(const HttpResponse& response) {
        EXPECT_EQ(response.status, 200) << response.body;
        EXPECT_EQ(response.content_type, "application/json");
        return parser_.parse(response.body);
    }

    static std::string link(element document, std::string_view rel) {
        for (const element link : document["links"]) {
            if (std::string_view(link["rel"]) == rel) return std::string(std::string_view(link["href"]));
        }
        return {};
    }

    MemoryCollection* places_ = nullptr;
    Api api_{collections()};
    simdjson::dom::parser parser_;
};

const std::string kTiles = "/collections/places/tiles/WebMercatorQuad/";

TEST_F(Tiles, ATileIsInTheOrderZoomRowColumn) {
    const HttpResponse response = get(kTiles + "5/11/16");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content_type, "application/vnd.mapbox-vector-tile");
    EXPECT_EQ(response.body, place_tile(*places_->snapshot(), "places", {.z = 5, .x = 16, .y = 11}));
    EXPECT_THAT(response.body, HasSubstr("a place"));
    EXPECT_EQ(get(kTiles + "5/11/16?f=mvt").body, response.body);
}

TEST_F(Tiles, ATileWithNothingInItHasNoContent) {
    const HttpResponse response = get(kTiles + "5/16/11");
    EXPECT_EQ(response.status, 204);
    EXPECT_EQ(response.content_type, "");
    EXPECT_EQ(response.body, "");
    EXPECT_NE(field(response, "ETag"), "");
}

TEST_F(Tiles, ATileIsNotSentAgainUntilPlacesChange) {
    const HttpResponse first = get(kTiles + "0/0/0");
    const std::string tag = field(first, "ETag");
    EXPECT_EQ(field(first, "Cache-Control"), "no-cache");
    for (const std::string& known : {tag, "W/" + tag, "\"a\",\t" + tag + " , \"b\"", std::string("*")}) {
        const HttpResponse again = get(kTiles + "0/0/0", known);
        EXPECT_EQ(again.status, 304) << known;
        EXPECT_EQ(again.body, "");
        EXPECT_EQ(field(again, "ETag"), tag);
    }
    for (const std::string& other : {std::string("\"a\""), tag.substr(1), tag + "x", std::string(",,")})
        EXPECT_EQ(get(kTiles + "0/0/0", other).body, first.body) << other;
    std::vector<Change> changes;
    changes.push_back(Upsert{{.id = "new", .position = {-100, 40}}});
    places_->write(std::move(changes));
    const HttpResponse changed = get(kTiles + "0/0/0", tag);
    EXPECT_EQ(changed.status, 200);
    EXPECT_NE(changed.body, first.body);
    EXPECT_NE(field(changed, "ETag"), tag);
}

TEST_F(Tiles, AnotherServiceHasOtherTags) {
    const std::string tag = field(get(kTiles + "0/0/0"), "ETag");
    Api other(collections());
    EXPECT_NE(field(other.handle({.method = "GET", .path = kTiles + "0/0/0"}), "ETag"), tag);
}

TEST_F(Tiles, WhatIsNoTileIsNotFound) {
    for (const char* tile : {"25/0/0", "0/0/1", "0/1/0", "3/8/0", "3/0/8", "4294967296/0/0", "-1/0/0",
                             "a/0/0", "1/0x1/0", "1/+1/0", "1/1.0/0", "1/1/1.mvt", "24/16777216/0"}) {
        const HttpResponse response = get(kTiles + tile);
        EXPECT_EQ(response.status, 404) << tile;
        EXPECT_EQ(response.content_type, "application/problem+json");
    }
    EXPECT_EQ(get(kTiles + "24/16777215/16777215").status, 204);
    EXPECT_EQ(get("/collections/places/tiles/WorldCRS84Quad/0/0/0").status, 404);
    EXPECT_EQ(get("/collections/none/tiles/WebMercatorQuad/0/0/0").status, 404);
    EXPECT_EQ(get(kTiles + "0/0/0?f=png").status, 400);
}

TEST_F(Tiles, PlanarCollectionsHaveNone) {
    for (const char* path : {"/tiles", "/tiles/WebMercatorQuad", "/tiles/WebMercatorQuad/0/0/0"}) {
        const HttpResponse response = get("/collections/plan" + std::string(path));
        EXPECT_EQ(response.status, 409);
        EXPECT_THAT(response.body, HasSubstr("is planar"));
    }
    const element plan = parse(get("/collections/plan"));
    EXPECT_EQ(link(plan, "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"), "");
}

TEST_F(Tiles, LinksLeadFromTheCollectionToATile) {
    constexpr std::size_t kHost = std::string_view("http://t").size();
    const auto follow = [&](element from, std::string_view rel) { return link(from, rel).substr(kHost); };
    const std::string list =
        follow(parse(get("/collections/places")), "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector");
    EXPECT_EQ(list, "/collections/places/tiles");
    const std::string set = follow(parse(get(list))["tilesets"].at(0), "self");
    EXPECT_EQ(set, "/collections/places/tiles/WebMercatorQuad");
    const element described = parse(get(set));
    EXPECT_EQ(std::string_view(described["dataType"]), "vector");
    EXPECT_EQ(std::string_view(described["layers"].at(0)["id"]), "places");
    EXPECT_DOUBLE_EQ(double(described["boundingBox"]["lowerLeft"].at(0)), 8.5);
    EXPECT_EQ(follow(described, "item"), set + "/{tileMatrix}/{tileRow}/{tileCol}");
    EXPECT_EQ(follow(described, "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"),
              "/tileMatrixSets/WebMercatorQuad");
}

TEST_F(Tiles, TheTileMatrixSetIsThatOfTheStandard) {
    const element sets = parse(get("/tileMatrixSets"));
    EXPECT_EQ(std::string_view(sets["tileMatrixSets"].at(0)["id"]), "WebMercatorQuad");
    const element set = parse(get("/tileMatrixSets/WebMercatorQuad"));
    const simdjson::dom::array matrices = set["tileMatrices"];
    EXPECT_EQ(matrices.size(), 25U);
    // OGC 17-083r4, table D.1.
    EXPECT_NEAR(double(matrices.at(0)["scaleDenominator"]), 559082264.0287178, 1e-3);
    EXPECT_NEAR(double(matrices.at(0)["cellSize"]), 156543.0339280410, 1e-9);
    EXPECT_NEAR(double(matrices.at(24)["scaleDenominator"]), 33.3238997477, 1e-9);
    EXPECT_NEAR(double(matrices.at(3)["pointOfOrigin"].at(0)), -20037508.3427892, 1e-7);
    EXPECT_EQ(std::int64_t(matrices.at(24)["matrixWidth"]), 16777216);
}

}  // namespace
}  // namespace crowfly
