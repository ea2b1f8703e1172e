#include "core/place_id.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace crowfly {
namespace {

TEST(PlaceId, OnlyCanonicalDecimalsAreIntegers) {
    EXPECT_EQ(integer_id("0"), 0);
    EXPECT_EQ(integer_id("-7"), -7);
    EXPECT_EQ(integer_id("9223372036854775807"), INT64_MAX);
    EXPECT_EQ(integer_id("-9223372036854775808"), INT64_MIN);
    for (const char* text :
         {"", "-", "-0", "+1", "01", "1 ", " 1", "1.0", "0x1", "1e3", "9223372036854775808"}) {
        EXPECT_EQ(integer_id(text), std::nullopt) << text;
    }
}

TEST(PlaceId, IntegersAsIntegersThenTextBytewise) {
    std::vector<std::string> ids{"b", "10", "", "9", "é", "-2", "010", "B", "a", "9223372036854775808"};
    std::sort(ids.begin(), ids.end(), [](const auto& a, const auto& b) { return compare_ids(a, b) < 0; });
    const std::vector<std::string> expected{"-2", "9", "10", "", "010", "9223372036854775808",
                                            "B",  "a", "b",  "é"};
    EXPECT_EQ(ids, expected);
}

}  // namespace
}  // namespace crowfly
