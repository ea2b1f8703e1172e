#include "store/collection.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/metric/distance.h"
#include "store/embedded/embedded_store.h"
#include "store/memory_collection.h"
#include "tests/support/seed.h"
#include "tests/support/temporary.h"

namespace crowfly {
namespace {

using std::string_literals::operator""s;

constexpr double kInf = std::numeric_limits<double>::infinity();

Schema places_schema() {
    return {.name = "places",
            .attributes = {{"population", AttributeType::integer},
                           {"elevation", AttributeType::real},
                           {"capital", AttributeType::boolean},
                           {"country", AttributeType::text}}};
}

const std::vector<Place> kThree{{.id = "whitney",
                                 .position = {-118.29232, 36.57855},
                                 .name = "Mount Whitney",
                                 .category = "peak",
                                 .properties = {{"elevation", 4421.0},
                                                {"country", "US"s},
                                                {"tags", Json{R"(["high",1])"}},
                                                {"note", Value()}}},
                                {.id = "2",
                                 .position = {180, -16.5},
                                 .name = "Taveuni",
                                 .properties = {{"population", std::int64_t{9000}}, {"capital", false}}},
                                {.id = "10", .position = {-180, -16.5}}};

/// The same tests hold for every implementation of Collection.
class CollectionContract : public testing::TestWithParam<const char*> {
  protected:
    std::unique_ptr<Collection> make(const Schema& schema, std::span<const Place> places = {},
                                     std::vector<MetricKind> metrics = {MetricKind::spheroid}) {
        PlaceList list(places);
        if (GetParam() == "memory"s) {
            auto collection = std::make_unique<MemoryCollection>(schema, metrics);
            collection->upsert(list);
            return collection;
        }
        const EmbeddedStore store(directory_.path("store.gpkg"), sqlite::Access::create);
        return store.create_collection(schema, metrics, list);
    }

    static std::vector<std::string> ids(const std::vector<NeighborPlace>& answer) {
        std::vector<std::string> ids;
        for (const NeighborPlace& neighbor : answer) ids.push_back(neighbor.place.id);
        return ids;
    }

    tests::TemporaryDirectory directory_;
};

TEST_P(CollectionContract, GivesBackWhatWasStored) {
    const auto collection = make(places_schema(), kThree);
    EXPECT_EQ(collection->count(), 3U);
    for (const Place& place : kThree) {
        auto stored = collection->get(place.id);
        ASSERT_TRUE(stored) << place.id;
        const auto by_name = [](const Property& a, const Property& b) { return a.name < b.name; };
        auto expected = place;
        std::sort(expected.properties.begin(), expected.properties.end(), by_name);
        std::sort(stored->properties.begin(), stored->properties.end(), by_name);
        EXPECT_EQ(*stored, expected) << place.id;
    }
    EXPECT_FALSE(collection->get("nobody"));
    std::vector<std::string> scanned;
    collection->scan([&](const Place& place) { scanned.push_back(place.id); });
    EXPECT_THAT(scanned, testing::ElementsAre("whitney", "2", "10"));
}

TEST_P(CollectionContract, NearestIsOrderedByDistanceThenIdAndCarriesProperties) {
    const auto collection = make(places_schema(), kThree);
    const auto answer = collection->nearest({.point = {179.9, -16.5}}, 10, kInf);
    EXPECT_THAT(ids(answer), testing::ElementsAre("2", "10", "whitney"));
    EXPECT_EQ(answer[0].distance, answer[1].distance);
    EXPECT_EQ(answer[0].distance, distance(MetricKind::spheroid, {179.9, -16.5}, {180, -16.5}));
    EXPECT_EQ(answer[0].rank, 1U);
    EXPECT_EQ(answer[2].rank, 3U);
    EXPECT_THAT(answer[0].place.properties, testing::Contains(Property{"population", std::int64_t{9000}}));
    EXPECT_EQ(collection->within_distance({.point = {179.9, -16.5}}, answer[0].distance).size(), 2U);
}

TEST_P(CollectionContract, CategoryCountsBeforeTheKAreChosen) {
    const auto collection = make(places_schema(), kThree);
    EXPECT_THAT(ids(collection->nearest({.point = {180, 0}, .category = "peak"}, 1, kInf)),
                testing::ElementsAre("whitney"));
    EXPECT_TRUE(collection->nearest({.point = {180, 0}, .category = "Peak"}, 1, kInf).empty());
    EXPECT_TRUE(collection->nearest({.point = {180, 0}, .category = "lake"}, 1, kInf).empty());
}

TEST_P(CollectionContract, AnUpsertReplacesAndMovesWhole) {
    const auto collection = make(places_schema(), kThree);
    const std::vector<Place> moved{{.id = "whitney", .position = {10, 50}, .name = "Moved"},
                                   {.id = "new", .position = {11, 50}}};
    PlaceList list(moved);
    EXPECT_EQ(collection->upsert(list), 2U);
    EXPECT_EQ(collection->count(), 4U);
    EXPECT_EQ(collection->get("whitney"), moved[0]);
    EXPECT_THAT(ids(collection->nearest({.point = {10, 50}}, 2, kInf)),
                testing::ElementsAre("whitney", "new"));
}

TEST_P(CollectionContract, ExtentStaysTrue) {
    const auto collection = make(places_schema());
    EXPECT_FALSE(collection->extent());
    PlaceList list(kThree);
    collection->upsert(list);
    EXPECT_EQ(collection->extent(), (Extent{-180, -16.5, 180, 36.57855}));
    EXPECT_EQ(collection->erase(std::vector{"10"s, "nobody"s, "10"s}), 1U);
    EXPECT_EQ(collection->extent(), (Extent{-118.29232, -16.5, 180, 36.57855}));
    EXPECT_EQ(collection->erase(std::vector{"2"s, "whitney"s}), 2U);
    EXPECT_FALSE(collection->extent());
    EXPECT_TRUE(collection->nearest({.point = {0, 0}}, 1, kInf).empty());
}

TEST_P(CollectionContract, APlaceWithoutAnIdGetsAUuid) {
    const auto collection =
        make({.name = "places"}, std::vector<Place>{{.position = {1, 1}}, {.position = {1, 1}}});
    std::set<std::string> ids;
    collection->scan([&](const Place& place) { ids.insert(place.id); });
    EXPECT_EQ(ids.size(), 2U);
    for (const std::string& id : ids) {
        EXPECT_THAT(
            id, testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
    }
}

TEST_P(CollectionContract, NothingIsTakenWhenTheSourceFails) {
    const auto collection = make(places_schema(), kThree);
    for (const Place& bad : {Place{.id = "a", .position = {0, 91}}, Place{.id = "good", .position = {3, 3}},
                             Place{.id = "b", .position = {0, 0}, .properties = {{"population", "many"s}}}}) {
        const std::vector<Place> batch{
            {.id = "good", .position = {1, 1}}, {.id = "whitney", .position = {2, 2}}, bad};
        PlaceList list(batch);
        EXPECT_THROW(collection->upsert(list), Error);
        EXPECT_EQ(collection->count(), 3U);
        EXPECT_EQ(collection->get("whitney")->name, "Mount Whitney");
        EXPECT_EQ(collection->extent(), (Extent{-180, -16.5, 180, 36.57855}));
    }
}

TEST_P(CollectionContract, RefusesQueriesThatHaveNoMeaning) {
    const auto collection = make(places_schema(), kThree);
    EXPECT_THROW(collection->nearest({.point = {0, 0}}, 0, kInf), Error);
    EXPECT_THROW(collection->nearest({.point = {0, 91}}, 1, kInf), Error);
    EXPECT_THROW(collection->nearest({.point = {0, 0}}, 1, -1), Error);
    EXPECT_THROW(collection->nearest({.point = {0, 0}, .metric = MetricKind::sphere}, 1, kInf), Error);
}

TEST_P(CollectionContract, APlanarCollectionHasOnlyThePlane) {
    const std::vector<Place> places{{.id = "1", .position = {530'000, 180'000}},
                                    {.id = "2", .position = {530'003, 180'004}}};
    EXPECT_THROW(make({.name = "wrong", .crs = Crs::planar}, places, {MetricKind::spheroid}), Error);
    const auto collection = make({.name = "grid", .crs = Crs::planar}, places, {MetricKind::plane});
    const auto answer =
        collection->nearest({.point = {530'003, 180'004}, .metric = MetricKind::plane}, 2, kInf);
    EXPECT_THAT(ids(answer), testing::ElementsAre("2", "1"));
    EXPECT_EQ(answer[1].distance, 5);
    EXPECT_THROW(
        collection->nearest({.point = {0, 0}, .metric = MetricKind::sphere, .method = Method::scan}, 1, kInf),
        Error);
}

TEST_P(CollectionContract, AnyHistoryAnswersLikeItsLastState) {
    tests::Random random;
    const std::vector<MetricKind> metrics{MetricKind::plane, MetricKind::sphere, MetricKind::spheroid};
    const auto collection = make({.name = "places"}, {}, metrics);
    std::map<std::string, Place> model;
    for (int step = 0; step < 30; ++step) {
        std::map<std::string, Place> batch;
        for (std::size_t i = 0, size = random.below(20); i < size; ++i) {
            const std::string id = std::to_string(random.below(60));
            // A coarse grid, so that many places share a position and many distances are equal.
            batch[id] = {.id = id,
                         .position = {static_cast<double>(random.below(5)) - 180,
                                      static_cast<double>(random.below(5)) + 86},
                         .category = random.below(2) == 0 ? "even" : "odd"};
        }
        std::vector<Place> places;
        for (const auto& [id, place] : batch) places.push_back(place);
        PlaceList list(places);
        EXPECT_EQ(collection->upsert(list), places.size());
        for (const auto& [id, place] : batch) model[id] = place;

        std::vector<std::string> gone;
        for (int i = 0; i < 5; ++i) gone.push_back(std::to_string(random.below(60)));
        std::size_t expected_gone = 0;
        for (const std::string& id : gone) expected_gone += model.erase(id);
        EXPECT_EQ(collection->erase(gone), expected_gone);
        ASSERT_EQ(collection->count(), model.size());

        for (const MetricKind metric : metrics) {
            PlaceQuery query{.point = {random.uniform(-180, 180), random.uniform(80, 90)}, .metric = metric};
            if (step % 2 == 0) query.category = "odd";
            const auto found = collection->nearest(query, 7, kInf);
            query.method = Method::scan;
            ASSERT_EQ(found, collection->nearest(query, 7, kInf));
            for (const NeighborPlace& neighbor : found)
                ASSERT_EQ(neighbor.place, model.at(neighbor.place.id));
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Stores, CollectionContract, testing::Values("memory", "embedded"),
                         [](const auto& tested) { return std::string(tested.param); });

TEST(Schema, NamesAreJudged) {
    EXPECT_NO_THROW(require_valid({.name = "a-B_9"}));
    for (const char* name : {"", "9a", "a b", "a\"b", "gpkg_x", "SQLITE_x", "rtree_a", "crowfly_log", "ä"}) {
        EXPECT_THROW(require_valid({.name = name}), Error) << name;
    }
    EXPECT_THROW(require_valid({.name = std::string(64, 'a')}), Error);
    for (const char* attribute : {"ID", "fid", "Geometry", "properties", "", "a;b"}) {
        EXPECT_THROW(require_valid({.name = "a", .attributes = {{attribute, AttributeType::text}}}), Error)
            << attribute;
    }
    EXPECT_THROW(
        require_valid({.name = "a", .attributes = {{"x", AttributeType::text}, {"X", AttributeType::real}}}),
        Error);
}

}  // namespace
}  // namespace crowfly
