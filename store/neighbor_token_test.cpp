#include "store/neighbor_token.h"

#include <limits>

#include <gtest/gtest.h>

#include "tests/support/seed.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

TEST(NeighborToken, ComesBackToTheLastBit) {
    tests::Random random;
    for (int i = 0; i < 500; ++i) {
        NeighborKey key{.distance = random.uniform(0, 2e7)};
        for (std::size_t length = random.below(20); length > 0; --length)
            key.id += static_cast<char>(1 + random.below(127));
        const std::string token = to_token(key);
        EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
                  std::string::npos);
        EXPECT_EQ(neighbor_key(token), key);
    }
    EXPECT_EQ(neighbor_key(to_token({0, "Zürich"})), (NeighborKey{0, "Zürich"}));
}

TEST(NeighborToken, IsNothingElse) {
    const std::string good = to_token({1.5, "abc"});
    for (const std::string& bad :
         {std::string(), std::string("x"), good.substr(0, 15), good + "=", good + "A", "0x" + good.substr(2),
          good.substr(0, 16) + "YWJ", std::string("fff0000000000000YWJj"),
          std::string("7ff0000000000000YWJj"), std::string("7ff8000000000000YWJj"),
          std::string("3FF8000000000000YWJj"), std::string("3ff8000000000000_w")}) {
        EXPECT_EQ(tests::thrown_code([&] { neighbor_key(bad); }), Code::malformed) << bad;
    }
}

}  // namespace
}  // namespace crowfly
