#include "store/embedded/live_rows.h"

#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/seed.h"

namespace crowfly {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Timestamp at(std::int64_t milliseconds) {
    return Timestamp(std::chrono::milliseconds(milliseconds));
}

TEST(ExpiryQueue, GivesWhatIsDueUntilItIsSetOtherwise) {
    ExpiryQueue queue;
    EXPECT_FALSE(queue.next());
    queue.set(7, std::nullopt);
    queue.set(7, at(70));
    queue.set(3, at(30));
    queue.set(5, at(50));
    EXPECT_EQ(queue.next(), at(30));
    EXPECT_THAT(queue.due(at(29), 9), IsEmpty());
    EXPECT_THAT(queue.due(at(50), 9), UnorderedElementsAre(3, 5));
    EXPECT_THAT(queue.due(at(50), 1), ElementsAre(3)) << "still";
    queue.set(3, std::nullopt);
    queue.set(5, at(80));
    EXPECT_THAT(queue.due(at(70), 9), ElementsAre(7));
    queue.set(7, at(60));
    EXPECT_EQ(queue.time_of(7), at(60));
    EXPECT_THAT(queue.due(at(60), 9), ElementsAre(7));
    EXPECT_FALSE(queue.time_of(3));
}

TEST(ExpiryQueue, IsRightInAnyHistory) {
    tests::Random random;
    ExpiryQueue queue;
    std::map<std::uint32_t, Timestamp> expected;
    for (std::int64_t now = 0; now < 20'000; ++now) {
        const auto row = static_cast<std::uint32_t>(random.below(200));
        if (random.below(5) == 0) {
            queue.set(row, std::nullopt);
            expected.erase(row);
        } else {
            const Timestamp time = at(now + static_cast<std::int64_t>(random.below(300)));
            queue.set(row, time);
            expected[row] = time;
        }
        if (now % 20 != 0) continue;
        std::set<std::uint32_t> due;
        for (const auto& [one, time] : expected) {
            if (time <= at(now)) due.insert(one);
            ASSERT_LE(*queue.next(), time);
        }
        const auto found = queue.due(at(now), 1000);
        ASSERT_THAT(found, testing::UnorderedElementsAreArray(due));
        for (const std::uint32_t one : found) {
            queue.set(one, std::nullopt);
            expected.erase(one);
        }
    }
}

TEST(ExtentKeeper, IsThatOfAllRowsInAnyHistory) {
    tests::Random random;
    ExtentKeeper keeper;
    std::map<std::uint32_t, Extent> rows;
    std::size_t looked = 0;
    const auto any = [&](double drift) {
        // On a lattice, so that many share a side; and all drift east, so that the west is used up.
        const auto lon = drift + static_cast<double>(random.below(1000)),
                   lat = static_cast<double>(random.below(50));
        return Extent{lon, lat, lon + static_cast<double>(random.below(3)), lat};
    };
    constexpr int kSteps = 30'000;
    for (int step = 0; step < kSteps; ++step) {
        const auto row = static_cast<std::uint32_t>(random.below(5000));
        keeper.remove(row);
        rows.erase(row);
        if (random.below(10) != 0) {
            const Extent extent = any(step / 100.0);
            keeper.add(row, extent);
            rows.emplace(row, extent);
        }
        if (step % 10 != 0) continue;
        std::optional<Extent> expected;
        for (const auto& [one, extent] : rows) {
            grow(expected,
                 std::vector<LonLat>{{extent.min_lon, extent.min_lat}, {extent.max_lon, extent.max_lat}});
        }
        ASSERT_EQ(keeper.extent([&](const auto& visit) {
            ++looked;
            for (const auto& [one, extent] : rows) visit(one, extent);
        }),
                  expected);
    }
    EXPECT_LT(looked, kSteps / 100U);
    for (const auto& [row, extent] : rows) keeper.remove(row);
    EXPECT_FALSE(keeper.extent([](const auto&) {}));
}

class LiveRowsTest : public testing::Test {
  protected:
    static LoadedRows loaded() {
        LoadedRows rows({});
        for (int i = 0; i < 10; ++i) {
            rows.add({.facts = {.fid = i},
                      .place = {.id = std::to_string(i), .position = {static_cast<double>(i), 0}}});
        }
        return rows;
    }

    std::vector<std::string> ids() const {
        const auto state = rows_.state();
        std::vector<std::string> ids;
        state->index->for_each([&](const LiveRow& row) { ids.emplace_back(state->rows->id(row.row)); });
        std::sort(ids.begin(), ids.end());
        return ids;
    }

    LiveRows rows_{loaded(), {MetricKind::spheroid}, 5, serial_executor()};
};

TEST_F(LiveRowsTest, WhatIsStagedIsSeenByTheOneWhoStages) {
    rows_.add({.id = "new", .position = {50, 1}}, {.fid = 100, .expires_at = at(9)});
    rows_.remove(*rows_.find("3"));
    rows_.replace(*rows_.find("4"), {.id = "4", .position = {4, 4}, .name = "renamed"}, {.fid = 4});
    rows_.move(*rows_.find("0"), {-7, 0});
    EXPECT_FALSE(rows_.find("3"));
    EXPECT_EQ(rows_.position(*rows_.find("4")), (LonLat{4, 4}));
    EXPECT_EQ(rows_.extent(), (Extent{-7, 0, 50, 4}));
    EXPECT_EQ(rows_.state()->index->size(), 10U);
    EXPECT_EQ(rows_.state()->extent, (Extent{0, 0, 9, 0}));
    rows_.publish(6);
    EXPECT_THAT(ids(), ElementsAre("0", "1", "2", "4", "5", "6", "7", "8", "9", "new"));
    EXPECT_EQ(rows_.state()->sequence_number, 6U);
    EXPECT_EQ(rows_.state()->extent, (Extent{-7, 0, 50, 4}));
    EXPECT_EQ(rows_.next_expiry(), at(9));
}

TEST_F(LiveRowsTest, WhatIsAbandonedHasNeverBeen) {
    rows_.add({.id = "new", .position = {50, 1}}, {.fid = 100, .expires_at = at(9)});
    rows_.remove(*rows_.find("new"));
    rows_.remove(*rows_.find("3"));
    rows_.add({.id = "3", .position = {33, 3}}, {.fid = 101});
    rows_.replace(*rows_.find("4"), {.id = "4", .name = "renamed"}, {.fid = 4});
    rows_.remove(*rows_.find("4"));
    rows_.extent();
    rows_.abandon();
    EXPECT_FALSE(rows_.find("new"));
    for (int i = 0; i < 10; ++i) {
        const auto row = rows_.find(std::to_string(i));
        ASSERT_TRUE(row);
        EXPECT_EQ(rows_.fid(*row), i);
        EXPECT_EQ(rows_.position(*row), (LonLat{static_cast<double>(i), 0}));
    }
    EXPECT_FALSE(rows_.next_expiry());
    rows_.move(*rows_.find("9"), {8.5, 0});
    EXPECT_EQ(rows_.extent(), (Extent{0, 0, 8.5, 0}));
    rows_.publish(6);
    EXPECT_EQ(ids().size(), 10U);
}

TEST_F(LiveRowsTest, WhatHasExpiredIsWhatHasWithWhatIsStaged) {
    for (const char* id : {"1", "2", "3", "4"}) rows_.expire(*rows_.find(id), at(10));
    rows_.publish(6);
    const auto expired = [&] {
        std::set<std::string> ids;
        for (const std::uint32_t row : rows_.expired(at(10), 9)) ids.emplace(rows_.id(row));
        return ids;
    };
    EXPECT_THAT(expired(), ElementsAre("1", "2", "3", "4"));
    rows_.remove(*rows_.find("1"));
    rows_.replace(*rows_.find("2"), {.id = "2", .name = "renamed"}, {.fid = 2, .expires_at = at(20)});
    rows_.expire(*rows_.find("3"), at(20));
    EXPECT_THAT(expired(), ElementsAre("4"));
    rows_.publish(7);
    EXPECT_THAT(expired(), ElementsAre("4"));
    rows_.remove(*rows_.find("4"));
    rows_.abandon();
    EXPECT_THAT(expired(), ElementsAre("4"));
}

TEST_F(LiveRowsTest, AfterAFaultOtherRowsAreTakenInstead) {
    rows_.add({.id = "new", .position = {50, 1}}, {.fid = 100, .expires_at = at(9)});
    rows_.remove(*rows_.find("3"));
    rows_.fail(std::make_exception_ptr(Error(Code::io, "no")));
    EXPECT_TRUE(rows_.state()->fault);
    rows_.reset(loaded(), 7);
    EXPECT_FALSE(rows_.state()->fault);
    rows_.remove(*rows_.find("4"));
    rows_.publish(8);
    EXPECT_THAT(ids(), ElementsAre("0", "1", "2", "3", "5", "6", "7", "8", "9"));
    EXPECT_FALSE(rows_.next_expiry());
    EXPECT_TRUE(rows_.find("3"));
}

}  // namespace
}  // namespace crowfly
