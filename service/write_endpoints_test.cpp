#include "service/write_endpoints.h"

#include <atomic>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "formats/wkt.h"
#include "store/embedded/embedded_store.h"
#include "store/memory_collection.h"
#include "tests/support/temporary.h"

namespace crowfly {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using Fields = std::vector<std::pair<const char*, std::string>>;

const Fields kGeoJson{{"Content-Type", "application/geo+json"}};
const Fields kLines{{"Content-Type", "application/x-ndjson; charset=UTF-8"}};
const Fields kPatch{{"Content-Type", "application/merge-patch+json"}};

Fields with(Fields fields, const Fields& more) {
    fields.insert(fields.end(), more.begin(), more.end());
    return fields;
}

std::string feature(const std::string& id, double lon, const std::string& name) {
    return fmt::format(
        R"({{"type":"Feature",{}"geometry":{{"type":"Point","coordinates":[{},1]}},"properties":{{"name":"{}","size":3,"open":true}}}})",
        id.empty() ? "" : "\"id\":\"" + id + "\",", lon, name);
}

std::string field_of(const HttpResponse& response, std::string_view name) {
    for (const auto& [field, value] : response.headers) {
        if (field == name) return value;
    }
    return {};
}

/// A body, the status that it gets, and what is said of it.
struct Refused {
    std::string body;
    int status;
    std::string said;
};

const Schema kSchema{.name = "places", .attributes = {{"size", AttributeType::integer}}};

/// A service with an empty collection, in memory or in a file.
class Writes : public testing::TestWithParam<const char*> {
  protected:
    Writes() : api_(std::make_unique<Api>(collections())) {}

    std::vector<std::unique_ptr<Collection>> collections() {
        const std::vector metrics{MetricKind::spheroid};
        std::vector<std::unique_ptr<Collection>> all;
        PlaceList none({});
        if (GetParam() == std::string("memory")) {
            all.push_back(std::make_unique<MemoryCollection>(kSchema, metrics));
        } else {
            const EmbeddedStore store(directory_.path("s.gpkg"), sqlite::Access::create);
            all.push_back(store.schemas().empty() ? store.create_collection(kSchema, metrics, none)
                                                  : store.open_collection("places", metrics));
        }
        collection_ = all.front().get();
        return all;
    }

    HttpResponse ask(std::string_view method, const std::string& target, const std::string& body = {},
                     const Fields& given = kGeoJson) const {
        const std::size_t query = std::min(target.find('?'), target.size());
        boost::beast::http::fields fields;
        for (const auto& [name, value] : given) fields.insert(name, value);
        return api_->handle({.method = method,
                             .path = std::string_view(target).substr(0, query),
                             .query = std::string_view(target).substr(std::min(query + 1, target.size())),
                             .body = body,
                             .fields = &fields});
    }

    HttpResponse item(std::string_view method, const std::string& id, const std::string& body = {},
                      const Fields& given = kGeoJson) const {
        return ask(method, "/collections/places/items/" + id, body, given);
    }

    /// Its GeoJSON; fails when it is not there.
    std::string get(const std::string& id) const {
        const HttpResponse response = item("GET", id);
        EXPECT_EQ(response.status, 200) << response.body;
        return response.body;
    }

    std::string tag(const std::string& id) const { return field_of(item("GET", id), "ETag"); }

    tests::TemporaryDirectory directory_;
    Collection* collection_ = nullptr;
    std::unique_ptr<Api> api_;  // after what it needs to be made
};

TEST_P(Writes, AFeatureIsCreatedReadReplacedAndDeleted) {
    const HttpResponse made = ask("POST", "/collections/places/items", feature("a b", 1, "A"));
    EXPECT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(field_of(made, "Location"), "/collections/places/items/a%20b");
    EXPECT_EQ(field_of(made, "ETag"), tag("a%20b"));
    EXPECT_THAT(get("a%20b"), HasSubstr(R"("name":"A")"));
    EXPECT_THAT(get("a%20b"), HasSubstr(R"("size":3)"));

    const HttpResponse replaced = item("PUT", "a%20b", feature("", 2, "B"));
    EXPECT_EQ(replaced.status, 204) << replaced.body;
    EXPECT_EQ(field_of(replaced, "ETag"), tag("a%20b"));
    EXPECT_NE(field_of(replaced, "ETag"), field_of(made, "ETag"));
    EXPECT_THAT(get("a%20b"), HasSubstr("[2,1]"));
    EXPECT_EQ(field_of(item("PUT", "a%20b", feature("", 2, "B")), "ETag"), tag("a%20b")) << "is idempotent";

    EXPECT_EQ(item("DELETE", "a%20b").status, 204);
    EXPECT_EQ(item("DELETE", "a%20b").status, 404);
    EXPECT_EQ(item("GET", "a%20b").status, 404);
    const HttpResponse again = item("PUT", "new", feature("new", 1, "A"));
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(field_of(again, "Location"), "/collections/places/items/new");
}

TEST_P(Writes, AFeatureWithoutAnIdGetsOne) {
    const HttpResponse made = ask("POST", "/collections/places/items", feature("", 1, "A"));
    EXPECT_EQ(made.status, 201);
    EXPECT_THAT(field_of(made, "Location"), MatchesRegex("/collections/places/items/[0-9a-f-]{36}"));
    EXPECT_EQ(ask("GET", field_of(made, "Location")).status, 200);
}

TEST_P(Writes, ToCreateIsNotToReplace) {
    item("PUT", "a", feature("a", 1, "A"));
    const HttpResponse made = ask("POST", "/collections/places/items", feature("a", 2, "B"));
    EXPECT_EQ(made.status, 409) << made.body;
    EXPECT_THAT(get("a"), HasSubstr(R"("name":"A")"));
}

TEST_P(Writes, ReadingIsSparedToWhoHasThePlace) {
    item("PUT", "a", feature("a", 1, "A"));
    const std::string first = tag("a");
    EXPECT_EQ(item("GET", "a", "", {{"If-None-Match", first}}).status, 304);
    EXPECT_EQ(item("GET", "a", "", {{"If-None-Match", "W/" + first}}).status, 304);
    EXPECT_EQ(item("GET", "a", "", {{"If-None-Match", "\"0\""}}).status, 200);
    item("PUT", "a", feature("a", 1, "B"));
    EXPECT_EQ(item("GET", "a", "", {{"If-None-Match", first}}).status, 200);
}

TEST_P(Writes, ConditionsAreJudged) {
    const std::string old = "\"0\"";
    EXPECT_EQ(item("PUT", "a", feature("a", 1, "A"), with(kGeoJson, {{"If-Match", "*"}})).status, 412);
    EXPECT_EQ(item("PUT", "a", feature("a", 1, "A"), with(kGeoJson, {{"If-None-Match", "*"}})).status, 201);
    EXPECT_EQ(item("PUT", "a", feature("a", 1, "B"), with(kGeoJson, {{"If-None-Match", "*"}})).status, 412);
    EXPECT_EQ(item("PUT", "a", feature("a", 1, "B"), with(kGeoJson, {{"If-Match", old}})).status, 412);
    EXPECT_EQ(item("PATCH", "a", R"({"properties":{"name":"B"}})", with(kPatch, {{"If-Match", old}})).status,
              412);
    EXPECT_EQ(item("DELETE", "a", "", {{"If-Match", old}}).status, 412);
    EXPECT_THAT(get("a"), HasSubstr(R"("name":"A")"));
    EXPECT_EQ(item("PUT", "a", feature("a", 1, "B"), with(kGeoJson, {{"If-Match", tag("a")}})).status, 204);
    EXPECT_EQ(item("PATCH", "a", "{}", with(kPatch, {{"If-Match", old + ", " + tag("a")}})).status, 204);
    EXPECT_EQ(item("PUT", "a", feature("a", 1, "B"), with(kGeoJson, {{"If-Match", "0"}})).status, 400);
    EXPECT_EQ(item("DELETE", "b", "", {{"If-Match", "*"}}).status, 404);
    EXPECT_EQ(item("DELETE", "a", "", {{"If-Match", "*"}}).status, 204);
}

TEST_P(Writes, OfManyThatReplaceTheSameStateOneWins) {
    item("PUT", "a", feature("a", 1, "start"));
    for (int round = 0; round < 10; ++round) {
        const Fields fields = with(kGeoJson, {{"If-Match", tag("a")}});
        std::atomic<int> won = 0;
        std::atomic<int> lost = 0;
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&, i] {
                const int status =
                    item("PUT", "a", feature("a", 1, fmt::format("{}-{}", round, i)), fields).status;
                won += status == 204 ? 1 : 0;
                lost += status == 412 ? 1 : 0;
            });
        }
        threads.clear();
        EXPECT_EQ(won, 1);
        EXPECT_EQ(lost, 3);
    }
}

TEST_P(Writes, APatchChangesWhatItSpeaksOf) {
    item("PUT", "a", feature("a", 1, "A"));
    const HttpResponse patched =
        item("PATCH", "a", R"({"properties":{"size":9,"open":null,"more":{"x":1}}})", kPatch);
    EXPECT_EQ(patched.status, 204) << patched.body;
    EXPECT_EQ(field_of(patched, "ETag"), tag("a"));
    const std::string now = get("a");
    EXPECT_THAT(now, HasSubstr(R"("name":"A")"));
    EXPECT_THAT(now, HasSubstr(R"("size":9)"));
    EXPECT_THAT(now, HasSubstr(R"("more":{"x":1})"));
    EXPECT_THAT(now, Not(HasSubstr("open")));
    EXPECT_EQ(item("PATCH", "a", R"({"geometry":{"coordinates":[5,6]}})", kPatch).status, 204);
    EXPECT_THAT(get("a"), HasSubstr("[5,6]"));
    EXPECT_EQ(item("PATCH", "b", "{}", kPatch).status, 404);
}

TEST_P(Writes, APatchKeepsOfAGeometryWhatGeoJsonCannotSay) {
    Place line{.id = "a"};
    line.set_geometry(parse_wkt("LINESTRING M (0 0 7, 2 2 8)"));
    collection_->write({Upsert{line}});
    EXPECT_EQ(item("PATCH", "a", R"({"properties":{"name":"B"}})", kPatch).status, 204);
    EXPECT_EQ(collection_->get("a")->name, "B");
    EXPECT_EQ(*collection_->get("a")->shape, *line.shape);
}

TEST_P(Writes, APatchThatMakesNoPlaceIsRefusedWhole) {
    item("PUT", "a", feature("a", 1, "A"));
    const std::string before = get("a");
    for (const auto& [patch, status, said] :
         std::initializer_list<Refused>{{R"({"geometry":null})", 422, "geometry"},
                                        {R"({"geometry":{"coordinates":[500,6]}})", 422, "coordinates"},
                                        {R"({"id":"b"})", 422, "#/id"},
                                        {R"({"type":"Place"})", 422, "Feature"},
                                        {R"({"properties":{"size":"big"}})", 422, "size"},
                                        {R"([1])", 422, "Feature"},
                                        {R"({"properties":{"a":1,"a":2}})", 422, "appears twice"},
                                        {R"({"properties":)", 400, "JSON"}}) {
        const HttpResponse response = item("PATCH", "a", patch, kPatch);
        EXPECT_EQ(response.status, status) << patch << response.body;
        EXPECT_THAT(response.body, HasSubstr(said)) << patch;
    }
    EXPECT_EQ(get("a"), before);
}

TEST_P(Writes, OneFeatureThatIsNoneIsRefused) {
    for (
        const auto& [body, status, said] : std::initializer_list<Refused>{
            {"", 400, "JSON"},
            {"{", 400, "JSON"},
            {"[]", 422, "expected one Feature"},
            {R"({"type":"Feature","geometry":null,"properties":{}})", 422, "geometry"},
            {R"({"type":"Feature","properties":{}})", 422, "geometry"},
            {R"({"type":"Feature","geometry":{"type":"Point","coordinates":[0,91]},"properties":{}})", 422,
             "coordinates"},
            {R"({"type":"Feature","geometry":{"type":"Point","coordinates":[0,1]},"properties":{"size":"x"}})",
             422, "size"},
            {R"({"type":"FeatureCollection","features":[]})", 422, "expected one Feature"},
            {R"({"type":"Feature","id":"b","geometry":{"type":"Point","coordinates":[0,1]},"properties":{}})",
             422, "#/id"}}) {
        const HttpResponse response = item("PUT", "a", body);
        EXPECT_EQ(response.status, status) << body << response.body;
        EXPECT_THAT(response.body, HasSubstr(said)) << body;
    }
    EXPECT_EQ(item("GET", "a").status, 404);
}

TEST_P(Writes, OtherMediaTypesAreRefusedWithThoseThatAreTaken) {
    const HttpResponse form = ask("POST", "/collections/places/items", feature("a", 1, "A"),
                                  {{"Content-Type", "application/x-www-form-urlencoded"}});
    EXPECT_EQ(form.status, 415);
    EXPECT_THAT(field_of(form, "Accept"), HasSubstr("application/geo+json, "));
    EXPECT_THAT(form.body, HasSubstr("application/x-www-form-urlencoded is not taken"));
    EXPECT_EQ(ask("POST", "/collections/places/items", feature("a", 1, "A"), {}).status, 415);
    EXPECT_EQ(item("PUT", "a", feature("a", 1, "A"), {{"Content-Type", "text/csv"}}).status, 415);
    EXPECT_EQ(field_of(item("PATCH", "a", "{}"), "Accept-Patch"), "application/merge-patch+json");
    EXPECT_EQ(ask("POST", "/collections/places/positions", "", kGeoJson).status, 415);
    EXPECT_EQ(
        item("PUT", "a", feature("a", 1, "A"), {{"Content-Type", "application/geo+json; charset=latin1"}})
            .status,
        415);
    EXPECT_EQ(item("PUT", "a", "", with(kGeoJson, {{"Content-Encoding", "gzip"}})).status, 415);
    EXPECT_EQ(item("PUT", "a", "\x1f\x8b", kGeoJson).status, 400);
}

TEST_P(Writes, ABatchIsWrittenWhole) {
    item("PUT", "a", feature("a", 1, "A"));
    const HttpResponse collection = ask("POST", "/collections/places/items",
                                        R"({"type":"FeatureCollection","features":[)" + feature("a", 2, "B") +
                                            "," + feature("b", 3, "C") + "]}");
    EXPECT_EQ(collection.status, 200);
    EXPECT_EQ(collection.body, R"({"written":2,"sequence_number":2})");
    EXPECT_THAT(get("a"), HasSubstr(R"("name":"B")"));
    const HttpResponse lines = ask("POST", "/collections/places/items",
                                   feature("c", 2, "B") + "\n\n" + feature("", 3, "C") + "\r\n", kLines);
    EXPECT_EQ(lines.body, R"({"written":2,"sequence_number":3})");
    EXPECT_THAT(ask("GET", "/collections/places").body, HasSubstr(R"("itemCount":4)"));
    EXPECT_EQ(ask("POST", "/collections/places/items", "", kLines).body,
              R"({"written":0,"sequence_number":3})");
}

TEST_P(Writes, ABatchWithFaultsIsRefusedWholeAndSaysWhere) {
    const std::string good = feature("a", 1, "A");
    const HttpResponse lines = ask("POST", "/collections/places/items",
                                   good + "\n{\n" + good + "\n" + feature("b", 200, "B") + "\n", kLines);
    EXPECT_EQ(lines.status, 422);
    simdjson::dom::parser parser;
    const simdjson::dom::element problem = parser.parse(lines.body);
    ASSERT_EQ(simdjson::dom::array(problem["errors"]).size(), 2U) << lines.body;
    EXPECT_EQ(std::int64_t(problem.at_pointer("/errors/0/line")), 2);
    EXPECT_EQ(std::int64_t(problem.at_pointer("/errors/1/line")), 4);
    EXPECT_THAT(std::string(std::string_view(problem.at_pointer("/errors/1/detail"))),
                HasSubstr("coordinates"));
    const HttpResponse collection = ask(
        "POST", "/collections/places/items",
        "{\"type\":\"FeatureCollection\",\"features\":[\n" + good + ",\n" + feature("b", 200, "B") + "]}");
    EXPECT_EQ(collection.status, 422);
    EXPECT_THAT(collection.body, HasSubstr(R"("line":3,"detail":"feature 2, geometry.coordinates)"));
    EXPECT_EQ(item("GET", "a").status, 404);

    std::string many;
    for (int i = 0; i < 100; ++i) many += "{}\n";
    const HttpResponse bounded = ask("POST", "/collections/places/items", many, kLines);
    EXPECT_EQ(simdjson::dom::array(parser.parse(bounded.body)["errors"]).size(), 21U);
    EXPECT_THAT(bounded.body, HasSubstr("and 80 more"));
}

TEST_P(Writes, PositionsMoveWhatIsThere) {
    item("PUT", "a", feature("a", 1, "A"));
    item("PUT", "7", feature("7", 1, "B"));
    const HttpResponse lines =
        ask("POST", "/collections/places/positions",
            "{\"id\":\"a\",\"lon\":10,\"lat\":20}\n{\"id\":7,\"lon\":-1.5,\"lat\":2,\"ttl\":60}\n"
            "{\"id\":\"nobody\",\"lon\":1,\"lat\":2}\n",
            kLines);
    EXPECT_EQ(lines.status, 200) << lines.body;
    EXPECT_EQ(lines.body, R"({"written":2,"unknown":1,"unknown_ids":["nobody"],"sequence_number":3})");
    EXPECT_THAT(get("a"), HasSubstr("[10,20]"));
    EXPECT_THAT(get("a"), HasSubstr(R"("name":"A")"));
    EXPECT_THAT(get("7"), HasSubstr("[-1.5,2]"));
    const HttpResponse array =
        ask("POST", "/collections/places/positions", R"([{"id":"a","lon":11,"lat":21,"ttl":null}])",
            {{"Content-Type", "application/json"}});
    EXPECT_EQ(array.body, R"({"written":1,"unknown":0,"unknown_ids":[],"sequence_number":4})");
    EXPECT_THAT(get("a"), HasSubstr("[11,21]"));
}

TEST_P(Writes, PositionsWithFaultsAreRefusedWhole) {
    item("PUT", "a", feature("a", 1, "A"));
    const std::string before = get("a");
    const std::string good = R"({"id":"a","lon":10,"lat":20})";
    for (const auto& [bad, said] : std::initializer_list<std::pair<const char*, const char*>>{
             {"{", "is not JSON"},
             {"[]", "is an array; expected an object"},
             {R"({"lon":1,"lat":2})", "id: is required"},
             {R"({"id":"","lon":1,"lat":2})", "id: is a string"},
             {R"({"id":1.5,"lon":1,"lat":2})", "id: is a number"},
             {R"({"id":"a","lon":"1","lat":2})", "lon: is a string"},
             {R"({"id":"a","lon":1,"lat":200})", "lat: "},
             {R"({"id":"a","lon":1,"lat":2,"ttl":0})", "ttl: is 0"},
             {R"({"id":"a","lon":1,"lat":2,"ttl":-1})", "ttl: is -1"},
             {R"({"id":"a","lon":1,"lat":2,"speed":3})", "speed: is not known"},
             {R"({"id":"a","id":"a","lon":1,"lat":2})", "id: appears twice"}}) {
        const HttpResponse response =
            ask("POST", "/collections/places/positions", good + "\n\n" + bad + "\n", kLines);
        EXPECT_EQ(response.status, 422) << bad << response.body;
        EXPECT_THAT(response.body, HasSubstr(R"("line":3,"detail":")" + std::string(said))) << bad;
    }
    const HttpResponse array =
        ask("POST", "/collections/places/positions", "[" + good + R"(,{"id":"a","lon":1}])",
            {{"Content-Type", "application/json"}});
    EXPECT_THAT(array.body, HasSubstr(R"("pointer":"#/1/lat","detail":"is required")"));
    EXPECT_EQ(
        ask("POST", "/collections/places/positions", "{}", {{"Content-Type", "application/json"}}).status,
        422);
    EXPECT_EQ(
        ask("POST", "/collections/places/positions", "[", {{"Content-Type", "application/json"}}).status,
        400);
    EXPECT_EQ(get("a"), before);
}

TEST_P(Writes, WhatIsWrittenMayExpire) {
    EXPECT_EQ(ask("PUT", "/collections/places/items/a?ttl=0", feature("a", 1, "A")).status, 400);
    EXPECT_EQ(ask("PUT", "/collections/places/items/a?tll=1", feature("a", 1, "A")).status, 400);
    EXPECT_EQ(ask("PUT", "/collections/places/items/a?ttl=3600", feature("a", 1, "A")).status, 201);
    const auto expires_in = [&](const std::string& id) {
        return std::chrono::duration<double>(collection_->expires_at(id).value() - system_time()).count();
    };
    EXPECT_NEAR(expires_in("a"), 3600, 60);
    EXPECT_EQ(item("PATCH", "a", R"({"properties":{"name":"B"}})", kPatch).status, 204);
    EXPECT_NEAR(expires_in("a"), 3600, 60) << "as it would have";
    EXPECT_EQ(ask("PATCH", "/collections/places/items/a?ttl=7200", "{}", kPatch).status, 204);
    EXPECT_NEAR(expires_in("a"), 7200, 60);
    ask("POST", "/collections/places/positions", R"({"id":"a","lon":5,"lat":6,"ttl":1000.5})", kLines);
    EXPECT_NEAR(expires_in("a"), 1000, 60);
    EXPECT_EQ(item("PUT", "a", feature("a", 1, "A")).status, 204);
    EXPECT_FALSE(collection_->expires_at("a"));
}

TEST_P(Writes, ARequestWithAKeyIsDoneOnce) {
    const Fields once = with(kGeoJson, {{"Idempotency-Key", "k1"}});
    const HttpResponse first = ask("POST", "/collections/places/items", feature("", 1, "A"), once);
    const HttpResponse again = ask("POST", "/collections/places/items", feature("", 1, "A"), once);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(field_of(again, "Location"), field_of(first, "Location"));
    EXPECT_EQ(field_of(again, "ETag"), field_of(first, "ETag"));
    EXPECT_EQ(field_of(again, "Idempotency-Replayed"), "true");
    EXPECT_EQ(ask("POST", "/collections/places/items", feature("", 2, "B"), once).status, 422);
    EXPECT_THAT(ask("GET", "/collections/places").body, HasSubstr(R"("itemCount":1)"));
    EXPECT_EQ(
        ask("POST", "/collections/places/items", "{", with(kGeoJson, {{"Idempotency-Key", "k2"}})).status,
        400);
    EXPECT_EQ(ask("POST", "/collections/places/items", feature("x", 2, "B"),
                  with(kGeoJson, {{"Idempotency-Key", "k2"}}))
                  .status,
              201);
}

TEST_P(Writes, AnUnknownCollectionIsNotFound) {
    EXPECT_EQ(ask("POST", "/collections/none/items", feature("a", 1, "A")).status, 404);
    EXPECT_EQ(ask("PUT", "/collections/none/items/a", feature("a", 1, "A")).status, 404);
    EXPECT_EQ(ask("DELETE", "/collections/none/items/a").status, 404);
    EXPECT_EQ(ask("POST", "/collections/none/positions", "", kLines).status, 404);
}

INSTANTIATE_TEST_SUITE_P(Stores, Writes, testing::Values("memory", "embedded"),
                         [](const auto& tested) { return std::string(tested.param); });

/// A file that is closed and opened again in between.
class StoredWrites : public Writes {};

TEST_P(StoredWrites, AreThereWhenTheStoreIsOpenedAgain) {
    item("PUT", "a", feature("a", 1, "A"));
    item("PUT", "b", feature("b", 2, "B"));
    ask("POST", "/collections/places/positions", R"({"id":"b","lon":5,"lat":6})", kLines);
    item("PUT", "c", feature("c", 2, "C"));
    item("DELETE", "c");
    const std::string a = tag("a"), b = get("b");
    api_.reset();
    api_ = std::make_unique<Api>(collections());
    EXPECT_EQ(tag("a"), a);
    EXPECT_EQ(get("b"), b);
    EXPECT_EQ(item("GET", "c").status, 404);
    EXPECT_EQ(item("DELETE", "a", "", {{"If-Match", a}}).status, 204);
}

TEST_P(StoredWrites, OfAStoreThatIsOnlyReadAreForbidden) {
    item("PUT", "a", feature("a", 1, "A"));
    api_.reset();
    const EmbeddedStore store(directory_.path("s.gpkg"), sqlite::Access::read_only);
    std::vector<std::unique_ptr<Collection>> all;
    all.push_back(store.open_collection("places", {MetricKind::spheroid}));
    api_ = std::make_unique<Api>(std::move(all));
    for (const auto& response :
         {item("PUT", "a", feature("a", 1, "B")), item("PATCH", "a", "{}", kPatch), item("DELETE", "a"),
          ask("POST", "/collections/places/items", feature("b", 1, "B")),
          ask("POST", "/collections/places/items", feature("b", 1, "B"), kLines),
          ask("POST", "/collections/places/positions", R"({"id":"a","lon":5,"lat":6})", kLines)}) {
        EXPECT_EQ(response.status, 403) << response.body;
        EXPECT_THAT(response.body, HasSubstr("is served for reading only"));
        EXPECT_THAT(response.body, Not(HasSubstr(".gpkg")));
    }
    EXPECT_THAT(get("a"), HasSubstr(R"("name":"A")"));
}

INSTANTIATE_TEST_SUITE_P(Stores, StoredWrites, testing::Values("embedded"),
                         [](const auto& tested) { return std::string(tested.param); });

}  // namespace
}  // namespace crowfly
