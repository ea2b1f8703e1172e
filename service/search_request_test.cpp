#include "service/search_request.h"

#include <algorithm>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/problem.h"

namespace crowfly {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> faults_of(std::string_view body) {
    std::vector<std::string> faults;
    try {
        parse_search_request(body);
    } catch (const InvalidRequest& invalid) {
        for (const RequestFault& fault : invalid.faults())
            faults.push_back(fault.pointer + " " + fault.detail);
    }
    return faults;
}

bool is_malformed(std::string_view body) {
    try {
        parse_search_request(body);
    } catch (const Error& error) {
        return error.code() == Code::malformed;
    }
    return false;
}

std::string with_point(std::string_view coordinates) {
    return R"({"k":1,"point":{"type":"Point","coordinates":)" + std::string(coordinates) + "}}";
}

std::string with_member(std::string_view member) {
    return R"({"point":{"type":"Point","coordinates":[1,2]},)" + std::string(member) + "}";
}

TEST(SearchRequest, ReadsEveryMember) {
    const SearchRequest request = parse_search_request(
        R"({"point":{"type":"Point","coordinates":[-118.25,36.5,4418]},"k":100,"max_radius_meters":50000,
            "category_filter":"peak","collection":"places","match":"centroid"})");
    EXPECT_EQ(request.point, (LonLat{-118.25, 36.5}));
    EXPECT_EQ(request.k, 100U);
    EXPECT_EQ(request.max_distance, 50'000);
    EXPECT_EQ(request.category, "peak");
    EXPECT_EQ(request.collection, "places");
    EXPECT_EQ(request.match, Match::centroid);
}

TEST(SearchRequest, OnlyPointAndKAreRequired) {
    const SearchRequest request = parse_search_request(with_member(R"("k":1.0e1)"));
    EXPECT_EQ(request.k, 10U);
    EXPECT_EQ(request.max_distance, std::numeric_limits<double>::infinity());
    EXPECT_FALSE(request.category);
    EXPECT_EQ(request.match, Match::geometry);
    EXPECT_THAT(faults_of("{}"), ElementsAre("/point is required", "/k is required"));
}

TEST(SearchRequest, TextThatIsNotJsonIsMalformed) {
    for (const char* body :
         {"", " ", "{", "nonsense", "{\"k\":NaN}", "{\"k\":nan}", "{\"k\":Infinity}", "{'k':1}", "{\"k\":1}}",
          "{\"k\":01}", "{\"k\":1e999}", "\xFF", "{\"k\":\"\xC3\"}", "[1,]"}) {
        EXPECT_TRUE(is_malformed(body)) << body;
    }
    EXPECT_TRUE(is_malformed(std::string(100'000, '[')));
}

TEST(SearchRequest, TheBodyMustBeAnObject) {
    EXPECT_THAT(faults_of("[]"), ElementsAre(" is an array; expected an object"));
    EXPECT_THAT(faults_of("null"), ElementsAre(" is null; expected an object"));
}

TEST(SearchRequest, KIsAWholeNumberFromOneToAHundred) {
    for (const char* k : {"0", "101", "2.5", "-1", "\"10\"", "\"NaN\"", "null", "true", "[1]", "{}", "1e300",
                          "18446744073709551615"}) {
        EXPECT_THAT(faults_of(with_member("\"k\":" + std::string(k))),
                    ElementsAre(testing::AllOf(testing::StartsWith("/k is "),
                                               HasSubstr("expected a whole number from 1 to 100"))))
            << k;
    }
}

TEST(SearchRequest, TheRadiusIsAboveZeroAndUpToFiftyKilometres) {
    for (const char* radius : {"0", "-1", "50000.001", "\"100\"", "null", "[]"}) {
        EXPECT_THAT(faults_of(with_member("\"k\":1,\"max_radius_meters\":" + std::string(radius))),
                    ElementsAre(testing::StartsWith("/max_radius_meters is ")))
            << radius;
    }
}

TEST(SearchRequest, ThePointIsAGeoJsonPointOnEarth) {
    EXPECT_THAT(faults_of(with_point("[0,91]")),
                ElementsAre(HasSubstr("/point/coordinates/1 is refused: latitude 91")));
    EXPECT_THAT(faults_of(with_point("[36.5,-118.3]")), ElementsAre(HasSubstr("swapped?")));
    EXPECT_THAT(faults_of(with_point("[-180.5,0]")),
                ElementsAre(HasSubstr("/point/coordinates/0 is refused")));
    EXPECT_THAT(faults_of(with_point("[0]")),
                ElementsAre("/point/coordinates has 1 elements; expected [longitude, latitude]"));
    EXPECT_THAT(faults_of(with_point("[0,0,0,0]")), ElementsAre(HasSubstr("has 4 elements")));
    EXPECT_THAT(faults_of(with_point("[\"NaN\",0]")),
                ElementsAre("/point/coordinates/0 is \"NaN\"; expected a number"));
    EXPECT_THAT(faults_of(with_point("[0,null]")),
                ElementsAre("/point/coordinates/1 is null; expected a number"));
    EXPECT_THAT(faults_of(with_point("\"0,0\"")), ElementsAre(HasSubstr("/point/coordinates is \"0,0\"")));
    EXPECT_THAT(faults_of(R"({"k":1,"point":[0,0]})"),
                ElementsAre("/point is an array; expected a GeoJSON Point"));
    EXPECT_THAT(faults_of(R"({"k":1,"point":null})"),
                ElementsAre("/point is null; expected a GeoJSON Point"));
    EXPECT_THAT(faults_of(R"({"k":1,"point":{"type":"LineString","coordinates":[[0,0],[1,1]]}})"),
                ElementsAre(HasSubstr("/point/type is \"LineString\""), HasSubstr("/point/coordinates/0")));
    EXPECT_THAT(faults_of(R"({"k":1,"point":{}})"),
                ElementsAre("/point/type is required", "/point/coordinates is required"));
}

TEST(SearchRequest, UnknownAndRepeatedMembersAreRefused) {
    EXPECT_THAT(faults_of(with_member(R"("k":1,"limit":5)")),
                ElementsAre(HasSubstr("/limit is not known; expected point, k, ")));
    EXPECT_THAT(faults_of(with_member(R"("k":1,"k":2)")), ElementsAre("/k appears twice"));
    EXPECT_THAT(faults_of(R"({"k":1,"point":{"type":"Point","coordinates":[1,2],"crs":{}}})"),
                ElementsAre(HasSubstr("/point/crs is not known")));
    EXPECT_THAT(faults_of(with_member(R"("k":1,"a/b~c":1)")),
                ElementsAre(HasSubstr("/a~1b~0c is not known")));
}

TEST(SearchRequest, ManyFaultsAndLongNamesStayShort) {
    std::string body = R"({"k":1,"point":{"type":"Point","coordinates":[1,2]})";
    for (int i = 0; i < 1000; ++i) body += ",\"" + std::string(200, 'x') + std::to_string(i) + "\":1";
    const auto faults = faults_of(body + "}");
    EXPECT_LE(faults.size(), 20U);
    EXPECT_LE(faults.at(0).size(), 200U);
    EXPECT_LE(faults_of(with_member("\"k\":\"" + std::string(100'000, 'x') + "\"")).at(0).size(), 200U);
}

TEST(SearchRequest, MatchIsOneOfTwoWords) {
    for (const char* match : {"\"centre\"", "\"\"", "1", "null", "[]"}) {
        EXPECT_THAT(faults_of(with_member("\"k\":1,\"match\":" + std::string(match))),
                    ElementsAre(testing::AllOf(testing::StartsWith("/match is "),
                                               HasSubstr("expected \"geometry\" or \"centroid\""))))
            << match;
    }
}

TEST(SearchRequest, TextMembersAreStrings) {
    EXPECT_THAT(
        faults_of(with_member(R"("k":1,"category_filter":7,"collection":null)")),
        ElementsAre("/category_filter is 7; expected a string", "/collection is null; expected a string"));
}

}  // namespace
}  // namespace crowfly
