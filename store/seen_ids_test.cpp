#include "store/seen_ids.h"

#include <string>
#include <unordered_set>

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace crowfly {
namespace {

TEST(SeenIds, KnowsWhatHasComeBefore) {
    tests::Random random;
    SeenIds seen;
    std::unordered_set<std::string> expected;
    for (int i = 0; i < 200'000; ++i) {
        const std::string id = std::to_string(random.below(100'000));
        ASSERT_EQ(seen.insert(id), expected.insert(id).second) << id;
    }
    EXPECT_EQ(seen.size(), expected.size());
}

TEST(SeenIds, IdsMayBeOfAnyLength) {
    SeenIds seen;
    for (const std::size_t length :
         std::initializer_list<std::size_t>{0U, 1U, 36U, 1'048'568U, 1'048'576U, 5'000'000U, 2U}) {
        const std::string id(length, 'x');
        EXPECT_TRUE(seen.insert(id)) << length;
        EXPECT_FALSE(seen.insert(id)) << length;
        EXPECT_TRUE(seen.insert(id + "y")) << length;
    }
    EXPECT_FALSE(seen.insert(std::string(36, 'x')));
}

}  // namespace
}  // namespace crowfly
