#include "formats/cql2/json_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/cql2/text_parser.h"
#include "tests/support/thrown.h"

namespace crowfly::cql2 {
namespace {

using ::testing::HasSubstr;

std::string error_of(std::string_view json) {
    return tests::thrown_text([&] { parse_json(json); });
}

TEST(Cql2Json, MeansWhatTheTextMeans) {
    const std::vector<std::pair<std::string_view, std::string_view>> pairs{
        {R"({"op":"and","args":[{"op":"<","args":[{"property":"eo:cloud_cover"},0.1]},
             {"op":"=","args":[{"property":"landsat:wrs_row"},28.0]}]})",
         "eo:cloud_cover < 0.1 AND landsat:wrs_row=28"},
        {R"({"op":"not","args":[{"op":"like","args":[{"property":"owner"},"%Mike%"]}]})",
         "owner NOT LIKE '%Mike%'"},
        {R"({"op":"in","args":[{"property":"v"},[1.0,2,"x"]]})", "v IN (1, 2, 'x')"},
        {R"({"op":"between","args":[{"property":"v"},10,20]})", "v BETWEEN 10 AND 20"},
        {R"({"op":"isNull","args":[{"property":"v"}]})", "v IS NULL"},
        {R"({"op":"=","args":[{"op":"casei","args":[{"property":"o"}]},{"op":"casei","args":["x"]}]})",
         "CASEI(o) = CASEI('x')"},
        {R"({"op":">","args":[{"property":"v"},{"op":"+","args":[{"property":"foo"},10]}]})", "v > foo + 10"},
        {R"({"op":"=","args":[{"property":"t"},{"timestamp":"2012-08-10T05:30:00Z"}]})",
         "t = TIMESTAMP('2012-08-10T05:30:00Z')"},
        {R"({"op":"or","args":[true,{"op":"<>","args":[{"property":"b"},false]}]})", "TRUE OR b <> FALSE"},
    };
    for (const auto& [json, text] : pairs) EXPECT_EQ(parse_json(json), parse_text(text)) << json;
}

TEST(Cql2Json, SaysWhereItStopsBeingAnExpression) {
    EXPECT_THAT(error_of("{"), HasSubstr("malformed is not JSON"));
    EXPECT_THAT(error_of("[]"), HasSubstr("at its beginning: found an array; expected an object"));
    EXPECT_THAT(error_of(R"({"op":"=","args":[{"property":"a"}]})"),
                HasSubstr("at /args: found 1 operands of \"=\"; expected 2"));
    EXPECT_THAT(error_of(R"({"op":"and","args":[true,{"op":"nor","args":[]}]})"),
                HasSubstr("at /args/1/op: found \"nor\"; expected and, or"));
    EXPECT_THAT(error_of(R"({"op":"s_intersects","args":[]})"),
                HasSubstr("geometries and intervals are not"));
    EXPECT_THAT(error_of(R"({"op":"=","args":[{"property":3},1]})"),
                HasSubstr("at /args/0/property: found a number; expected the name"));
    EXPECT_THAT(error_of(R"({"op":"=","args":[null,1]})"), HasSubstr("at /args/0: found null"));
    EXPECT_THAT(error_of(R"({"op":"=","args":[1,{"op":"and","args":[true,true]}]})"),
                HasSubstr("at /args/1/op: found \"and\"; expected +"));
    EXPECT_THAT(error_of(R"({"op":"in","args":[{"property":"a"},[]]})"), HasSubstr("at /args/1"));
    EXPECT_THAT(error_of(R"({"op":"like","args":[{"property":"a"},{"property":"b"}]})"),
                HasSubstr("at /args/1: found no pattern"));
    EXPECT_THAT(error_of(R"({"op":"=","args":[{"date":"2021-13-01"},1]})"), HasSubstr("at /args/0/date"));
    EXPECT_THAT(error_of(R"({"op":"isNull","args":[{"property":"a"}],"x":1})"), HasSubstr("at /x"));
    EXPECT_THAT(error_of(R"({"args":[]})"), HasSubstr("an object without op"));
}

TEST(Cql2Json, BoundsDepthAndLength) {
    const auto nested = [](std::size_t depth) {
        std::string json;
        for (std::size_t i = 0; i < depth; ++i) json += R"({"op":"not","args":[)";
        json += "true";
        for (std::size_t i = 0; i < depth; ++i) json += "]}";
        return json;
    };
    EXPECT_EQ(parse_json(nested(kDeepestFilter - 1)).depth, kDeepestFilter);
    EXPECT_THAT(error_of(nested(kDeepestFilter + 1)), HasSubstr("at most 64 levels"));
    EXPECT_EQ(tests::thrown_code([&] { parse_json(std::string(kLongestFilter + 1, ' ')); }), Code::too_large);
}

}  // namespace
}  // namespace crowfly::cql2
