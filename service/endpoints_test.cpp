#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "service/api.h"
#include "store/memory_collection.h"

namespace crowfly {
namespace {

using simdjson::dom::element;
using testing::ElementsAre;
using testing::HasSubstr;

/// A service with one collection, of 100 places on the equator, a tenth of a degree apart from 0 east; every
/// third is a "third", and their size counts up.
class Endpoints : public testing::Test {
  protected:
    Endpoints() : api_(collections()) {}

    static std::vector<std::unique_ptr<Collection>> collections() {
        std::vector<Place> places;
        for (int i = 0; i < 100; ++i) {
            places.push_back({.id = fmt::format("p{:02}", i),
                              .position = {i / 10.0, 0},
                              .name = "place " + std::to_string(i),
                              .category = i % 3 == 0 ? "third" : "",
                              .properties = {{"size", std::int64_t{i}}}});
        }
        auto collection = std::make_unique<MemoryCollection>(
            Schema{.name = "places", .attributes = {{"size", AttributeType::integer}}},
            std::vector{MetricKind::spheroid});
        PlaceList list(places);
        collection->upsert(list);
        std::vector<std::unique_ptr<Collection>> all;
        all.push_back(std::move(collection));
        return all;
    }

    HttpResponse get(const std::string& target) { return ask("GET", target, ""); }

    HttpResponse ask(std::string_view method, const std::string& target, std::string_view body) {
        const std::size_t query = std::min(target.find('?'), target.size());
        boost::beast::http::fields fields;
        fields.set(boost::beast::http::field::host, "crowfly.test:80");
        return api_.handle({.method = method,
                            .path = std::string_view(target).substr(0, query),
                            .query = std::string_view(target).substr(std::min(query + 1, target.size())),
                            .body = body,
                            .fields = &fields});
    }

    element parse(const HttpResponse& response) {
        EXPECT_EQ(response.status, 200) << response.body;
        return parser_.parse(response.body);
    }

    static std::vector<std::string> ids(element collection) {
        std::vector<std::string> ids;
        for (const element feature : collection["features"])
            ids.emplace_back(std::string_view(feature["id"]));
        return ids;
    }

    /// The target of the link, without the host; empty when there is none.
    static std::string link(element document, std::string_view rel) {
        constexpr std::string_view kHost = "http://crowfly.test:80";
        for (const element link : document["links"]) {
            if (std::string_view(link["rel"]) != rel) continue;
            const std::string_view href = link["href"];
            EXPECT_TRUE(href.starts_with(kHost)) << href;
            return std::string(href.substr(kHost.size()));
        }
        return {};
    }

    Api api_;
    simdjson::dom::parser parser_;
};

TEST_F(Endpoints, NearestAnswersNearestFirst) {
    const element answer = parse(get("/collections/places/nearest?lon=5.02&lat=0&k=3"));
    EXPECT_THAT(ids(answer), ElementsAre("p50", "p51", "p49"));
    EXPECT_EQ(std::int64_t(answer["numberReturned"]), 3);
    EXPECT_NEAR(double(answer.at_pointer("/features/0/properties/distance_meters")), 2226.39, 0.01);
}

TEST_F(Endpoints, PagesOfNeighborsFollowOneAnotherToTheEnd) {
    std::vector<std::string> all;
    std::string target = "/collections/places/nearest?lon=5.02&lat=0&k=7&filter=size%3C95";
    for (int page = 0; !target.empty(); ++page) {
        ASSERT_LT(page, 20);
        const element answer = parse(get(target));
        for (std::string& id : ids(answer)) all.push_back(std::move(id));
        target = link(answer, "next");
    }
    EXPECT_EQ(all.size(), 95U);
    EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 95U);
    const element whole = parse(get("/collections/places/nearest?lon=5.02&lat=0&k=100&filter=size%3C95"));
    EXPECT_EQ(all, ids(whole));
}

TEST_F(Endpoints, NearestIsRestrictedByFilterBoxCategoryAndDistance) {
    const std::string at = "/collections/places/nearest?lon=5.02&lat=0&k=3&";
    EXPECT_THAT(ids(parse(get(at + "filter=size%20%3E%2060%20AND%20category='third'"))),
                ElementsAre("p63", "p66", "p69"));
    EXPECT_THAT(ids(parse(get(
                    at + "filter-lang=cql2-json&filter=" + R"({"op":"=","args":[{"property":"size"},7]})"))),
                ElementsAre("p07"));
    EXPECT_THAT(ids(parse(get(at + "bbox=7.05,-1,8,1"))), ElementsAre("p71", "p72", "p73"));
    EXPECT_THAT(ids(parse(get(at + "category=third"))), ElementsAre("p51", "p48", "p54"));
    EXPECT_THAT(ids(parse(get(at + "max_distance=3000"))), ElementsAre("p50"));
    EXPECT_EQ(ids(parse(get(at + "method=scan"))), ids(parse(get(at))));
}

TEST_F(Endpoints, NearestToAGeometry) {
    const std::string line = R"({"type":"LineString","coordinates":[[3.01,1],[3.01,0.5]]})";
    EXPECT_THAT(ids(parse(ask("POST", "/collections/places/nearest?k=2", line))), ElementsAre("p30", "p31"));
    const std::string feature = R"({"type":"Feature","properties":{},"geometry":)" + line + "}";
    EXPECT_THAT(ids(parse(ask("POST", "/collections/places/nearest?k=1", feature))), ElementsAre("p30"));
    for (const char* bad :
         {"", "{", "[]", "{}", R"({"type":"Feature"})", R"({"type":"Point","coordinates":[]})",
          R"({"type":"Point","coordinates":[0,91]})"}) {
        const int status = ask("POST", "/collections/places/nearest", bad).status;
        EXPECT_TRUE(status == 400 || status == 422) << bad << " " << status;
    }
}

TEST_F(Endpoints, NearestExplains) {
    const element answer = parse(get("/collections/places/nearest?lon=5&lat=0&explain=true"));
    EXPECT_EQ(std::string_view(answer["explain"]["method"]), "index");
    EXPECT_EQ(std::int64_t(answer["explain"]["places"]), 100);
    EXPECT_GT(std::int64_t(answer["explain"]["leaves"]), 0);
}

TEST_F(Endpoints, WithinAnswersAllOrTheirNumber) {
    const std::string at = "/collections/places/within?lon=5.01&lat=0&distance=25000";
    EXPECT_THAT(ids(parse(get(at))), ElementsAre("p50", "p51", "p49", "p52", "p48"));
    EXPECT_EQ(get(at + "&count=true").body, R"({"count":5})");
    const element page = parse(get(at + "&limit=2"));
    EXPECT_THAT(ids(page), ElementsAre("p50", "p51"));
    EXPECT_THAT(ids(parse(get(link(page, "next")))), ElementsAre("p49", "p52"));
    EXPECT_EQ(get("/collections/places/within?lon=5&lat=0").status, 400);
}

TEST_F(Endpoints, ItemsComeInPages) {
    std::vector<std::string> all;
    std::string target = "/collections/places/items?limit=33";
    while (!target.empty()) {
        const element page = parse(get(target));
        for (std::string& id : ids(page)) all.push_back(std::move(id));
        target = link(page, "next");
        ASSERT_LE(all.size(), 100U);
    }
    EXPECT_EQ(all.size(), 100U);
    EXPECT_EQ(all.front(), "p00");
    EXPECT_EQ(ids(parse(get("/collections/places/items"))).size(), 10U);
}

TEST_F(Endpoints, ItemsAreRestricted) {
    EXPECT_THAT(ids(parse(get("/collections/places/items?bbox=0.95,-1,1.15,1"))), ElementsAre("p10", "p11"));
    EXPECT_THAT(ids(parse(get("/collections/places/items?bbox=0.95,-1,0,1.15,1,9"))),
                ElementsAre("p10", "p11"));
    EXPECT_THAT(ids(parse(get("/collections/places/items?size=42"))), ElementsAre("p42"));
    EXPECT_THAT(ids(parse(get("/collections/places/items?name=place%207&filter=size=7"))),
                ElementsAre("p07"));
    EXPECT_THAT(ids(parse(get("/collections/places/items?name=place+7&filter=size=8"))), ElementsAre());
}

TEST_F(Endpoints, OneItem) {
    const element item = parse(get("/collections/places/items/p07"));
    EXPECT_EQ(std::string_view(item["properties"]["name"]), "place 7");
    EXPECT_EQ(link(item, "self"), "/collections/places/items/p07");
    EXPECT_EQ(get("/collections/places/items/none").status, 404);
}

TEST_F(Endpoints, QueryablesAreTyped) {
    const element schema = parse(get("/collections/places/queryables"));
    EXPECT_EQ(std::string_view(schema["properties"]["size"]["type"]), "integer");
    EXPECT_EQ(std::string_view(schema["properties"]["name"]["type"]), "string");
}

TEST_F(Endpoints, TheLandingPageLeadsToTheRest) {
    const element page = parse(get("/"));
    EXPECT_EQ(link(page, "data"), "/collections");
    EXPECT_EQ(parse(get(link(page, "conformance"))).at_key("conformsTo").error(), simdjson::SUCCESS);
    const element collection = parse(get("/collections/places"));
    EXPECT_EQ(link(collection, "items"), "/collections/places/items");
    EXPECT_EQ(get("/collections/none").status, 404);
    EXPECT_THAT(get("/collections/none").body, HasSubstr("there is places"));
}

TEST_F(Endpoints, WhatIsWrongWithAQueryIsA400ThatNamesIt) {
    for (const char* query :
         {"nearest?lat=0", "nearest?lon=181&lat=0", "nearest?lon=0&lat=0&k=0", "nearest?lon=0&lat=0&k=10001",
          "nearest?lon=0&lat=0&what=1", "nearest?lon=0&lat=0&metric=taxi", "nearest?lon=0&lat=0&after=x",
          "nearest?lon=0&lat=0&filter=size%20%3E", "nearest?lon=0&lat=0&filter=nothing=1",
          "nearest?lon=0&lat=0&bbox=1,2,3", "nearest?lon=0&lat=0&bbox=0,5,0,1",
          "nearest?lon=0&lat=0&bbox-crs=x", "items?limit=0", "items?after=x", "items?size=small", "items?x=1",
          "items?filter=size", "queryables?x=1"}) {
        const HttpResponse response = get("/collections/places/" + std::string(query));
        EXPECT_EQ(response.status, 400) << query << " " << response.body;
        EXPECT_THAT(response.body, HasSubstr(R"("parameter")")) << query;
    }
    EXPECT_EQ(ids(parse(get("/collections/places/items?limit=1000000"))).size(), 100U);
}

}  // namespace
}  // namespace crowfly
