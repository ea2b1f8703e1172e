#include "store/embedded/backup.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/error.h"
#include "store/embedded/embedded_store.h"
#include "store/embedded/writer_lock.h"
#include "tests/support/child.h"
#include "tests/support/process.h"
#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

namespace fs = std::filesystem;

using sqlite::Access;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::uint64_t kBatch = 20;

/// Batch n is the places "n-0" to "n-19".
void write_batch(Collection& collection, std::uint64_t batch) {
    std::vector<Place> places;
    for (std::uint64_t i = 0; i < kBatch; ++i) {
        places.push_back({.id = std::to_string(batch) + "-" + std::to_string(i),
                          .position = {static_cast<double>(i), static_cast<double>(batch % 90)}});
    }
    PlaceList list(places);
    collection.upsert(list);
}

std::uint64_t count(const std::string& path) {
    return EmbeddedStore(path, Access::read_only).open_collection("places", {})->count();
}

class BackupTest : public testing::Test {
  protected:
    void SetUp() override {
        const EmbeddedStore store(path_, Access::create);
        PlaceList none({});
        write_batch(*store.create_collection({.name = "places"}, {}, none), 0);
    }

    std::size_t files() const {
        const fs::directory_iterator entries(directory_.path(""));
        return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
    }

    std::string attempt(const std::string& from, const std::string& to, bool replace = false) const {
        return tests::thrown_text([&] { back_up(from, to, {.replace = replace}); });
    }

    tests::TemporaryDirectory directory_;
    std::string path_ = directory_.path("s.gpkg");
    std::string copy_ = directory_.path("copy.gpkg");
};

TEST_F(BackupTest, IsAWholeFileAlone) {
    ASSERT_EQ(::chmod(path_.c_str(), 0640), 0);
    const std::uint64_t size = back_up(path_, copy_);
    EXPECT_EQ(size, fs::file_size(copy_));
    EXPECT_EQ(files(), 2U);
    EXPECT_EQ(count(copy_), kBatch);
    EXPECT_EQ(fs::status(copy_).permissions(), fs::status(path_).permissions());
    const auto seen = tests::run({"ogrinfo", "-so", copy_, "places"});
    EXPECT_THAT(seen.out, HasSubstr("Feature Count: 20"));
    EXPECT_EQ(seen.err, "");
}

TEST_F(BackupTest, HasWhatIsStillInTheLog) {
    const tests::Child writer([&](const auto& ready) {
        const auto collection = EmbeddedStore(path_, Access::read_write).open_collection("places", {});
        write_batch(*collection, 1);
        ready();
        tests::Child::wait_for_the_end();
    });
    ASSERT_GT(fs::file_size(path_ + "-wal"), 0U);
    back_up(path_, copy_);
    EXPECT_EQ(count(copy_), 2 * kBatch);
}

TEST_F(BackupTest, IsAStateBetweenTwoWritesWhileAnotherProcessWrites) {
    const tests::Child writer([&](const auto& ready) {
        const auto collection = EmbeddedStore(path_, Access::read_write).open_collection("places", {});
        write_batch(*collection, 1);
        ready();
        for (std::uint64_t batch = 2;; ++batch) write_batch(*collection, batch);
    });
    std::uint64_t before = 0;
    for (int i = 0; i < 10; ++i) {
        back_up(path_, copy_, {.replace = true});
        const std::uint64_t places = count(copy_);
        EXPECT_EQ(places % kBatch, 0U);
        EXPECT_GE(places, before);
        before = places;
    }
}

TEST_F(BackupTest, RestoresTheSameWay) {
    back_up(path_, copy_);
    write_batch(*EmbeddedStore(path_, Access::read_write).open_collection("places", {}), 1);
    EXPECT_EQ(count(path_), 2 * kBatch);
    back_up(copy_, path_, {.replace = true});
    EXPECT_EQ(count(path_), kBatch);
    write_batch(*EmbeddedStore(path_, Access::read_write).open_collection("places", {}), 1);
    EXPECT_EQ(count(path_), 2 * kBatch);
}

TEST_F(BackupTest, NeverTakesThePlaceOfWhatIsInUse) {
    EXPECT_THAT(attempt(path_, path_, true), AllOf(StartsWith("conflict"), HasSubstr("is the same file as")));
    fs::create_symlink("s.gpkg", directory_.path("link.gpkg"));
    EXPECT_THAT(attempt(path_, directory_.path("link.gpkg"), true), HasSubstr("is the same file as"));
    back_up(path_, copy_);
    EXPECT_THAT(attempt(path_, copy_), StartsWith("conflict " + copy_ + ": is there already"));
    EXPECT_THAT(attempt(path_, directory_.path("")), StartsWith("conflict"));
    {
        const WriterLock held(copy_);
        EXPECT_THAT(attempt(path_, copy_, true), StartsWith("busy " + copy_ + ": is held for writing by"));
    }
    for (const char* suffix : {"-wal", "-shm", "-journal"}) {
        std::ofstream(copy_ + suffix) << "x";
        EXPECT_THAT(
            attempt(path_, copy_, true),
            AllOf(StartsWith("conflict"), HasSubstr("beside it lies copy.gpkg" + std::string(suffix))));
        fs::remove(copy_ + suffix);
    }
    EXPECT_EQ(attempt(path_, copy_, true), "no error");
}

TEST_F(BackupTest, OneThatEndsEarlyLeavesWhatWasThere) {
    back_up(path_, copy_);
    const std::string before = tests::read_file(copy_);
    write_batch(*EmbeddedStore(path_, Access::read_write).open_collection("places", {}), 1);
    const auto stop = [](std::uint64_t done, std::uint64_t total) {
        EXPECT_LE(done, total);
        throw Error(Code::cancelled, "stopped");
    };
    EXPECT_EQ(tests::thrown_code([&] { back_up(path_, copy_, {.replace = true, .progress = stop}); }),
              Code::cancelled);
    EXPECT_EQ(tests::read_file(copy_), before);
    EXPECT_EQ(files(), 2U);
    EXPECT_THAT(attempt(path_, directory_.path("none/copy.gpkg")), StartsWith("not_found"));
    EXPECT_THAT(attempt(directory_.file("a.csv", "id,lon,lat\n1,2,3\n"), directory_.path("b.gpkg")),
                StartsWith("corrupt"));
}

TEST_F(BackupTest, ADamagedStoreDoesNotReplaceAGoodCopy) {
    for (std::uint64_t batch = 1; batch < 40; ++batch)
        write_batch(*EmbeddedStore(path_, Access::read_write).open_collection("places", {}), batch);
    back_up(path_, copy_);
    std::string bytes = tests::read_file(path_);
    constexpr std::size_t kPage = 2048;
    ASSERT_GT(bytes.size(), 32 * kPage);
    for (std::size_t i = 0; i < 100; ++i) bytes[30 * kPage + i] = '\xff';
    directory_.file("s.gpkg", bytes);
    EXPECT_THAT(attempt(path_, copy_, true),
                AllOf(StartsWith("corrupt " + path_ + ": is damaged, and was not copied")));
    EXPECT_EQ(count(copy_), 40 * kBatch);
    back_up(path_, copy_, {.replace = true, .check = false});
    EXPECT_THAT(attempt(copy_, path_, true), StartsWith("corrupt " + copy_));
}

}  // namespace
}  // namespace crowfly
