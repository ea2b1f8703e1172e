#include "service/auth/token_cache.h"

#include <gtest/gtest.h>

namespace crowfly {
namespace {

TEST(TokenCache, KnowsATokenWhileItIsGood) {
    TokenCache cache;
    EXPECT_FALSE(cache.find("a", 15));
    cache.add("a", {{.role = Role::writer, .id = "jwt:anna"}, 10, 20}, 15);
    EXPECT_EQ(cache.find("a", 15)->id, "jwt:anna");
    EXPECT_TRUE(cache.find("a", 10));
    EXPECT_FALSE(cache.find("a", 9.9));
    EXPECT_FALSE(cache.find("a", 20));
    EXPECT_FALSE(cache.find("b", 15));
    EXPECT_FALSE(cache.find("", 15));
}

TEST(TokenCache, IsBoundedAndForgetsFirstWhatIsNoLongerGood) {
    TokenCache cache;
    const auto name = [](std::size_t i) { return "token " + std::to_string(i); };
    for (std::size_t i = 0; i < 10 * TokenCache::kMost; ++i) cache.add(name(i), {{}, 0, 100}, 50);
    std::size_t known = 0;
    for (std::size_t i = 0; i < 10 * TokenCache::kMost; ++i) known += cache.find(name(i), 50) ? 1U : 0U;
    EXPECT_LE(known, TokenCache::kMost);
    EXPECT_GT(known, 0U);
    // At 200 all of those have ended, so a fifth of the room is enough for these.
    TokenCache fresh;
    for (std::size_t i = 0; i < 10 * TokenCache::kMost; ++i) fresh.add(name(i), {{}, 0, 100}, 50);
    for (std::size_t i = 0; i < TokenCache::kMost / 5; ++i) fresh.add("new " + name(i), {{}, 0, 300}, 200);
    for (std::size_t i = 0; i < TokenCache::kMost / 5; ++i)
        EXPECT_TRUE(fresh.find("new " + name(i), 200)) << i;
}

}  // namespace
}  // namespace crowfly
