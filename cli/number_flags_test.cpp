#include "cli/number_flags.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using testing::HasSubstr;

TEST(NumberFlags, AreParsed) {
    EXPECT_EQ(parse_k("7"), 7U);
    EXPECT_EQ(parse_distance("2.5", "--d"), 2.5);
    EXPECT_EQ(parse_threads("3"), 3U);
    EXPECT_GE(parse_threads("0"), 1U);
    EXPECT_GE(parse_threads(""), 1U);
    EXPECT_EQ(parse_bytes("100", "--m"), 100U);
    EXPECT_EQ(parse_bytes("2G", "--m"), std::uint64_t{2} << 30U);
    EXPECT_TRUE(parse_boolean("true", "--b"));
    EXPECT_FALSE(parse_boolean("false", "--b"));
}

TEST(NumberFlags, SayWhatIsWrong) {
    for (const char* k : {"0", "-1", "2.5", "", "x", "0x10", "18446744073709551616"}) {
        EXPECT_THAT(tests::thrown_text([&] { parse_k(k); }),
                    HasSubstr(std::string("-k \"") + k + "\": expected a whole number of 1 or more"));
    }
    for (const char* distance : {"-1", "nan", "inf", "", "1 m"}) {
        EXPECT_THAT(tests::thrown_text([&] { parse_distance(distance, "--max-distance"); }),
                    HasSubstr("--max-distance \""));
    }
    for (const char* threads : {"-1", "1.5", "many", "1000000"})
        EXPECT_EQ(tests::thrown_code([&] { parse_threads(threads); }), Code::invalid_argument) << threads;
    for (const char* bytes : {"0", "", "G", "-1M", "1.5G", "1GB", "99999999999T"})
        EXPECT_EQ(tests::thrown_code([&] { parse_bytes(bytes, "--memory"); }), Code::invalid_argument)
            << bytes;
    EXPECT_EQ(tests::thrown_code([] { parse_boolean("yes", "--b"); }), Code::invalid_argument);
}

}  // namespace
}  // namespace crowfly
