#include "service/tile_cache.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace crowfly {
namespace {

TileCache::Tile tile(std::size_t size, char byte = 'x') {
    return std::make_shared<const std::string>(size, byte);
}

TEST(TileCache, KeepsWhatWasAskedForLast) {
    TileCache cache(10'000);
    cache.put("a", tile(3000));
    cache.put("b", tile(3000));
    EXPECT_EQ(cache.find("a")->size(), 3000U);
    cache.put("c", tile(5000));
    EXPECT_NE(cache.find("a"), nullptr);
    EXPECT_EQ(cache.find("b"), nullptr);
    EXPECT_NE(cache.find("c"), nullptr);
    EXPECT_EQ(cache.find("d"), nullptr);
}

TEST(TileCache, IsNeverLargerThanItMayBe) {
    TileCache cache(10'000);
    for (int i = 0; i < 1000; ++i) {
        cache.put(std::to_string(i), tile(static_cast<std::size_t>(i) * 7 % 4000));
        EXPECT_LE(cache.bytes(), 10'000U);
        EXPECT_NE(cache.find(std::to_string(i)), nullptr);
    }
    cache.put("large", tile(20'000));
    EXPECT_EQ(cache.find("large"), nullptr);
    EXPECT_GT(cache.bytes(), 0U) << "what was there stays";
}

TEST(TileCache, OfTheSameTileTheFirstIsKept) {
    TileCache cache(10'000);
    cache.put("a", tile(10, 'x'));
    const std::size_t bytes = cache.bytes();
    cache.put("a", tile(10, 'y'));
    EXPECT_EQ(cache.find("a")->front(), 'x');
    EXPECT_EQ(cache.bytes(), bytes);
}

TEST(TileCache, ManyThreadsMayUseIt) {
    TileCache cache(20'000);
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&cache, t] {
            for (int i = 0; i < 2000; ++i) {
                const int number = (i * (t + 1)) % 40;
                const auto found = cache.find(std::to_string(number));
                if (found != nullptr) {
                    ASSERT_EQ(found->size(), 100U * static_cast<std::size_t>(number));
                } else {
                    cache.put(std::to_string(number), tile(100U * static_cast<std::size_t>(number)));
                }
            }
        });
    }
}

}  // namespace
}  // namespace crowfly
