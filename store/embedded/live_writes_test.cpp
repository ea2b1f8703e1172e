#include <atomic>
#include <limits>
#include <map>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/executor.h"
#include "store/embedded/embedded_store.h"
#include "tests/support/process.h"
#include "tests/support/seed.h"
#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using std::string_literals::operator""s;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr double kInf = std::numeric_limits<double>::infinity();

/// A collection that others write to as well.
class LiveWrites : public testing::Test {
  protected:
    void create(const GroupCommit& group = {}) {
        PlaceList none({});
        collection_ =
            EmbeddedStore(path_, sqlite::Access::create, {.group_commit = group, .executor = &executor_})
                .create_collection({.name = "places"}, {MetricKind::spheroid}, none);
    }

    void reopen(sqlite::Access access = sqlite::Access::read_write) {
        collection_.reset();
        collection_ = EmbeddedStore(path_, access).open_collection("places", {MetricKind::spheroid});
    }

    void sql(const std::string& statements) {
        sqlite::Database database(path_, sqlite::Access::read_write);
        database.execute(statements);
    }

    std::vector<std::string> nearest_ids(LonLat from, std::size_t k) {
        std::vector<std::string> ids;
        for (const auto& neighbor : collection_->nearest({.point = from}, k, kInf))
            ids.push_back(neighbor.place.id);
        return ids;
    }

    tests::TemporaryDirectory directory_;
    std::string path_ = directory_.path("s.gpkg");
    ThreadExecutor executor_{2};
    std::unique_ptr<Collection> collection_;
};

TEST_F(LiveWrites, NumbersGoOnAfterReopening) {
    create();
    EXPECT_EQ(collection_->sequence_number(), 0U);
    EXPECT_EQ(collection_->write({Upsert{{.id = "a"}}}).sequence_number, 1U);
    EXPECT_EQ(collection_->write({Upsert{{.id = "b"}}, Erase{"a"}}).sequence_number, 2U);
    reopen();
    EXPECT_EQ(collection_->sequence_number(), 2U);
    EXPECT_FALSE(collection_->changes_since(2, 9).missed);
    EXPECT_TRUE(collection_->changes_since(1, 9).missed) << "nothing of before is retained";
    EXPECT_EQ(collection_->write({Erase{"b"}}).sequence_number, 3U);
    EXPECT_EQ(collection_->changes_since(2, 9).batches.size(), 1U);
}

TEST_F(LiveWrites, WhoOnlyReadsCannotWrite) {
    create();
    collection_->write({Upsert{{.id = "a"}}});
    reopen(sqlite::Access::read_only);
    EXPECT_EQ(collection_->sequence_number(), 1U);
    EXPECT_EQ(tests::thrown_code([&] { collection_->write({Erase{"a"}}); }), Code::permission_denied);
    EXPECT_EQ(tests::thrown_code([&] { collection_->erase(std::vector{"a"s}); }), Code::permission_denied);
    EXPECT_EQ(collection_->count(), 1U);
}

TEST_F(LiveWrites, AMoveLeavesAllElseAsItIs) {
    create();
    const Place place{
        .id = "a", .position = {1, 1}, .name = "A", .category = "x", .properties = {{"n", "b"s}}};
    collection_->write({Upsert{place}});
    collection_->write({Move{"a", {2, 3}}});
    Place expected = place;
    expected.position = {2, 3};
    EXPECT_EQ(collection_->get("a"), expected);
    EXPECT_EQ(collection_->nearest({.point = {2, 3}}, 1, kInf).at(0).place, expected);
    reopen();
    EXPECT_EQ(collection_->nearest({.point = {2, 3}}, 1, kInf).at(0).place, expected);
}

TEST_F(LiveWrites, TextThatCannotBeStoredIsRefused) {
    create();
    EXPECT_THAT(tests::thrown_text([&] { collection_->write({Upsert{{.id = "\xFF"}}}); }),
                HasSubstr("change 0, id: is not UTF-8 text"));
    EXPECT_THAT(tests::thrown_text([&] { collection_->write({Upsert{{.id = "a", .name = "a\0b"s}}}); }),
                HasSubstr("change 0, name: has a NUL byte"));
    EXPECT_THAT(tests::thrown_text([&] {
                    collection_->write({Upsert{{.id = "a", .properties = {{"n", "\xC0"s}}}}});
                }),
                HasSubstr("change 0, n: is not UTF-8 text"));
    EXPECT_EQ(collection_->count(), 0U);
}

TEST_F(LiveWrites, PlacesExpireByThemselves) {
    create();
    collection_->write({Upsert{{.id = "a"}, std::chrono::milliseconds(1)}, Upsert{{.id = "b"}},
                        Upsert{{.id = "c"}, std::chrono::hours(1)}});
    while (collection_->count() == 3) std::this_thread::yield();
    EXPECT_FALSE(collection_->get("a"));
    EXPECT_EQ(collection_->sequence_number(), 2U);
    const auto feed = collection_->changes_since(1, 9);
    ASSERT_EQ(feed.batches.size(), 1U);
    EXPECT_THAT(feed.batches[0]->changes,
                ElementsAre(CommittedChange{CommittedChange::Kind::erased, "a", LonLat{0, 0}, std::nullopt}));
    EXPECT_TRUE(collection_->expires_at("c"));
    reopen();
    EXPECT_TRUE(collection_->expires_at("c"));
    EXPECT_FALSE(collection_->expires_at("b"));
}

TEST_F(LiveWrites, WhatExpiredWhileNobodyWasThereIsErasedOnOpening) {
    create();
    collection_->write({Upsert{{.id = "a"}, std::chrono::hours(1)}, Upsert{{.id = "b"}}});
    collection_.reset();
    sql("UPDATE places SET _expires_at = 1 WHERE id = 'a'");
    reopen();
    while (collection_->count() == 2) std::this_thread::yield();
    EXPECT_TRUE(collection_->get("b"));
}

TEST_F(LiveWrites, ALoneWriterDoesNotWaitForOthers) {
    create({.rows = 100, .delay = std::chrono::hours(1)});
    for (int i = 0; i < 3; ++i) collection_->write({Upsert{{.id = std::to_string(i)}}});
    EXPECT_EQ(collection_->count(), 3U);
}

TEST_F(LiveWrites, ABatchThatFailsDoesNotTouchThoseItWasCommittedWith) {
    create({.rows = 1000, .delay = std::chrono::milliseconds(5)});
    sql("CREATE TRIGGER no BEFORE INSERT ON places WHEN NEW.name = 'bad' BEGIN SELECT RAISE(ABORT, 'no'); "
        "END");
    constexpr int kThreads = 8;
    constexpr int kBatches = 20;
    std::atomic<int> failures = 0;
    {
        std::vector<std::jthread> writers;
        for (int thread = 0; thread < kThreads; ++thread) {
            writers.emplace_back([&, thread] {
                for (int i = 0; i < kBatches; ++i) {
                    const std::string id = std::to_string(thread) + "-" + std::to_string(i);
                    const bool bad = (thread + i) % 4 == 0;
                    try {
                        collection_->write(
                            {Upsert{{.id = id + "a"}}, Upsert{{.id = id + "b", .name = bad ? "bad" : ""}}});
                        EXPECT_FALSE(bad);
                    } catch (const Error& error) {
                        EXPECT_TRUE(bad) << error.what();
                        ++failures;
                    }
                }
            });
        }
    }
    constexpr int kBad = kThreads * kBatches / 4;
    EXPECT_EQ(failures, kBad);
    EXPECT_EQ(collection_->count(), 2U * (kThreads * kBatches - kBad));
    EXPECT_EQ(collection_->sequence_number(), static_cast<std::uint64_t>(kThreads * kBatches - kBad));
    reopen();
    EXPECT_EQ(collection_->count(), 2U * (kThreads * kBatches - kBad));
}

TEST_F(LiveWrites, WhatAnotherProgramHasChangedIsSeenWithTheNextBatch) {
    create();
    collection_->write({Upsert{{.id = "a", .position = {1, 1}}}, Upsert{{.id = "b", .position = {2, 2}}}});
    sql("INSERT INTO places (id, geometry) SELECT 'other', geometry FROM places WHERE id = 'b'");
    sql("DELETE FROM places WHERE id = 'a'");
    EXPECT_EQ(collection_->write({Move{"other", {3, 3}}, Move{"a", {4, 4}}}).absent,
              std::vector<std::size_t>{1});
    EXPECT_THAT(nearest_ids({3, 3}, 9), ElementsAre("other", "b"));
    EXPECT_TRUE(collection_->changes_since(1, 9).missed) << "nobody knows what it was";
    EXPECT_EQ(collection_->extent(), (Extent{2, 2, 3, 3}));
}

TEST_F(LiveWrites, ASpatialIndexOfAnotherProgramIsKeptTrueWhileItIsOpen) {
    create();
    collection_->write({Upsert{{.id = "a", .position = {1, 1}}}});
    const auto made =
        tests::run({"ogrinfo", path_, "-sql", "SELECT CreateSpatialIndex('places', 'geometry')"});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    collection_->write({Move{"a", {50, 60}}, Upsert{{.id = "b", .position = {70, 80}}}});
    collection_->write({Erase{"b"}});
    const auto count_in = [&](double west, double south, double east, double north) {
        const auto found =
            tests::run({"ogrinfo", "-al", "-so", "-spat", std::to_string(west), std::to_string(south),
                        std::to_string(east), std::to_string(north), path_});
        EXPECT_EQ(found.exit_code, 0) << found.err;
        return found.out;
    };
    EXPECT_THAT(count_in(49, 59, 51, 61), HasSubstr("Feature Count: 1"));
    EXPECT_THAT(count_in(69, 79, 71, 81), HasSubstr("Feature Count: 0"));
    EXPECT_FALSE(collection_->changes_since(0, 9).missed)
        << "its triggers are not taken for changes of others";
}

TEST_F(LiveWrites, ContentsAreTrueAfterEachCommit) {
    create();
    collection_->write({Upsert{{.id = "a", .position = {1, 2}}}, Upsert{{.id = "b", .position = {3, 4}}}});
    collection_->write({Erase{"b"}});
    sqlite::Database database(path_, sqlite::Access::read_only);
    sqlite::Statement row(
        database,
        "SELECT min_x, min_y, max_x, max_y, abs(julianday(last_change) - julianday('now')) < 1 FROM "
        "gpkg_contents WHERE table_name = 'places'");
    ASSERT_TRUE(row.step());
    EXPECT_EQ((std::vector{row.real(0), row.real(1), row.real(2), row.real(3)}),
              (std::vector{1.0, 2.0, 1.0, 2.0}));
    EXPECT_EQ(row.integer(4), 1);
}

/// Both places of a pair are always written together, to one position.
TEST_F(LiveWrites, EveryReadSeesWholeBatchesAndEveryWriterItsOwn) {
    create({.rows = 500, .delay = std::chrono::milliseconds(1)});
    constexpr int kWriters = 3;
    constexpr int kReaders = 2;
    constexpr int kBatches = 120;
    constexpr std::size_t kPairs = 400;
    std::atomic<int> writing = kWriters;
    std::vector<std::jthread> threads;
    for (int writer = 0; writer < kWriters; ++writer) {
        threads.emplace_back([&, writer] {
            const std::shared_ptr<void> done(nullptr, [&](void*) { --writing; });
            tests::Random random;
            random.engine().seed(tests::seed() +
                                 static_cast<std::uint64_t>(writer));  // not where others write
            std::map<std::string, std::optional<LonLat>> own;
            for (int batch = 0; batch < kBatches; ++batch) {
                std::vector<Change> changes;
                for (std::size_t i = 0; i < 50; ++i) {
                    const std::string pair =
                        std::to_string(writer) + "-" + std::to_string(random.below(kPairs));
                    const LonLat to{random.uniform(-180, 180), random.uniform(-90, 90)};
                    for (const std::string& id : {pair + "a", pair + "b"}) {
                        if (batch % 5 == 4) {
                            changes.emplace_back(Erase{id});
                            own[pair] = std::nullopt;
                        } else if (own[pair] && i % 2 == 0) {
                            changes.emplace_back(Move{id, to});
                        } else {
                            changes.emplace_back(
                                Upsert{{.id = id, .position = to, .name = std::to_string(batch)}});
                        }
                    }
                    if (batch % 5 != 4) own[pair] = to;
                }
                collection_->write(std::move(changes));
                const auto& [pair, position] =
                    *std::next(own.begin(), static_cast<std::ptrdiff_t>(random.below(own.size())));
                if (!position) continue;
                const auto found = collection_->nearest({.point = *position}, 2, kInf);
                ASSERT_EQ(found.size(), 2U);
                ASSERT_EQ(found[0].place.id, pair + "a");
                ASSERT_EQ(found[1].place.id, pair + "b");
            }
        });
    }
    for (int reader = 0; reader < kReaders; ++reader) {
        threads.emplace_back([&] {
            while (writing != 0) {
                std::map<std::string, std::vector<Place>> pairs;
                for (auto& neighbor : collection_->within_distance({.point = {0, 0}}, kInf)) {
                    const std::string& id = neighbor.place.id;
                    pairs[id.substr(0, id.size() - 1)].push_back(neighbor.place);
                }
                for (const auto& [pair, places] : pairs) {
                    ASSERT_EQ(places.size(), 2U) << pair;
                    ASSERT_EQ(places[0].position, places[1].position) << pair;
                    ASSERT_EQ(places[0].name, places[1].name) << pair;
                }
            }
        });
    }
    threads.clear();
    const auto before = collection_->within_distance({.point = {0, 0}}, kInf);
    EXPECT_GT(before.size(), 0U);
    reopen();
    EXPECT_EQ(collection_->within_distance({.point = {0, 0}}, kInf), before);
    EXPECT_EQ(collection_->sequence_number(), static_cast<std::uint64_t>(kWriters * kBatches));
}

TEST_F(LiveWrites, CollectionsOfOneStoreAreWrittenByOneWriter) {
    const EmbeddedStore store(path_, sqlite::Access::create);
    PlaceList none({});
    std::vector<std::unique_ptr<Collection>> collections;
    for (const char* name : {"wells", "roads", "lakes"})
        collections.push_back(store.create_collection({.name = name}, {MetricKind::spheroid}, none));
    {
        std::vector<std::jthread> writers;
        for (auto& collection : collections) {
            writers.emplace_back([&] {
                for (int i = 0; i < 50; ++i) collection->write({Upsert{{.id = std::to_string(i)}}});
            });
        }
    }
    for (auto& collection : collections) {
        EXPECT_EQ(collection->count(), 50U);
        EXPECT_EQ(collection->sequence_number(), 50U);
        collection.reset();
    }
}

}  // namespace
}  // namespace crowfly
