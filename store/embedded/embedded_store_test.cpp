#include "store/embedded/embedded_store.h"

#include <filesystem>
#include <limits>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/process.h"
#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

const std::vector<Place> kTwo{{.id = "a", .position = {1, 2}, .name = "A"},
                              {.id = "b", .position = {3, 4}, .name = "B"}};

void make_store(const std::string& path, const Schema& schema = {.name = "places"}) {
    PlaceList list(kTwo);
    EmbeddedStore(path, sqlite::Access::create).create_collection(schema, {}, list);
}

/// Gives two places, then fails.
class FailingSource final : public PlaceSource {
  public:
    bool next(Place& place) override {
        if (given_ == kTwo.size()) throw Error(Code::cancelled, "stopped");
        place = kTwo[given_++];
        return true;
    }
    void refuse(std::string_view /*member*/, const std::string& reason) override {
        throw Error(Code::malformed, reason);
    }

  private:
    std::size_t given_ = 0;
};

TEST(EmbeddedStore, IsThereAfterReopening) {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path("s.gpkg");
    const Schema schema{.name = "places",
                        .attributes = {{"n", AttributeType::integer}, {"ok", AttributeType::boolean}}};
    make_store(path, schema);
    EXPECT_FALSE(std::filesystem::exists(path + "-wal"));

    const EmbeddedStore store(path, sqlite::Access::read_only);
    ASSERT_EQ(store.schemas().size(), 1U);
    EXPECT_EQ(store.schemas()[0].name, "places");
    EXPECT_EQ(store.schemas()[0].attributes, schema.attributes);
    const auto collection = store.open_collection("places", {MetricKind::sphere});
    EXPECT_EQ(collection->count(), 2U);
    EXPECT_EQ(collection->nearest({.point = {3, 4}, .metric = MetricKind::sphere}, 1, kInf).at(0).place.name,
              "B");
}

TEST(EmbeddedStore, HoldsSeveralCollections) {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path("s.gpkg");
    make_store(path, {.name = "wells"});
    make_store(path, {.name = "roads"});
    const EmbeddedStore store(path, sqlite::Access::read_only);
    ASSERT_EQ(store.schemas().size(), 2U);
    EXPECT_EQ(store.schemas()[0].name, "roads");
    try {
        store.open_collection("lakes", {});
        FAIL() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::not_found);
        EXPECT_THAT(error.what(), testing::HasSubstr("the file has roads, wells"));
    }
    EXPECT_EQ(tests::thrown_code([&] { make_store(path, {.name = "Wells"}); }), Code::conflict);
}

TEST(EmbeddedStore, AFailedFirstImportLeavesNoFile) {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path("s.gpkg");
    FailingSource source;
    EXPECT_EQ(tests::thrown_code([&] {
                  EmbeddedStore(path, sqlite::Access::create).create_collection({.name = "p"}, {}, source);
              }),
              Code::cancelled);
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_FALSE(std::filesystem::exists(path + "-wal"));
}

TEST(EmbeddedStore, AFailedSecondCollectionLeavesTheFirst) {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path("s.gpkg");
    make_store(path);
    FailingSource source;
    EXPECT_EQ(tests::thrown_code([&] {
                  EmbeddedStore(path, sqlite::Access::create).create_collection({.name = "q"}, {}, source);
              }),
              Code::cancelled);
    EXPECT_EQ(EmbeddedStore(path, sqlite::Access::read_only).schemas().size(), 1U);
}

TEST(EmbeddedStore, SaysWhatIsWrongWithAFile) {
    const tests::TemporaryDirectory directory;
    const auto open = [](const std::string& path) {
        return tests::thrown_code([&] { EmbeddedStore(path, sqlite::Access::read_only).schemas(); });
    };
    EXPECT_EQ(open(directory.path("missing.gpkg")), Code::not_found);
    EXPECT_EQ(open(directory.file("text.gpkg", std::string(5000, 'x'))), Code::corrupt);
    const std::string sqlite_file = directory.path("other.gpkg");
    sqlite::Database(sqlite_file, sqlite::Access::create).execute("CREATE TABLE t (x)");
    EXPECT_EQ(open(sqlite_file), Code::corrupt);
    EXPECT_EQ(tests::thrown_code([&] { EmbeddedStore(sqlite_file, sqlite::Access::create); }), Code::corrupt);

    const std::string future = directory.path("future.gpkg");
    make_store(future);
    sqlite::Database(future, sqlite::Access::read_write).execute("PRAGMA user_version = 20000");
    EXPECT_EQ(open(future), Code::unsupported);
}

TEST(EmbeddedStore, ARowSpoiledByAnotherProgramIsNamed) {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path("s.gpkg");
    make_store(path);
    sqlite::Database(path, sqlite::Access::read_write)
        .execute("UPDATE places SET geometry = x'00' WHERE id = 'b'");
    try {
        EmbeddedStore(path, sqlite::Access::read_only).open_collection("places", {});
        FAIL() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::corrupt);
        EXPECT_THAT(error.what(), testing::HasSubstr("places, row 2"));
    }
    sqlite::Database(path, sqlite::Access::read_write)
        .execute("UPDATE places SET geometry = (SELECT geometry FROM places WHERE id = 'a')");
    sqlite::Database(path, sqlite::Access::read_write)
        .execute("UPDATE places SET properties = '[' WHERE id = 'b'");
    const auto collection = EmbeddedStore(path, sqlite::Access::read_only).open_collection("places", {});
    EXPECT_THAT(tests::thrown_text([&] { collection->get("b"); }), testing::HasSubstr("places, row 2"));
}

TEST(EmbeddedStore, ColumnsThatAnotherProgramAddedAreReadWhenTheyCanBeAndStay) {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path("s.gpkg");
    make_store(path);
    sqlite::Database(path, sqlite::Access::read_write)
        .execute(
            "ALTER TABLE places ADD COLUMN seen DATE; ALTER TABLE places ADD COLUMN size MEDIUMINT;"
            "ALTER TABLE places ADD COLUMN code TEXT(20); UPDATE places SET seen = '2026-01-01', size = 7, "
            "code = 'x'");
    {
        const EmbeddedStore store(path, sqlite::Access::read_write);
        EXPECT_EQ(store.schemas().at(0).attributes,
                  (std::vector<Attribute>{{"size", AttributeType::integer}, {"code", AttributeType::text}}));
        const auto collection = store.open_collection("places", {});
        EXPECT_EQ(collection->get("a")->properties.at(0), (Property{"size", std::int64_t{7}}));
        PlaceList list(kTwo);
        EXPECT_EQ(collection->upsert(list), 2U);
    }
    sqlite::Database database(path, sqlite::Access::read_only);
    sqlite::Statement kept(database, "SELECT count(*) FROM places WHERE seen = '2026-01-01'");
    ASSERT_TRUE(kept.step());
    EXPECT_EQ(kept.integer(0), 2);
}

TEST(EmbeddedStore, AFileWithASpatialIndexIsReadAndItsIndexKeptTrue) {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path("s.gpkg");
    make_store(path);
    const auto made =
        tests::run({"ogrinfo", path, "-sql", "SELECT CreateSpatialIndex('places', 'geometry')"});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    EXPECT_EQ(EmbeddedStore(path, sqlite::Access::read_only).open_collection("places", {})->count(), 2U);
    {
        const auto collection = EmbeddedStore(path, sqlite::Access::read_write).open_collection("places", {});
        const std::vector<Place> changed{{.id = "a", .position = {50, 60}},
                                         {.id = "c", .position = {70, 80}}};
        PlaceList list(changed);
        collection->upsert(list);
        collection->erase(std::vector<std::string>{"b"});
    }
    const auto inside = tests::run({"ogrinfo", "-al", "-spat", "49", "59", "51", "61", path});
    EXPECT_THAT(inside.out,
                testing::AllOf(testing::HasSubstr("Feature Count: 1"), testing::HasSubstr("POINT (50 60)")));
    const auto gone = tests::run({"ogrinfo", "-al", "-spat", "2", "3", "4", "5", path});
    EXPECT_THAT(gone.out, testing::HasSubstr("Feature Count: 0"));
}

TEST(EmbeddedStore, ATableOfAnotherLayoutIsNoCollection) {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path("s.gpkg");
    make_store(path);
    sqlite::Database(path, sqlite::Access::read_write)
        .execute(
            "CREATE TABLE other (fid INTEGER PRIMARY KEY, geom BLOB);"
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES "
            "('other','features','other',4326);"
            "INSERT INTO gpkg_geometry_columns VALUES ('other','geom','POINT',4326,0,0)");
    EXPECT_EQ(EmbeddedStore(path, sqlite::Access::read_only).schemas().size(), 1U);
}

TEST(EmbeddedStore, ReadersSeeWholeWritesWhileTheWriterWorks) {
    const tests::TemporaryDirectory directory;
    const EmbeddedStore store(directory.path("s.gpkg"), sqlite::Access::create);
    PlaceList none({});
    const auto collection = store.create_collection({.name = "p"}, {MetricKind::spheroid}, none);
    constexpr int kBatches = 20;
    constexpr std::uint64_t kBatch = 25;
    std::atomic<bool> done = false;
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&] {
            std::size_t before = 0;
            while (!done) {
                const auto found = collection->nearest({.point = {0, 0}}, 10'000, kInf);
                EXPECT_EQ(found.size() % kBatch, 0U);
                EXPECT_GE(found.size(), before);
                before = found.size();
            }
        });
    }
    for (int batch = 0; batch < kBatches; ++batch) {
        std::vector<Place> places;
        for (std::uint64_t i = 0; i < kBatch; ++i)
            places.push_back({.position = {static_cast<double>(i), static_cast<double>(batch)}});
        PlaceList list(places);
        collection->upsert(list);
        EXPECT_EQ(collection->nearest({.point = {0, 0}}, 10'000, kInf).size(),
                  kBatch * static_cast<std::uint64_t>(batch + 1));
    }
    done = true;
    for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace crowfly
