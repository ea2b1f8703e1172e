#include "core/executor.h"

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace crowfly {
namespace {

void expect_all_run_once(Executor& executor) {
    for (const std::size_t count : {0U, 1U, 2U, 3U, 1000U}) {
        std::vector<std::atomic<int>> runs(count);
        executor.run(count, [&](std::size_t i) { ++runs[i]; });
        for (const auto& times : runs) EXPECT_EQ(times, 1);
    }
}

TEST(Executor, RunsEveryTaskOnce) {
    expect_all_run_once(serial_executor());
    for (const std::size_t threads : {0U, 1U, 2U, 3U, 8U}) {
        ThreadExecutor executor(threads);
        EXPECT_EQ(executor.width(), std::max<std::size_t>(threads, 1));
        for (int again = 0; again < 20; ++again) expect_all_run_once(executor);
    }
}

TEST(Executor, TheSerialOneKeepsToTheCallingThread) {
    EXPECT_EQ(serial_executor().width(), 1U);
    std::vector<std::size_t> order;
    const auto self = std::this_thread::get_id();
    serial_executor().run(4, [&](std::size_t i) {
        EXPECT_EQ(std::this_thread::get_id(), self);
        order.push_back(i);
    });
    EXPECT_EQ(order, (std::vector<std::size_t>{0, 1, 2, 3}));
}

TEST(Executor, TwoTasksDoRunAtTheSameTime) {
    ThreadExecutor executor(2);
    std::atomic<int> arrived = 0;
    executor.run(2, [&](std::size_t) {
        ++arrived;
        while (arrived < 2) std::this_thread::yield();
    });
    EXPECT_EQ(arrived, 2);
}

std::size_t count_leaves(Executor& executor, int depth) {
    if (depth == 0) return 1;
    std::atomic<std::size_t> leaves = 0;
    executor.run(3, [&](std::size_t) { leaves += count_leaves(executor, depth - 1); });
    return leaves;
}

TEST(Executor, TasksMayRunTasks) {
    for (const std::size_t threads : {1U, 2U, 3U, 8U}) {
        ThreadExecutor executor(threads);
        EXPECT_EQ(count_leaves(executor, 7), 2187U);
    }
}

TEST(Executor, ManyThreadsMayLendFromOne) {
    ThreadExecutor executor(3);
    std::atomic<std::size_t> leaves = 0;
    {
        std::vector<std::jthread> callers;
        for (int i = 0; i < 4; ++i) {
            callers.emplace_back([&] { leaves += count_leaves(executor, 5); });
        }
    }
    EXPECT_EQ(leaves, 4 * 243U);
}

TEST(Executor, RethrowsAndThenGoesOn) {
    for (const std::size_t threads : {1U, 2U, 3U}) {
        ThreadExecutor executor(threads);
        for (int again = 0; again < 100; ++again) {
            std::atomic<int> under_way = 0;
            try {
                executor.run(50, [&](std::size_t i) {
                    ++under_way;
                    if (i == 7) {
                        --under_way;
                        throw std::runtime_error("seven");
                    }
                    std::this_thread::yield();
                    --under_way;
                });
                ADD_FAILURE() << "nothing was thrown";
            } catch (const std::runtime_error& error) {
                EXPECT_EQ(std::string(error.what()), "seven");
            }
            EXPECT_EQ(under_way, 0);
        }
        expect_all_run_once(executor);
    }
    EXPECT_THROW(serial_executor().run(2, [](std::size_t) { throw std::logic_error("no"); }),
                 std::logic_error);
}

}  // namespace
}  // namespace crowfly
