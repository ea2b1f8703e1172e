#include "store/embedded/index_cache.h"

#include <filesystem>
#include <fstream>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "formats/wkt.h"
#include "store/embedded/embedded_store.h"
#include "store/embedded/section_file.h"
#include "tests/support/process.h"
#include "tests/support/seed.h"
#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr double kInf = std::numeric_limits<double>::infinity();

std::vector<Place> some_places(std::size_t count) {
    std::vector<Place> places;
    for (std::size_t i = 0; i < count; ++i) {
        places.push_back({.id = std::to_string(i),
                          .position = {static_cast<double>(i % 360) - 180, static_cast<double>(i % 170) - 85},
                          .name = "place",
                          .category = i % 2 == 0 ? "even" : "odd"});
    }
    return places;
}

class IndexCache : public testing::Test {
  protected:
    IndexCache() { create(path_); }

    void create(const std::string& path) {
        PlaceList list(places_);
        EmbeddedStore(path, sqlite::Access::create)
            .create_collection({.name = "places", .attributes = {{"n", AttributeType::integer}}},
                               {MetricKind::spheroid}, list, options());
    }

    EmbeddedOptions options(std::vector<std::string> hot = {}) {
        return {.hot_attributes = std::move(hot),
                .cache_from = 0,
                .on_cache_fault = [this](const std::string& fault) { faults_.push_back(fault); }};
    }

    std::unique_ptr<Collection> open(sqlite::Access access = sqlite::Access::read_only,
                                     std::vector<MetricKind> metrics = {MetricKind::spheroid}) {
        faults_.clear();
        return EmbeddedStore(path_, access).open_collection("places", std::move(metrics), options());
    }

    void sql(const std::string& statements) {
        sqlite::Database(path_, sqlite::Access::read_write).execute(statements);
    }

    tests::TemporaryDirectory directory_;
    std::string path_ = directory_.path("s.gpkg");
    std::string cache_ = index_cache_path(path_, "places");
    std::vector<Place> places_ = some_places(500);
    std::vector<std::string> faults_;
};

TEST_F(IndexCache, IsWrittenWithTheFirstPlacesAndUsed) {
    EXPECT_TRUE(std::filesystem::exists(cache_));
    EXPECT_EQ(open()->count(), 500U);
    EXPECT_THAT(faults_, IsEmpty());
    std::filesystem::remove(cache_);
    EXPECT_EQ(open()->count(), 500U);
    EXPECT_THAT(faults_, ElementsAre(HasSubstr("places.crowfly-cache is not used: it is not there")));
    EXPECT_FALSE(std::filesystem::exists(cache_)) << "who only reads writes none";
    open(sqlite::Access::read_write);
    open();
    EXPECT_THAT(faults_, IsEmpty());
}

TEST_F(IndexCache, IsWrittenAgainOnlyAfterChanges) {
    const auto written = std::filesystem::last_write_time(cache_);
    open(sqlite::Access::read_write);
    EXPECT_EQ(std::filesystem::last_write_time(cache_), written);
    open(sqlite::Access::read_write)->write({Move{"7", {1, 2}}});
    EXPECT_NE(std::filesystem::last_write_time(cache_), written);
    EXPECT_EQ(open()->nearest({.point = {1, 2}}, 1, kInf).at(0).place.id, "7");
    EXPECT_THAT(faults_, IsEmpty());
}

TEST_F(IndexCache, WhoMayNotReadTheStoreMayNotReadIt) {
    namespace fs = std::filesystem;
    constexpr fs::perms kPrivate = fs::perms::owner_read | fs::perms::owner_write;
    fs::permissions(path_, kPrivate);
    open(sqlite::Access::read_write)->write({Move{"7", {1, 2}}});
    EXPECT_EQ(fs::status(cache_).permissions(), kPrivate);
    fs::permissions(path_, kPrivate | fs::perms::group_read);
    open(sqlite::Access::read_write)->write({Move{"7", {3, 4}}});
    EXPECT_EQ(fs::status(cache_).permissions(), kPrivate | fs::perms::group_read);
}

TEST_F(IndexCache, IsTheSameThroughALink) {
    const std::string link = directory_.path("link.gpkg");
    std::filesystem::create_symlink(path_, link);
    const EmbeddedStore store(link, sqlite::Access::read_only);
    EXPECT_EQ(store.open_collection("places", {MetricKind::spheroid}, options())->count(), 500U);
    EXPECT_THAT(faults_, IsEmpty());
}

TEST_F(IndexCache, ServesOtherMetricsToo) {
    const auto collection = open(sqlite::Access::read_only, {MetricKind::plane, MetricKind::spheroid});
    EXPECT_THAT(faults_, IsEmpty());
    const PlaceQuery query{.point = {3.3, 4.4}, .metric = MetricKind::plane};
    PlaceQuery scan = query;
    scan.method = Method::scan;
    EXPECT_EQ(collection->nearest(query, 9, kInf), collection->nearest(scan, 9, kInf));
}

TEST_F(IndexCache, IsNotUsedAfterAnotherProgramHasChangedRows) {
    sql("UPDATE places SET name = 'other' WHERE id = '3'");
    EXPECT_EQ(open()->get("3")->name, "other");
    EXPECT_THAT(faults_, ElementsAre(HasSubstr("is not used: it was made of another state")));
    open(sqlite::Access::read_write);
    open();
    EXPECT_THAT(faults_, IsEmpty());
    const auto removed = tests::run({"ogrinfo", path_, "-sql", "DELETE FROM places WHERE id = '4'"});
    ASSERT_EQ(removed.exit_code, 0) << removed.err;
    EXPECT_EQ(open()->count(), 499U);
    EXPECT_EQ(faults_.size(), 1U);
}

TEST_F(IndexCache, IsNotUsedWithAnotherFileOfTheSamePath) {
    std::filesystem::remove(path_);
    places_.pop_back();
    const std::string kept = tests::read_file(cache_);
    create(path_);
    std::ofstream(cache_, std::ios::binary) << kept;
    EXPECT_EQ(open()->count(), 499U);
    EXPECT_EQ(faults_.size(), 1U);
}

TEST_F(IndexCache, IsNotUsedForOtherAttributes) {
    sql("ALTER TABLE places ADD COLUMN color TEXT DEFAULT 'red'");
    const auto place = open()->nearest({.point = {0, 0}}, 1, kInf).at(0).place;
    EXPECT_THAT(place.properties, testing::Contains(Property{"color", std::string("red")}));
    EXPECT_THAT(faults_, ElementsAre(HasSubstr("it was made for other attributes")));
    faults_.clear();
    EmbeddedStore(path_, sqlite::Access::read_only)
        .open_collection("places", {MetricKind::spheroid}, options({"n"}));
    EXPECT_EQ(faults_.size(), 1U);
}

/// A state is not known by how many changes have led to it.
TEST_F(IndexCache, IsNotUsedWithAnOlderFileThatWasChangedOtherwise) {
    const std::string backup = directory_.path("backup.gpkg");
    std::filesystem::copy_file(path_, backup);
    sql("UPDATE places SET name = 'one' WHERE id = '3'");
    open(sqlite::Access::read_write);
    std::filesystem::copy_file(backup, path_, std::filesystem::copy_options::overwrite_existing);
    sql("UPDATE places SET name = 'other' WHERE id = '4'");
    EXPECT_EQ(open()->nearest({.point = {-176, -81}}, 1, kInf).at(0).place.name, "other");
    EXPECT_EQ(faults_.size(), 1U);
}

TEST_F(IndexCache, IsNotUsedWhereRowsAreGoneUnseen) {
    {
        sqlite::Database database(path_, sqlite::Access::read_write);
        database.check(sqlite3_db_config(database.handle(), SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr));
        database.execute("DELETE FROM places WHERE id = '4'");
    }
    EXPECT_EQ(open()->count(), 499U);
    EXPECT_THAT(faults_, ElementsAre(HasSubstr("has 500 rows, and the file has 499")));
}

/// Each is a whole index, but not the one that belongs there.
TEST_F(IndexCache, AnotherIndexInItIsNotUsed) {
    const std::vector<LonLat> positions(500);
    const PointIndex of_another_metric(positions, MetricKind::plane);
    const PointIndex of_another_length(std::span<const LonLat>(positions).first(499), MetricKind::spheroid);
    const std::string kept = tests::read_file(cache_);
    for (const PointIndex* index : {&of_another_metric, &of_another_length}) {
        std::ofstream(cache_, std::ios::binary) << kept;
        const SectionFile whole(cache_);
        {
            SectionFileWriter file(cache_, whole.info());
            for (std::uint32_t kind = 1; kind <= 11; ++kind) {
                for (std::uint32_t number = 0; number < 3; ++number) {
                    if (!whole.has(kind, number)) continue;
                    constexpr std::uint32_t kIndex = 9;
                    file.begin(kind, number);
                    file.write(kind == kIndex ? index->bytes() : whole.section(kind, number));
                }
            }
            file.finish();
        }
        EXPECT_EQ(open()->nearest({.point = {-176, -81}}, 1, kInf).at(0).place.id, "4");
        EXPECT_EQ(faults_.size(), 1U);
    }
}

TEST_F(IndexCache, WhereItCannotBeWrittenNothingElseFails) {
    {
        const auto collection = open(sqlite::Access::read_write);
        collection->write({Erase{"1"}});
        std::filesystem::remove(cache_);
        std::filesystem::create_directory(cache_);
        std::ofstream(cache_ + "/file") << "in the way";
    }
    EXPECT_THAT(faults_, ElementsAre(HasSubstr("was not written:")));
    EXPECT_EQ(open()->count(), 499U);
    EXPECT_EQ(faults_.size(), 1U);
}

/// With the right checksums around it, whatever a section says is judged.
TEST_F(IndexCache, NothingInItsSectionsIsTrusted) {
    {
        const auto collection = open(sqlite::Access::read_write);
        Place lake{.id = "lake"};
        lake.set_geometry(parse_wkt("POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"));
        collection->write({Upsert{lake}, Upsert{{.id = "short-lived"}, std::chrono::hours(1)}});
    }
    tests::Random random;
    const SectionFile whole(cache_);
    const CollectionRecord record = *CollectionRecord::read(
        *std::make_unique<sqlite::Database>(path_, sqlite::Access::read_only), "places");
    const Schema schema{.name = "places", .attributes = {{"n", AttributeType::integer}}};
    std::size_t refused = 0;
    constexpr int kTries = 1000;
    for (int i = 0; i < kTries; ++i) {
        const std::string path = directory_.path("damaged");
        const std::uint32_t damaged = 1 + static_cast<std::uint32_t>(random.below(11));
        {
            SectionFileWriter file(path, whole.info());
            for (std::uint32_t kind = 1; kind <= 11; ++kind) {
                for (std::uint32_t number = 0; number < 3; ++number) {
                    if (!whole.has(kind, number)) continue;
                    const auto section = whole.section(kind, number);
                    std::vector<std::byte> bytes(section.begin(), section.end());
                    if (kind == damaged && !bytes.empty()) {
                        bytes[random.below(bytes.size())] ^= std::byte{1} << random.below(8);
                        if (random.below(8) == 0) bytes.resize(random.below(bytes.size()));
                    }
                    file.begin(kind, number);
                    file.write(std::span<const std::byte>(bytes));
                }
            }
            file.finish();
        }
        try {
            load_index_cache(path, CacheKey(schema, {}, record), schema, {},
                             std::vector{MetricKind::spheroid}, serial_executor());
        } catch (const Error& error) {
            ASSERT_THAT(error.code(), testing::AnyOf(Code::corrupt, Code::malformed, Code::unsupported,
                                                     Code::invalid_argument, Code::too_large))
                << error.what();
            ++refused;
        }
    }
    EXPECT_GT(refused, 0U);
}

TEST(SectionFile, GivesBackWhatWasWritten) {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path("f");
    std::vector<std::uint32_t> numbers(1'000'000);
    for (std::uint32_t i = 0; i < numbers.size(); ++i) numbers[i] = i * i;
    {
        SectionFileWriter file(path, {.version = 7, .key = {1, 2}});
        file.begin(3);
        file.write(std::span<const std::uint32_t>(numbers));
        file.begin(4, 5);
        file.write_value('x');
        file.begin(6);
        file.finish();
    }
    const SectionFile file(path);
    EXPECT_EQ(file.info().version, 7U);
    EXPECT_THAT(file.info().key, ElementsAre(1, 2));
    EXPECT_TRUE(std::ranges::equal(file.values<std::uint32_t>(3), numbers));
    EXPECT_EQ(file.section(4, 5).size(), 1U);
    EXPECT_TRUE(file.section(6).empty());
    EXPECT_EQ(tests::thrown_code([&] { file.section(4); }), Code::corrupt);
    EXPECT_EQ(tests::thrown_code([&] { file.values<std::uint32_t>(4, 5); }), Code::corrupt);
}

TEST(SectionFile, IsNotThereUntilItIsFinished) {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path("f");
    {
        SectionFileWriter file(path, {.version = 1});
        file.begin(1);
    }
    EXPECT_EQ(tests::thrown_code([&] { SectionFile file(path); }), Code::not_found);
    EXPECT_TRUE(std::filesystem::is_empty(directory.path("")));
}

TEST(SectionFile, IsWrittenOverWhatAKilledWriterHasLeft) {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path("f");
    const std::string other = directory.file("other", "of somebody else");
    for (const bool is_link : {false, true}) {
        if (is_link) {
            std::filesystem::create_symlink(other, path + ".part");
        } else {
            directory.file("f.part", std::string(1000, 'x'));
        }
        SectionFileWriter file(path, {.version = 1});
        file.begin(1);
        file.write_value('x');
        file.finish();
        EXPECT_EQ(SectionFile(path).section(1).size(), 1U);
        EXPECT_FALSE(std::filesystem::exists(path + ".part"));
        EXPECT_FALSE(std::filesystem::is_symlink(path));
        EXPECT_EQ(tests::read_file(other), "of somebody else");
    }
}

}  // namespace
}  // namespace crowfly
