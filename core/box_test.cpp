#include "core/box.h"

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace crowfly {
namespace {

TEST(Box, RoundsOutwardAlsoBeyondTheRangeOfFloat) {
    for (const double value : {0.1, -0.1, 1e39, -1e39, 3.0, 1e-50, -1e-50, 0.0}) {
        EXPECT_LE(static_cast<double>(round_down(value)), value) << value;
        EXPECT_GE(static_cast<double>(round_up(value)), value) << value;
    }
    EXPECT_EQ(round_down(3.0), 3.0F);
    EXPECT_EQ(round_up(3.0), 3.0F);
}

TEST(Box, DistanceToABoxIsNeverAboveTheDistanceToAPointInIt) {
    tests::Random random;
    for (int trial = 0; trial < 20'000; ++trial) {
        const double scale = std::pow(10.0, random.uniform(-6, 7));
        Box<3> box = Box<3>::empty();
        std::array<double, 3> points[4];
        for (std::array<double, 3>& point : points) {
            for (double& coordinate : point) coordinate = random.uniform(-scale, scale);
            box.grow(point);
        }
        std::array<double, 3> query{random.uniform(-scale, scale), random.uniform(-scale, scale),
                                    random.uniform(-scale, scale)};
        if (trial % 3 == 0) query = points[0];
        for (const std::array<double, 3>& point : points) {
            ASSERT_LE(straight_distance(query, box), straight_distance<3>(query, point));
        }
    }
}

}  // namespace
}  // namespace crowfly
