#include "service/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "store/memory_collection.h"

namespace crowfly {
namespace {

using testing::HasSubstr;

std::unique_ptr<Collection> collection(const std::string& name, std::span<const Place> places) {
    auto made = std::make_unique<MemoryCollection>(Schema{.name = name}, std::vector{MetricKind::spheroid});
    PlaceList list(places);
    made->upsert(list);
    return made;
}

const std::vector<Place> kPlaces{{.id = "1",
                                  .position = {-118.29232, 36.57855},
                                  .name = "Mount Whitney",
                                  .category = "peak",
                                  .properties = {{"m", 4421.0}}},
                                 {.id = "2", .position = {-118.2929, 36.5783}, .name = "Keeler Needle"},
                                 {.id = "3", .position = {10, 50}, .category = "peak"}};

Api one_collection() {
    std::vector<std::unique_ptr<Collection>> collections;
    collections.push_back(collection("places", kPlaces));
    return Api(std::move(collections));
}

Api two_collections() {
    std::vector<std::unique_ptr<Collection>> collections;
    collections.push_back(collection("a", kPlaces));
    collections.push_back(collection("b", std::span(kPlaces).last(1)));
    return Api(std::move(collections));
}

HttpResponse post(const Api& api, std::string_view body) {
    return api.handle({.method = "POST", .path = "/knn/search", .body = body});
}

std::string field_of(const HttpResponse& response, std::string_view name) {
    for (const auto& [field, value] : response.headers) {
        if (field == name) return value;
    }
    return {};
}

TEST(Api, SearchAnswersAFeatureCollectionNearestFirst) {
    const auto response =
        post(one_collection(), R"({"point":{"type":"Point","coordinates":[-118.291995,36.578581]},"k":2})");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content_type, "application/geo+json");
    EXPECT_EQ(
        response.body,
        R"({"type":"FeatureCollection","features":[)"
        R"({"type":"Feature","id":"1","geometry":{"type":"Point","coordinates":[-118.29232,36.57855]},)"
        R"("properties":{"name":"Mount Whitney","category":"peak","rank":1,"distance_meters":29.29,"m":4421}},)"
        R"({"type":"Feature","id":"2","geometry":{"type":"Point","coordinates":[-118.2929,36.5783]},)"
        R"("properties":{"name":"Keeler Needle","category":null,"rank":2,"distance_meters":86.79}}]})");
}

TEST(Api, AnEmptyAnswerIsAnEmptyFeatureCollection) {
    const auto response = post(
        one_collection(), R"({"point":{"type":"Point","coordinates":[0,0]},"k":5,"max_radius_meters":1})");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, R"({"type":"FeatureCollection","features":[]})");
}

TEST(Api, CategoryAndRadiusActBeforeTheKAreChosen) {
    const auto far =
        post(one_collection(),
             R"({"point":{"type":"Point","coordinates":[-118.29,36.57]},"k":2,"category_filter":"peak"})");
    EXPECT_THAT(far.body, testing::AllOf(HasSubstr("\"id\":\"1\""), HasSubstr("\"id\":\"3\"")));
    const auto near = post(
        one_collection(),
        R"({"point":{"type":"Point","coordinates":[-118.29,36.57]},"k":2,"category_filter":"peak","max_radius_meters":50000})");
    EXPECT_THAT(near.body, testing::Not(HasSubstr("\"id\":\"3\"")));
}

TEST(Api, ProblemsPointToTheMemberAtFault) {
    const auto response = post(one_collection(), R"({"point":{"type":"Point","coordinates":[0,91]},"k":0})");
    EXPECT_EQ(response.status, 422);
    EXPECT_EQ(response.content_type, "application/problem+json");
    simdjson::dom::parser parser;
    const simdjson::dom::element problem = parser.parse(response.body);
    EXPECT_EQ(std::string_view(problem["type"]), "urn:crowfly:problem:invalid_argument");
    EXPECT_EQ(std::int64_t(problem["status"]), 422);
    EXPECT_EQ(std::string_view(problem.at_pointer("/errors/0/pointer")), "#/point/coordinates/1");
    EXPECT_EQ(std::string_view(problem.at_pointer("/errors/1/pointer")), "#/k");
    EXPECT_EQ(post(one_collection(), "").status, 400);
}

TEST(Api, ACollectionMustBeNamedWhenThereAreSeveral) {
    const Api api = two_collections();
    EXPECT_EQ(post(api, R"({"point":{"type":"Point","coordinates":[0,0]},"k":1,"collection":"b"})").status,
              200);
    const auto unnamed = post(api, R"({"point":{"type":"Point","coordinates":[0,0]},"k":1})");
    EXPECT_EQ(unnamed.status, 422);
    EXPECT_THAT(unnamed.body, testing::AllOf(HasSubstr("#/collection"), HasSubstr("expected one of a, b")));
    EXPECT_EQ(post(api, R"({"point":{"type":"Point","coordinates":[0,0]},"k":1,"collection":"c"})").status,
              422);
}

TEST(Api, ListsCollectionsWithCountAndExtent) {
    const auto response = two_collections().handle({.method = "GET", .path = "/collections", .body = ""});
    EXPECT_EQ(response.status, 200);
    simdjson::dom::parser parser;
    const simdjson::dom::element list = parser.parse(response.body);
    EXPECT_EQ(std::string_view(list.at_pointer("/collections/0/id")), "a");
    EXPECT_EQ(std::int64_t(list.at_pointer("/collections/0/itemCount")), 3);
    EXPECT_EQ(double(list.at_pointer("/collections/0/extent/spatial/bbox/0/0")), -118.2929);
    EXPECT_EQ(double(list.at_pointer("/collections/1/extent/spatial/bbox/0/3")), 50);
}

TEST(Api, PathsAndMethodsThatAreNotThere) {
    const Api api = one_collection();
    EXPECT_EQ(api.handle({.method = "GET", .path = "/healthz", .body = ""}).status, 200);
    EXPECT_EQ(api.handle({.method = "HEAD", .path = "/healthz", .body = ""}).status, 200);
    EXPECT_EQ(api.handle({.method = "GET", .path = "/nowhere", .body = ""}).status, 404);
    const auto wrong = api.handle({.method = "GET", .path = "/knn/search", .body = ""});
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(field_of(wrong, "Allow"), "POST");
    EXPECT_THAT(wrong.body, HasSubstr("Method Not Allowed"));
    EXPECT_EQ(field_of(api.handle({.method = "DELETE", .path = "/healthz", .body = ""}), "Allow"),
              "GET, HEAD");
}

TEST(Api, AMethodThatIsNotThereIsCountedToo) {
    Api api = one_collection();
    HttpRequest request{.method = "PATCH", .path = "/collections/places"};
    const Admission admission = api.admit(request);
    ASSERT_TRUE(admission.refusal);
    EXPECT_EQ(admission.refusal->status, 405);
    request.notes = admission.notes;
    api.replied(request, *admission.refusal, std::chrono::milliseconds(1));
    EXPECT_THAT(api.metrics().render(), HasSubstr(R"(status="405")"));
}

}  // namespace
}  // namespace crowfly
