#include "store/live_neighbors.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "store/embedded/embedded_store.h"
#include "store/memory_collection.h"
#include "tests/support/any_shape.h"
#include "tests/support/seed.h"
#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Kind = NeighborChange::Kind;

constexpr double kInf = std::numeric_limits<double>::infinity();
const std::vector<MetricKind> kMetrics{MetricKind::plane, MetricKind::sphere, MetricKind::spheroid};

/// Where places come, move and go.
struct Scene {
    std::string name;
    LonLat corner;      ///< of a lattice of 6 x 6 positions, so that many places tie
    double step;        ///< degrees
    double shapes = 0;  ///< the share of places that are no points
    bool durable = false;
    std::size_t retained = 200;
};

double wrapped(double lon) {
    return lon > 180 ? lon - 360 : lon;
}

class AnyLife {
  public:
    AnyLife(tests::Random& random, const Scene& scene) : random_(random), scene_(scene) {}

    LonLat position() {
        const auto along = [this] { return static_cast<double>(random_.below(6)) * scene_.step; };
        return {wrapped(scene_.corner.lon + along()), scene_.corner.lat + along()};
    }

    Change change() {
        const std::string id = std::to_string(random_.below(60));
        switch (random_.below(5)) {
            case 0:
                return Erase{id};
            case 1:
            case 2:
                return Move{id, position()};
            default:
                return Upsert{place(id)};
        }
    }

    std::vector<Change> batch(std::size_t most) {
        std::vector<Change> changes(random_.below(most + 1));
        for (Change& change : changes) change = this->change();
        return changes;
    }

    NearestQuery query() {
        NearestQuery query{.from = {.point = position(), .metric = kMetrics[random_.below(3)]},
                           .k = 1 + random_.below(8)};
        double& lat = query.from.point.lat;
        if (random_.below(3) == 0) lat += (lat < 0 ? scene_.step : -scene_.step) / 3;
        if (random_.below(3) == 0) query.from.category = random_.below(2) == 0 ? "a" : "b";
        if (random_.below(3) == 0) {
            const double degrees = scene_.step * random_.uniform(0, 3);
            query.max_distance = query.from.metric == MetricKind::plane ? degrees : degrees * 111'000;
        }
        return query;
    }

  private:
    Place place(const std::string& id) {
        Place place{.id = id, .position = position(), .name = std::string(random_.below(3), 'x')};
        place.category = random_.below(2) == 0 ? "a" : "b";
        if (random_.below(3) == 0) place.properties.push_back({"note", std::string("high")});
        if (random_.uniform(0, 1) < scene_.shapes)
            place.set_geometry(tests::AnyShape(random_, scene_.corner, 4 * scene_.step)());
        return place;
    }

    tests::Random& random_;
    const Scene& scene_;
};

std::string text_of(const std::vector<NeighborPlace>& answer) {
    std::string text;
    for (const auto& [place, rank, distance, nearest_point] : answer) {
        text += fmt::format("{} {} {} ({} {}) {} {} {} {}\n", rank, distance, place.id, place.position.lon,
                            place.position.lat, place.name, place.category, place.properties.size(),
                            place.shape != nullptr);
    }
    return text;
}

/// As changes_between promises.
std::vector<NeighborPlace> applied(std::vector<NeighborPlace> answer,
                                   const std::vector<NeighborChange>& changes) {
    for (const auto& [kind, neighbor] : changes) {
        std::erase_if(answer,
                      [&id = neighbor.place.id](const NeighborPlace& one) { return one.place.id == id; });
    }
    for (const auto& [kind, neighbor] : changes) {
        if (kind != Kind::left) answer.push_back(neighbor);
    }
    std::sort(answer.begin(), answer.end(), [](const auto& a, const auto& b) { return a.rank < b.rank; });
    return answer;
}

/// One who subscribes, and knows nothing but what there was to take.
struct Client {
    Client(LiveNeighbors& live, NearestQuery asked)
        : query(std::move(asked)), subscription(live.subscribe(query, [this] { ++calls; })) {}

    void take() {
        const int told = calls.exchange(0);
        const auto news = subscription.take();
        if (told == 0) {
            ASSERT_FALSE(news) << "nobody said so";
        }
        if (!news) return;
        ASSERT_EQ(news->is_first, !is_told);
        known = news->is_first ? *news->neighbors : applied(known, news->changes);
        ASSERT_EQ(text_of(known), text_of(*news->neighbors));
        is_told = true;
    }

    NearestQuery query;
    std::atomic<int> calls = 0;
    bool is_told = false;
    std::vector<NeighborPlace> known = {};
    LiveSubscription subscription;
};

class LiveNeighborsIn : public testing::TestWithParam<Scene> {
  protected:
    std::unique_ptr<Collection> make() {
        const Schema schema{.name = "places"};
        const CollectionOptions options{.retained_changes = GetParam().retained};
        if (!GetParam().durable) return std::make_unique<MemoryCollection>(schema, kMetrics, options);
        PlaceList none({});
        return EmbeddedStore(directory_.path("s.gpkg"), sqlite::Access::create)
            .create_collection(schema, kMetrics, none, {.collection = options});
    }

    tests::TemporaryDirectory directory_;
};

TEST_P(LiveNeighborsIn, AreThoseOfASearchAfterEveryBatch) {
    tests::Random random;
    AnyLife any(random, GetParam());
    const auto collection = make();
    LiveNeighbors live(*collection);
    std::vector<std::unique_ptr<Client>> clients;
    for (int round = 0; round < 250; ++round) {
        while (clients.size() < 25) clients.push_back(std::make_unique<Client>(live, any.query()));
        if (random.below(4) == 0) clients.erase(clients.begin() + static_cast<int>(random.below(25)));
        for (std::size_t batches = random.below(4); batches > 0; --batches) collection->write(any.batch(6));
        live.pump();
        for (const auto& client : clients) {
            if (random.below(3) == 0) continue;  // takes more at a time later
            client->take();
            if (HasFatalFailure()) return;
            const auto& [from, k, max_distance] = client->query;
            ASSERT_EQ(text_of(client->known), text_of(collection->nearest(from, k, max_distance))) << round;
        }
    }
}

TEST_P(LiveNeighborsIn, HoldWhileOthersWriteSubscribeAndTake) {
    tests::Random random;
    AnyLife any(random, GetParam());
    const auto collection = make();
    LiveNeighbors live(*collection);
    ThreadExecutor executor(2);
    std::vector<std::vector<Change>> batches(60);
    for (auto& batch : batches) batch = any.batch(6);
    std::vector<NearestQuery> queries(40);
    for (auto& query : queries) query = any.query();
    std::vector<std::unique_ptr<Client>> clients;
    {
        std::jthread pumping([&](const std::stop_token& stop) {
            while (!stop.stop_requested()) live.pump(executor);
        });
        std::jthread writing([&] {
            for (auto& batch : batches) collection->write(std::move(batch));
        });
        for (const NearestQuery& query : queries) {
            clients.push_back(std::make_unique<Client>(live, query));
            if (clients.size() % 5 == 0) clients.erase(clients.begin());
        }
    }
    live.pump(executor);
    for (const auto& client : clients) {
        client->take();
        const auto& [from, k, max_distance] = client->query;
        EXPECT_EQ(text_of(client->known), text_of(collection->nearest(from, k, max_distance)));
    }
}

INSTANTIATE_TEST_SUITE_P(
    Scenes, LiveNeighborsIn,
    testing::Values(
        Scene{.name = "lattice", .corner = {10, 50}, .step = 0.5},
        Scene{.name = "pole", .corner = {-180, 85}, .step = 1},
        Scene{.name = "far", .corner = {-90, -90}, .step = 36},
        Scene{.name = "antimeridian", .corner = {177.5, -2}, .step = 1},
        Scene{.name = "forgetful", .corner = {10, 50}, .step = 0.5, .retained = 5},
        Scene{.name = "shapes", .corner = {10, 50}, .step = 0.5, .shapes = 0.05},
        Scene{.name = "durable", .corner = {177.5, 60}, .step = 1, .durable = true},
        Scene{.name = "durable_shapes", .corner = {10, 50}, .step = 0.5, .shapes = 0.05, .durable = true}),
    [](const auto& scene) { return scene.param.name; });

/// 100 places along a parallel, a degree apart.
class LiveNeighborsInARow : public testing::Test {
  protected:
    LiveNeighborsInARow() {
        std::vector<Change> changes;
        for (int i = 0; i < 100; ++i) changes.emplace_back(Upsert{place(i)});
        collection_.write(std::move(changes));
    }

    static Place place(int i) { return {.id = std::to_string(i), .position = {i * 1.0, 0}}; }
    LiveSubscription subscribe(LonLat point, std::size_t k = 3, double max_distance = kInf) {
        return live_.subscribe({{.point = point}, k, max_distance}, {});
    }

    static std::vector<std::string> texts(const std::optional<NeighborNews>& news) {
        std::vector<std::string> texts;
        if (!news) return texts;
        for (const auto& [kind, neighbor] : news->changes)
            texts.push_back(fmt::format("{} {} {}", name(kind), neighbor.place.id, neighbor.rank));
        return texts;
    }

    MemoryCollection collection_{{.name = "places"}, {MetricKind::spheroid}};
    LiveNeighbors live_{collection_};
};

TEST_F(LiveNeighborsInARow, BeginWithTheWholeAnswer) {
    LiveSubscription subscription = subscribe({50, 0});
    EXPECT_FALSE(subscription.take());
    EXPECT_EQ(live_.pump(), 1U);
    const auto news = subscription.take();
    ASSERT_TRUE(news);
    EXPECT_TRUE(news->is_first);
    EXPECT_EQ(news->sequence_number, 1U);
    EXPECT_EQ(news->neighbors->size(), 3U);
    EXPECT_TRUE(news->changes.empty());
    EXPECT_FALSE(subscription.take());
}

TEST_F(LiveNeighborsInARow, SayWhatHasBecomeOfEachNeighbor) {
    LiveSubscription subscription = subscribe({49.9, 0});
    live_.pump();
    subscription.take();
    collection_.write({Move{"49", {50.1, 0}}});
    live_.pump();
    EXPECT_THAT(texts(subscription.take()), ElementsAre("moved 49 2"));
    collection_.write({Move{"3", {50, 0.001}}});
    live_.pump();
    EXPECT_THAT(texts(subscription.take()), ElementsAre("left 51 3", "entered 3 2", "reordered 49 3"));
    Place named = place(50);
    named.name = "middle";
    collection_.write({Upsert{named}});
    live_.pump();
    EXPECT_THAT(texts(subscription.take()), ElementsAre("changed 50 1"));
    collection_.write({Erase{"50"}});
    live_.pump();
    EXPECT_THAT(texts(subscription.take()),
                ElementsAre("left 50 1", "reordered 3 1", "reordered 49 2", "entered 51 3"));
}

TEST_F(LiveNeighborsInARow, WhatHasComeAndGoneIsNoNews) {
    LiveSubscription subscription = subscribe({50, 0});
    live_.pump();
    subscription.take();
    collection_.write({Upsert{{.id = "x", .position = {50, 0}}}});
    EXPECT_EQ(live_.pump(), 1U);
    collection_.write({Erase{"x"}});
    EXPECT_EQ(live_.pump(), 1U);
    EXPECT_FALSE(subscription.take());
}

TEST_F(LiveNeighborsInARow, OnlyWhoseCircleAChangeTouchesAreSearchedFor) {
    std::vector<LiveSubscription> subscriptions;
    for (int i = 0; i < 100; ++i) subscriptions.push_back(subscribe({i + 0.1, 0}));
    EXPECT_EQ(live_.pump(), 100U);
    EXPECT_EQ(live_.pump(), 0U);
    collection_.write({Upsert{{.id = "x", .position = {50, 5}}}});
    EXPECT_EQ(live_.pump(), 0U);
    collection_.write({Move{"x", {50.1, 0.5}}});
    EXPECT_EQ(live_.pump(), 1U);
    collection_.write({Move{"x", {50.1, 0.4}}, Move{"x", {50.1, 0.3}}, Erase{"20"}});
    const std::size_t searched = live_.pump();
    EXPECT_GE(searched, 4U);
    EXPECT_LE(searched, 6U);
}

TEST_F(LiveNeighborsInARow, WithinMaxDistanceAnyPlaceThatComesIsOne) {
    LiveSubscription near = subscribe({-10, 0}, 3, 200'000);
    live_.pump();
    EXPECT_TRUE(near.take()->neighbors->empty());
    collection_.write({Upsert{{.id = "x", .position = {-13, 0}}}});
    EXPECT_EQ(live_.pump(), 0U);
    collection_.write({Move{"x", {-11, 0}}});
    EXPECT_EQ(live_.pump(), 1U);
    EXPECT_THAT(texts(near.take()), ElementsAre("entered x 1"));
}

TEST_F(LiveNeighborsInARow, WhatEndsIsNotSearchedFor) {
    {
        LiveSubscription ended = subscribe({50, 0}), moved = std::move(ended);
        LiveSubscription never_pumped = subscribe({50, 0});
        live_.pump();
        EXPECT_EQ(live_.size(), 2U);
    }
    collection_.write({Erase{"50"}});
    EXPECT_EQ(live_.pump(), 0U);
    EXPECT_EQ(live_.size(), 0U);
}

TEST_F(LiveNeighborsInARow, JudgeTheQuery) {
    const auto fault = [&](NearestQuery query) {
        return tests::thrown_text([&] { live_.subscribe(std::move(query), {}); });
    };
    EXPECT_THAT(fault({.from = {}, .k = 0}), HasSubstr("k"));
    EXPECT_THAT(fault({.from = {}, .max_distance = -1}), HasSubstr("max_distance"));
    EXPECT_THAT(fault({.from = {.point = {0, 91}}}), HasSubstr("latitude 91"));
    EXPECT_THAT(fault({.from = {.shape = std::make_shared<const Geometry>(Geometry::point({0, 0}))}}),
                HasSubstr("from a point"));
}

TEST_F(LiveNeighborsInARow, TellWhoTakesWhatASearchThrows) {
    int calls = 0;
    LiveSubscription plane = live_.subscribe({.from = {.metric = MetricKind::plane}}, [&] { ++calls; });
    LiveSubscription other = subscribe({50, 0});
    EXPECT_EQ(live_.pump(), 2U);
    EXPECT_EQ(calls, 1);
    EXPECT_THAT(tests::thrown_text([&] { plane.take(); }), HasSubstr("no index for the metric plane"));
    EXPECT_FALSE(plane.take());
    EXPECT_TRUE(other.take());
    collection_.write({Erase{"99"}});
    EXPECT_EQ(live_.pump(), 1U);
    EXPECT_THROW(plane.take(), Error);
}

}  // namespace
}  // namespace crowfly
