#include "service/rate_limit.h"

#include <atomic>
#include <cmath>
#include <thread>

#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/seed.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using boost::asio::ip::make_address;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

const RateLimit::Clock::time_point kStart{seconds(1'000)};
constexpr nanoseconds kAdmitted{0};

TEST(RateLimit, LetsABurstThroughAndThenTheRate) {
    RateLimit limit({.per_second = 10, .burst = 3});
    for (int i = 0; i < 3; ++i) EXPECT_EQ(limit.take("a", kStart), kAdmitted);
    EXPECT_EQ(limit.take("a", kStart), milliseconds(100));
    EXPECT_EQ(limit.take("a", kStart + milliseconds(60)), milliseconds(40));
    EXPECT_EQ(limit.take("b", kStart), kAdmitted);
    EXPECT_EQ(limit.take("a", kStart + milliseconds(100)), kAdmitted);
    EXPECT_EQ(limit.take("a", kStart + milliseconds(100)), milliseconds(100));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(limit.take("a", kStart + seconds(60)), kAdmitted);
    EXPECT_NE(limit.take("a", kStart + seconds(60)), kAdmitted);
}

TEST(RateLimit, IsThatOfABucketForAnyHistory) {
    tests::Random random;
    for (int round = 0; round < 50; ++round) {
        // Powers of 2, of which neither the limit nor the bucket below rounds anything.
        const double rate = std::ldexp(1.0, static_cast<int>(random.below(10)));
        const double burst = 1 + static_cast<double>(random.below(20));
        RateLimit limit({.per_second = rate, .burst = burst}, 512);
        auto now = kStart;
        auto last = now;
        double tokens = burst;
        for (int i = 0; i < 500; ++i) {
            now += nanoseconds((1'000'000'000LL / 512) * static_cast<std::int64_t>(random.below(1024)) / 64 *
                               64);
            tokens = std::min(burst, tokens + std::chrono::duration<double>(now - last).count() * rate);
            last = now;
            // Where it is a matter of rounding either is right.
            if (std::abs(tokens - 1) < 1e-6) {
                if (limit.take("a", now) == kAdmitted) tokens -= 1;
                continue;
            }
            const bool is_admitted = limit.take("a", now) == kAdmitted;
            ASSERT_EQ(is_admitted, tokens >= 1) << tests::Random::seed_note() << " tokens " << tokens;
            if (is_admitted) tokens -= 1;
        }
    }
}

TEST(RateLimit, ForgetsTheFullestBucketsFirst) {
    RateLimit limit({.per_second = 1, .burst = 5}, 512);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(limit.take("busy", kStart), kAdmitted);
    int wrongly_admitted = 0;
    for (int i = 0; i < 10'000; ++i) {
        EXPECT_EQ(limit.take("once " + std::to_string(i), kStart), kAdmitted) << i;
        if (limit.take("busy", kStart) == kAdmitted) ++wrongly_admitted;
    }
    EXPECT_EQ(wrongly_admitted, 0);
}

TEST(RateLimit, CountsRightWhenManyThreadsTake) {
    constexpr int kThreads = 4;
    constexpr int kTries = 2'000;
    RateLimit limit({.per_second = 1, .burst = 1'000});
    std::atomic<int> admitted = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < kTries; ++i) {
                if (limit.take("a", kStart) == kAdmitted) ++admitted;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(admitted, 1'000);
}

TEST(RateLimit, RefusesWhatIsNoRate) {
    for (const Rate rate : {Rate{0, 1}, Rate{-1, 1}, Rate{1, 0.5}, Rate{2e9, 1}, Rate{NAN, 1}, Rate{1, NAN},
                            Rate{1, INFINITY}, Rate{1e-9, 1}}) {
        EXPECT_EQ(tests::thrown_code([&] { RateLimit limit(rate); }), Code::invalid_argument);
    }
}

TEST(RateLimit, AddressesOfOneNetworkAreOneSubject) {
    EXPECT_EQ(rate_subject(make_address("10.0.0.1")).size(), 4U);
    EXPECT_EQ(rate_subject(make_address("::ffff:10.0.0.1")), rate_subject(make_address("10.0.0.1")));
    EXPECT_NE(rate_subject(make_address("10.0.0.2")), rate_subject(make_address("10.0.0.1")));
    EXPECT_EQ(rate_subject(make_address("2001:db8:1:2::3")),
              rate_subject(make_address("2001:db8:1:2:4:5:6:7")));
    EXPECT_NE(rate_subject(make_address("2001:db8:1:2::3")), rate_subject(make_address("2001:db8:1:3::3")));
}

}  // namespace
}  // namespace crowfly
