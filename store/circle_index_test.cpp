#include "store/circle_index.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <gtest/gtest.h>

#include "core/metric/box.h"
#include "tests/support/seed.h"

namespace crowfly {
namespace {

using Point = CircleIndex::Point;

struct Circle {
    Point centre;
    double square;
};

std::vector<std::uint32_t> found(const CircleIndex& index, const Point& point) {
    std::vector<std::uint32_t> numbers;
    index.find(point, numbers);
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

std::vector<std::uint32_t> judged(const std::map<std::uint32_t, Circle>& circles, const Point& point) {
    std::vector<std::uint32_t> numbers;
    for (const auto& [number, circle] : circles) {
        if (squared_straight_distance<3>(circle.centre, point) <= circle.square) numbers.push_back(number);
    }
    return numbers;
}

Point any_point(tests::Random& random, double reach) {
    return {random.uniform(-reach, reach), random.uniform(-reach, reach), random.uniform(-reach, reach)};
}

/// Radii from nothing to much more than what there is, and infinite ones.
double any_square(tests::Random& random, double reach) {
    if (random.below(10) == 0) return 0;
    if (random.below(20) == 0) return std::numeric_limits<double>::infinity();
    return reach * reach * std::pow(10.0, random.uniform(-12, 1));
}

class CirclesAtEveryScale : public testing::TestWithParam<double> {};

TEST_P(CirclesAtEveryScale, AreThoseThatAPointIsIn) {
    tests::Random random;
    CircleIndex index;
    std::map<std::uint32_t, Circle> circles;
    for (int round = 0; round < 2000; ++round) {
        const auto number = static_cast<std::uint32_t>(random.below(100));
        if (random.below(4) == 0) {
            index.erase(number);
            circles.erase(number);
        } else {
            const auto known = circles.find(number);
            const bool stays = known != circles.end() && random.below(2) == 0;
            const Circle circle{stays ? known->second.centre : any_point(random, GetParam()),
                                any_square(random, GetParam())};
            index.set(number, circle.centre, circle.square);
            circles[number] = circle;
        }
        Point point = any_point(random, GetParam());
        if (!circles.empty() && random.below(2) == 0) {
            // On a border, as nearly as that can be had, or in the centre.
            const Circle& circle = circles.begin()->second;
            point = circle.centre;
            if (random.below(2) == 0) point[random.below(3)] += std::sqrt(circle.square);
        }
        ASSERT_EQ(found(index, point), judged(circles, point)) << round;
    }
}

INSTANTIATE_TEST_SUITE_P(Reaches, CirclesAtEveryScale, testing::Values(1e-9, 1.0, 6.4e6, 1e20, 1e99));

TEST(CircleIndex, ACircleOfNoSizeHoldsItsCentre) {
    CircleIndex index;
    index.set(0, {0, -0.0, 5}, 0);
    EXPECT_EQ(found(index, {-0.0, 0, 5}), std::vector<std::uint32_t>{0});
    EXPECT_TRUE(found(index, {0, 0, std::nextafter(5, 6)}).empty());
}

TEST(CircleIndex, TwoErasuresAreOne) {
    CircleIndex index;
    index.erase(3);
    index.set(3, {1, 2, 3}, 4);
    index.erase(3);
    index.erase(3);
    EXPECT_TRUE(found(index, {1, 2, 3}).empty());
}

}  // namespace
}  // namespace crowfly
