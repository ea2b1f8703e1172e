#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "core/live/live_index.h"
#include "core/live/live_scan.h"
#include "core/live/live_searcher.h"
#include "core/live/published.h"
#include "tests/support/live_history.h"
#include "tests/support/seed.h"

namespace crowfly {
namespace {

TEST(LiveThreads, ReadersSeeWholeStatesWhileOthersWriteAndMerge) {
    tests::Random random;
    tests::LiveHistory history(random, {.shapes = 0.1, .rows = 800});
    LiveIndex index({.merging = {.growth = 3, .smallest = 4, .at_once = 60}});
    std::vector<tests::LiveHistory::Write> writes;
    for (int i = 0; i < 300; ++i) writes.push_back(history.next(30));
    std::vector<LonLat> queries;
    for (int i = 0; i < 100; ++i) queries.push_back(history.any_position());

    std::atomic<bool> is_over = false;
    std::atomic<std::size_t> faults = 0, reads = 0;
    const auto read = [&](std::size_t reader) {
        for (std::size_t i = reader; !is_over || i < reader + 50; ++i) {
            const auto snapshot = index.snapshot();
            LiveSearcher searcher(*snapshot, MetricKind::spheroid);
            const LonLat query = queries[i % queries.size()];
            const auto found = searcher.nearest(query, {.k = 7});
            const auto expected = scan_nearest(*snapshot, MetricKind::spheroid, query, {.k = 7});
            bool is_same = found.size() == expected.size();
            for (std::size_t rank = 0; is_same && rank < found.size(); ++rank) {
                is_same =
                    found[rank].row == expected[rank].row && found[rank].distance == expected[rank].distance;
            }
            faults += is_same ? 0U : 1U;
            ++reads;
        }
    };
    std::vector<std::jthread> threads;
    for (std::size_t reader = 0; reader < 3; ++reader) threads.emplace_back(read, reader);
    threads.emplace_back([&] {
        ThreadExecutor executor(2);
        while (!is_over) {
            if (!index.merge(executor)) std::this_thread::yield();
        }
    });
    for (std::size_t i = 0; i < writes.size(); ++i) {
        index.apply(writes[i].upserts, writes[i].erased);
        if (i % 64 == 63) index.merge_all(serial_executor());
    }
    is_over = true;
    threads.clear();
    EXPECT_EQ(faults, 0U);
    EXPECT_GE(reads, 150U);
    tests::expect_rows(*index.snapshot(), history.rows());
}

/// Counts how many of it there are.
struct Counted {
    Counted(std::uint64_t of, std::atomic<std::int64_t>& in) : number(of), count(in) { ++count; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    ~Counted() { --count; }

    std::uint64_t number;
    std::atomic<std::int64_t>& count;
};

TEST(Published, ReadersGetWhatWasStoredLastAndNothingIsLeft) {
    std::atomic<std::int64_t> alive = 0;
    {
        constexpr std::uint64_t kStores = 20'000;
        Published<const Counted> published(std::make_shared<const Counted>(0, alive));
        std::atomic<bool> went_back = false;
        std::vector<std::jthread> readers;
        for (int reader = 0; reader < 3; ++reader) {
            readers.emplace_back([&] {
                for (std::uint64_t last = 0; last < kStores;) {
                    const auto value = published.load();
                    if (value->number < last) went_back = true;
                    last = value->number;
                }
            });
        }
        for (std::uint64_t i = 1; i <= kStores; ++i) {
            published.store(std::make_shared<const Counted>(i, alive));
        }
        readers.clear();
        EXPECT_FALSE(went_back);
        EXPECT_EQ(alive, 1) << "a value that was replaced is still there";
        EXPECT_EQ(published.load()->number, kStores);
    }
    EXPECT_EQ(alive, 0);
}

}  // namespace
}  // namespace crowfly
