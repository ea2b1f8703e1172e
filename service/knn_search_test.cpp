#include "service/knn_search.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "service/problem.h"
#include "service/web_mercator.h"
#include "store/memory_collection.h"

namespace crowfly {
namespace {

using simdjson::dom::element;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A service with 100 places on the equator, a tenth of a degree apart from 0 east; every third is a "third",
/// and their size counts up.
class KnnSearch : public testing::Test {
  protected:
    KnnSearch() : catalog_(collections()), endpoint_(knn_search(catalog_)) {}

    static std::vector<std::unique_ptr<Collection>> collections() {
        std::vector<Place> places;
        for (int i = 0; i < 100; ++i) {
            places.push_back({.id = fmt::format("p{:02}", i),
                              .position = {i / 10.0, 0},
                              .name = fmt::format("place {}", i),
                              .category = i % 3 == 0 ? "third" : "",
                              .properties = {{"size", std::int64_t{i}}, {"colour", std::string("red")}}});
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

    HttpResponse ask(std::string_view members, std::string_view point = "[5.02,0]") {
        const std::string body = fmt::format(R"({{"point":{{"type":"Point","coordinates":{}}},"k":3{}{}}})",
                                             point, members.empty() ? "" : ",", members);
        notes_ = {};
        const HttpRequest request{.method = "POST", .path = "/knn/search", .body = body};
        lane_ = endpoint_.lane(request);
        return endpoint_.answer({request, {}, {}, {}, &notes_});
    }

    std::vector<std::string> ids(std::string_view members, std::string_view point = "[5.02,0]") {
        const HttpResponse response = ask(members, point);
        std::vector<std::string> ids;
        for (const element feature : parser_.parse(response.body)["features"])
            ids.emplace_back(std::string_view(feature["id"]));
        return ids;
    }

    /// What is wrong, by pointer.
    std::string fault(std::string_view members, std::string_view point = "[5.02,0]") {
        try {
            ask(members, point);
        } catch (const InvalidRequest& invalid) {
            status_ = info(invalid.code()).http_status;
            std::string text;
            for (const RequestFault& fault : invalid.faults())
                text += fault.pointer + " " + fault.detail + "\n";
            return text;
        }
        return "";
    }

    Catalog catalog_;
    Endpoint endpoint_;
    CallNotes notes_;
    Lane lane_ = Lane::at_once;
    int status_ = 0;
    simdjson::dom::parser parser_;
};

TEST_F(KnnSearch, ThePlainContractIsAnsweredAtOnceAndNoted) {
    EXPECT_THAT(ids(R"("max_radius_meters":50000,"match":"geometry")"), ElementsAre("p50", "p51", "p49"));
    EXPECT_EQ(lane_, Lane::at_once);
    EXPECT_EQ(notes_.k, 3U);
    EXPECT_EQ(notes_.returned, 3U);
    ASSERT_TRUE(notes_.counts);
    EXPECT_GE(notes_.counts->distances, 3U);
}

TEST_F(KnnSearch, FilterBoxAndAreaRestrictWhatCounts) {
    EXPECT_THAT(ids(R"("filter":"size > 60 AND category = 'third'")"), ElementsAre("p63", "p66", "p69"));
    EXPECT_EQ(lane_, Lane::slow);
    EXPECT_THAT(ids(R"("filter":{"op":"=","args":[{"property":"size"},7]})"), ElementsAre("p07"));
    EXPECT_THAT(ids(R"("filter":"size = 7","filter-lang":"cql2-text")"), ElementsAre("p07"));
    EXPECT_THAT(ids(R"("bbox":[7.05,-1,8,1])"), ElementsAre("p71", "p72", "p73"));
    EXPECT_THAT(ids(R"("bbox":[7.05,-1,-5,8,1,5])"), ElementsAre("p71", "p72", "p73"));
    EXPECT_THAT(ids(R"("area":{"type":"Polygon","coordinates":[[[1,-1],[2,-1],[1.5,1],[1,-1]]]})"),
                ElementsAre("p17", "p16", "p15"));
    EXPECT_THAT(
        ids(R"("area":{"type":"MultiPolygon","coordinates":[[[[1,-1],[1.05,-1],[1.05,1],[1,1],[1,-1]]],)"
            R"([[[9,-1],[9.05,-1],[9.05,1],[9,1],[9,-1]]]]})"),
        ElementsAre("p90", "p10"));
    EXPECT_EQ(lane_, Lane::slow);
}

TEST_F(KnnSearch, TheNearestOfEachCategory) {
    EXPECT_THAT(ids(R"("partition_by":"category")"), ElementsAre("p50", "p49", "p52", "p51", "p48", "p54"));
    EXPECT_EQ(lane_, Lane::slow);
    EXPECT_EQ(notes_.returned, 6U);
    const element answer = parser_.parse(ask(R"("partition_by":"category","method":"scan")").body);
    std::vector<std::int64_t> ranks;
    for (const element feature : answer["features"])
        ranks.push_back(std::int64_t(feature["properties"]["rank"]));
    EXPECT_THAT(ranks, ElementsAre(1, 2, 3, 1, 2, 3));
    EXPECT_THAT(fault(R"("partition_by":"size")"),
                HasSubstr("/partition_by is \"size\"; expected \"category\""));
}

TEST_F(KnnSearch, FieldsAreThePropertiesThatComeBack) {
    const auto properties = [&](std::string_view members) {
        std::vector<std::string> names;
        const element answer = parser_.parse(ask(members).body);
        for (const auto& [name, value] : simdjson::dom::object(answer.at_pointer("/features/0/properties")))
            names.emplace_back(name);
        return names;
    };
    EXPECT_THAT(properties(""), ElementsAre("name", "category", "rank", "distance_meters", "size", "colour"));
    EXPECT_THAT(properties(R"("fields":["colour","weight"])"),
                ElementsAre("name", "category", "rank", "distance_meters", "colour"));
    EXPECT_THAT(properties(R"("fields":[])"), ElementsAre("name", "category", "rank", "distance_meters"));
}

TEST_F(KnnSearch, TheScanAndOtherMetricsGiveTheSameNeighborsHere) {
    EXPECT_THAT(ids(R"("method":"scan")"), ElementsAre("p50", "p51", "p49"));
    EXPECT_EQ(lane_, Lane::slow);
    EXPECT_THAT(ids(R"("method":"scan","metric":"sphere")"), ElementsAre("p50", "p51", "p49"));
    EXPECT_THAT(ask(R"("method":"scan","metric":"plane")").body, HasSubstr("\"distance\":0.02,"));
    EXPECT_EQ(lane_, Lane::slow);
}

TEST_F(KnnSearch, ExplainTellsWhatWasDone) {
    const element index = parser_.parse(ask(R"("explain":true)").body)["explain"];
    EXPECT_EQ(std::string_view(index["method"]), "index");
    EXPECT_EQ(std::int64_t(index["places"]), 100);
    EXPECT_THAT(ask(R"("explain":false)").body, testing::Not(HasSubstr("explain")));
}

TEST_F(KnnSearch, WebMercatorIsTakenAndAnswersStayInLongitudeAndLatitude) {
    const double metre = kMercatorReach / 180;
    const std::string point = fmt::format("[{},0]", 5.02 * metre);
    EXPECT_THAT(ids(R"("crs":"EPSG:3857")", point), ElementsAre("p50", "p51", "p49"));
    EXPECT_THAT(
        ids(fmt::format(R"("crs":"EPSG:3857","bbox":[{},-1000,{},1000])", 7.05 * metre, 8 * metre), point),
        ElementsAre("p71", "p72", "p73"));
    EXPECT_THAT(ids(fmt::format(R"("crs":"EPSG:3857","area":{{"type":"Polygon","coordinates":)"
                                R"([[[{0},-1000],[{1},-1000],[{1},1000],[{0},1000],[{0},-1000]]]}})",
                                7.05 * metre, 7.25 * metre),
                    point),
                ElementsAre("p71", "p72"));
    EXPECT_THAT(ask(R"("crs":"EPSG:3857")", point).body, HasSubstr(R"("coordinates":[5,0])"));
    EXPECT_THAT(ids(R"("crs":"EPSG:4326")"), ElementsAre("p50", "p51", "p49"));
    EXPECT_THAT(fault(R"("crs":"EPSG:3857")", "[20037509,0]"), HasSubstr("/point/coordinates/0 is refused"));
    EXPECT_FALSE(notes_.unknown_crs);
}

TEST_F(KnnSearch, AnUnknownReferenceSystemIsRefusedAndNoted) {
    for (const char* crs : {"\"EPSG:2154\"", "\"epsg:4326\"", "3857", "null"}) {
        EXPECT_THAT(fault(fmt::format("\"crs\":{}", crs)),
                    HasSubstr(R"(expected "EPSG:4326" or "EPSG:3857")"));
        EXPECT_EQ(status_, 400);
        EXPECT_TRUE(notes_.unknown_crs);
    }
}

TEST_F(KnnSearch, OptionalMembersAreJudged) {
    EXPECT_THAT(fault(R"("metric":"taxi","method":"guess","explain":1,"fields":"size","bbox":[1,2,3],)"
                      R"("filter":7,"filter-lang":"sql")"),
                testing::AllOf(HasSubstr("/metric is "), HasSubstr("/method is "), HasSubstr("/explain is 1"),
                               HasSubstr("/fields is "), HasSubstr("/bbox is an array; expected [west"),
                               HasSubstr("/filter is refused"), HasSubstr("/filter-lang is ")));
    EXPECT_EQ(status_, 422);
    EXPECT_THAT(fault(R"("fields":["a",1])"), HasSubstr("/fields/1 is 1; expected a string"));
    EXPECT_THAT(fault(R"("area":{"type":"Point","coordinates":[1,2]})"),
                HasSubstr("/area is a Point; expected a Polygon or MultiPolygon"));
    EXPECT_THAT(fault(R"("bbox":[1,5,2,-5])"), HasSubstr("/bbox is refused"));
    EXPECT_THAT(fault(R"("bbox":[0,0,1,1],"area":{"type":"Polygon","coordinates":[]})"),
                HasSubstr("/area is given, and so is bbox"));
    EXPECT_THAT(fault(R"("filter":"weight > 3")"), HasSubstr("/filter is refused: "));
    EXPECT_THAT(ids(R"("filter":"size > 1000")"), IsEmpty());
}

TEST(WebMercator, OfTheCornersAndZurich) {
    EXPECT_EQ(from_web_mercator({kMercatorReach, 0}), (LonLat{180, 0}));
    EXPECT_EQ(from_web_mercator({-kMercatorReach, 0}), (LonLat{-180, 0}));
    const LonLat corner = from_web_mercator({0, kMercatorReach});
    EXPECT_NEAR(corner.lat, 85.0511287798066, 1e-12);
    // By PROJ: echo 8.54 47.37 | gdaltransform -s_srs EPSG:4326 -t_srs EPSG:3857 -output_xy
    const LonLat zurich = from_web_mercator({950668.451374556, 6002677.99753271});
    EXPECT_NEAR(zurich.lon, 8.54, 1e-12);
    EXPECT_NEAR(zurich.lat, 47.37, 1e-12);
}

}  // namespace
}  // namespace crowfly
