#include "store/category_search.h"

#include <limits>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/geometry/centroid.h"
#include "formats/cql2/text_parser.h"
#include "store/embedded/embedded_store.h"
#include "store/memory_collection.h"
#include "tests/support/any_shape.h"
#include "tests/support/seed.h"
#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

/// Many places of few categories, few of many, and some of none; of the even trials some with shapes.
std::vector<Place> any_places(tests::Random& random, std::size_t count, bool shapes) {
    tests::AnyShape any(random, {10, 50}, 3);
    std::vector<Place> places;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t kind = random.below(200);
        Place place{.id = random.below(2) == 0 ? std::to_string(i) : fmt::format("p{}", i),
                    .position = {10 + random.uniform(-3, 3), 50 + random.uniform(-3, 3)},
                    .category = kind == 0   ? fmt::format("rare {}", random.below(9))
                                : kind < 20 ? ""
                                            : fmt::format("common {}", kind % 4)};
        if (i > 0 && random.below(4) == 0) place.position = places.back().position;
        if (shapes && random.below(10) == 0) {
            const Geometry shape = any();
            // By centroids each must have one.
            if (!tests::thrown_code([&] { static_cast<void>(centroid(shape, MetricKind::spheroid)); }))
                place.set_geometry(shape);
        }
        places.push_back(std::move(place));
    }
    return places;
}

/// The nearest of one category after the other.
std::vector<NeighborPlace> one_by_one(const Collection& collection, PlaceQuery query, std::size_t k,
                                      double max_distance, const std::set<std::string>& categories) {
    query.by_category = false;
    std::vector<NeighborPlace> answer;
    for (const std::string& category : categories) {
        query.category = category;
        for (NeighborPlace& neighbor : collection.nearest(query, k, max_distance))
            answer.push_back(std::move(neighbor));
    }
    return answer;
}

void expect_same(const std::vector<NeighborPlace>& found, const std::vector<NeighborPlace>& expected) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        ASSERT_EQ(found[i].place, expected[i].place) << i;
        ASSERT_EQ(found[i].rank, expected[i].rank) << i;
        ASSERT_EQ(found[i].distance, expected[i].distance) << i;
        ASSERT_EQ(found[i].nearest_point.has_value(), expected[i].nearest_point.has_value()) << i;
    }
}

TEST(CategorySearch, GivesForEachCategoryItsNearest) {
    const tests::TemporaryDirectory directory;
    tests::Random random;
    for (int trial = 0; trial < 8; ++trial) {
        SCOPED_TRACE(trial);
        const auto places = any_places(random, trial % 2 == 0 ? 6000 : 700, trial % 4 >= 2);
        std::set<std::string> categories;
        for (const Place& place : places) categories.insert(place.category);
        const Schema schema{.name = "places"};
        const std::vector metrics{MetricKind::spheroid};
        std::vector<std::unique_ptr<Collection>> collections;
        PlaceList in_memory(places);
        collections.push_back(std::make_unique<MemoryCollection>(schema, metrics));
        collections.back()->upsert(in_memory);
        const EmbeddedStore store(directory.path(fmt::format("{}.gpkg", trial)), sqlite::Access::create);
        PlaceList in_file(places);
        collections.push_back(store.create_collection(schema, metrics, in_file));
        for (const auto& collection : collections) {
            for (int i = 0; i < 6; ++i) {
                PlaceQuery query{.point = {10 + random.uniform(-4, 4), 50 + random.uniform(-4, 4)},
                                 .by_category = true};
                if (random.below(3) == 0) query.method = Method::scan;
                if (random.below(3) == 0) query.match = Match::centroid;
                if (random.below(3) == 0)
                    query.area = std::make_shared<const Area>(Area::box(9, 49, 12, 52, Crs::wgs84));
                if (random.below(3) == 0) {
                    query.filter = std::make_shared<const cql2::Expression>(
                        cql2::parse_text("id LIKE 'p%' OR category = 'rare 3'"));
                }
                const std::size_t k = 1 + random.below(5);
                const double max_distance = random.below(3) == 0 ? random.uniform(0, 300'000) : kInf;
                SCOPED_TRACE(i);
                expect_same(collection->nearest(query, k, max_distance),
                            one_by_one(*collection, query, k, max_distance, categories));
            }
        }
    }
}

TEST(CategorySearch, HasNoNextPageAndEndsWhenTold) {
    tests::Random random;
    const auto places = any_places(random, 5000, false);
    MemoryCollection collection({.name = "places"}, {MetricKind::spheroid});
    PlaceList list(places);
    collection.upsert(list);
    PlaceQuery query{.point = {10, 50}, .by_category = true, .after = NeighborKey{1, "7"}};
    EXPECT_EQ(tests::thrown_code([&] { collection.nearest(query, 3, kInf); }), Code::invalid_argument);
    query.after.reset();
    std::stop_source stop;
    stop.request_stop();
    query.control.stop = stop.get_token();
    EXPECT_EQ(tests::thrown_code([&] { collection.nearest(query, 3, kInf); }), Code::cancelled);
}

}  // namespace
}  // namespace crowfly
