#include "cli/id_column.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace crowfly {
namespace {

TEST(IdColumn, RefusesAnIdThatIsThere) {
    IdColumn ids;
    EXPECT_TRUE(ids.push_back("1"));
    EXPECT_TRUE(ids.push_back("2"));
    EXPECT_FALSE(ids.push_back("2"));
    EXPECT_FALSE(ids.push_back("1"));
    EXPECT_TRUE(ids.push_back("x"));
    EXPECT_TRUE(ids.push_back("02")) << "another text, another id";
    EXPECT_EQ(ids.size(), 4U);
    EXPECT_EQ(ids[3], "02");
}

TEST(IdColumn, FindsRowsByIdInAnyOrder) {
    tests::Random random;
    for (const bool sorted : {true, false}) {
        IdColumn ids;
        std::vector<std::string> texts;
        for (int i = 0; i < 5000; ++i) texts.push_back(std::to_string(i));
        if (!sorted) std::shuffle(texts.begin(), texts.end(), random.engine());
        for (const std::string& text : texts) ASSERT_TRUE(ids.push_back(text));
        for (std::uint32_t row = 0; row < texts.size(); ++row) ASSERT_EQ(ids.find(texts[row]), row);
        EXPECT_EQ(ids.find("5000"), std::nullopt);
        for (const std::string& text : texts) ASSERT_FALSE(ids.push_back(text));
    }
}

TEST(IdColumn, OrdersRowsAsIds) {
    IdColumn ascending;
    for (const char* id : {"-1", "7", "10", "a"}) ASSERT_TRUE(ascending.push_back(id));
    EXPECT_FALSE(ascending.order()) << "rows are in order already";
    IdColumn mixed;
    for (const char* id : {"a", "10", "7"}) ASSERT_TRUE(mixed.push_back(id));
    const RowOrder order = mixed.order();
    EXPECT_TRUE(order(2, 1));
    EXPECT_TRUE(order(1, 0));
    EXPECT_FALSE(order(0, 2));
}

TEST(IdColumn, HoldsNothing) {
    IdColumn ids;
    EXPECT_EQ(ids.find("1"), std::nullopt);
    EXPECT_EQ(ids.size(), 0U);
}

}  // namespace
}  // namespace crowfly
