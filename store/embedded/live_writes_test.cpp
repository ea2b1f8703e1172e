#include <atomic>
#include <filesystem>
#include <limits>
#include <map>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "core/executor.h"
#include "store/embedded/embedded_store.h"
#include "store/embedded/open_store.h"
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

TEST_F(LiveWrites, WhatIsNoTimeIsNotTakenForOneThatIsOver) {
    create();
    collection_->write({Upsert{{.id = "a"}, std::chrono::hours(1)}});
    collection_.reset();
    sql("UPDATE places SET _expires_at = '2126-12-31'");
    const auto reopened = tests::thrown_text([&] { reopen(); });
    EXPECT_THAT(reopened, testing::HasSubstr("its _expires_at is not an integer"));
    sql("UPDATE places SET _expires_at = NULL");
    reopen();
    EXPECT_EQ(collection_->count(), 1U);
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

TEST_F(LiveWrites, ACollectionIsClosedWhileNobodyElseHasTheConnection) {
    const EmbeddedStore store(path_, sqlite::Access::create);
    PlaceList none({});
    collection_ = store.create_collection({.name = "places"}, {MetricKind::spheroid}, none);
    collection_->write({Upsert{{.id = "a"}}});
    std::atomic<bool> is_closed = false;
    std::jthread closing;
    const std::scoped_lock lock(store.open_store()->file.mutex());
    closing = std::jthread([&] {
        collection_.reset();
        is_closed = true;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_FALSE(is_closed);
}

/// Batches that are committed together, and places that have expired when they are.
class Expiring : public testing::Test {
  protected:
    Expiring() {
        PlaceList none({});
        EmbeddedOptions options;
        options.collection.clock = [this] { return now_.load(); };
        options.erase_expired = false;
        collection_ = store_.create_collection({.name = "places"}, {MetricKind::spheroid}, none, options);
        collection_->write({Upsert{{.id = "a"}, std::chrono::hours(1)}, Upsert{{.id = "b"}}});
        now_ = now_.load() + std::chrono::hours(2);
    }

    /// Has them written in this order, by a thread each, while the writer waits.
    void write_together(const std::vector<std::function<void()>>& writes) {
        std::vector<std::jthread> threads;
        const std::scoped_lock lock(store_.open_store()->file.mutex());
        threads.emplace_back([this] { collection_->write({}); });
        for (const auto& write : writes) {
            std::this_thread::sleep_for(std::chrono::milliseconds(30));
            threads.emplace_back(write);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        // The threads are joined after the lock is given up.
        waiting_.swap(threads);
    }

    std::vector<std::string> ids() {
        waiting_.clear();
        std::vector<std::string> in_file;
        collection_->scan([&](const Place& place) { in_file.push_back(place.id); });
        std::vector<std::string> in_memory;
        for (const auto& neighbor : collection_->nearest({}, 9, kInf)) in_memory.push_back(neighbor.place.id);
        EXPECT_EQ(in_memory, in_file);
        EXPECT_EQ(collection_->count(), in_file.size());
        return in_file;
    }

    std::size_t erasures() {
        waiting_.clear();
        std::size_t count = 0;
        for (const auto& batch : collection_->changes_since(1, 99).batches) {
            for (const CommittedChange& change : batch->changes)
                count += change.kind == CommittedChange::Kind::erased ? 1U : 0U;
        }
        return count;
    }

    tests::TemporaryDirectory directory_;
    EmbeddedStore store_{directory_.path("s.gpkg"), sqlite::Access::create};
    std::atomic<Timestamp> now_{};
    std::unique_ptr<Collection> collection_;
    std::vector<std::jthread> waiting_;
};

TEST_F(Expiring, APlaceThatWasReplacedMeanwhileStays) {
    write_together({[&] { collection_->write({Upsert{{.id = "a", .name = "another"}}}); },
                    [&] { collection_->erase_expired(); }});
    EXPECT_THAT(ids(), ElementsAre("a", "b"));
}

TEST_F(Expiring, APlaceWhoseTimeWasPutOffMeanwhileStays) {
    write_together({[&] {
                        collection_->write({Move{"a", {0, 0}, std::chrono::hours(1)}});
                    },
                    [&] { collection_->erase_expired(); }});
    EXPECT_THAT(ids(), ElementsAre("a", "b"));
}

TEST_F(Expiring, APlaceIsErasedOnce) {
    write_together({[&] { collection_->erase_expired(); }, [&] { collection_->erase_expired(); },
                    [&] { collection_->write({Erase{"a"}}); }});
    EXPECT_THAT(ids(), ElementsAre("b"));
    EXPECT_EQ(erasures(), 1U);
}

TEST_F(LiveWrites, WhatOthersHaveChangedWhileItWasClosedTakesANumber) {
    create();
    collection_->write({Upsert{{.id = "a"}}});
    collection_.reset();
    sql("UPDATE places SET name = 'other'");
    for (int i = 0; i < 2; ++i) {
        reopen();
        EXPECT_EQ(collection_->sequence_number(), 2U);
        EXPECT_TRUE(collection_->changes_since(1, 9).missed);
        EXPECT_FALSE(collection_->changes_since(2, 9).missed);
    }
    EXPECT_EQ(collection_->write({Erase{"a"}}).sequence_number, 3U);
}

TEST_F(LiveWrites, NoNumberIsGivenTwice) {
    create();
    collection_->write({Upsert{{.id = "a"}}});
    sql("CREATE TRIGGER no BEFORE INSERT ON places WHEN NEW.id = 'bad' BEGIN SELECT RAISE(ABORT, 'no'); END");
    sql("UPDATE places SET name = 'other'");
    EXPECT_EQ(tests::thrown_code([&] { collection_->write({Upsert{{.id = "bad"}}}); }), Code::conflict);
    const std::uint64_t followed = collection_->changes_since(1, 9).last;
    const std::uint64_t number = collection_->write({Upsert{{.id = "b"}}}).sequence_number;
    const ChangeFeed feed = collection_->changes_since(followed, 9);
    EXPECT_EQ(feed.last, number);
    EXPECT_TRUE(feed.missed || feed.batches.size() == 1) << followed << " " << number;
    reopen();
    EXPECT_EQ(collection_->sequence_number(), number);
}

TEST_F(LiveWrites, NobodyIsAheadOfTheFeed) {
    create();
    std::atomic<bool> ended = false;
    std::atomic<int> missed = 0;
    {
        const std::jthread follower([&] {
            while (!ended)
                missed += collection_->changes_since(collection_->sequence_number(), 9).missed ? 1 : 0;
        });
        for (int i = 0; i < 500; ++i) collection_->write({Upsert{{.id = "a"}}});
        ended = true;
    }
    EXPECT_EQ(missed, 0);
}

/// The table's name, and how gpkg_contents spells it.
class RenamedTable : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(RenamedTable, IsWrittenAndWatched) {
    const auto [table, name] = GetParam();
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path("s.gpkg");
    const auto sql = [&](const std::string& statements) {
        sqlite::Database(path, sqlite::Access::read_write).execute(statements);
    };
    const std::vector<Place> places{{.id = "a", .position = {1, 1}}, {.id = "b", .position = {2, 2}}};
    PlaceList list(places);
    EmbeddedStore(path, sqlite::Access::create).create_collection({.name = "places"}, {}, list);
    if (table != "places"s) sql("ALTER TABLE places RENAME TO " + sqlite::quoted(table));
    for (const char* registry : {"gpkg_contents", "gpkg_geometry_columns"})
        sql("UPDATE "s + registry + " SET table_name = " + sqlite::literal(name) +
            " WHERE table_name = 'places'");

    const EmbeddedStore store(path, sqlite::Access::read_write);
    const auto collection = store.open_collection(name, {MetricKind::spheroid});
    const std::uint64_t number = collection->sequence_number();
    EXPECT_LT(number, 9U);
    EXPECT_EQ(collection->write({Move{"a", {3, 3}}}).sequence_number, number + 1);
    sql("DELETE FROM " + sqlite::quoted(name) + " WHERE id = 'b'");
    EXPECT_EQ(collection->write({Move{"b", {4, 4}}}).absent, std::vector<std::size_t>{0});
    EXPECT_TRUE(collection->changes_since(number + 1, 9).missed);
    sqlite::Database database(path, sqlite::Access::read_only);
    sqlite::Statement triggers(
        database, "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'crowfly%'");
    ASSERT_TRUE(triggers.step());
    EXPECT_EQ(triggers.integer(0), 3);
}

INSTANTIATE_TEST_SUITE_P(Names, RenamedTable,
                         testing::Values(std::pair("shops", "shops"), std::pair("l'été", "l'été"),
                                         std::pair("places", "PLACES")));

TEST_F(LiveWrites, ATableOfARenamedOnesNameIsACollectionOfItsOwn) {
    create();
    collection_->write({Upsert{{.id = "a"}}});
    collection_.reset();
    sql("ALTER TABLE places RENAME TO shops; UPDATE gpkg_contents SET table_name = 'shops', identifier = "
        "'shops' WHERE table_name = 'places'; UPDATE gpkg_geometry_columns SET table_name = 'shops' WHERE "
        "table_name = 'places'");
    const EmbeddedStore store(path_, sqlite::Access::read_write);
    PlaceList none({});
    const auto places = store.create_collection({.name = "places"}, {}, none);
    const auto shops = store.open_collection("shops", {});
    places->write({Upsert{{.id = "b"}}});
    const std::uint64_t number = shops->sequence_number();
    sql("UPDATE shops SET name = 'other'");
    const std::uint64_t number_of_places = places->sequence_number();
    EXPECT_EQ(places->write({Erase{"b"}}).sequence_number, number_of_places + 1);
    shops->write({Erase{"a"}});
    EXPECT_TRUE(shops->changes_since(number, 9).missed);
    EXPECT_EQ(shops->count() + places->count(), 0U);
}

/// It is changed without the triggers that would say so.
TEST_F(LiveWrites, ARowThatIsGoneIsNotWritten) {
    create();
    collection_->write({Upsert{{.id = "a"}}, Upsert{{.id = "b"}}, Upsert{{.id = "c"}}});
    const auto remove_unseen = [&](const std::string& id) {
        sqlite::Database database(path_, sqlite::Access::read_write);
        database.check(sqlite3_db_config(database.handle(), SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr));
        database.execute("DELETE FROM places WHERE id = '" + id + "'");
    };
    const Change changes[] = {Upsert{{.id = "a"}}, Move{"b", {1, 1}}, Erase{"c"}};
    const char* const ids[] = {"a", "b", "c"};
    for (int i = 0; i < 3; ++i) {
        remove_unseen(ids[i]);
        EXPECT_THAT(tests::thrown_text([&] { collection_->write({changes[i]}); }),
                    HasSubstr("is not in the file any more"));
        EXPECT_EQ(collection_->write({}).absent.size(), 0U);
        EXPECT_EQ(collection_->count(), 2U - static_cast<unsigned>(i));
    }
}

TEST_F(LiveWrites, WhatTriggersOfAnotherProgramDoToRowsIsSeen) {
    PlaceList none({});
    const Schema schema{.name = "places", .attributes = {{"edits", AttributeType::integer}}};
    EmbeddedOptions options;
    options.hot_attributes = {"edits"};
    collection_ = EmbeddedStore(path_, sqlite::Access::create)
                      .create_collection(schema, {MetricKind::spheroid}, none, options);
    collection_->write(
        {Upsert{{.id = "a", .properties = {{"edits", std::int64_t{0}}}}}, Upsert{{.id = "b"}}});
    sql("CREATE TRIGGER edited AFTER UPDATE OF geometry ON places BEGIN UPDATE places SET edits = edits + 1 "
        "WHERE fid = NEW.fid; END");
    collection_->write({Move{"a", {1, 1}}});
    collection_->write({});
    const auto place = collection_->nearest({.point = {1, 1}}, 1, kInf).at(0).place;
    EXPECT_EQ(place, collection_->get("a"));
    EXPECT_THAT(place.properties, ElementsAre(Property{"edits", std::int64_t{1}}));
    EXPECT_EQ(collection_->changes_since(2, 9).missed, true);
}

/// There is always somebody who reads what was there before the last commit.
TEST_F(LiveWrites, TheLogIsEmptiedThoughOthersReadAllTheTime) {
    create();
    const auto log_size = [&] { return std::filesystem::file_size(path_ + "-wal"); };
    std::atomic<bool> ended = false;
    std::vector<std::jthread> readers;
    for (int i = 0; i < 2; ++i) {
        readers.emplace_back([&] {
            sqlite::Database database(path_, sqlite::Access::read_only);
            while (!ended) {
                database.execute("BEGIN; SELECT count(*) FROM places");
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
                database.execute("COMMIT");
            }
        });
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    const Place large{.id = "a", .properties = {{"text", std::string(1 << 20, 'x')}}};
    for (int i = 0; i < 80; ++i) collection_->write({Upsert{large}});
    // So much of it is kept, so that it need not grow again.
    constexpr std::uintmax_t kLarge = (64 << 20) + 1;
    for (int i = 0; i < 500 && log_size() >= kLarge; ++i) {
        collection_->write({Upsert{{.id = "b"}}});
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_LT(log_size(), kLarge);
    ended = true;
}

}  // namespace
}  // namespace crowfly
