#include "formats/cql2/text_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/cql2/writer.h"
#include "tests/support/thrown.h"

namespace crowfly::cql2 {
namespace {

using ::testing::HasSubstr;

std::string json_of(std::string_view text) {
    return to_json(parse_text(text));
}

std::string error_of(std::string_view text) {
    return tests::thrown_text([&] { parse_text(text); });
}

TEST(Cql2Text, ReadsComparisons) {
    EXPECT_EQ(json_of("city='Toronto'"), R"({"op":"=","args":[{"property":"city"},"Toronto"]})");
    EXPECT_EQ(json_of("eo:cloud_cover < 0.1"), R"({"op":"<","args":[{"property":"eo:cloud_cover"},0.1]})");
    EXPECT_EQ(json_of("\"value\" <> -2.50e1"), R"({"op":"<>","args":[{"property":"value"},-25]})");
    EXPECT_EQ(json_of("swimming_pool = true"), R"({"op":"=","args":[{"property":"swimming_pool"},true]})");
    EXPECT_EQ(json_of("updated >= date('1970-01-01')"),
              R"({"op":">=","args":[{"property":"updated"},{"date":"1970-01-01"}]})");
    EXPECT_EQ(json_of("updated<=TIMESTAMP('2012-08-10T05:30:00.250000Z')"),
              R"({"op":"<=","args":[{"property":"updated"},{"timestamp":"2012-08-10T05:30:00.25Z"}]})");
    EXPECT_EQ(json_of("vehicle_height > (bridge_clearance-1)"),
              R"({"op":">","args":[{"property":"vehicle_height"},)"
              R"({"op":"-","args":[{"property":"bridge_clearance"},1]}]})");
}

TEST(Cql2Text, ReadsTheOtherPredicates) {
    EXPECT_EQ(json_of("depth BETWEEN 100.0 and 150.0"),
              R"({"op":"between","args":[{"property":"depth"},100,150]})");
    EXPECT_EQ(json_of("cityName IN ('Toronto','New York')"),
              R"({"op":"in","args":[{"property":"cityName"},["Toronto","New York"]]})");
    EXPECT_EQ(json_of("category NOT IN (1,2)"),
              R"({"op":"not","args":[{"op":"in","args":[{"property":"category"},[1,2]]}]})");
    EXPECT_EQ(json_of("\"name\" NOT LIKE 'foo%'"),
              R"({"op":"not","args":[{"op":"like","args":[{"property":"name"},"foo%"]}]})");
    EXPECT_EQ(json_of("CASEI(survey) LIKE casei('%calcutta%')"),
              R"({"op":"like","args":[{"op":"casei","args":[{"property":"survey"}]},)"
              R"({"op":"casei","args":["%calcutta%"]}]})");
    EXPECT_EQ(json_of("geometry IS NOT NULL"),
              R"({"op":"not","args":[{"op":"isNull","args":[{"property":"geometry"}]}]})");
    EXPECT_EQ(json_of("TRUE"), "true");
}

TEST(Cql2Text, BindsNotBeforeAndBeforeOr) {
    EXPECT_EQ(parse_text("NOT (floors<5) OR swimming_pool=true"),
              parse_text("(NOT (floors<5)) OR (swimming_pool=true)"));
    EXPECT_EQ(parse_text("a=1 OR b=2 AND NOT c=3 AND d=4"), parse_text("a=1 OR (b=2 AND (NOT c=3) AND d=4)"));
    EXPECT_NE(parse_text("a=1 OR b=2 AND c=3"), parse_text("(a=1 OR b=2) AND c=3"));
    EXPECT_EQ(parse_text("a BETWEEN 1 AND 2 AND b=3"), parse_text("(a BETWEEN 1 AND 2) AND b=3"));
    EXPECT_EQ(parse_text("a=1 and b=2 AND c=3").args.size(), 3U);
}

TEST(Cql2Text, ComputesAsUsual) {
    EXPECT_EQ(parse_text("v = 1 + 2 * 3 ^ 2 - 4"), parse_text("v = ((1 + (2 * (3 ^ 2))) - 4)"));
    EXPECT_EQ(parse_text("value = - foo * 2.0 + \"bar\" / 6.1234 - \"x\" ^ 2.0"),
              parse_text("\"value\" = ((((-1 * \"foo\") * 2.0) + (\"bar\" / 6.1234)) - (\"x\" ^ 2.0))"));
    EXPECT_EQ(parse_text("0 = (foo % 2) AND 1 = (foo div 2)").args[1].args[1].op, Op::whole_divide);
    EXPECT_EQ(parse_text("balance-150.0 > 0"), parse_text("(balance - 150) > 0"));
    EXPECT_EQ(parse_text("v = -9223372036854775808").args[1].literal,
              Literal(std::numeric_limits<std::int64_t>::min()));
    EXPECT_EQ(parse_text("v = 9223372036854775808").args[1].literal, Literal(9223372036854775808.0));
}

TEST(Cql2Text, KnowsTwoWaysToPutAQuoteIntoAText) {
    EXPECT_EQ(parse_text("n='it''s'").args[1].literal, Literal(std::string("it's")));
    EXPECT_EQ(parse_text("n='it\\'s'"), parse_text("n='it''s'"));
    EXPECT_EQ(parse_text("n='50\\%'").args[1].literal, Literal(std::string("50\\%")));
    EXPECT_EQ(parse_text("n=''").args[1].literal, Literal(std::string()));
    EXPECT_EQ(parse_text("\"a\"\"b\" = 1").args[0].property, "a\"b");
}

TEST(Cql2Text, SaysWhereItStopsBeingAnExpression) {
    EXPECT_EQ(error_of(""), "malformed character 1: found the end; expected a property or a value");
    EXPECT_EQ(error_of("population >"),
              "malformed character 13: found the end; expected a property or a value");
    EXPECT_THAT(error_of("straße"), HasSubstr("character 7: found the end; expected a comparison"));
    EXPECT_THAT(error_of("a = 1 b = 2"), HasSubstr("character 7: found \"b\"; expected AND, OR or the end"));
    EXPECT_THAT(error_of("9® = 1"), HasSubstr("character 1: found \"9®\"; expected a number"));
    EXPECT_THAT(error_of("a != 1"), HasSubstr("character 3: found \"!=\"; expected <>"));
    EXPECT_THAT(error_of("a == 1"), HasSubstr("character 4: found \"=\"; expected a property or a value"));
    EXPECT_THAT(error_of("a = 'x"), HasSubstr("character 5: found a text without an end"));
    EXPECT_THAT(error_of("a = 1; DROP"), HasSubstr("character 6: found \";\"; expected the end"));
    EXPECT_THAT(error_of("and = 1"), HasSubstr("double quotes"));
    EXPECT_THAT(error_of("a IN ()"), HasSubstr("character 7"));
    EXPECT_THAT(error_of("a BETWEEN 1 OR 2"), HasSubstr("expected AND and the greatest value"));
    EXPECT_THAT(error_of("a LIKE b"), HasSubstr("character 8: found \"b\"; expected a pattern"));
    EXPECT_THAT(error_of("a NOT = 1"), HasSubstr("expected LIKE, BETWEEN or IN after NOT"));
    EXPECT_THAT(error_of("(a = 1) = 2"), HasSubstr("a condition and no value"));
    EXPECT_THAT(error_of("(a + 1"), HasSubstr("expected an operator or a closing parenthesis"));
    EXPECT_THAT(error_of("a = DATE('2021-02-29')"), HasSubstr("expected a day such as '2012-08-10'"));
    EXPECT_THAT(error_of("a = 1e999"), HasSubstr("a number that a double can hold"));
    EXPECT_THAT(error_of("a = 12abc"), HasSubstr("found \"12a\"; expected a number"));
    EXPECT_THAT(error_of("a = '\xff'"), HasSubstr("is not UTF-8"));
}

TEST(Cql2Text, RefusesWhatItDoesNotDo) {
    for (const char* text : {"avg(windSpeed) < 4", "S_INTERSECTS(geometry, POINT(36.3 32.2))",
                             "T_BEFORE(built, DATE('2015-01-01'))", "A_CONTAINS(ids, ('a','b'))",
                             "S_WITHIN(location,BBOX(-118,33.8,-117.9,34))"}) {
        EXPECT_THAT(error_of(text), HasSubstr("character 1: found")) << text;
        EXPECT_THAT(error_of(text), HasSubstr("functions, geometries and intervals are not supported"))
            << text;
    }
}

TEST(Cql2Text, BoundsDepthAndLength) {
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '(') + "a = 1" + std::string(depth, ')');
    };
    EXPECT_EQ(parse_text(nested(kDeepestFilter)), parse_text("a = 1"));
    EXPECT_THAT(error_of(nested(kDeepestFilter + 1)), HasSubstr("at most 64 levels"));
    EXPECT_THAT(error_of(nested(30'000)), HasSubstr("at most 64 levels"));
    std::string nots, sums = "a = 1";
    for (int i = 0; i < 10'000; ++i) nots += "NOT ";
    for (int i = 0; i < 10'000; ++i) sums += "+1";
    EXPECT_THAT(error_of(nots + "a = 1"), HasSubstr("at most 64 levels"));
    EXPECT_THAT(error_of(sums), HasSubstr("at most 64 levels"));
    std::string many = "a = 1";
    while (many.size() + 9 <= kLongestFilter) many += " OR a = 1";
    EXPECT_GT(parse_text(many).args.size(), 7'000U);
    EXPECT_EQ(tests::thrown_code([&] { parse_text(many + "          "); }), Code::too_large);
}

}  // namespace
}  // namespace crowfly::cql2
