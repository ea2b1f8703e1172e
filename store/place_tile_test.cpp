#include "store/place_tile.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <protozero/pbf_reader.hpp>

#include "formats/wkt.h"
#include "store/collection.h"
#include "store/embedded/embedded_store.h"
#include "store/memory_collection.h"
#include "tests/support/any_shape.h"
#include "tests/support/process.h"
#include "tests/support/seed.h"
#include "tests/support/temporary.h"

namespace crowfly {
namespace {

/// What a tile has, by protozero's reader.
struct ReadTile {
    std::size_t features = 0;
    std::uint64_t places = 0;  ///< clusters by their counts
    std::vector<std::string> ids = {};
};

struct ReadValue {
    std::string text = {};
    std::uint64_t number = 0;
};

ReadValue read_value(protozero::pbf_reader message) {
    ReadValue value;
    while (message.next()) {
        if (message.tag() == 1) {
            value.text = message.get_string();
        } else {
            value.number = message.get_uint64();
        }
    }
    return value;
}

ReadTile read(const std::string& bytes) {
    ReadTile tile;
    protozero::pbf_reader layers(bytes);
    while (layers.next(3)) {
        std::vector<std::string> keys;
        std::vector<ReadValue> values;
        std::vector<std::vector<std::uint32_t>> features;
        protozero::pbf_reader layer = layers.get_message();
        while (layer.next()) {
            if (layer.tag() == 2) {
                auto& tags = features.emplace_back();
                protozero::pbf_reader feature = layer.get_message();
                while (feature.next()) {
                    if (feature.tag() != 2) {
                        feature.skip();
                        continue;
                    }
                    for (const std::uint32_t tag : feature.get_packed_uint32()) tags.push_back(tag);
                }
            } else if (layer.tag() == 3) {
                keys.push_back(layer.get_string());
            } else if (layer.tag() == 4) {
                values.push_back(read_value(layer.get_message()));
            } else {
                layer.skip();
            }
        }
        for (const auto& tags : features) {
            std::uint64_t count = 1;
            for (std::size_t i = 0; i < tags.size(); i += 2) {
                if (keys[tags[i]] == "count") count = values[tags[i + 1]].number;
                if (keys[tags[i]] == "id") tile.ids.push_back(values[tags[i + 1]].text);
            }
            tile.places += count;
            ++tile.features;
        }
    }
    return tile;
}

/// Calls `visit` with every tile of a level.
void for_each_tile(std::uint32_t zoom, const std::function<void(TileAddress)>& visit) {
    for (std::uint32_t x = 0; x < 1U << zoom; ++x) {
        for (std::uint32_t y = 0; y < 1U << zoom; ++y) visit({zoom, x, y});
    }
}

class PlaceTile : public testing::Test {
  protected:
    void fill(const std::vector<Place>& places) {
        PlaceList list(places);
        collection_.upsert(list);
    }

    std::string tile(TileAddress address) const {
        return place_tile(*collection_.snapshot(), "places", address);
    }

    std::vector<Place> any_places(std::size_t count, std::size_t text) {
        std::vector<Place> places(count);
        for (std::size_t i = 0; i < count; ++i) {
            const bool is_in_town = random_.below(2) == 0;
            places[i] = {.id = std::to_string(i),
                         .position = is_in_town
                                         ? LonLat{random_.uniform(10, 10.1), random_.uniform(50, 50.1)}
                                         : LonLat{random_.uniform(-180, 180), random_.uniform(-85, 85)},
                         .name = std::string(random_.below(text + 1), 'n') + std::to_string(i),
                         .category = i % 3 == 0 ? "" : "category"};
        }
        return places;
    }

    tests::Random random_;
    MemoryCollection collection_{{.name = "places"}, {MetricKind::spheroid}};
};

TEST_F(PlaceTile, HasEachPlaceWithItsTextsWhereThereAreFew) {
    fill({{.id = "b", .position = {10, 50}, .name = "B", .category = "peak"},
          {.id = "a", .position = {10, 50}},
          {.id = "beyond", .position = {0, 86}}});
    tests::TemporaryDirectory directory;
    const std::string path = directory.file("tile.mvt", tile({0, 0, 0}));
    const tests::Finished finished =
        tests::run({"ogr2ogr", "-f", "CSV", "/vsistdout/", path, "-lco", "GEOMETRY=AS_WKT"});
    EXPECT_EQ(finished.out,
              "WKT,mvt_id,id,name,category\n"
              "\"POINT (2161 2707)\",,a,,\n"
              "\"POINT (2161 2707)\",,b,B,peak\n")
        << finished.err;
    EXPECT_EQ(tile({1, 0, 0}), "");
}

TEST_F(PlaceTile, TheTilesOfEveryLevelHaveAllPlaces) {
    fill(any_places(20'000, 10));
    for (std::uint32_t zoom = 0; zoom < 5; ++zoom) {
        std::uint64_t places = 0;
        for_each_tile(zoom, [&](TileAddress address) {
            const std::string bytes = tile(address);
            ASSERT_LE(bytes.size(), kMostTileBytes);
            places += read(bytes).places;
        });
        ASSERT_EQ(places, 20'000U) << zoom;
    }
    EXPECT_LE(read(tile({0, 0, 0})).features, kMostPlainPlaces);
    EXPECT_TRUE(std::ranges::is_sorted(
        read(tile({4, 3, 5})).ids, [](const auto& a, const auto& b) { return std::stoi(a) < std::stoi(b); }));
}

TEST_F(PlaceTile, LongTextsAreLeftOut) {
    std::vector<Place> places = any_places(4000, 1000);
    fill(places);
    EXPECT_LE(tile({0, 0, 0}).size(), kMostTileBytes);
    EXPECT_EQ(read(tile({0, 0, 0})).ids.size(), 4000U);
    for (Place& place : places) place.id += std::string(200, 'i');
    PlaceList list(places);
    MemoryCollection with_long_ids({.name = "places"}, {MetricKind::spheroid});
    with_long_ids.upsert(list);
    const std::string bytes = place_tile(*with_long_ids.snapshot(), "places", {0, 0, 0});
    EXPECT_LE(bytes.size(), kMostTileBytes);
    EXPECT_EQ(read(bytes).ids.size(), 0U);
    EXPECT_EQ(read(bytes).places, 4000U);
}

TEST_F(PlaceTile, DoesNotDependOnHistory) {
    std::vector<Place> places = any_places(6000, 20);
    for (std::size_t i = 0; i < 300; ++i) {
        const LonLat middle = places[i].position;
        places[i].set_geometry(tests::AnyShape(random_, {middle.lon * 0.9, middle.lat * 0.8}, 3)());
    }
    fill(places);
    tests::TemporaryDirectory directory;
    PlaceList none({});
    const auto durable = EmbeddedStore(directory.path("s.gpkg"), sqlite::Access::create)
                             .create_collection({.name = "places"}, {MetricKind::spheroid}, none);
    std::shuffle(places.begin(), places.end(), random_.engine());
    const auto part = std::span(places).first(4000);
    PlaceList first(part), all(places);
    durable->upsert(first);
    durable->upsert(all);
    for (std::uint32_t zoom = 0; zoom < 4; ++zoom) {
        for_each_tile(zoom, [&](TileAddress address) {
            ASSERT_TRUE(place_tile(*durable->snapshot(), "places", address) == tile(address));
        });
    }
    EXPECT_EQ(durable->snapshot()->sequence_number(), durable->sequence_number());
}

TEST_F(PlaceTile, ShapesAreCutAndThinned) {
    std::vector<Place> places;
    const auto add = [&](const std::string& wkt) {
        places.push_back({.id = std::to_string(places.size())});
        places.back().set_geometry(parse_wkt(wkt));
    };
    add("POLYGON ((-60 -60, 60 -60, 60 60, -60 60, -60 -60))");
    add("POLYGON ((0.00001 0, 0.00002 0, 0.00002 0.00001, 0.00001 0))");
    add("POLYGON ((179.9999 10, -179.9999 10, 180 10.0001, 179.9999 10))");
    for (int i = 0; i < 600; ++i) {
        std::string wkt = "LINESTRING (";
        const double lat = random_.uniform(-70, 70);
        for (int j = 0; j < 300; ++j)
            wkt += fmt::format("{}{} {}", j == 0 ? "" : ", ", j * 0.3, lat + random_.uniform(-2, 2));
        add(wkt + ")");
    }
    fill(places);
    const std::string world = tile({0, 0, 0});
    EXPECT_LE(world.size(), kMostTileBytes);
    const ReadTile all = read(world);
    EXPECT_GT(all.ids.size(), 20U);
    EXPECT_LT(all.ids.size(), 600U);
    for (const char* id : {"1", "2"}) EXPECT_THAT(all.ids, testing::Contains(id));
    EXPECT_THAT(read(tile({4, 6, 8})).ids, testing::ElementsAre("0"));
    EXPECT_THAT(read(tile({5, 31, 15})).ids, testing::ElementsAre("2"));
}

}  // namespace
}  // namespace crowfly
