#include "core/search/row_limit.h"

#include <map>

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace crowfly {
namespace {

TEST(RowLimit, IsTheKthLeastOfDifferentRowsAndForLargeKNeverTooLow) {
    tests::Random random;
    for (const std::size_t k : {1U, 2U, 5U, 32U, 33U, 100U}) {
        RowLimit limit(k);
        std::map<std::uint32_t, double> least;
        for (int i = 0; i < 3'000; ++i) {
            const auto row = static_cast<std::uint32_t>(random.below(300));
            // Ties, too.
            const auto value = static_cast<double>(random.below(1'000));
            limit.offer(row, value);
            const auto [at, is_new] = least.try_emplace(row, value);
            if (!is_new) at->second = std::min(at->second, value);
            std::vector<double> values;
            for (const auto& entry : least) values.push_back(entry.second);
            if (values.size() < k) {
                ASSERT_EQ(limit.kth(), std::numeric_limits<double>::infinity());
                continue;
            }
            std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(k - 1),
                             values.end());
            ASSERT_GE(limit.kth(), values[k - 1]) << k;
            if (k <= 32) {
                ASSERT_EQ(limit.kth(), values[k - 1]) << k;
            }
            ASSERT_GE(limit.of(row), least[row]);
        }
        EXPECT_LT(limit.kth(), 500) << k;
    }
}

}  // namespace
}  // namespace crowfly
