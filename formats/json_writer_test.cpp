#include "formats/json_writer.h"

#include <limits>

#include <gtest/gtest.h>
#include <simdjson.h>

namespace crowfly {
namespace {

TEST(JsonWriter, SetsCommasBetweenMembersAndElements) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("a").begin_array().number(1).number(2.5).begin_object().end_object().end_array();
    json.key("b")
        .null()
        .key("c")
        .boolean(false)
        .key("d")
        .begin_object()
        .key("e")
        .string("f")
        .end_object()
        .end_object();
    EXPECT_EQ(out, R"({"a":[1,2.5,{}],"b":null,"c":false,"d":{"e":"f"}})");
}

TEST(JsonWriter, EveryByteOfAsciiReadsBack) {
    std::string text;
    for (char c = 0; c < 127; ++c) text += c;
    text += "\x7F größe 東京 \xF0\x9F\x97\xBA";
    std::string out;
    JsonWriter(out).string(text);
    simdjson::dom::parser parser;
    EXPECT_EQ(std::string_view(parser.parse(out)), text);
}

TEST(JsonWriter, NumbersReadBackToTheLastBit) {
    for (const double number : {0.1, -118.291995, 1e300, 5e-324, 123456789.123456789, -0.0, 1e22}) {
        std::string out;
        JsonWriter(out).number(number);
        simdjson::dom::parser parser;
        EXPECT_EQ(double(parser.parse(out)), number) << out;
    }
}

TEST(JsonWriter, LargeNumbersAreOnesThatReadersTake) {
    for (const double number :
         {9007199254740992.0, 18446744073709551616.0, -1.2345678901234568e20, 1.7e308}) {
        std::string out;
        JsonWriter(out).number(number);
        simdjson::dom::parser parser;
        EXPECT_EQ(double(parser.parse(out)), number) << out;
    }
    std::string out;
    JsonWriter(out).number(std::numeric_limits<double>::infinity());
    EXPECT_EQ(out, "null");
}

TEST(JsonWriter, RoundsToDecimals) {
    std::string out;
    JsonWriter json(out);
    json.begin_array()
        .rounded(11.247614731387534, 2)
        .rounded(0, 2)
        .rounded(1e22, 2)
        .rounded(2.675, 2)
        .end_array();
    EXPECT_EQ(out, "[11.25,0.00,10000000000000000000000.00,2.67]");
}

TEST(JsonWriter, WritesEveryKindOfValue) {
    std::string out;
    JsonWriter json(out);
    json.begin_array();
    for (const Value& value : {Value(), Value(true), Value(std::int64_t{-3}), Value(0.5),
                               Value(std::string("x")), Value(Json{"[1,{}]"})}) {
        json.value(value);
    }
    json.end_array();
    EXPECT_EQ(out, R"([null,true,-3,0.5,"x",[1,{}]])");
}

}  // namespace
}  // namespace crowfly
