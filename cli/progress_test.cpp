#include "cli/progress.h"

#include <gtest/gtest.h>

namespace crowfly {
namespace {

TEST(Progress, SaysRateAndTimeLeft) {
    EXPECT_EQ(progress_line("joining", "queries", 30, 1'000, 4'000, 3'000'000),
              "joining [=======                       ]  25% 3,000,000 queries, 100,000/s, 1:30 left");
    EXPECT_EQ(progress_line("reading", "places", 0.5, 0, 0, 1), "reading 1 places, 2/s");
    EXPECT_EQ(progress_line("reading", "places", 2, 0, 9, 0),
              "reading [                              ]   0% 0 places, 0/s");
}

TEST(Progress, GroupsThousands) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(1234567), "1,234,567");
}

}  // namespace
}  // namespace crowfly
