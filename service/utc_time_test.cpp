#include "service/utc_time.h"

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace crowfly {
namespace {

using std::chrono::seconds;
using std::chrono::system_clock;

TEST(UtcTime, IsWrittenAndReadBack) {
    EXPECT_EQ(utc_text(system_clock::time_point{}), "1970-01-01T00:00:00Z");
    EXPECT_EQ(utc_text(system_clock::time_point(seconds(1'795'290'363)) + std::chrono::milliseconds(999)),
              "2026-11-21T19:46:03Z");
    EXPECT_EQ(utc_text(system_clock::time_point(seconds(-1))), "1969-12-31T23:59:59Z");
    for (const char* text : {"1678-01-01T00:00:00Z", "2261-12-31T23:59:59Z"})
        EXPECT_EQ(utc_text(*parse_utc(text)), text);
    EXPECT_EQ(parse_utc("2024-02-29"), parse_utc("2024-02-29T00:00:00Z"));
    EXPECT_EQ(utc_microsecond_text(system_clock::time_point(seconds(-1)) + std::chrono::nanoseconds(42'999)),
              "1969-12-31T23:59:59.000042Z");
    tests::Random random;
    for (int i = 0; i < 1000; ++i) {
        const system_clock::time_point time(seconds(static_cast<std::int64_t>(random.below(9'000'000'000))));
        EXPECT_EQ(parse_utc(utc_text(time)), time) << tests::Random::seed_note();
    }
}

TEST(UtcTime, RefusesTheRest) {
    for (const char* text : {"",
                             "2026",
                             "2026-13-01",
                             "2026-02-29",
                             "2026-2-3",
                             "26-02-03",
                             "2026-02-03T",
                             "2026-02-03T24:00:00Z",
                             "2026-02-03T23:60:00Z",
                             "2026-02-03T23:59:60Z",
                             "2026-02-03T23:59:59",
                             "2026-02-03T23:59:59+01:00",
                             "2026-02-03T23:59:59Zx",
                             "2026-02-03 23:59:59Z",
                             "2026-02-+3",
                             "0000-01-01",
                             "1677-12-31",
                             "2262-01-01",
                             "9999-12-31T23:59:59Z",
                             "2026-02-03T-1:00:00Z"}) {
        EXPECT_EQ(parse_utc(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace crowfly
