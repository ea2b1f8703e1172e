#include "service/work_pool.h"

#include <atomic>
#include <latch>

#include <gtest/gtest.h>

namespace crowfly {
namespace {

TEST(WorkPool, DoesWhatItIsOffered) {
    std::atomic<int> done = 0;
    std::latch all(100);
    WorkPool pool(3, 100);
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(pool.offer([&] {
            ++done;
            all.count_down();
        }));
    }
    all.wait();
    EXPECT_EQ(done, 100);
}

TEST(WorkPool, RefusesWhenTooMuchWaits) {
    std::latch begun(1);
    std::latch go_on(1);
    WorkPool pool(1, 2);
    EXPECT_TRUE(pool.offer([&] {
        begun.count_down();
        go_on.wait();
    }));
    begun.wait();
    EXPECT_TRUE(pool.offer([] {}));
    EXPECT_TRUE(pool.offer([] {}));
    EXPECT_FALSE(pool.offer([] {}));
    EXPECT_EQ(pool.waiting(), 2U);
    EXPECT_EQ(pool.running(), 1U);
    go_on.count_down();
}

TEST(WorkPool, DropsWhatWaitsAtItsEnd) {
    auto held = std::make_shared<int>(0);
    const std::weak_ptr<int> watch = held;
    std::latch begun(1);
    std::latch go_on(1);
    std::jthread releaser;
    {
        WorkPool pool(1, 10);
        EXPECT_TRUE(pool.offer([&] {
            begun.count_down();
            go_on.wait();
        }));
        EXPECT_TRUE(pool.offer([held = std::move(held)] {}));
        begun.wait();
        releaser = std::jthread([&] { go_on.count_down(); });
    }
    EXPECT_TRUE(watch.expired());
}

}  // namespace
}  // namespace crowfly
