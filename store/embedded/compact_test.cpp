#include "store/embedded/compact.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/embedded/embedded_store.h"
#include "tests/support/process.h"
#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using sqlite::Access;

/// A store of which most places are erased again.
class CompactTest : public testing::Test {
  protected:
    void SetUp() override {
        std::vector<Place> places;
        std::vector<std::string> gone;
        for (int i = 0; i < 3000; ++i) {
            places.push_back({.id = std::to_string(i), .position = {i / 20.0, i / 40.0}, .name = "a name"});
            if (i % 10 != 0) gone.push_back(places.back().id);
        }
        PlaceList list(places);
        const EmbeddedStore store(path_, Access::create);
        store.create_collection({.name = "places"}, {}, list)->erase(gone);
    }

    std::vector<Place> all() const {
        std::vector<Place> places;
        EmbeddedStore(path_, Access::read_only).open_collection("places", {})->scan([&](const Place& place) {
            places.push_back(place);
        });
        return places;
    }

    tests::TemporaryDirectory directory_;
    std::string path_ = directory_.path("s.gpkg");
};

TEST_F(CompactTest, GivesBackTheRoomAndKeepsThePlaces) {
    const auto before = all();
    const std::uint64_t size = std::filesystem::file_size(path_);
    const Compacted done = compact(path_);
    EXPECT_EQ(done.bytes_before, size);
    EXPECT_EQ(done.bytes_after, std::filesystem::file_size(path_));
    EXPECT_LT(done.bytes_after, done.bytes_before / 2);
    EXPECT_FALSE(done.log_remains);
    EXPECT_EQ(all(), before);
    const auto seen = tests::run({"ogrinfo", "-so", path_, "places"});
    EXPECT_THAT(seen.out, testing::HasSubstr("Feature Count: 300"));
}

TEST_F(CompactTest, DropsWhatAnInterruptedImportHasLeft) {
    {
        sqlite::Database file(path_, Access::read_write);
        import_log::begin(file, "places", ImportMode::atomic);
    }
    const Compacted done = compact(path_);
    ASSERT_EQ(done.interrupted.size(), 1U);
    EXPECT_EQ(done.interrupted[0].collection, "places");
    EXPECT_TRUE(EmbeddedStore(path_, Access::read_write).interrupted_imports().empty());
}

TEST_F(CompactTest, OthersMayReadMeanwhile) {
    const auto reader = EmbeddedStore(path_, Access::read_only).open_collection("places", {});
    reader->get("0");
    EXPECT_LT(compact(path_).bytes_after, 200'000U);
    EXPECT_EQ(reader->count(), 300U);
    EXPECT_EQ(reader->get("10")->name, "a name");
}

TEST_F(CompactTest, IsRefusedWhileSomebodyWrites) {
    const EmbeddedStore writer(path_, Access::read_write);
    EXPECT_THAT(tests::thrown_text([&] { compact(path_); }),
                testing::StartsWith("busy " + path_ + ": is held for writing"));
}

}  // namespace
}  // namespace crowfly
