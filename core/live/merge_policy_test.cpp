#include "core/live/merge_policy.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace crowfly {
namespace {

TEST(MergePolicy, PutsTogetherWhatIsOfOneLevel) {
    const MergePolicy policy{.growth = 10, .smallest = 10};
    const auto due = [&](std::vector<RunSize> runs) { return policy.due(runs); };
    EXPECT_EQ(due({}), 0U);
    EXPECT_EQ(due({{1000, 0}}), 0U);
    EXPECT_EQ(due({{90, 0}, {900, 0}}), 0U) << "90 are not yet of the level of 900";
    EXPECT_EQ(due({{110, 0}, {900, 0}}), 2U);
    EXPECT_EQ(due({{7, 0}, {90, 0}, {900, 0}}), 0U);
    EXPECT_EQ(due({{7, 0}, {9, 0}, {900, 0}}), 2U) << "the smallest are of one level";
    EXPECT_EQ(due({{50, 0}, {60, 0}, {900, 0}}), 3U) << "together they are of the level of 900";
    EXPECT_EQ(due({{20, 0}, {30, 0}, {9000, 0}}), 2U);
}

TEST(MergePolicy, RebuildsWhatIsDeadByMoreThanAThird) {
    const MergePolicy policy{.growth = 10, .smallest = 10};
    const auto due = [&](std::vector<RunSize> runs) { return policy.due(runs); };
    EXPECT_EQ(due({{900, 300}}), 0U);
    EXPECT_EQ(due({{900, 301}}), 1U);
    EXPECT_EQ(due({{3, 0}, {900, 301}}), 2U) << "with all that are smaller";
    EXPECT_EQ(due({{30, 11}, {9000, 0}}), 1U);
}

TEST(MergePolicy, AWriteTakesInNoMoreThanItMay) {
    const MergePolicy policy{.growth = 10, .smallest = 10};
    const std::vector<RunSize> runs{{8, 0}, {40, 0}, {900, 0}};
    EXPECT_EQ(policy.due(runs, 1, 1000), 1U);
    EXPECT_EQ(policy.due(runs, 30, 1000), 2U);
    EXPECT_EQ(policy.due(runs, 100, 2000), 3U);
    EXPECT_EQ(policy.due(runs, 100, 1000), 2U);
    EXPECT_EQ(policy.due(runs, 100, 100), 0U);
}

TEST(MergePolicy, KeepsRunsFewAndRewritesEachRowAFewTimesALevel) {
    tests::Random random;
    const MergePolicy policy{.growth = 8, .smallest = 64};
    std::vector<RunSize> runs;
    std::size_t total = 0, written = 0;
    while (total < 3'000'000) {
        const std::size_t incoming = 1 + random.below(2000);
        const auto due = static_cast<std::ptrdiff_t>(policy.due(runs, incoming));
        std::size_t merged = incoming;
        for (std::ptrdiff_t i = 0; i < due; ++i) merged += runs[static_cast<std::size_t>(i)].live();
        runs.erase(runs.begin(), runs.begin() + due);
        runs.push_back({merged, 0});
        std::sort(runs.begin(), runs.end(),
                  [](const RunSize& a, const RunSize& b) { return a.live() < b.live(); });
        total += incoming;
        written += merged;
        // Levels of more than 3 000 000 / 8, / 64, ..., / 8^5.
        ASSERT_LE(runs.size(), 7U);
    }
    EXPECT_LE(written, 7 * 8 * total);
}

}  // namespace
}  // namespace crowfly
