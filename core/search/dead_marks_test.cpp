#include "core/search/dead_marks.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace crowfly {
namespace {

TEST(DeadMarks, AreWhatWasMarkedAndEarlierOnesStayAsTheyWere) {
    tests::Random random;
    for (const std::size_t numbers : {1U, 16U, 17U, 32'768U, 32'769U, 100'000U}) {
        std::vector<DeadMarks> marks{DeadMarks(numbers)};
        std::vector<std::vector<bool>> expected{std::vector<bool>(numbers)};
        for (int step = 0; step < 10; ++step) {
            std::vector<std::uint32_t> more(random.below(200));
            for (std::uint32_t& number : more) number = static_cast<std::uint32_t>(random.below(numbers));
            marks.push_back(marks.back().with(more));
            expected.push_back(expected.back());
            for (const std::uint32_t number : more) expected.back()[number] = true;
        }
        for (std::size_t i = 0; i < marks.size(); ++i) {
            for (std::size_t n = 0; n < numbers; ++n) ASSERT_EQ(marks[i].has(n), expected[i][n]);
            for (int range = 0; range < 50; ++range) {
                const std::size_t first = random.below(numbers + 1);
                const std::size_t end = first + random.below(numbers + 1 - first);
                const auto begin = expected[i].begin();
                ASSERT_EQ(static_cast<std::ptrdiff_t>(marks[i].count(first, end)),
                          std::count(begin + static_cast<std::ptrdiff_t>(first),
                                     begin + static_cast<std::ptrdiff_t>(end), true));
            }
        }
    }
}

TEST(DeadMarks, ABitForEachSlotOfALeaf) {
    const DeadMarks marks = DeadMarks(100).with(std::vector<std::uint32_t>{16, 18, 31, 32});
    EXPECT_EQ(marks.of_leaf(0), 0U);
    EXPECT_EQ(marks.of_leaf(1), 0x8005U);
    EXPECT_EQ(marks.of_leaf(2), 1U);
}

TEST(DeadMarks, TakeMemoryForPagesWithAMarkAlone) {
    const DeadMarks none(10'000'000);
    EXPECT_LT(none.memory(), 10'000U);
    const DeadMarks one = none.with(std::vector<std::uint32_t>{9'999'999});
    EXPECT_LT(one.memory(), none.memory() + 5'000);
}

}  // namespace
}  // namespace crowfly
