#include "core/search/top_k.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace crowfly {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(TopK, KeepsTheFirstKByDistanceThenRow) {
    const RowOrder by_row;
    TopK top(3, kInf, by_row);
    for (const Neighbor n : {Neighbor{4, 2.0}, {9, 1.0}, {7, 2.0}, {1, 5.0}, {3, 2.0}}) top.offer(n);
    EXPECT_EQ(top.take(), (std::vector<Neighbor>{{9, 1.0}, {3, 2.0}, {4, 2.0}}));
}

TEST(TopK, TheLimitIsIncluded) {
    const RowOrder by_row;
    TopK top(2, 10, by_row);
    top.offer({0, 10.0});
    top.offer({1, std::nextafter(10.0, 11.0)});
    EXPECT_EQ(top.take(), (std::vector<Neighbor>{{0, 10.0}}));
}

TEST(TopK, KeepsTheFirstOfMany) {
    tests::Random random;
    for (const std::size_t k : {std::size_t{1}, std::size_t{256}, std::size_t{257}, std::size_t{400}}) {
        std::vector<Neighbor> all;
        for (std::uint32_t row = 0; row < 500; ++row)
            all.push_back({row, static_cast<double>(random.below(40))});
        const RowOrder by_row;
        TopK top(k, 30, by_row);
        for (const Neighbor& neighbor : all) top.offer(neighbor);
        std::erase_if(all, [](const Neighbor& neighbor) { return neighbor.distance > 30; });
        std::sort(all.begin(), all.end(), NeighborBefore{by_row});
        all.resize(std::min(k, all.size()));
        EXPECT_EQ(top.take(), all) << k;
    }
}

TEST(WithinDistance, TheDistanceItselfIsIncluded) {
    const RowOrder last_first = [](std::uint32_t a, std::uint32_t b) { return a > b; };
    WithinDistance within(2, last_first);
    for (const Neighbor n : {Neighbor{0, 2.0}, {1, 2.5}, {2, 2.0}, {3, 0.0}}) within.offer(n);
    EXPECT_EQ(within.take(), (std::vector<Neighbor>{{3, 0.0}, {2, 2.0}, {0, 2.0}}));
}

}  // namespace
}  // namespace crowfly
