#include "store/embedded/store_writer.h"

#include <atomic>
#include <set>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

constexpr std::chrono::milliseconds kMoment(30);

/// A target that does what a test wants, and notes what was done.
class TestTarget final : public WriteTarget {
  public:
    void begin() override {
        ++begins;
        if (on_begin) on_begin();
    }
    void finish() override {}
    void publish() noexcept override { deeds.emplace_back("commit"); }
    void abandon() noexcept override {
        if (on_abandon) on_abandon();
    }
    std::optional<std::chrono::steady_clock::time_point> tidy_up() override {
        deeds.emplace_back("chore");
        return std::nullopt;
    }

    std::function<void()> on_begin;
    std::function<void()> on_abandon;
    int begins = 0;
    std::vector<std::string> deeds;
};

class StoreWriterTest : public testing::Test {
  protected:
    /// Writes from so many threads, of which each does `write(thread)`; returns when all have.
    template <class Write>
    static void from_threads(int threads, const Write& write) {
        std::vector<std::jthread> running;
        for (int thread = 0; thread < threads; ++thread)
            running.emplace_back([&write, thread] { write(thread); });
    }

    tests::TemporaryDirectory directory_;
    StoreFile file_{directory_.path("s.gpkg"), sqlite::Access::create};
    TestTarget target_;
};

TEST_F(StoreWriterTest, NobodyElseHasTheConnectionUntilAFailedBatchIsAbandoned) {
    StoreWriter writer(file_, {});
    writer.add(target_);
    std::jthread other;
    std::atomic<bool> other_has_it = false;
    std::atomic<bool> abandoned_beside_it = false;
    target_.on_begin = [&] {
        other = std::jthread([&] {
            const std::scoped_lock lock(file_.mutex());
            other_has_it = true;
        });
        std::this_thread::sleep_for(kMoment);  // until it waits
        throw Error(Code::io, "no");
    };
    target_.on_abandon = [&] {
        std::this_thread::sleep_for(kMoment);
        abandoned_beside_it = other_has_it.load();
    };
    EXPECT_EQ(tests::thrown_code([&] { writer.write(target_, 1, [] {}); }), Code::io);
    EXPECT_FALSE(abandoned_beside_it);
    writer.remove(target_);
}

TEST_F(StoreWriterTest, AChoreThatIsDueIsDoneAfterTheNextCommitHoweverMuchIsWaiting) {
    StoreWriter writer(file_, {.rows = 1});
    writer.add(target_);
    // So long may a chore be put off.
    target_.on_begin = [] { std::this_thread::sleep_for(std::chrono::milliseconds(10)); };
    from_threads(4, [&](int) {
        for (int i = 0; i < 20; ++i) writer.write(target_, 1, [] {});
    });
    writer.remove(target_);
    int commits = 0;
    for (std::size_t i = 0; i < target_.deeds.size(); ++i) {
        if (target_.deeds[i] != "commit") continue;
        ++commits;
        EXPECT_TRUE(i + 1 == target_.deeds.size() || target_.deeds[i + 1] == "chore") << i;
    }
    EXPECT_EQ(commits, 80);
}

/// Were they tried again one by one, each would wait for the lock of another program in its turn.
TEST_F(StoreWriterTest, AFaultThatIsNoBatchsOwnIsThatOfAllThatWereCommittedTogether) {
    StoreWriter writer(file_, {});
    writer.add(target_);
    target_.on_begin = [&] {
        std::this_thread::sleep_for(kMoment);  // until others wait
        throw Error(Code::busy, fmt::format("fault {}", target_.begins));
    };
    std::mutex mutex;
    std::set<std::string> told;
    std::set<std::string> expected;
    from_threads(6, [&](int) {
        const std::string text = tests::thrown_text([&] { writer.write(target_, 1, [] {}); });
        const std::scoped_lock lock(mutex);
        told.insert(text);
    });
    writer.remove(target_);
    for (int i = 1; i <= target_.begins; ++i) expected.insert(fmt::format("busy fault {}", i));
    EXPECT_EQ(told, expected) << "no attempt that nobody was told of";
}

TEST_F(StoreWriterTest, ABatchThatCannotBeStagedFailsAlone) {
    StoreWriter writer(file_, {});
    writer.add(target_);
    target_.on_begin = [] { std::this_thread::sleep_for(kMoment); };
    std::atomic<int> failures = 0;
    from_threads(6, [&](int thread) {
        const auto code = tests::thrown_code([&] {
            writer.write(target_, 1, [&] {
                if (thread % 3 == 0) throw Error(Code::conflict, "no");
            });
        });
        EXPECT_EQ(code, thread % 3 == 0 ? std::optional(Code::conflict) : std::nullopt) << thread;
        if (code) ++failures;
    });
    writer.remove(target_);
    EXPECT_EQ(failures, 2);
}

}  // namespace
}  // namespace crowfly
