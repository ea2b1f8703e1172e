#include "formats/value.h"

#include <gtest/gtest.h>

namespace crowfly {
namespace {

using std::string_literals::operator""s;

TEST(Value, TextBecomesTheDeclaredType) {
    EXPECT_EQ(converted("1052"s, AttributeType::integer), Value(std::int64_t{1052}));
    EXPECT_EQ(converted(" -1.5e3 "s, AttributeType::real), Value(-1500.0));
    EXPECT_EQ(converted("true"s, AttributeType::boolean), Value(true));
    EXPECT_EQ(converted("01234"s, AttributeType::text), Value("01234"s));
}

TEST(Value, EmptyTextIsNullUnlessTextIsDeclared) {
    EXPECT_EQ(converted(""s, AttributeType::integer), Value());
    EXPECT_EQ(converted(" "s, AttributeType::boolean), Value());
    EXPECT_EQ(converted(""s, AttributeType::text), Value(""s));
}

TEST(Value, WhatIsNotOfTheTypeIsRefused) {
    EXPECT_FALSE(converted("12.5"s, AttributeType::integer));
    EXPECT_FALSE(converted("9223372036854775808"s, AttributeType::integer));
    EXPECT_FALSE(converted("nan"s, AttributeType::real));
    EXPECT_FALSE(converted("1,5"s, AttributeType::real));
    EXPECT_FALSE(converted("yes"s, AttributeType::boolean));
    EXPECT_FALSE(converted(true, AttributeType::integer));
    EXPECT_FALSE(converted(1.5, AttributeType::integer));
    EXPECT_FALSE(converted(std::int64_t{1}, AttributeType::text));
    EXPECT_FALSE(converted(Json{"[]"}, AttributeType::text));
}

TEST(Value, AnIntegerMayBecomeAReal) {
    EXPECT_EQ(converted(std::int64_t{3}, AttributeType::real), Value(3.0));
}

TEST(Value, NumbersAreTheWholeText) {
    EXPECT_EQ(parse_double("+12.5"), 12.5);
    EXPECT_EQ(parse_double("\t-0\r"), 0.0);
    for (const char* text : {"", " ", "1 2", "1.2.3", "0x10", "inf", "-nan", "1e400", "++1", "+", "12m"}) {
        EXPECT_FALSE(parse_double(text)) << text;
    }
}

TEST(AttributeType, NamesAndTypesAgree) {
    for (const char* text : {"boolean", "integer", "real", "text"}) {
        EXPECT_EQ(name(attribute_type_named(text).value()), text);
    }
    EXPECT_FALSE(attribute_type_named("int"));
}

}  // namespace
}  // namespace crowfly
