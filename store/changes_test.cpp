#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "formats/wkt.h"
#include "store/embedded/embedded_store.h"
#include "store/memory_collection.h"
#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Kind = CommittedChange::Kind;

constexpr std::chrono::milliseconds kMinute = std::chrono::minutes(1);

/// What holds for changes in every implementation of Collection.
class Changes : public testing::TestWithParam<const char*> {
  protected:
    Changes() {
        const Schema schema{.name = "places", .attributes = {{"n", AttributeType::integer}}};
        const std::vector<MetricKind> metrics{MetricKind::spheroid};
        const CollectionOptions options{.retained_changes = 4, .clock = [this] { return now_.load(); }};
        if (GetParam() == std::string("memory")) {
            collection_ = std::make_unique<MemoryCollection>(schema, metrics, options);
            return;
        }
        PlaceList none({});
        collection_ =
            EmbeddedStore(directory_.path("s.gpkg"), sqlite::Access::create)
                .create_collection(schema, metrics, none, {.collection = options, .erase_expired = false});
    }

    std::atomic<Timestamp> now_{};
    tests::TemporaryDirectory directory_;
    std::unique_ptr<Collection> collection_;
};

TEST_P(Changes, AreDoneOneAfterTheOtherAndCounted) {
    const Place a{.id = "a", .position = {1, 2}, .name = "A", .properties = {{"n", std::int64_t{7}}}};
    EXPECT_EQ(collection_->write({Upsert{a}, Move{"a", {3, 4}}, Move{"b", {5, 6}}, Erase{"b"}}),
              (Written{.sequence_number = 1, .upserted = 1, .moved = 1, .absent = {2, 3}}));
    Place moved = a;
    moved.position = {3, 4};
    EXPECT_EQ(collection_->get("a"), moved);
    EXPECT_EQ(collection_->write({Erase{"a"}, Erase{"a"}, Upsert{{.id = "b"}}}),
              (Written{.sequence_number = 2, .upserted = 1, .erased = 1, .absent = {1}}));
    EXPECT_EQ(collection_->count(), 1U);
}

TEST_P(Changes, ABatchThatChangesNothingHasNoNumber) {
    collection_->write({Upsert{{.id = "a"}}});
    EXPECT_EQ(collection_->write({Erase{"b"}}), (Written{.sequence_number = 1, .absent = {0}}));
    EXPECT_EQ(collection_->write({}), (Written{.sequence_number = 1}));
    EXPECT_EQ(collection_->sequence_number(), 1U);
}

TEST_P(Changes, AreJudgedBeforeAnyIsDone) {
    const auto fault = [&](const Change& bad) {
        return tests::thrown_text([&] { collection_->write({Upsert{{.id = "a"}}, bad}); });
    };
    EXPECT_THAT(fault(Upsert{{.position = {0, 91}}}), HasSubstr("change 1, geometry: latitude 91"));
    EXPECT_THAT(fault(Upsert{{.properties = {{"n", std::string("x")}}}}), HasSubstr("change 1, n: is not"));
    EXPECT_THAT(fault(Move{"a", {181, 0}}), HasSubstr("change 1, geometry: longitude 181"));
    EXPECT_THAT(fault(Move{"", {0, 0}}), HasSubstr("change 1, id: is empty"));
    EXPECT_THAT(fault(Erase{""}), HasSubstr("change 1, id: is empty"));
    EXPECT_THAT(fault(Move{"a", {0, 0}, TimeToLive(0)}), HasSubstr("change 1, ttl: 0 ms; expected 1 to"));
    EXPECT_EQ(collection_->count(), 0U);
}

TEST_P(Changes, AreFedByNumberAsLongAsTheyAreRetained) {
    collection_->write({Upsert{{.id = "a", .position = {1, 1}}}, Move{"a", {2, 2}}});
    collection_->write({Erase{"a"}});
    const ChangeFeed feed = collection_->changes_since(0, 100);
    EXPECT_FALSE(feed.missed);
    EXPECT_EQ(feed.last, 2U);
    ASSERT_EQ(feed.batches.size(), 2U);
    EXPECT_EQ(feed.batches[0]->sequence_number, 1U);
    EXPECT_THAT(feed.batches[0]->changes,
                ElementsAre(CommittedChange{Kind::upserted, "a", std::nullopt, LonLat{1, 1}},
                            CommittedChange{Kind::moved, "a", LonLat{1, 1}, LonLat{2, 2}}));
    EXPECT_THAT(feed.batches[1]->changes,
                ElementsAre(CommittedChange{Kind::erased, "a", LonLat{2, 2}, std::nullopt}));
    EXPECT_EQ(collection_->changes_since(0, 1).batches.size(), 1U);
    EXPECT_EQ(collection_->changes_since(1, 1).batches.at(0)->sequence_number, 2U);
    EXPECT_TRUE(collection_->changes_since(2, 1).batches.empty());
    EXPECT_TRUE(collection_->changes_since(3, 1).missed);

    collection_->write({Upsert{{.id = "b"}}, Upsert{{.id = "c"}}});
    EXPECT_TRUE(collection_->changes_since(0, 100).missed);
    EXPECT_EQ(collection_->changes_since(1, 100).batches.size(), 2U);
    collection_->write(std::vector<Change>(5, Upsert{{.id = "d"}}));
    EXPECT_TRUE(collection_->changes_since(3, 100).missed);
    EXPECT_FALSE(collection_->changes_since(4, 100).missed);
}

TEST_P(Changes, SayWhetherThePlaceHadAShapeAndHasOne) {
    Place line{.id = "a"};
    line.set_geometry(parse_wkt("LINESTRING (0 0, 2 2)"));
    collection_->write({Upsert{line}, Move{"a", {3, 3}}, Upsert{line}, Erase{"a"}});
    const ChangeFeed feed = collection_->changes_since(0, 100);
    ASSERT_EQ(feed.batches.size(), 1U);
    const LonLat middle{1, 1}, moved{3, 3};
    EXPECT_THAT(feed.batches[0]->changes,
                ElementsAre(CommittedChange{Kind::upserted, "a", std::nullopt, middle, false, true},
                            CommittedChange{Kind::moved, "a", middle, moved, true, false},
                            CommittedChange{Kind::upserted, "a", moved, middle, false, true},
                            CommittedChange{Kind::erased, "a", middle, std::nullopt, true, false}));
}

TEST_P(Changes, PlacesExpire) {
    collection_->write({Upsert{{.id = "a"}, kMinute}, Upsert{{.id = "b"}, kMinute}, Upsert{{.id = "c"}}});
    EXPECT_EQ(collection_->expires_at("a"), now_.load() + kMinute);
    EXPECT_FALSE(collection_->expires_at("c"));
    now_ = now_.load() + kMinute / 2;
    collection_->write({Move{"b", {1, 1}, kMinute}, Move{"a", {1, 1}}, Move{"c", {1, 1}}});
    EXPECT_EQ(collection_->erase_expired(), 0U);
    now_ = now_.load() + kMinute / 2;
    EXPECT_EQ(collection_->erase_expired(), 1U);
    EXPECT_FALSE(collection_->get("a"));
    collection_->write({Upsert{{.id = "b"}}});
    now_ = now_.load() + kMinute;
    EXPECT_EQ(collection_->erase_expired(), 0U);
    EXPECT_EQ(collection_->count(), 2U);
}

TEST_P(Changes, AnEditSeesThePlaceThatItChanges) {
    const auto rename = [](const std::string& name) {
        return [name](const PlaceState& state) -> std::optional<Change> {
            if (!state.place) return std::nullopt;
            Place place = *state.place;
            place.name = name;
            return Upsert{place};
        };
    };
    EXPECT_EQ(collection_->edit("a", rename("A")).written, (Written{.sequence_number = 0}));
    const Place a{.id = "a", .position = {1, 2}, .properties = {{"n", std::int64_t{7}}}};
    const Edited made = collection_->edit("a", [&](const PlaceState& state) {
        EXPECT_FALSE(state.place);
        return Upsert{a, kMinute};
    });
    EXPECT_EQ(made.written, (Written{.sequence_number = 1, .upserted = 1}));
    EXPECT_EQ(made.place, a);
    EXPECT_EQ(collection_->edit("a", rename("A")).place->name, "A");
    EXPECT_EQ(collection_->get("a")->name, "A");
    EXPECT_FALSE(collection_->expires_at("a"));
    collection_->write({Upsert{a, kMinute}});
    const Edited gone = collection_->edit("a", [&](const PlaceState& state) {
        EXPECT_EQ(state.place, a);
        EXPECT_EQ(state.expires_at, now_.load() + kMinute);
        return Erase{"a"};
    });
    EXPECT_EQ(gone.written.erased, 1U);
    EXPECT_FALSE(gone.place);
    EXPECT_EQ(collection_->count(), 0U);
}

TEST_P(Changes, AnEditThatThrowsOrIsNoneChangesNothing) {
    const Place a{.id = "a", .position = {1, 2}};
    collection_->write({Upsert{a}});
    const auto gives = [](const Change& change) {
        return [change](const PlaceState&) { return std::optional(change); };
    };
    EXPECT_EQ(tests::thrown_text([&] {
                  collection_->edit("a", [](const PlaceState&) -> std::optional<Change> {
                      throw Error(Code::conflict, "no");
                  });
              }),
              "conflict no");
    EXPECT_EQ(tests::thrown_code([&] { collection_->edit("a", gives(Erase{"b"})); }), Code::invalid_argument);
    EXPECT_EQ(tests::thrown_code([&] {
                  collection_->edit("a", gives(Move{"a", {0, 91}}));
              }),
              Code::invalid_argument);
    const Edited none = collection_->edit("a", [](const PlaceState&) { return std::nullopt; });
    EXPECT_EQ(none.place, a);
    EXPECT_EQ(collection_->sequence_number(), 1U);
    EXPECT_EQ(collection_->get("a"), a);
}

TEST_P(Changes, NoneOfManyEditsAtOnceIsLost) {
    constexpr int kThreads = 4, kEdits = 25;
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&] {
            for (int j = 0; j < kEdits; ++j) {
                collection_->edit("a", [](const PlaceState& state) {
                    Place place =
                        state.place.value_or(Place{.id = "a", .properties = {{"n", std::int64_t{0}}}});
                    ++std::get<std::int64_t>(place.properties.at(0).value);
                    return Upsert{place};
                });
                // Those that throw share transactions with those that do not.
                EXPECT_THROW(collection_->edit("a",
                                               [](const PlaceState&) -> std::optional<Change> {
                                                   throw Error(Code::conflict, "no");
                                               }),
                             Error);
            }
        });
    }
    threads.clear();
    EXPECT_EQ(collection_->get("a")->properties.at(0).value, Value(std::int64_t{kThreads * kEdits}));
    EXPECT_EQ(collection_->sequence_number(), std::uint64_t{kThreads * kEdits});
}

INSTANTIATE_TEST_SUITE_P(Stores, Changes, testing::Values("memory", "embedded"),
                         [](const auto& tested) { return std::string(tested.param); });

}  // namespace
}  // namespace crowfly
