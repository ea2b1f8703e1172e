#include "core/metric/box.h"

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

TEST(Box, NeighborsOfFloatsAreNextToThem) {
    for (const float value : {1.0F, -1.0F, 0.0F, 1e-45F, -1e-45F, 6371008.5F, 3.4e38F}) {
        EXPECT_EQ(next_below(value), std::nextafter(value, -std::numeric_limits<float>::infinity())) << value;
    }
}

TEST(Box, DistanceToABoxIsNeverAboveTheDistanceToAPointInIt) {
    tests::Random random;
    for (int trial = 0; trial < 60'000; ++trial) {
        const double scale =
            std::pow(10.0, trial % 2 == 0 ? random.uniform(-6, 7) : random.uniform(-170, 100));
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
            ASSERT_LE(squared_straight_distance(query, box), squared_straight_distance(query, point));
        }
    }
}

TEST(Box, GrownByABoxHoldsWhatThatHeld) {
    tests::Random random;
    for (int trial = 0; trial < 1'000; ++trial) {
        Box<2> small = Box<2>::empty();
        std::array<double, 2> inside{random.uniform(-1e7, 1e7), random.uniform(-1e7, 1e7)};
        small.grow(inside);
        Box<2> large = Box<2>::empty();
        large.grow(std::array<double, 2>{random.uniform(-1e7, 1e7), random.uniform(-1e7, 1e7)});
        large.grow(small);
        ASSERT_EQ(squared_straight_distance(inside, large), 0);
    }
}

}  // namespace
}  // namespace crowfly
