#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/geometry/centroid.h"
#include "core/metric/distance.h"
#include "core/place_id.h"
#include "core/search/shape_searcher.h"
#include "formats/wkt.h"
#include "store/embedded/embedded_store.h"
#include "store/memory_collection.h"
#include "tests/support/seed.h"
#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using std::string_literals::operator""s;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr double kInf = std::numeric_limits<double>::infinity();
const std::vector<MetricKind> kMetrics{MetricKind::plane, MetricKind::sphere, MetricKind::spheroid};

Place place_of(std::string id, std::string_view wkt, std::string category = "") {
    Place place{.id = std::move(id), .category = std::move(category)};
    place.set_geometry(parse_wkt(wkt));
    return place;
}

std::shared_ptr<const Geometry> shape_of(std::string_view wkt) {
    return std::make_shared<const Geometry>(parse_wkt(wkt));
}

/// What holds for places with shapes in every implementation of Collection.
class Shapes : public testing::TestWithParam<const char*> {
  protected:
    std::unique_ptr<Collection> make(std::span<const Place> places,
                                     std::vector<MetricKind> metrics = {MetricKind::spheroid},
                                     Crs crs = Crs::wgs84) {
        const Schema schema{.name = crs == Crs::wgs84 ? "places" : "grid", .crs = crs};
        PlaceList list(places);
        if (GetParam() == "memory"s) {
            auto collection = std::make_unique<MemoryCollection>(schema, metrics);
            collection->upsert(list);
            return collection;
        }
        const EmbeddedStore store(directory_.path(schema.name + ".gpkg"), sqlite::Access::create);
        return store.create_collection(schema, metrics, list);
    }

    static std::vector<std::string> ids(const std::vector<NeighborPlace>& answer) {
        std::vector<std::string> ids;
        for (const NeighborPlace& neighbor : answer) ids.push_back(neighbor.place.id);
        return ids;
    }

    tests::TemporaryDirectory directory_;
};

TEST_P(Shapes, AreGivenBackWithZAndM) {
    const std::vector<Place> places{
        place_of("line", "LINESTRING ZM (0 0 1 2, 1 1 3 4)"), place_of("point", "POINT (7 7)"),
        place_of("nested",
                 "GEOMETRYCOLLECTION (POINT (1 2), GEOMETRYCOLLECTION EMPTY, POLYGON ((0 0, 4 0, 0 "
                 "4, 0 0), (1 1, 2 1, 1 2, 1 1)))")};
    const auto collection = make(places);
    std::vector<Place> scanned;
    collection->scan([&](const Place& place) { scanned.push_back(place); });
    EXPECT_EQ(scanned, places);
    for (const Place& place : places) EXPECT_EQ(collection->get(place.id), place);
    for (const NeighborPlace& neighbor : collection->nearest({.point = {0, 0}}, 3, kInf)) {
        EXPECT_EQ(neighbor.place, collection->get(neighbor.place.id));
        EXPECT_EQ(neighbor.nearest_point.has_value(), neighbor.place.id != "point");
    }
}

TEST_P(Shapes, DistancesAreToTheThingItself) {
    const std::vector<Place> places{
        place_of("lake", "POLYGON ((179 -1, -179 -1, -179 1, 179 1, 179 -1))"),
        place_of("cap", "POLYGON ((0 80, 120 80, -120 80, 0 80))"),
        place_of("moat", "POLYGON ((40 0, 50 0, 50 10, 40 10, 40 0), (42 2, 42 8, 48 8, 48 2, 42 2))"),
        place_of("islands", "MULTIPOLYGON (((20 20, 21 20, 21 21, 20 20)), ((30 20, 31 20, 31 21, 30 20)))"),
        place_of("coast", "LINESTRING (-60 -40, -50 -40)"),
        place_of("buoy", "POINT (-55 -45)")};
    const auto collection = make(places);
    const auto first = [&](LonLat point) { return collection->nearest({.point = point}, 1, kInf).at(0); };

    for (const LonLat inside : {LonLat{180, 0}, LonLat{-180, 0.5}, LonLat{179.5, -0.5}}) {
        EXPECT_THAT(ids({first(inside)}), ElementsAre("lake"));
        EXPECT_EQ(first(inside).distance, 0);
        EXPECT_EQ(first(inside).nearest_point, inside);
    }
    for (const LonLat inside : {LonLat{0, 90}, LonLat{45, 89}, LonLat{-170, 85}}) {
        EXPECT_THAT(ids({first(inside)}), ElementsAre("cap"));
        EXPECT_EQ(first(inside).distance, 0);
    }
    EXPECT_EQ(first({41, 5}).distance, 0);
    EXPECT_NEAR(first({45, 5}).distance, distance(MetricKind::spheroid, {45, 5}, {45, 8}), 1000);
    EXPECT_GT(first({45, 5}).distance, 300'000) << "a hole is outside";
    EXPECT_THAT(ids({first({30.9, 20.5})}), ElementsAre("islands"));
    EXPECT_EQ(first({30.9, 20.5}).distance, 0);

    const NeighborPlace coast = first({-55, -42});
    EXPECT_EQ(coast.place.id, "coast");
    EXPECT_LT(coast.distance, distance(MetricKind::spheroid, {-55, -42}, {-55, -40}))
        << "south of the equator a geodesic bends to the south";
    EXPECT_NEAR(coast.nearest_point->lon, -55, 0.01);
    EXPECT_NEAR(distance(MetricKind::spheroid, {-55, -42}, *coast.nearest_point), coast.distance, 1e-6);
    EXPECT_EQ(first({-55, -44}).place.id, "buoy");
    EXPECT_EQ(first({-55, -44}).nearest_point, std::nullopt);
    EXPECT_THAT(ids(collection->within_distance({.point = {-55, -43}}, 400'000)),
                ElementsAre("buoy", "coast"));
}

TEST_P(Shapes, NearestPointsAreGivenAsTheyCameWhereTheyAreVerticesOrThePointItself) {
    const auto collection = make(std::vector{place_of("coast", "LINESTRING (0.1 0.2, 0.3 0.7, 0.1 1.1)"),
                                             place_of("lake", "POLYGON ((2.1 0.1, 3 0.1, 3 1, 2.1 0.1))")},
                                 kMetrics);
    for (const MetricKind metric : kMetrics) {
        for (const Method method : {Method::index, Method::scan}) {
            const auto nearest = [&](LonLat point) {
                const PlaceQuery query{.point = point, .metric = metric, .method = method};
                return collection->nearest(query, 1, kInf).at(0).nearest_point;
            };
            EXPECT_EQ(nearest({0, -3.3}), (LonLat{0.1, 0.2}));
            EXPECT_EQ(nearest({-0.1, 5.1}), (LonLat{0.1, 1.1}));
            EXPECT_EQ(nearest({0.77, 0.7}), (LonLat{0.3, 0.7}));
            EXPECT_EQ(nearest({2.9, 0.3}), (LonLat{2.9, 0.3})) << "inside";
            EXPECT_EQ(nearest({0.3, 0.7}), (LonLat{0.3, 0.7}));
        }
    }
}

TEST_P(Shapes, AShapeCanBeSearchedFromAlsoAmongPoints) {
    const std::vector<Place> points{place_of("a", "POINT (0 1)"), place_of("b", "POINT (5 2)", "x"),
                                    place_of("c", "POINT (9 0.5)")};
    const auto collection = make(points);
    const PlaceQuery query{.shape = shape_of("LINESTRING (0 0, 10 0)")};
    const auto answer = collection->nearest(query, 9, kInf);
    EXPECT_THAT(ids(answer), ElementsAre("c", "a", "b"));
    EXPECT_NEAR(answer[0].distance, distance(MetricKind::spheroid, {9, 0.5}, {9, 0}), 1e-6);
    EXPECT_EQ(answer[0].nearest_point, std::nullopt);
    EXPECT_THAT(ids(collection->nearest({.category = "x", .shape = query.shape}, 9, kInf)), ElementsAre("b"));
    EXPECT_THAT(ids(collection->within_distance(query, 60'000)), ElementsAre("c"));
    EXPECT_THAT(ids(collection->nearest({.method = Method::scan, .shape = query.shape}, 2, kInf)),
                ElementsAre("c", "a"));
    const auto inside =
        collection->nearest({.shape = shape_of("POLYGON ((4 1, 6 1, 6 3, 4 3, 4 1))")}, 1, kInf);
    EXPECT_EQ(inside.at(0).place.id, "b");
    EXPECT_EQ(inside.at(0).distance, 0);
}

TEST_P(Shapes, ThreadsMayBeTheFirstToSearchPointsFromAShapeTogether) {
    const auto collection =
        make(std::vector{place_of("a", "POINT (0 1)"), place_of("b", "POINT (5 2)")}, kMetrics);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < 6; ++i) {
        threads.emplace_back([&, metric = kMetrics[i % 3]] {
            const PlaceQuery query{.metric = metric, .shape = shape_of("LINESTRING (0 0, 1 0)")};
            EXPECT_THAT(ids(collection->nearest(query, 2, kInf)), ElementsAre("a", "b"));
        });
    }
    for (std::thread& thread : threads) thread.join();
}

TEST_P(Shapes, DistancesCanBeThoseBetweenCentroids) {
    const std::vector<Place> places{
        place_of("moat", "POLYGON ((40 0, 50 0, 50 10, 40 10, 40 0), (42 2, 42 8, 48 8, 48 2, 42 2))", "x"),
        place_of("sea", "POLYGON ((179 -1, -179 -1, -179 1, 179 1, 179 -1))"),
        place_of("way", "LINESTRING (44 1, 44 5)"), place_of("buoy", "POINT (45 7)", "x")};
    const auto collection = make(places, kMetrics);
    const auto shape = shape_of("POLYGON ((46 4, 48 4, 48 6, 46 6, 46 4))");
    for (const MetricKind metric : kMetrics) {
        const LonLat from = centroid(*shape, metric);
        for (const Method method : {Method::index, Method::scan}) {
            PlaceQuery query{.metric = metric, .method = method, .shape = shape, .match = Match::centroid};
            const auto answer = collection->nearest(query, 9, kInf);
            ASSERT_THAT(ids(answer), ElementsAre("moat", "buoy", "way", "sea"));
            for (const NeighborPlace& neighbor : answer) {
                const Geometry* geometry = neighbor.place.shape.get();
                const LonLat to = geometry == nullptr ? neighbor.place.position : centroid(*geometry, metric);
                EXPECT_EQ(neighbor.distance, distance(metric, from, to));
                EXPECT_EQ(neighbor.nearest_point, geometry == nullptr ? std::nullopt : std::optional(to));
            }
            EXPECT_THAT(ids(collection->within_distance(query, answer[2].distance)),
                        ElementsAre("moat", "buoy", "way"));
            query.category = "x"s;
            EXPECT_THAT(ids(collection->nearest(query, 1, kInf)), ElementsAre("moat"));
            query = {.point = {180, 1}, .metric = metric, .method = method, .match = Match::centroid};
            EXPECT_GT(collection->nearest(query, 1, kInf).at(0).distance, 0)
                << "inside, but not its centroid";
        }
    }
}

TEST_P(Shapes, AWriteChangesCentroidsToo) {
    const auto collection = make(std::vector{place_of("a", "LINESTRING (0 0, 2 0)")});
    const PlaceQuery query{.point = {0, 0}, .match = Match::centroid};
    const auto nearest_point = [&] { return collection->nearest(query, 1, kInf).at(0).nearest_point; };
    EXPECT_NEAR(nearest_point()->lon, 1, 1e-9);
    const Place changed = place_of("a", "LINESTRING (0 0, 8 0)");
    PlaceList list(std::span(&changed, 1));
    collection->upsert(list);
    EXPECT_NEAR(nearest_point()->lon, 4, 1e-9);
}

TEST_P(Shapes, CentroidsOfPointsAreThePoints) {
    const auto collection = make(std::vector{place_of("a", "POINT (0 1)"), place_of("b", "POINT (5 2)")});
    for (const Method method : {Method::index, Method::scan}) {
        PlaceQuery query{.point = {1, 1}, .method = method};
        const auto expected = collection->nearest(query, 9, kInf);
        query.match = Match::centroid;
        EXPECT_EQ(collection->nearest(query, 9, kInf), expected);
        query.shape = shape_of("POINT (1 1)");
        EXPECT_EQ(collection->nearest(query, 9, kInf), expected);
        EXPECT_EQ(collection->within_distance(query, 1e6),
                  collection->within_distance({.point = {1, 1}}, 1e6));
    }
}

TEST_P(Shapes, WhatHasNoCentroidIsNamed) {
    const auto collection = make(std::vector{place_of("b", "LINESTRING (0 0, 1 0)"),
                                             place_of("girdle", "LINESTRING (0 0, 120 0, -120 0, 0 0)")},
                                 kMetrics);
    for (const Method method : {Method::index, Method::scan}) {
        PlaceQuery query{.metric = MetricKind::plane, .method = method, .match = Match::centroid};
        EXPECT_EQ(collection->nearest(query, 2, kInf).size(), 2U) << "on the plane it has one";
        query.metric = MetricKind::sphere;
        EXPECT_THAT(tests::thrown_text([&] { collection->nearest(query, 1, kInf); }),
                    HasSubstr("place \"girdle\": the shape has no centroid"));
        query.shape = shape_of("LINESTRING (0 0, 120 0, -120 0, 0 0)");
        EXPECT_THAT(tests::thrown_text([&] { collection->within_distance(query, 1); }),
                    HasSubstr("query: the shape has no centroid"));
        query.shape = shape_of("POLYGON EMPTY");
        EXPECT_EQ(tests::thrown_code([&] { collection->nearest(query, 1, kInf); }), Code::invalid_argument);
        query.shape = nullptr;
        query.point = {0, 91};
        EXPECT_EQ(tests::thrown_code([&] { collection->nearest(query, 1, kInf); }), Code::invalid_argument);
    }
}

TEST_P(Shapes, TiesGoById) {
    const std::vector<Place> places{place_of("10", "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"),
                                    place_of("9", "MULTIPOLYGON (((1 1, 3 1, 3 3, 1 3, 1 1)))"),
                                    place_of("b", "POINT (2 2)"), place_of("a", "MULTIPOINT ((2 2), (3 3))")};
    const auto collection = make(places, kMetrics);
    for (const MetricKind metric : kMetrics) {
        EXPECT_THAT(ids(collection->nearest({.point = {2, 2}, .metric = metric}, 4, kInf)),
                    ElementsAre("9", "10", "a", "b"));
    }
}

TEST_P(Shapes, TheExtentHoldsTheWholeOfThem) {
    const auto collection =
        make(std::vector{place_of("p", "POINT (5 5)"), place_of("l", "LINESTRING (-10 0, 3 70)")});
    EXPECT_EQ(collection->extent(), (Extent{-10, 0, 5, 70}));
    collection->erase(std::vector{"l"s});
    EXPECT_EQ(collection->extent(), (Extent{5, 5, 5, 5}));
}

TEST_P(Shapes, AnUpsertReplacesPointsAndShapesByEachOther) {
    const auto collection = make(std::vector{place_of("a", "POINT (0 0)"), place_of("b", "POINT (50 50)")});
    for (const char* wkt : {"LINESTRING (49 49, 60 60)", "POINT (1 1)", "MULTIPOINT ((2 2))"}) {
        const std::vector<Place> changed{place_of("b", wkt)};
        PlaceList list(changed);
        collection->upsert(list);
        EXPECT_EQ(collection->get("b"), changed[0]);
        const auto found = collection->nearest({.point = changed[0].vertices().front()}, 1, kInf);
        EXPECT_THAT(ids(found), ElementsAre("b"));
        EXPECT_EQ(found.at(0).distance, 0);
    }
}

TEST_P(Shapes, APlaceWhoseShapeWasSetByHandGetsThePositionThatGoesWithIt) {
    const auto collection = make(std::vector{Place{.id = "line", .shape = shape_of("LINESTRING (0 0, 4 2)")},
                                             Place{.id = "point", .shape = shape_of("POINT (5 6)")}});
    EXPECT_EQ(collection->get("line"), place_of("line", "LINESTRING (0 0, 4 2)"));
    EXPECT_EQ(collection->get("point"), place_of("point", "POINT (5 6)"));
}

TEST_P(Shapes, FaultsAreRefusedWhereverTheyComeFrom) {
    const auto collection = make(std::vector{place_of("a", "LINESTRING (0 0, 1 1)")}, kMetrics);
    Place bad{.id = "bad", .shape = shape_of("LINESTRING (0 0, 1 1, 2 91)")};
    PlaceList list(std::span(&bad, 1));
    EXPECT_THAT(tests::thrown_text([&] { collection->upsert(list); }),
                HasSubstr("place 1, geometry: vertex 2: latitude 91"));
    EXPECT_EQ(collection->count(), 1U);
    for (const Method method : {Method::index, Method::scan}) {
        const auto search = [&](PlaceQuery query, std::size_t k = 1, double max_distance = kInf) {
            query.method = method;
            return tests::thrown_code([&] { collection->nearest(query, k, max_distance); });
        };
        EXPECT_EQ(search({.shape = shape_of("POLYGON EMPTY")}), Code::invalid_argument);
        EXPECT_EQ(search({.shape = shape_of("LINESTRING (0 0, 180 0)")}), Code::invalid_argument);
        EXPECT_EQ(search({.point = {0, 91}}), Code::invalid_argument);
        EXPECT_EQ(search({.point = {0, 0}}, 0), Code::invalid_argument);
        EXPECT_EQ(search({.point = {0, 0}}, 1, -1), Code::invalid_argument);
    }
    const auto planar =
        make(std::vector{place_of("1", "LINESTRING (0 0, 530000 180000)")}, {MetricKind::plane}, Crs::planar);
    EXPECT_EQ(
        planar->nearest({.point = {265'000, 90'000}, .metric = MetricKind::plane}, 1, kInf).at(0).distance,
        0);
}

/// Geometries of every type, crowded where longitudes and latitudes misbehave.
class RandomGeometries {
  public:
    explicit RandomGeometries(tests::Random& random) : random_(random) {}

    std::shared_ptr<const Geometry> next() {
        add(static_cast<GeometryType>(1 + random_.below(7)));
        return std::make_shared<const Geometry>(builder_.finish());
    }

    LonLat position() { return near(centre(), 3); }

  private:
    LonLat centre() {
        constexpr std::array<LonLat, 4> kCentres{{{180, 0}, {20, 88}, {-70, -87}, {10, 45}}};
        return kCentres[random_.below(kCentres.size())];
    }

    LonLat near(LonLat at, double radius) {
        const double lon = at.lon + random_.uniform(-radius, radius);
        return {lon > 180    ? lon - 360
                : lon < -180 ? lon + 360
                             : lon,
                std::clamp(at.lat + random_.uniform(-radius, radius), -89.5, 89.5)};
    }

    void add(GeometryType type) {
        builder_.begin(type);
        const bool simple = type <= GeometryType::polygon;
        for (std::size_t count = simple ? 1 : 1 + random_.below(3); count > 0; --count) {
            if (type == GeometryType::geometry_collection) {
                add(static_cast<GeometryType>(1 + random_.below(6)));
            } else {
                builder_.add_part();
                add_sequences(type, position());
            }
        }
        builder_.end();
    }

    void add_sequences(GeometryType type, LonLat at) {
        if (type == GeometryType::polygon || type == GeometryType::multi_polygon) {
            add_ring(at, 1);
            if (random_.below(2) == 0) add_ring(at, 0.4);
            return;
        }
        const bool line = type == GeometryType::line_string || type == GeometryType::multi_line_string;
        builder_.add_sequence();
        for (std::size_t count = line ? 2 + random_.below(4) : 1; count > 0; --count)
            builder_.add_position(near(at, 1));
    }

    void add_ring(LonLat at, double radius) {
        const std::size_t corners = 3 + random_.below(5);
        const auto corner = [&](std::size_t number) {
            const double turn = static_cast<double>(number) / static_cast<double>(corners);
            const double angle = 2 * std::numbers::pi * turn;
            return near({at.lon + radius * std::cos(angle), at.lat + radius * std::sin(angle)}, radius / 10);
        };
        builder_.add_sequence();
        const LonLat first = corner(0);
        builder_.add_position(first);
        for (std::size_t i = 1; i < corners; ++i) builder_.add_position(corner(i));
        builder_.add_position(first);
    }

    tests::Random& random_;
    GeometryBuilder builder_;
};

TEST_P(Shapes, TheIndexAgreesWithTheScanRowForRow) {
    tests::Random random;
    RandomGeometries geometries(random);
    std::vector<Place> places;
    for (int i = 0; i < 100; ++i) {
        Place place{.id = std::to_string(i), .category = i % 3 == 0 ? "third" : ""};
        place.set_geometry(*geometries.next());
        places.push_back(place);
    }
    const auto collection = make(places, kMetrics);
    for (int i = 0; i < 30; ++i) {
        PlaceQuery query{.point = geometries.position(), .metric = kMetrics[static_cast<std::size_t>(i) % 3]};
        if (i % 2 == 0) query.shape = geometries.next();
        if (i % 5 == 0) query.category = "third";
        const std::size_t k = 1 + random.below(20);
        const auto index = collection->nearest(query, k, kInf);
        const auto within = collection->within_distance(query, index.back().distance);
        query.method = Method::scan;
        const auto scan = collection->nearest(query, k, kInf);
        ASSERT_EQ(ids(index), ids(scan)) << i;
        ASSERT_EQ(ids(within), ids(collection->within_distance(query, index.back().distance))) << i;
        for (std::size_t rank = 0; rank < index.size(); ++rank) {
            ASSERT_EQ(index[rank].distance, scan[rank].distance) << i;
            ASSERT_EQ(index[rank].place, scan[rank].place);
            if (query.shape || !index[rank].nearest_point) continue;
            ASSERT_NEAR(distance(query.metric, query.point, *index[rank].nearest_point), index[rank].distance,
                        1e-6)
                << i;
        }
    }
}

/// What a scan of the core says of places that no store has.
void expect_as_of(const std::map<std::string, Place>& model, const PlaceQuery& query, std::size_t k,
                  const std::vector<NeighborPlace>& found) {
    std::vector<std::string> ids;
    std::vector<Geometry> geometries;
    for (const auto& [id, place] : model) {
        if (query.category && place.category != *query.category) continue;
        ids.push_back(id);
        geometries.push_back(place.shape != nullptr ? *place.shape : Geometry::point(place.position));
        if (query.match == Match::centroid)
            geometries.back() = Geometry::point(centroid(geometries.back(), query.metric));
    }
    Geometry from = query.shape != nullptr ? *query.shape : Geometry::point(query.point);
    if (query.match == Match::centroid) from = Geometry::point(centroid(from, query.metric));
    const auto expected = scan_nearest_shapes(
        geometries, query.metric, from, {.k = k}, {},
        [&](std::uint32_t a, std::uint32_t b) { return compare_ids(ids[a], ids[b]) < 0; });
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        ASSERT_EQ(found[i].place, model.at(ids[expected[i].row])) << i;
        ASSERT_EQ(found[i].distance, expected[i].distance) << i;
    }
}

TEST_P(Shapes, AnyHistoryAnswersLikeItsLastState) {
    tests::Random random;
    RandomGeometries geometries(random);
    const auto collection = make({}, kMetrics);
    std::map<std::string, Place> model;
    for (int step = 0; step < 20; ++step) {
        std::map<std::string, Place> batch;
        for (std::size_t i = 0, size = random.below(15); i < size; ++i) {
            Place place{.id = std::to_string(random.below(40)),
                        .category = random.below(2) == 0 ? "even" : "odd"};
            // Now and then what another one has, so that distances are equal; at first, and once more, no
            // shapes.
            if (!model.empty() && random.below(4) == 0) {
                place.shape = model.begin()->second.shape;
                place.position = model.begin()->second.position;
            } else if (step < 3) {
                place.position = geometries.position();
            } else {
                place.set_geometry(geometries.next());
            }
            batch[place.id] = place;
        }
        std::vector<Place> places;
        for (const auto& [id, place] : batch) places.push_back(place);
        PlaceList list(places);
        EXPECT_EQ(collection->upsert(list), places.size());
        for (const auto& [id, place] : batch) model[id] = place;

        std::vector<std::string> gone;
        for (const auto& [id, place] : model) {
            if (random.below(10) == 0 || (step == 12 && place.shape != nullptr)) gone.push_back(id);
        }
        EXPECT_EQ(collection->erase(gone), gone.size());
        for (const std::string& id : gone) model.erase(id);
        ASSERT_EQ(collection->count(), model.size());

        for (const MetricKind metric : kMetrics) {
            PlaceQuery query{.point = geometries.position(), .metric = metric};
            if (random.below(2) == 0) query.shape = geometries.next();
            if (random.below(3) == 0) query.category = "odd";
            if (random.below(3) == 0) query.match = Match::centroid;
            SCOPED_TRACE(testing::Message() << "step " << step << ", " << name(metric));
            const auto found = collection->nearest(query, 7, kInf);
            expect_as_of(model, query, 7, found);
            if (found.empty()) continue;
            const auto within = collection->within_distance(query, found.back().distance);
            ASSERT_GE(within.size(), found.size());
            for (std::size_t i = 0; i < found.size(); ++i) {
                ASSERT_EQ(within[i].place, found[i].place);
                ASSERT_EQ(within[i].distance, found[i].distance);
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Stores, Shapes, testing::Values("memory", "embedded"),
                         [](const auto& tested) { return std::string(tested.param); });

}  // namespace
}  // namespace crowfly
