#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <memory>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/executor.h"
#include "formats/cql2/writer.h"
#include "store/embedded/embedded_store.h"
#include "store/embedded/index_cache.h"
#include "store/memory_collection.h"
#include "store/queryables.h"
#include "tests/support/any_filter.h"
#include "tests/support/any_shape.h"
#include "tests/support/seed.h"
#include "tests/support/temporary.h"

namespace crowfly {
namespace {

using std::string_literals::operator""s;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr TimeToLive kLife = std::chrono::seconds(100);

const std::vector<MetricKind> kMetrics{MetricKind::plane, MetricKind::sphere, MetricKind::spheroid};
const Schema kSchema{.name = "places",
                     .attributes = {{"population", AttributeType::integer},
                                    {"elevation", AttributeType::real},
                                    {"capital", AttributeType::boolean},
                                    {"country", AttributeType::text}}};

/// What the places of a history are like.
struct Scene {
    std::size_t ids = 60;
    LonLat corner = {-180, 86};  ///< of the grid with all positions
    double shapes = 0;           ///< the share of places that are no points
    bool texts_change = true;    ///< else a place keeps its name and category
};

/// Batches of changes at random, of all kinds.
class AnyChanges {
  public:
    AnyChanges(tests::Random& random, const Scene& scene) : random_(random), scene_(scene) {}

    std::vector<Change> operator()(std::size_t most) {
        std::vector<Change> changes(random_.below(most + 1));
        for (Change& change : changes) change = any();
        return changes;
    }

    std::string any_id() { return std::to_string(random_.below(scene_.ids)); }

    /// On a coarse grid, so that many places share a position.
    LonLat any_position() {
        return {scene_.corner.lon + static_cast<double>(random_.below(5)),
                scene_.corner.lat + static_cast<double>(random_.below(5))};
    }

  private:
    Change any() {
        switch (random_.below(4)) {
            case 0:
                return Move{any_id(), any_position(), any_life()};
            case 1:
                return Erase{any_id()};
            default:
                return Upsert{any_place(), any_life()};
        }
    }

    std::optional<TimeToLive> any_life() {
        if (random_.below(4) != 0) return std::nullopt;
        return kLife * (1 + random_.below(3));
    }

    Place any_place() {
        Place place{.id = any_id(), .position = any_position()};
        const std::size_t text = scene_.texts_change ? random_.below(5) : place.id.size();
        place.name = text == 0 ? "" : std::string(text * text * text * 7, static_cast<char>('a' + text));
        place.category = text % 2 == 0 ? "even" : "odd";
        // In the order in which a store gives them back.
        if (random_.below(2) == 0) place.properties.push_back({"population", std::int64_t{9000}});
        if (random_.below(3) == 0) place.properties.push_back({"capital", random_.below(2) == 0});
        if (random_.below(3) == 0) place.properties.push_back({"country", "LI"s});
        if (random_.below(3) == 0) place.properties.push_back({"note", "high"s});
        if (random_.uniform(0, 1) < scene_.shapes)
            place.set_geometry(tests::AnyShape(random_, {10, 50}, 3)());
        return place;
    }

    tests::Random& random_;
    Scene scene_;
};

std::string text_of(const Place& place) {
    std::string text = fmt::format("{} ({} {}) {} {}", place.id, place.position.lon, place.position.lat,
                                   place.name.substr(0, 3), place.category);
    for (const Property& property : place.properties) text += " " + property.name;
    return text + (place.shape != nullptr ? " with a shape" : "");
}

std::string text_of(const std::vector<NeighborPlace>& answer) {
    std::string text;
    for (const NeighborPlace& neighbor : answer)
        text += fmt::format("{} {} {}\n", neighbor.rank, neighbor.distance, text_of(neighbor.place));
    return text;
}

/// Of several nearest points of a shape, any one may be given.
void expect_same(const std::vector<NeighborPlace>& found, const std::vector<NeighborPlace>& expected) {
    ASSERT_EQ(text_of(found), text_of(expected));
    for (std::size_t i = 0; i < found.size(); ++i) {
        ASSERT_TRUE(found[i].place == expected[i].place) << text_of(found[i].place);
        ASSERT_EQ(found[i].distance, expected[i].distance);
        ASSERT_EQ(found[i].nearest_point.has_value(), expected[i].nearest_point.has_value());
    }
}

std::string text_of(const ChangeFeed& feed) {
    std::string text;
    for (const auto& batch : feed.batches) {
        text += fmt::format("batch {}\n", batch->sequence_number);
        for (const auto& [kind, id, before, after, shape_before, shape_after] : batch->changes) {
            text += fmt::format("{} {} {} {}", static_cast<int>(kind), id, shape_before, shape_after);
            if (before) text += fmt::format(" from {} {}", before->lon, before->lat);
            if (after) text += fmt::format(" to {} {}", after->lon, after->lat);
            text += '\n';
        }
    }
    return text + fmt::format("last {}", feed.last);
}

std::vector<Place> places_of(const Collection& collection) {
    std::vector<Place> places;
    collection.scan([&](const Place& place) { places.push_back(place); });
    return places;
}

/// Fails unless both have the same neighbors and the same list, with whatever filter, page by page.
void expect_same_pages(const Collection& found, const Collection& expected, AnyChanges& any,
                       tests::Random& random) {
    const std::vector<cql2::Queryable> all = queryables(kSchema);
    const auto filter = std::make_shared<const cql2::Expression>(tests::AnyFilter(random, all)(2));
    SCOPED_TRACE(cql2::to_json(*filter));
    PlaceQuery query{.point = any.any_position(), .metric = kMetrics[random.below(3)], .filter = filter};
    if (random.below(2) == 0)
        query.area = std::make_shared<const Area>(Area::box(-179, 40, 60, 89, Crs::wgs84));
    for (int page = 0; page < 3; ++page) {
        const auto neighbors = expected.nearest(query, 5, kInf);
        ASSERT_NO_FATAL_FAILURE(expect_same(found.nearest(query, 5, kInf), neighbors));
        if (neighbors.empty()) break;
        query.after = NeighborKey{neighbors.back().distance, neighbors.back().place.id};
    }
    ItemsQuery list{.limit = 1 + random.below(30), .filter = random.below(2) == 0 ? filter : nullptr};
    if (query.area != nullptr) list.box = *query.area;
    ItemsQuery list_expected = list;
    for (int page = 0; page < 3; ++page) {
        const ItemsPage a = found.items(list), b = expected.items(list_expected);
        ASSERT_EQ(a.places, b.places);
        ASSERT_EQ(a.next.has_value(), b.next.has_value());
        if (!a.next) break;
        list.after = a.next;
        list_expected.after = b.next;
    }
}

/// Fails unless both say the same of everything.
void expect_same(const Collection& found, const Collection& expected, AnyChanges& any,
                 tests::Random& random) {
    ASSERT_EQ(found.count(), expected.count());
    ASSERT_EQ(found.extent(), expected.extent());
    ASSERT_EQ(found.sequence_number(), expected.sequence_number());
    const std::string id = any.any_id();
    ASSERT_EQ(found.get(id), expected.get(id));
    ASSERT_EQ(found.expires_at(id), expected.expires_at(id));
    for (const MetricKind metric : kMetrics) {
        PlaceQuery query{.point = any.any_position(), .metric = metric};
        query.point.lon += random.uniform(0, 1);
        if (random.below(3) == 0) query.category = random.below(2) == 0 ? "odd" : "none";
        if (random.below(3) == 0)
            query.shape = std::make_shared<const Geometry>(tests::AnyShape(random, query.point, 3)());
        const auto nearest = found.nearest(query, 7, kInf);
        ASSERT_NO_FATAL_FAILURE(expect_same(nearest, expected.nearest(query, 7, kInf)));
        ASSERT_NO_FATAL_FAILURE(
            expect_same(found.within_distance(query, 300'000), expected.within_distance(query, 300'000)));
        query.method = Method::scan;
        ASSERT_NO_FATAL_FAILURE(expect_same(nearest, found.nearest(query, 7, kInf)));
    }
    ASSERT_NO_FATAL_FAILURE(expect_same_pages(found, expected, any, random));
}

/// A collection in a file, and the model that it is held to.
class History : public testing::Test {
  protected:
    CollectionOptions options() {
        return {.retained_changes = 1000, .clock = [this] { return now_.load(); }};
    }
    EmbeddedOptions embedded_options() {
        return {.collection = options(),
                .hot_attributes = hot_,
                .cache_from = cache_from_,
                .on_cache_fault = [this](const std::string& fault) { cache_faults_.push_back(fault); },
                .erase_expired = false};
    }

    void create() {
        PlaceList none({});
        collection_ = EmbeddedStore(path_, sqlite::Access::create)
                          .create_collection(kSchema, kMetrics, none, embedded_options());
    }

    void reopen(const std::function<void()>& meanwhile = [] {}) {
        collection_.reset();
        meanwhile();
        collection_ = EmbeddedStore(path_, sqlite::Access::read_write, {.executor = &executor_})
                          .open_collection("places", kMetrics, embedded_options());
    }

    /// Changes a byte, or cuts the file off.
    void damage_cache(tests::Random& random) {
        if (!std::filesystem::exists(cache_)) return;
        std::string bytes = tests::read_file(cache_);
        const std::size_t at = random.below(bytes.size());
        if (random.below(4) == 0) {
            bytes.resize(at);
        } else {
            bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
        }
        std::ofstream(cache_, std::ios::binary) << bytes;
    }

    static constexpr std::size_t kNoCache = 1'000'000;

    tests::TemporaryDirectory directory_;
    std::string path_ = directory_.path("s.gpkg");
    std::atomic<Timestamp> now_{Timestamp(std::chrono::hours(24 * 365 * 50))};
    std::vector<std::string> hot_;
    std::string cache_ = index_cache_path(path_, "places");
    std::size_t cache_from_ = kNoCache;
    std::vector<std::string> cache_faults_;
    ThreadExecutor executor_{2};
    MemoryCollection model_{kSchema, kMetrics, options()};
    std::unique_ptr<Collection> collection_;
};

class AnyHistory : public History, public testing::WithParamInterface<Scene> {};

TEST_P(AnyHistory, OfTheFileIsThatOfTheModel) {
    tests::Random random;
    AnyChanges any(random, GetParam());
    create();
    for (int step = 0; step < 60; ++step) {
        const std::vector<Change> changes = any(step % 10 == 0 ? 300 : 20);
        ASSERT_EQ(collection_->write(changes), model_.write(changes));
        ASSERT_NO_FATAL_FAILURE(expect_same(*collection_, model_, any, random));

        const std::uint64_t since = random.below(model_.sequence_number() + 1);
        const ChangeFeed feed = collection_->changes_since(since, 50);
        if (!feed.missed) {
            ASSERT_EQ(text_of(feed), text_of(model_.changes_since(since, 50)));
        }

        now_ = now_.load() + kLife / 5;
        if (step % 3 == 0) {
            ASSERT_EQ(collection_->erase_expired(), model_.erase_expired());
        }
        if (random.below(8) == 0) {
            hot_ = random.below(4) == 0 ? std::vector<std::string>{}
                                        : std::vector<std::string>{"country", "population"};
            cache_from_ = random.below(3) == 0 ? kNoCache : 0;
            reopen([&] {
                if (random.below(4) == 0) damage_cache(random);
            });
            ASSERT_EQ(places_of(*collection_), places_of(model_));
            ASSERT_NO_FATAL_FAILURE(expect_same(*collection_, model_, any, random));
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Scenes, AnyHistory,
                         testing::Values(Scene{}, Scene{.corner = {8, 48}, .shapes = 0.3},
                                         Scene{.corner = {8, 48}, .shapes = 1},
                                         Scene{.ids = 2000, .texts_change = false}));

TEST_P(AnyHistory, IsThatOfItsIndexCache) {
    tests::Random random;
    AnyChanges any(random, GetParam());
    cache_from_ = 0;
    hot_ = {"country", "capital"};
    create();
    for (int step = 0; step < 10; ++step) {
        std::vector<Change> changes = any(200);
        collection_->write(changes);
        model_.write(std::move(changes));
        reopen();
        EXPECT_THAT(cache_faults_, testing::IsEmpty());
        ASSERT_NO_FATAL_FAILURE(expect_same(*collection_, model_, any, random));
        EXPECT_EQ(collection_->erase_expired(), model_.erase_expired());
        now_ = now_.load() + kLife / 5;
    }
}

TEST_P(AnyHistory, DoesNotDependOnWhatIsLeftOfItsIndexCache) {
    tests::Random random;
    AnyChanges any(random, GetParam());
    cache_from_ = 0;
    create();
    std::vector<Change> changes = any(300);
    collection_->write(changes);
    model_.write(std::move(changes));
    collection_.reset();
    const std::string whole = tests::read_file(cache_);
    for (int step = 0; step < 150; ++step) {
        std::ofstream(cache_, std::ios::binary) << whole;
        damage_cache(random);
        cache_faults_.clear();
        collection_ = EmbeddedStore(path_, sqlite::Access::read_only)
                          .open_collection("places", kMetrics, embedded_options());
        ASSERT_EQ(cache_faults_.size(), 1U);
        ASSERT_EQ(collection_->count(), model_.count());
    }
    ASSERT_NO_FATAL_FAILURE(expect_same(*collection_, model_, any, random));
}

TEST_F(History, RowsOfPlacesThatAreGoneAreUsedAgain) {
    tests::Random random;
    AnyChanges any(random, {.ids = 300});
    create();
    for (int step = 0; step < 60; ++step) {
        std::vector<Change> changes = any(2000);
        collection_->write(changes);
        if (step % 10 == 9) reopen();
        model_.write(std::move(changes));
        ASSERT_NO_FATAL_FAILURE(expect_same(*collection_, model_, any, random));
    }
}

}  // namespace
}  // namespace crowfly
