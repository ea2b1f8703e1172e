#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "store/memory_collection.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Kind = CommittedChange::Kind;

constexpr std::chrono::milliseconds kMinute = std::chrono::minutes(1);

class Changes : public testing::Test {
  protected:
    Timestamp now_{};
    MemoryCollection places_{{.name = "places", .attributes = {{"n", AttributeType::integer}}},
                             {MetricKind::spheroid},
                             {.retained_changes = 4, .clock = [this] { return now_; }}};
};

TEST_F(Changes, AreDoneOneAfterTheOtherAndCounted) {
    const Place a{.id = "a", .position = {1, 2}, .name = "A", .properties = {{"n", std::int64_t{7}}}};
    EXPECT_EQ(places_.write({Upsert{a}, Move{"a", {3, 4}}, Move{"b", {5, 6}}, Erase{"b"}}),
              (Written{.sequence_number = 1, .upserted = 1, .moved = 1, .absent = {2, 3}}));
    Place moved = a;
    moved.position = {3, 4};
    EXPECT_EQ(places_.get("a"), moved);
    EXPECT_EQ(places_.write({Erase{"a"}, Erase{"a"}, Upsert{{.id = "b"}}}),
              (Written{.sequence_number = 2, .upserted = 1, .erased = 1, .absent = {1}}));
    EXPECT_EQ(places_.count(), 1U);
}

TEST_F(Changes, ABatchThatChangesNothingHasNoNumber) {
    places_.write({Upsert{{.id = "a"}}});
    EXPECT_EQ(places_.write({Erase{"b"}}), (Written{.sequence_number = 1, .absent = {0}}));
    EXPECT_EQ(places_.write({}), (Written{.sequence_number = 1}));
    EXPECT_EQ(places_.sequence_number(), 1U);
}

TEST_F(Changes, AreJudgedBeforeAnyIsDone) {
    const auto fault = [&](const Change& bad) {
        return tests::thrown_text([&] { places_.write({Upsert{{.id = "a"}}, bad}); });
    };
    EXPECT_THAT(fault(Upsert{{.position = {0, 91}}}), HasSubstr("change 1, geometry: latitude 91"));
    EXPECT_THAT(fault(Upsert{{.properties = {{"n", std::string("x")}}}}), HasSubstr("change 1, n: is not"));
    EXPECT_THAT(fault(Move{"a", {181, 0}}), HasSubstr("change 1, geometry: longitude 181"));
    EXPECT_THAT(fault(Move{"", {0, 0}}), HasSubstr("change 1, id: is empty"));
    EXPECT_THAT(fault(Erase{""}), HasSubstr("change 1, id: is empty"));
    EXPECT_THAT(fault(Move{"a", {0, 0}, TimeToLive(0)}), HasSubstr("change 1, ttl: 0 ms; expected 1 to"));
    EXPECT_EQ(places_.count(), 0U);
}

TEST_F(Changes, AreFedByNumberAsLongAsTheyAreRetained) {
    places_.write({Upsert{{.id = "a", .position = {1, 1}}}, Move{"a", {2, 2}}});
    places_.write({Erase{"a"}});
    const ChangeFeed feed = places_.changes_since(0, 100);
    EXPECT_FALSE(feed.missed);
    EXPECT_EQ(feed.last, 2U);
    ASSERT_EQ(feed.batches.size(), 2U);
    EXPECT_EQ(feed.batches[0]->sequence_number, 1U);
    EXPECT_THAT(feed.batches[0]->changes,
                ElementsAre(CommittedChange{Kind::upserted, "a", std::nullopt, LonLat{1, 1}},
                            CommittedChange{Kind::moved, "a", LonLat{1, 1}, LonLat{2, 2}}));
    EXPECT_THAT(feed.batches[1]->changes,
                ElementsAre(CommittedChange{Kind::erased, "a", LonLat{2, 2}, std::nullopt}));
    EXPECT_EQ(places_.changes_since(0, 1).batches.size(), 1U);
    EXPECT_EQ(places_.changes_since(1, 1).batches.at(0)->sequence_number, 2U);
    EXPECT_TRUE(places_.changes_since(2, 1).batches.empty());
    EXPECT_TRUE(places_.changes_since(3, 1).missed);

    places_.write({Upsert{{.id = "b"}}, Upsert{{.id = "c"}}});
    EXPECT_TRUE(places_.changes_since(0, 100).missed);
    EXPECT_EQ(places_.changes_since(1, 100).batches.size(), 2U);
    places_.write(std::vector<Change>(5, Upsert{{.id = "d"}}));
    EXPECT_TRUE(places_.changes_since(3, 100).missed);
    EXPECT_FALSE(places_.changes_since(4, 100).missed);
}

TEST_F(Changes, PlacesExpire) {
    places_.write({Upsert{{.id = "a"}, kMinute}, Upsert{{.id = "b"}, kMinute}, Upsert{{.id = "c"}}});
    EXPECT_EQ(places_.expires_at("a"), now_ + kMinute);
    EXPECT_FALSE(places_.expires_at("c"));
    now_ += kMinute / 2;
    places_.write({Move{"b", {1, 1}, kMinute}, Move{"a", {1, 1}}, Move{"c", {1, 1}}});
    EXPECT_EQ(places_.erase_expired(), 0U);
    now_ += kMinute / 2;
    EXPECT_EQ(places_.erase_expired(), 1U);
    EXPECT_FALSE(places_.get("a"));
    places_.write({Upsert{{.id = "b"}}});
    now_ += kMinute;
    EXPECT_EQ(places_.erase_expired(), 0U);
    EXPECT_EQ(places_.count(), 2U);
}

}  // namespace
}  // namespace crowfly
