#include "store/embedded/store_file.h"

#include <chrono>
#include <filesystem>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/embedded/embedded_store.h"
#include "store/embedded/store_format.h"
#include "tests/support/child.h"
#include "tests/support/process.h"
#include "tests/support/temporary.h"
#include "tests/support/thrown.h"
#include "tests/support/unprivileged.h"

namespace crowfly {
namespace {

namespace fs = std::filesystem;

using sqlite::Access;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::vector<Place> kTwo{{.id = "a", .position = {1, 2}}, {.id = "b", .position = {3, 4}}};

void make_store(const std::string& path) {
    PlaceList list(kTwo);
    EmbeddedStore(path, Access::create).create_collection({.name = "places"}, {}, list);
}

std::string attempt(const std::string& path, Access access) {
    return tests::thrown_text([&] { EmbeddedStore(path, access).schemas(); });
}

std::uint64_t count(const std::string& path) {
    return EmbeddedStore(path, Access::read_only).open_collection("places", {})->count();
}

std::unique_ptr<Collection> store_third_place(const std::string& path) {
    auto collection = EmbeddedStore(path, Access::read_write).open_collection("places", {});
    const std::vector<Place> third{{.id = "c", .position = {5, 6}}};
    PlaceList list(third);
    collection->upsert(list);
    return collection;
}

/// A writer in another process that has stored a third place, and is still there.
tests::Child third_place(const std::string& path) {
    return tests::Child([path](const auto& ready) {
        const auto collection = store_third_place(path);
        ready();
        tests::Child::wait_for_the_end();
    });
}

class StoreFileTest : public testing::Test {
  protected:
    void SetUp() override { make_store(path_); }

    tests::TemporaryDirectory directory_;
    std::string path_ = directory_.path("s.gpkg");
};

TEST_F(StoreFileTest, ASecondWriterIsToldWhoWrites) {
    const tests::Child writer = third_place(path_);
    for (const Access access : {Access::read_write, Access::create}) {
        EXPECT_THAT(attempt(path_, access), AllOf(StartsWith("busy " + path_ + ": is held for writing by "),
                                                  HasSubstr(fmt::format("(pid {} on ", writer.pid()))));
    }
}

TEST_F(StoreFileTest, OthersReadWhileOneWrites) {
    const std::string go = directory_.path("go");
    const std::string gone = directory_.path("gone");
    // The other process is started before this one opens the store, which must not be copied into it.
    const tests::Child writer([&](const auto& ready) {
        ready();
        while (!fs::exists(go)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        const auto collection = store_third_place(path_);
        fs::rename(go, gone);
        tests::Child::wait_for_the_end();
    });
    const EmbeddedStore reader(path_, Access::read_only);
    const auto before = reader.open_collection("places", {});
    directory_.file("go", "");
    while (!fs::exists(gone)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_EQ(before->count(), 2U);
    EXPECT_EQ(before->get("a")->position.lon, 1);
    EXPECT_EQ(count(path_), 3U);
}

TEST_F(StoreFileTest, AReaderKeepsNobodyFromWriting) {
    const tests::Child reader([&](const auto& ready) {
        const EmbeddedStore store(path_, Access::read_only);
        const auto collection = store.open_collection("places", {});
        collection->get("a");
        ready();
        tests::Child::wait_for_the_end();
    });
    EXPECT_EQ(attempt(path_, Access::read_write), "no error");
    EXPECT_EQ(tests::thrown_text([&] {
                  const auto collection =
                      EmbeddedStore(path_, Access::read_write).open_collection("places", {});
                  collection->erase(std::vector<std::string>{"a"});
              }),
              "no error");
}

TEST_F(StoreFileTest, AfterAKillTheNextWriterHasAllThatWasStored) {
    tests::Child writer = third_place(path_);
    writer.kill();
    EXPECT_EQ(attempt(path_, Access::read_write), "no error");
    EXPECT_EQ(count(path_), 3U);
    EXPECT_FALSE(fs::exists(path_ + ".crowfly-lock"));
}

TEST_F(StoreFileTest, AFileThatMayNotBeWrittenIsReadAndSaysSo) {
    ASSERT_TRUE(tests::give_away(directory_.path(""), 0755));
    ASSERT_TRUE(tests::give_away(path_, 0444));
    const tests::Unprivileged user;
    ASSERT_TRUE(user.works());
    EXPECT_THAT(attempt(path_, Access::read_write),
                AllOf(StartsWith("permission_denied " + path_), HasSubstr("may not be written")));
    EXPECT_EQ(count(path_), 2U);
    EXPECT_FALSE(fs::exists(path_ + ".crowfly-lock"));
}

TEST_F(StoreFileTest, AFileInADirectoryThatMayNotBeWrittenIsReadAndSaysSo) {
    ASSERT_TRUE(tests::give_away(path_, 0644));
    ASSERT_TRUE(tests::give_away(directory_.path(""), 0555));
    const tests::Unprivileged user;
    ASSERT_TRUE(user.works());
    EXPECT_THAT(attempt(path_, Access::read_write),
                AllOf(StartsWith("permission_denied " + path_), HasSubstr("s.gpkg.crowfly-lock is needed")));
    EXPECT_EQ(count(path_), 2U);
}

TEST_F(StoreFileTest, WritesThatAreStillInTheLogAreNotPassedOverInSilence) {
    third_place(path_).kill();
    ASSERT_TRUE(fs::exists(path_ + "-wal"));
    fs::remove(path_ + "-shm");
    ASSERT_TRUE(tests::give_away(directory_.path(""), 0555));
    const tests::Unprivileged user;
    ASSERT_TRUE(user.works());
    EXPECT_THAT(attempt(path_, Access::read_only),
                AllOf(StartsWith("permission_denied " + path_),
                      HasSubstr("a log with writes that are not in the file yet")));
}

TEST_F(StoreFileTest, AFileOfANewerCrowflyIsReadIfThatIsSafe) {
    sqlite::Database(path_, Access::read_write)
        .execute(
            "UPDATE crowfly_store SET value = 7 WHERE key = 'format';"
            "UPDATE crowfly_store SET value = 'crowfly 9.1.0' WHERE key = 'program'");
    EXPECT_EQ(count(path_), 2U);
    EXPECT_THAT(attempt(path_, Access::read_write),
                AllOf(StartsWith("unsupported " + path_ + ": was made by crowfly 9.1.0; crowfly "),
                      HasSubstr("cannot write it (it has format 7, and this program knows formats up to 1)"),
                      HasSubstr("it can be read")));
    sqlite::Database(path_, Access::read_write)
        .execute("UPDATE crowfly_store SET value = 6 WHERE key = 'read_format'");
    EXPECT_THAT(attempt(path_, Access::read_only), HasSubstr("cannot read it (it has format 6"));
}

TEST_F(StoreFileTest, AFileWithoutAVersionGetsOneWhenItIsOpenedForWriting) {
    sqlite::Database(path_, Access::read_write)
        .execute(
            "DROP TABLE crowfly_store; DROP TABLE gpkg_extensions;"
            "DELETE FROM gpkg_contents WHERE data_type = 'crowfly'; PRAGMA journal_mode = DELETE");
    EXPECT_EQ(count(path_), 2U);
    EXPECT_EQ(attempt(path_, Access::read_write), "no error");
    sqlite::Database database(path_, Access::read_only);
    EXPECT_EQ(store_format::version_of(database).format, store_format::kFormat);
    EXPECT_THAT(store_format::version_of(database).program, StartsWith("crowfly "));
    sqlite::Statement journal(database, "PRAGMA journal_mode");
    ASSERT_TRUE(journal.step());
    EXPECT_EQ(journal.text(0), "wal");
}

TEST_F(StoreFileTest, OtherProgramsSeeThePlacesAlone) {
    const auto seen = tests::run({"ogrinfo", "-update", path_});
    EXPECT_EQ(seen.exit_code, 0);
    EXPECT_THAT(seen.out, AllOf(HasSubstr("1: places (Point)"), Not(HasSubstr("2: "))));
    EXPECT_EQ(seen.err, "");
}

TEST_F(StoreFileTest, DamageAtTheBeginningOrTheEndIsSaid) {
    const std::string whole = tests::read_file(path_);
    std::string renamed = whole;
    renamed.front() = 'X';
    const auto attempt_on = [&](const std::string& bytes) {
        return attempt(directory_.file("damaged.gpkg", bytes), Access::read_only);
    };
    EXPECT_THAT(attempt_on(renamed),
                AllOf(StartsWith("corrupt"), HasSubstr("damaged.gpkg: is no GeoPackage")));
    EXPECT_THAT(attempt_on(whole.substr(0, whole.size() / 2)),
                AllOf(StartsWith("corrupt"), HasSubstr("damaged.gpkg: is damaged")));
    EXPECT_THAT(attempt_on(whole.substr(0, 50)), StartsWith("corrupt"));
    EXPECT_THAT(attempt_on(""), StartsWith("corrupt"));
}

}  // namespace
}  // namespace crowfly
