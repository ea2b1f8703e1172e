#include "store/items.h"

#include <memory>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/cql2/text_parser.h"
#include "formats/cql2/writer.h"
#include "formats/wkt.h"
#include "store/embedded/embedded_store.h"
#include "store/memory_collection.h"
#include "store/queryables.h"
#include "tests/support/any_filter.h"
#include "tests/support/any_shape.h"
#include "tests/support/seed.h"
#include "tests/support/temporary.h"

namespace crowfly {
namespace {

using std::string_literals::operator""s;
using testing::ElementsAre;

const Schema kSchema{.name = "places",
                     .attributes = {{"n", AttributeType::integer}, {"country", AttributeType::text}}};

cql2::Filter filter_of(std::string_view text) {
    return std::make_shared<const cql2::Expression>(cql2::parse_text(text));
}

/// What holds for lists in every implementation of Collection.
class Items : public testing::TestWithParam<const char*> {
  protected:
    std::unique_ptr<Collection> make(std::span<const Place> places) {
        PlaceList list(places);
        if (GetParam() == "memory"s) {
            auto collection = std::make_unique<MemoryCollection>(kSchema, std::vector{MetricKind::spheroid});
            collection->upsert(list);
            return collection;
        }
        EmbeddedOptions options;
        options.hot_attributes = {"country"};
        return EmbeddedStore(directory_.path(std::to_string(++stores_) + ".gpkg"), sqlite::Access::create)
            .create_collection(kSchema, {MetricKind::spheroid}, list, options);
    }

    /// All pages, one after the other. Each but the last is full.
    static std::vector<std::string> all(const Collection& collection, ItemsQuery query) {
        std::vector<std::string> ids;
        for (;;) {
            const ItemsPage page = collection.items(query);
            for (const Place& place : page.places) ids.push_back(place.id);
            if (!page.next) return ids;
            EXPECT_EQ(page.places.size(), query.limit);
            query.after = page.next;
        }
    }

    /// From all places.
    static std::vector<std::string> expected(const Collection& collection, const ItemsQuery& query) {
        std::vector<std::string> ids;
        collection.scan([&](const Place& place) {
            if (query.box && !touches(*query.box, place.position, place.shape.get())) return;
            if (query.filter != nullptr &&
                !cql2::Predicate(*query.filter, queryables(kSchema)).passes(PlaceValues(place, kSchema)))
                return;
            ids.push_back(place.id);
        });
        return ids;
    }

    tests::TemporaryDirectory directory_;
    int stores_ = 0;
};

TEST_P(Items, ComeInTheOrderTheyWereStored) {
    const std::vector<Place> places{{.id = "b"}, {.id = "a"}, {.id = "c"}};
    const auto collection = make(places);
    EXPECT_THAT(all(*collection, {.limit = 1}), ElementsAre("b", "a", "c"));
    EXPECT_THAT(all(*collection, {.limit = 3}), ElementsAre("b", "a", "c"));
    EXPECT_FALSE(collection->items({.limit = 3}).next);
    const ItemsPage first = collection->items({.limit = 2});
    EXPECT_EQ(first.places, std::vector(places.begin(), places.begin() + 2));

    // What is written while somebody turns the pages.
    collection->write({Erase{"a"}, Upsert{Place{.id = "d"}}, Upsert{Place{.id = "b", .name = "new"}},
                       Upsert{Place{.id = "a"}}});
    const ItemsPage second = collection->items({.after = first.next, .limit = 9});
    EXPECT_EQ(second.places, (std::vector<Place>{{.id = "c"}, {.id = "d"}, {.id = "a"}}));
    EXPECT_THAT(all(*collection, {}), ElementsAre("b", "c", "d", "a"));
}

TEST_P(Items, AreThoseThatTheBoxTouches) {
    const auto place_of = [](std::string id, std::string_view wkt) {
        Place place{.id = std::move(id)};
        place.set_geometry(parse_wkt(wkt));
        return place;
    };
    const std::vector<Place> places{
        place_of("corner", "POINT (1 1)"),
        place_of("across", "LINESTRING (-1 0.5, 2 0.5)"),
        place_of("around", "POLYGON ((-9 -9, 9 -9, 9 9, -9 9, -9 -9))"),
        place_of("hole", "POLYGON ((-9 -9, 9 -9, 9 9, -9 9, -9 -9), (-2 -2, 2 -2, 2 2, -2 2, -2 -2))"),
        place_of("diagonal", "LINESTRING (0.5 1.6, 1.6 0.5)"),
        place_of("east", "POINT (-179.5 0.5)"),
        place_of("far", "LINESTRING (179 0.5, 179.5 0.6)")};
    const auto collection = make(places);
    EXPECT_THAT(all(*collection, {.box = Area::box(0, 0, 1, 1, Crs::wgs84)}),
                ElementsAre("corner", "across", "around"));
    EXPECT_THAT(all(*collection, {.box = Area::box(170, 0, -170, 1, Crs::wgs84)}),
                ElementsAre("east", "far"));
    EXPECT_THAT(all(*collection, {.box = Area::box(-180, -90, 180, 90, Crs::wgs84)}), testing::SizeIs(7));
}

TEST_P(Items, AreThoseOfPlainEvaluation) {
    tests::Random random;
    const std::vector<cql2::Queryable> all_queryables = queryables(kSchema);
    tests::AnyFilter any_filter(random, all_queryables);
    for (const double shapes : {0.0, 0.2}) {
        std::vector<Place> places;
        for (std::size_t i = 0; i < 3000; ++i) {
            Place place{.id = std::to_string(i),
                        .position = {random.uniform(-180, 180), random.uniform(-80, 80)},
                        .category = random.below(2) == 0 ? "a" : "b"};
            place.properties.push_back({"n", static_cast<std::int64_t>(random.below(3))});
            if (random.below(2) == 0)
                place.properties.push_back({"country", random.below(2) == 0 ? "a1"s : "it's"s});
            if (random.uniform(0, 1) < shapes)
                place.set_geometry(tests::AnyShape(random, place.position, 3)());
            places.push_back(std::move(place));
        }
        const auto collection = make(places);
        for (int i = 0; i < 25; ++i) {
            ItemsQuery query{.limit = 1 + random.below(200)};
            if (random.below(3) != 0)
                query.filter = std::make_shared<const cql2::Expression>(any_filter(random.below(3)));
            if (random.below(3) != 0) {
                const double size = random.below(2) == 0 ? 5 : 60;
                const double west = random.uniform(-180, 180), south = random.uniform(-80, 20);
                const double east = west + size > 180 ? west + size - 360 : west + size;
                query.box = Area::box(west, south, east, south + size, Crs::wgs84);
            }
            SCOPED_TRACE(query.filter != nullptr ? cql2::to_text(*query.filter) : "");
            ASSERT_EQ(all(*collection, query), expected(*collection, query));
        }
        // So rare that the file alone would not fill a page soon.
        for (const char* rare : {"id = '2999'", "id IN ('7', '1500', '2900') AND n < 9", "id = 'none'"}) {
            const ItemsQuery query{.limit = 2, .filter = filter_of(rare)};
            ASSERT_EQ(all(*collection, query), expected(*collection, query));
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All, Items, testing::Values("memory", "file"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace crowfly
