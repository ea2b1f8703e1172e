#include <limits>
#include <memory>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/live/live_index.h"
#include "formats/cql2/text_parser.h"
#include "formats/cql2/writer.h"
#include "store/embedded/embedded_store.h"
#include "store/memory_collection.h"
#include "store/place_search.h"
#include "store/queryables.h"
#include "tests/support/any_filter.h"
#include "tests/support/any_shape.h"
#include "tests/support/seed.h"
#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using std::string_literals::operator""s;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr double kInf = std::numeric_limits<double>::infinity();
const std::vector<MetricKind> kMetrics{MetricKind::plane, MetricKind::sphere, MetricKind::spheroid};
const Schema kSchema{.name = "places",
                     .attributes = {{"population", AttributeType::integer},
                                    {"elevation", AttributeType::real},
                                    {"capital", AttributeType::boolean},
                                    {"country", AttributeType::text}}};

Place any_place(tests::Random& random, std::size_t number, double shapes) {
    const std::vector<std::string> texts{"", "a", "b", "A1", "a1", "é", "Straße", "it's", "12"};
    const auto any_text = [&] { return texts[random.below(texts.size())]; };
    Place place{
        .id = number % 3 == 0 ? std::to_string(number) : "p" + std::to_string(number),
        .position = {static_cast<double>(random.below(20)) - 185 + (random.below(2) == 0 ? 360.0 : 0.0),
                     static_cast<double>(random.below(12)) + 40},
        .name = any_text(),
        .category = any_text()};
    if (place.position.lon > 180) place.position.lon -= 360;
    if (place.position.lon < -180) place.position.lon += 360;
    if (random.below(2) == 0)
        place.properties.push_back({"population", static_cast<std::int64_t>(random.below(5))});
    if (random.below(2) == 0) place.properties.push_back({"elevation", random.uniform(-2, 2)});
    if (random.below(2) == 0) place.properties.push_back({"capital", random.below(2) == 0});
    if (random.below(2) == 0) place.properties.push_back({"country", any_text()});
    if (random.below(4) == 0) place.properties.push_back({"note", "x"s});
    if (random.uniform(0, 1) < shapes) place.set_geometry(tests::AnyShape(random, place.position, 3)());
    return place;
}

std::vector<std::string> ids(const std::vector<NeighborPlace>& answer) {
    std::vector<std::string> ids;
    for (const NeighborPlace& neighbor : answer) ids.push_back(neighbor.place.id);
    return ids;
}

struct Kind {
    const char* name;
    bool in_memory;
    std::vector<std::string> hot;

    friend std::ostream& operator<<(std::ostream& out, const Kind& kind) { return out << kind.name; }
};

/// What holds for filters in every implementation of Collection.
class Filters : public testing::TestWithParam<Kind> {
  protected:
    std::unique_ptr<Collection> make(std::span<const Place> places) {
        PlaceList list(places);
        if (GetParam().in_memory) {
            auto collection = std::make_unique<MemoryCollection>(kSchema, kMetrics);
            collection->upsert(list);
            return collection;
        }
        EmbeddedOptions options;
        options.hot_attributes = GetParam().hot;
        return EmbeddedStore(directory_.path(std::to_string(++stores_) + ".gpkg"), sqlite::Access::create)
            .create_collection(kSchema, kMetrics, list, options);
    }

    std::unique_ptr<Collection> some_places() {
        const std::vector<Place> places{
            {.id = "1",
             .position = {8, 47},
             .name = "Zürich",
             .category = "city",
             .properties = {{"population", std::int64_t{400'000}}, {"capital", false}}},
            {.id = "2",
             .position = {7.4, 46.9},
             .name = "Bern",
             .category = "city",
             .properties = {{"population", std::int64_t{130'000}}, {"capital", true}}},
            {.id = "3", .position = {8.5, 46.6}, .category = "pass", .properties = {{"elevation", 2106.5}}},
        };
        return make(places);
    }

    static std::vector<std::string> found(const Collection& collection, std::string_view filter) {
        return ids(collection.nearest(query_of(filter), 10, kInf));
    }

    static PlaceQuery query_of(std::string_view filter) {
        return {.point = {8, 47},
                .filter = std::make_shared<const cql2::Expression>(cql2::parse_text(filter))};
    }

    tests::TemporaryDirectory directory_;
    int stores_ = 0;
};

TEST_P(Filters, AreAppliedBeforeTheNearestAreChosen) {
    const auto collection = some_places();
    EXPECT_THAT(found(*collection, "population > 200000"), ElementsAre("1"));
    EXPECT_THAT(found(*collection, "NOT capital = FALSE"), ElementsAre("2"));
    EXPECT_THAT(found(*collection, "name IS NULL AND elevation >= 2106.5"), ElementsAre("3"));
    EXPECT_THAT(found(*collection, "category = 'city' AND CASEI(name) LIKE 'z%'"), ElementsAre("1"));
    EXPECT_THAT(found(*collection, "category = 'village'"), IsEmpty());
    EXPECT_THAT(found(*collection, "id IN ('3', '2') OR FALSE"), ElementsAre("2", "3"));
    PlaceQuery query = query_of("population > 1");
    query.category = "city";
    EXPECT_THAT(ids(collection->nearest(query, 1, kInf)), ElementsAre("1"));
    query.point = {7, 46};
    EXPECT_THAT(ids(collection->nearest(query, 1, kInf)), ElementsAre("2"));
}

TEST_P(Filters, AreJudgedBeforeTheSearch) {
    const auto collection = some_places();
    const auto error_of = [&](std::string_view filter) {
        return tests::thrown_text([&] { found(*collection, filter); });
    };
    EXPECT_EQ(
        error_of("colour = 'red'"),
        "invalid_argument there is no property \"colour\" to filter by; expected one of id, name, category, "
        "population, elevation, capital, country");
    EXPECT_THAT(error_of("population = 'many'"), HasSubstr("\"many\" is a text; expected a number"));
    PlaceQuery query{.area = std::make_shared<const Area>(Area::box(0, 0, 1, 1, Crs::planar))};
    EXPECT_EQ(tests::thrown_code([&] { collection->nearest(query, 1, kInf); }), Code::invalid_argument);
    EXPECT_EQ(tests::thrown_code([&] { collection->items({.box = Area::box(0, 0, 1, 1, Crs::planar)}); }),
              Code::invalid_argument);
    for (const std::size_t limit :
         {std::size_t{0}, kGreatestPage + 1, std::numeric_limits<std::size_t>::max()})
        EXPECT_EQ(tests::thrown_code([&] { collection->items({.limit = limit}); }), Code::invalid_argument);
}

TEST_P(Filters, StopWhenTheTimeIsUp) {
    const auto collection = some_places();
    const Control late{.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1)};
    for (const Method method : {Method::index, Method::scan}) {
        PlaceQuery query = query_of("population > 1");
        query.method = method;
        query.control = late;
        EXPECT_EQ(tests::thrown_code([&] { collection->nearest(query, 1, kInf); }), Code::deadline_exceeded);
        query.after = NeighborKey{0, "1"};
        EXPECT_EQ(tests::thrown_code([&] { collection->nearest(query, 1, kInf); }), Code::deadline_exceeded);
    }
    EXPECT_EQ(tests::thrown_code([&] { collection->items({.control = late}); }), Code::deadline_exceeded);
    EXPECT_THAT(found(*collection, "population > 1"), ElementsAre("1", "2"));
}

TEST_P(Filters, SayWhatTheyCost) {
    const auto collection = some_places();
    SearchReport report{.asked = 99, .rows_read = 99, .read_from_file = {"x"}};
    PlaceQuery query{.point = {8, 47}, .report = &report};
    collection->nearest(query, 2, kInf);
    EXPECT_EQ(report.places, 3U);
    EXPECT_EQ(report.runs, 1U);
    EXPECT_GT(report.counts.leaves, 0U);
    EXPECT_EQ(report.asked, 0U);
    EXPECT_EQ(report.rows_read, 0U);
    EXPECT_THAT(report.read_from_file, IsEmpty());

    query.filter = query_of("population > 1 AND name > 'A'").filter;
    collection->nearest(query, 2, kInf);
    EXPECT_EQ(report.asked, 3U);
    const bool reads_file = !GetParam().in_memory && GetParam().hot.empty();
    EXPECT_EQ(report.rows_read, reads_file ? 3U : 0U);
    EXPECT_THAT(report.read_from_file, testing::ElementsAreArray(reads_file ? std::vector{"population"s}
                                                                            : std::vector<std::string>{}));
}

/// The places that count, from all of them: the judge.
class Judge {
  public:
    Judge(const Collection& collection, const PlaceQuery& query) {
        PlaceQuery all{.point = query.point, .metric = query.metric, .method = Method::scan};
        const cql2::Predicate predicate(*query.filter, queryables(kSchema));
        for (NeighborPlace& neighbor : collection.within_distance(all, kInf)) {
            if (query.category && neighbor.place.category != *query.category) continue;
            if (query.area != nullptr && !query.area->contains(neighbor.place.position)) continue;
            if (!predicate.passes(PlaceValues(neighbor.place, kSchema))) continue;
            neighbor.rank = order_.size() + 1;
            order_.push_back(std::move(neighbor));
        }
    }

    const std::vector<NeighborPlace>& order() const { return order_; }
    std::vector<NeighborPlace> first(std::size_t k) const {
        return {order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(std::min(k, order_.size()))};
    }

  private:
    std::vector<NeighborPlace> order_;
};

std::shared_ptr<const Area> any_area(tests::Random& random) {
    const double west = random.uniform(160, 180), east = random.uniform(-180, -165);
    switch (random.below(3)) {
        case 0:
            return nullptr;
        case 1:
            return std::make_shared<const Area>(Area::box(west, 42, east, 48, Crs::wgs84));
        default: {
            const std::vector<std::vector<LonLat>> rings{
                {{west, 40}, {east + 360, 43}, {190, 52}, {west, 40}}};
            return std::make_shared<const Area>(Area::polygon(rings, Crs::wgs84));
        }
    }
}

void expect_same(const std::vector<NeighborPlace>& found, const std::vector<NeighborPlace>& expected) {
    ASSERT_EQ(ids(found), ids(expected));
    for (std::size_t i = 0; i < found.size(); ++i) {
        ASSERT_EQ(found[i].distance, expected[i].distance);
        ASSERT_EQ(found[i].rank, expected[i].rank);
        ASSERT_TRUE(found[i].place == expected[i].place);
    }
}

TEST_P(Filters, GiveWhatPlainEvaluationGives) {
    tests::Random random;
    for (const double shapes : {0.0, 0.3}) {
        std::vector<Place> places;
        for (std::size_t i = 0; i < 400; ++i) places.push_back(any_place(random, i, shapes));
        const auto collection = make(places);
        const std::vector<cql2::Queryable> all = queryables(kSchema);
        tests::AnyFilter any_filter(random, all);
        std::size_t found = 0;
        for (int i = 0; i < 150; ++i) {
            PlaceQuery query{.point = {random.uniform(-180, -160), random.uniform(40, 52)},
                             .metric = kMetrics[random.below(3)],
                             .filter = std::make_shared<const cql2::Expression>(any_filter(random.below(4)))};
            SCOPED_TRACE(cql2::to_text(*query.filter));
            if (random.below(4) == 0) query.category = "a";
            query.area = any_area(random);
            const Judge judge(*collection, query);
            found += judge.order().size();
            const std::size_t k = 1 + random.below(20);
            ASSERT_NO_FATAL_FAILURE(expect_same(collection->nearest(query, k, kInf), judge.first(k)));
            ASSERT_NO_FATAL_FAILURE(expect_same(collection->within_distance(query, kInf), judge.order()));
            query.method = Method::scan;
            ASSERT_NO_FATAL_FAILURE(expect_same(collection->nearest(query, k, kInf), judge.first(k)));
        }
        EXPECT_GT(found, 1000U);
    }
}

TEST_P(Filters, PagesOfNeighborsFollowEachOther) {
    tests::Random random;
    for (const double shapes : {0.0, 0.3}) {
        std::vector<Place> places;
        for (std::size_t i = 0; i < 200; ++i) places.push_back(any_place(random, i, shapes));
        const auto collection = make(places);
        for (const Method method : {Method::index, Method::scan}) {
            PlaceQuery query = query_of("NOT population = 3 OR population IS NULL");
            query.method = method;
            // Where many are at the same distance.
            query.point = places[0].position;
            const std::vector<NeighborPlace> whole = collection->within_distance(query, 800'000);
            std::vector<std::string> pages;
            for (;;) {
                const auto page = collection->nearest(query, 7, 800'000);
                for (const NeighborPlace& neighbor : page) pages.push_back(neighbor.place.id);
                if (page.size() < 7) break;
                query.after = NeighborKey{page.back().distance, page.back().place.id};
            }
            EXPECT_EQ(pages, ids(whole));
            ASSERT_GT(whole.size(), 20U);
            query.after = NeighborKey{whole[9].distance, whole[9].place.id};
            EXPECT_EQ(collection->within_distance(query, 800'000).size(), whole.size() - 10);
        }
    }
}

TEST_P(Filters, PagesGoOnAfterWrites) {
    const auto collection = some_places();
    PlaceQuery query{.point = {8, 47}};
    const auto page = collection->nearest(query, 1, kInf);
    ASSERT_THAT(ids(page), ElementsAre("1"));
    collection->write({Erase{"1"}, Upsert{Place{.id = "0", .position = {8, 47}}},
                       Upsert{Place{.id = "11", .position = {8, 47}}}});
    query.after = NeighborKey{page[0].distance, page[0].place.id};
    EXPECT_THAT(ids(collection->nearest(query, 9, kInf)), ElementsAre("11", "2", "3"));
}

INSTANTIATE_TEST_SUITE_P(
    All, Filters,
    testing::Values(Kind{"memory", true, {}}, Kind{"file", false, {}},
                    Kind{"hot", false, {"population", "country"}},
                    Kind{"all_hot", false, {"population", "elevation", "capital", "country"}}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(PlaceSearch, AsksForTimeBetweenRows) {
    constexpr std::size_t kRows = 20'000;
    tests::Random random;
    std::vector<LiveRow> rows(kRows);
    std::vector<std::string> names(kRows);
    for (std::uint32_t i = 0; i < kRows; ++i) {
        rows[i] = {.row = i, .position = {random.uniform(-180, 180), random.uniform(-90, 90)}};
        names[i] = std::to_string(i);
    }
    LiveIndex index;
    index.apply(rows, {});
    for (const Method method : {Method::index, Method::scan}) {
        for (const bool goes_on : {false, true}) {
            std::stop_source stop;
            PlaceQuery query{.method = method, .control = {.stop = stop.get_token()}};
            if (goes_on) query.after = NeighborKey{0, "0"};
            std::size_t asked = 0;
            const auto none_passes = [&](std::uint32_t) {
                if (++asked == 1000) stop.request_stop();
                return false;
            };
            const PlaceSearch search(*index.snapshot(), std::vector{MetricKind::spheroid}, query, none_passes,
                                     [&](std::uint32_t row) -> std::string_view { return names[row]; });
            EXPECT_EQ(tests::thrown_code([&] { search({.k = 1, .max_distance = kInf}); }), Code::cancelled);
            EXPECT_LT(asked, 2000U);
        }
    }
}

}  // namespace
}  // namespace crowfly
