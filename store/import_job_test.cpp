#include "store/import_job.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <limits>
#include <map>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "store/embedded/fresh_table.h"
#include "tests/support/any_shape.h"
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

Schema places_schema(const std::string& name = "places") {
    return {.name = name, .attributes = {{"size", AttributeType::integer}, {"open", AttributeType::boolean}}};
}

NewCollection new_places(const std::string& name = "places") {
    return {.schema = places_schema(name), .metrics = {MetricKind::spheroid}};
}

/// Places of a vector, which may do something before each.
class ListSource final : public PlaceSource {
  public:
    ListSource(std::vector<Place> places, Rejects& rejects, std::function<void(std::size_t)> before = {})
        : places_(std::move(places)), rejects_(rejects), before_(std::move(before)) {}

    bool next(Place& place) override {
        if (before_) before_(next_);
        if (next_ == places_.size()) return false;
        place = places_[next_++];
        return true;
    }
    void refuse(std::string_view member, const std::string& reason) override {
        rejects_.add({"list", next_, std::string(member), reason});
    }

  private:
    std::vector<Place> places_;
    Rejects& rejects_;
    std::function<void(std::size_t)> before_;
    std::size_t next_ = 0;
};

/// Random places, of which some cannot be in a collection; ids from so many, so that some come twice.
std::vector<Place> any_places(tests::Random& random, std::size_t count, std::size_t ids) {
    tests::AnyShape any_shape(random, {10, 20}, 3);
    std::vector<Place> places(count);
    for (Place& place : places) {
        place.id = fmt::format("{}{}", random.below(2) == 0 ? "" : "p", random.below(ids));
        place.position = {random.uniform(-180, 180), random.uniform(-90, 90)};
        if (random.below(3) == 0) place.name = fmt::format("Name \"{}\"", random.below(100));
        if (random.below(3) == 0) place.category = fmt::format("c{}", random.below(5));
        if (random.below(2) == 0)
            place.properties.push_back({"size", static_cast<std::int64_t>(random.below(9))});
        if (random.below(4) == 0) place.properties.push_back({"open", random.below(2) == 0});
        if (random.below(4) == 0) place.properties.push_back({"note", "x\ny"s});
        if (random.below(5) == 0) place.properties.push_back({"ratio", random.uniform(0, 1)});
        if (random.below(6) == 0) place.properties.push_back({"tags", Json{R"(["a",1])"}});
        if (random.below(5) == 0) place.set_geometry(any_shape());
        if (random.below(20) == 0) place.position.lat = 90.5, place.shape.reset();
        if (random.below(20) == 0) place.properties.push_back({"size", "many"s});
    }
    return places;
}

/// What a collection is after places were imported one by one, and which of them were refused.
struct Model {
    explicit Model(std::vector<Place> before = {}) : places(std::move(before)) {}

    void import(const std::vector<Place>& all) {
        std::map<std::string, std::size_t> given;
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (place_fault(all[i], places_schema()) || !given.emplace(all[i].id, i).second) {
                refused.push_back(i + 1);
                continue;
            }
            ++taken;
            const auto stored = std::find_if(places.begin(), places.end(),
                                             [&](const Place& place) { return place.id == all[i].id; });
            if (stored == places.end()) {
                places.push_back(all[i]);
            } else {
                *stored = all[i];
            }
        }
    }

    std::vector<Place> places;
    std::vector<std::uint64_t> refused;
    std::uint64_t taken = 0;
};

std::vector<Place> sorted_properties(std::vector<Place> places) {
    for (Place& place : places) {
        std::sort(place.properties.begin(), place.properties.end(),
                  [](const Property& a, const Property& b) { return a.name < b.name; });
    }
    return places;
}

std::vector<Place> all_of(const Collection& collection) {
    std::vector<Place> places;
    collection.scan([&](const Place& place) { places.push_back(place); });
    return sorted_properties(std::move(places));
}

/// Tables of the file that belong to an import, and what the file says of imports under way.
std::vector<std::string> leftovers(const std::string& path) {
    sqlite::Database database(path, sqlite::Access::read_only);
    std::vector<std::string> names;
    sqlite::Statement tables(database,
                             "SELECT name FROM sqlite_master WHERE name LIKE 'crowfly\\_import\\_%' "
                             "ESCAPE '\\'");
    while (tables.step()) names.emplace_back(tables.text(0));
    sqlite::Statement has_list(database, "SELECT 1 FROM sqlite_master WHERE name = 'crowfly_imports'");
    if (!has_list.step()) return names;
    sqlite::Statement jobs(database, "SELECT collection FROM crowfly_imports");
    while (jobs.step()) names.emplace_back(jobs.text(0));
    return names;
}

std::vector<std::string> files_beside(const std::string& path) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(path).parent_path()))
        names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

struct Case {
    const char* name;
    ImportMode mode;
    bool is_new;
};

class ImportJobTest : public testing::TestWithParam<Case> {
  protected:
    ImportOptions options(std::size_t batch_rows = 7) const {
        return {.mode = GetParam().mode, .batch_rows = batch_rows};
    }
    bool is_atomic() const { return GetParam().mode == ImportMode::atomic; }

    /// Makes the collection unless the import is to make it.
    void prepare(const EmbeddedStore& store, const std::vector<Place>& places) {
        if (GetParam().is_new) return;
        PlaceList list(places);
        collection_ = store.create_collection(places_schema(), {MetricKind::spheroid}, list);
    }

    std::unique_ptr<ImportJob> make_job(const EmbeddedStore& store, const ImportOptions& options) {
        if (GetParam().is_new) return std::make_unique<ImportJob>(store, new_places(), options);
        return std::make_unique<ImportJob>(store, *collection_, options);
    }

    /// The collection after the import.
    Collection& collection(ImportJob& job) {
        if (!collection_) collection_ = job.take_collection();
        return *collection_;
    }

    tests::TemporaryDirectory directory_;
    const std::string path_ = directory_.path("s.gpkg");
    std::unique_ptr<Collection> collection_;
};

INSTANTIATE_TEST_SUITE_P(Ways, ImportJobTest,
                         testing::Values(Case{"atomic_new", ImportMode::atomic, true},
                                         Case{"atomic_there", ImportMode::atomic, false},
                                         Case{"batches_new", ImportMode::batches, true},
                                         Case{"batches_there", ImportMode::batches, false}),
                         [](const auto& info) { return info.param.name; });

TEST_P(ImportJobTest, StoresWhatImportingRowByRowWould) {
    tests::Random random;
    for (int round = 0; round < 8; ++round) {
        const tests::TemporaryDirectory directory;
        const std::string path = directory.path("s.gpkg");
        collection_.reset();
        Model before;
        if (!GetParam().is_new) before.import(any_places(random, random.below(200), 150));
        Model model(before.places);
        const std::vector<Place> places = any_places(random, random.below(300), 200);
        model.import(places);
        {
            const EmbeddedStore store(path, sqlite::Access::create);
            prepare(store, before.places);
            const auto job = make_job(store, options(1 + random.below(40)));
            std::vector<std::uint64_t> refused;
            Rejects rejects(OnError::skip, [&](const Reject& reject) { refused.push_back(reject.line); });
            ListSource source(places, rejects);
            job->run(source, rejects);
            EXPECT_EQ(refused, model.refused);
            const ImportProgress progress = job->progress();
            EXPECT_EQ(progress.phase, ImportPhase::finished);
            EXPECT_EQ(progress.valid, model.taken);
            EXPECT_EQ(progress.published, model.taken);
            EXPECT_EQ(progress.rejected, model.refused.size());
            EXPECT_EQ(progress.read(), places.size());
            EXPECT_EQ(all_of(collection(*job)), sorted_properties(model.places));
            collection_.reset();
        }
        EXPECT_EQ(leftovers(path), std::vector<std::string>());
        const EmbeddedStore store(path, sqlite::Access::read_only);
        const auto reopened = store.open_collection("places", {MetricKind::spheroid});
        EXPECT_EQ(all_of(*reopened), sorted_properties(model.places));
        std::optional<Extent> extent;
        for (const Place& place : model.places) grow(extent, place.vertices());
        EXPECT_EQ(reopened->extent(), extent);
        EXPECT_EQ(tests::run({"ogrinfo", "-ro", "-al", "-so", path}).exit_code, 0);
    }
}

TEST_P(ImportJobTest, CancelledAtAnyRowItLeavesNothingHalf) {
    tests::Random random;
    const std::vector<Place> before = [&] {
        Model model;
        model.import(any_places(random, 50, 40));
        return model.places;
    }();
    for (int round = 0; round < 10; ++round) {
        const tests::TemporaryDirectory directory;
        const std::string path = directory.path("s.gpkg");
        collection_.reset();
        const std::vector<Place> places = any_places(random, 200, 150);
        const std::size_t stop_at = random.below(places.size() + 1);
        {
            const EmbeddedStore store(path, sqlite::Access::create);
            prepare(store, before);
            const std::vector<Place> base = GetParam().is_new ? std::vector<Place>() : before;
            const auto job = make_job(store, options());
            Rejects rejects(OnError::skip);
            ListSource source(places, rejects, [&](std::size_t row) {
                if (row == stop_at) job->cancel();
            });
            EXPECT_EQ(tests::thrown_code([&] { job->run(source, rejects); }), Code::cancelled);
            const ImportProgress progress = job->progress();
            EXPECT_EQ(progress.phase, ImportPhase::cancelled);
            if (is_atomic()) {
                EXPECT_EQ(progress.published, 0U);
            }
            if (is_atomic() && GetParam().is_new) {
                EXPECT_EQ(job->take_collection(), nullptr);
                EXPECT_TRUE(store.schemas().empty());
            } else {
                EXPECT_EQ(progress.published % 7, 0U) << "whole batches";
                std::size_t rows = 0;
                Model model(base);
                while (model.taken < progress.published) {
                    ++rows;
                    model = Model(base);
                    model.import({places.begin(), places.begin() + static_cast<std::ptrdiff_t>(rows)});
                }
                EXPECT_EQ(all_of(collection(*job)), sorted_properties(model.places));
            }
            EXPECT_EQ(leftovers(path), std::vector<std::string>());
            collection_.reset();
        }
        const bool is_there = !is_atomic() || !GetParam().is_new;
        EXPECT_EQ(files_beside(path), is_there ? std::vector{"s.gpkg"s} : std::vector<std::string>());
    }
}

TEST_P(ImportJobTest, AFaultThatEndsTheReadingEndsTheImport) {
    const EmbeddedStore store(path_, sqlite::Access::create);
    prepare(store, {{.id = "old", .position = {5, 5}}});
    const auto job = make_job(store, options(2));
    Rejects rejects(OnError::abort);
    ListSource source({{.id = "a"}, {.id = "b"}, {.id = "a"}}, rejects);
    EXPECT_EQ(tests::thrown_text([&] { job->run(source, rejects); }),
              "malformed list:3: id: \"a\" appears twice");
    EXPECT_EQ(job->progress().phase, ImportPhase::failed);
    EXPECT_EQ(leftovers(path_), std::vector<std::string>());
    if (is_atomic()) {
        EXPECT_EQ(job->progress().published, 0U);
    }
}

TEST_P(ImportJobTest, GivesPlacesWithoutAnIdOne) {
    const EmbeddedStore store(path_, sqlite::Access::create);
    prepare(store, {});
    const auto job = make_job(store, options());
    Rejects rejects(OnError::abort);
    ListSource source({{.position = {1, 2}}, {.position = {3, 4}}}, rejects);
    job->run(source, rejects);
    const std::vector<Place> places = all_of(collection(*job));
    ASSERT_EQ(places.size(), 2U);
    EXPECT_EQ(places[0].id.size(), 36U);
    EXPECT_NE(places[0].id, places[1].id);
}

TEST_P(ImportJobTest, AnImportOfNothingIsOne) {
    const EmbeddedStore store(path_, sqlite::Access::create);
    prepare(store, {});
    const auto job = make_job(store, options());
    Rejects rejects(OnError::abort);
    ListSource source({}, rejects);
    job->run(source, rejects);
    EXPECT_EQ(collection(*job).count(), 0U);
    ASSERT_EQ(store.schemas().size(), 1U);
    EXPECT_EQ(store.schemas()[0].attributes, places_schema().attributes);
}

/// Others search and write meanwhile: of an atomic import they see all or nothing.
TEST_P(ImportJobTest, OthersSearchAndWriteMeanwhile) {
    const EmbeddedStore store(path_, sqlite::Access::create);
    PlaceList none({});
    const auto other = store.create_collection({.name = "other"}, {MetricKind::spheroid}, none);
    prepare(store, {{.id = "old", .position = {5, 5}}});
    std::vector<Place> places(3'000);
    for (std::size_t i = 0; i < places.size(); ++i)
        places[i] = {.id = std::to_string(i), .position = {static_cast<double>(i) / 100, 1}};
    const auto job = make_job(store, options(100));
    Rejects rejects(OnError::abort);

    std::atomic<bool> done = false;
    std::atomic<std::uint64_t> written = 0;
    std::jthread writer([&] {
        for (int i = 0; !done || i < 5; ++i) {
            const std::vector<Place> one{{.id = std::to_string(i), .position = {1, 1}}};
            PlaceList list(one);
            other->upsert(list);
            ++written;
        }
    });
    std::vector<std::uint64_t> counts;
    std::jthread reader([&] {
        while (!done && collection_) {
            const auto found = collection_->within_distance({.point = {5, 5}}, kInf).size();
            if (counts.empty() || counts.back() != found) counts.push_back(found);
        }
    });
    // The import goes on only once others have written in between.
    ListSource source(places, rejects, [&](std::size_t row) {
        if (row == 2'000) {
            const std::uint64_t before = written;
            while (written < before + 2) std::this_thread::yield();
        }
    });
    job->run(source, rejects);
    done = true;
    writer.join();
    reader.join();
    EXPECT_EQ(other->count(), written);
    EXPECT_EQ(collection(*job).count(), places.size() + (GetParam().is_new ? 0 : 1));
    if (is_atomic()) {
        for (const std::uint64_t count : counts)
            EXPECT_TRUE(count == 1 || count == places.size() + 1) << count;
    }
    EXPECT_TRUE(std::is_sorted(counts.begin(), counts.end()));
}

TEST_P(ImportJobTest, ProgressCanBeReadAllTheTime) {
    const EmbeddedStore store(path_, sqlite::Access::create);
    prepare(store, {});
    const auto job = make_job(store, options(50));
    Rejects rejects(OnError::skip);
    tests::Random random;
    ListSource source(any_places(random, 2'000, 1'500), rejects);
    std::atomic<bool> done = false;
    std::jthread watcher([&] {
        ImportProgress last;
        while (!done) {
            const ImportProgress now = job->progress();
            EXPECT_GE(now.valid, last.valid);
            EXPECT_GE(now.rejected, last.rejected);
            EXPECT_GE(now.published, last.published);
            EXPECT_GE(static_cast<int>(now.phase), static_cast<int>(last.phase));
            EXPECT_LE(now.published, now.valid);
            last = now;
        }
    });
    job->run(source, rejects);
    done = true;
    watcher.join();
    const ImportProgress end = job->progress();
    EXPECT_EQ(end.read(), 2'000U);
    EXPECT_GT(end.rate(), 0);
    EXPECT_EQ(job->progress().seconds, end.seconds) << "it has ended";
}

TEST(ImportJob, ACollectionIsMadeByOneImportAtATime) {
    const tests::TemporaryDirectory directory;
    const EmbeddedStore store(directory.path("s.gpkg"), sqlite::Access::create);
    ImportJob first(store, new_places());
    EXPECT_THAT(tests::thrown_text([&] { ImportJob second(store, new_places("PLACES")); }),
                HasSubstr("conflict"));
    Rejects rejects(OnError::abort);
    ListSource source({{.id = "a"}}, rejects);
    {
        // Another one can be made meanwhile.
        ImportJob other(store, new_places("others"));
        ListSource one({{.id = "x"}}, rejects);
        other.run(one, rejects);
    }
    first.run(source, rejects);
    EXPECT_EQ(store.schemas().size(), 2U);
    EXPECT_EQ(tests::thrown_code([&] { ImportJob second(store, new_places()); }), Code::conflict);
    EXPECT_EQ(tests::thrown_code([&] { ImportJob bad(store, new_places("no good")); }),
              Code::invalid_argument);
    EXPECT_EQ(tests::thrown_code([&] {
                  ImportJob bad(store, {.schema = {.name = "flat", .crs = Crs::planar},
                                        .metrics = {MetricKind::sphere}});
              }),
              Code::invalid_argument);
}

TEST(ImportJob, ANameThatIsTakenMeanwhileIsAConflict) {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path("s.gpkg");
    const EmbeddedStore store(path, sqlite::Access::create);
    ImportJob job(store, new_places());
    PlaceList none({});
    store.create_collection({.name = "places"}, {}, none);
    Rejects rejects(OnError::abort);
    ListSource source({{.id = "a"}}, rejects);
    EXPECT_EQ(tests::thrown_code([&] { job.run(source, rejects); }), Code::conflict);
    EXPECT_EQ(leftovers(path), std::vector<std::string>());
    EXPECT_EQ(store.open_collection("places", {})->count(), 0U);
}

TEST(ImportJob, WhatWasInterruptedIsRolledBackWhenTheFileIsOpenedToWrite) {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path("s.gpkg");
    const std::string copy = directory.path("copy.gpkg");
    {
        StoreFile file(path, sqlite::Access::create);
        FreshTable table(file, places_schema());
        const std::vector<Place> places{{.id = "a"}, {.id = "b"}};
        table.append(places);
        table.make_index({});
        file.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)");
        std::filesystem::copy(path, copy);  // as it is when the process ends now
    }
    EXPECT_EQ(leftovers(copy).size(), 2U);
    {
        const EmbeddedStore reading(copy, sqlite::Access::read_only);
        EXPECT_TRUE(reading.interrupted_imports().empty());
        EXPECT_TRUE(reading.schemas().empty());
    }
    {
        const EmbeddedStore writing(copy, sqlite::Access::read_write);
        ASSERT_EQ(writing.interrupted_imports().size(), 1U);
        EXPECT_THAT(writing.interrupted_imports()[0].text(),
                    testing::MatchesRegex("an import into places, begun .*Z, was interrupted; it has been "
                                          "rolled back"));
    }
    EXPECT_EQ(leftovers(copy), std::vector<std::string>());
    EXPECT_TRUE(EmbeddedStore(copy, sqlite::Access::read_write).interrupted_imports().empty());
}

TEST(ImportJob, WhatOneThatHasFailedCouldNotDropIsInNobodysWay) {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path("s.gpkg");
    const EmbeddedStore store(path, sqlite::Access::create);
    const auto sql = [&](const char* statement) {
        sqlite::Database(path, sqlite::Access::read_write).execute(statement);
    };
    {
        const ImportJob failed(store, new_places());
        sql("CREATE TRIGGER no BEFORE DELETE ON crowfly_imports BEGIN SELECT RAISE(ABORT, 'no'); END");
    }
    sql("DROP TRIGGER no");
    ASSERT_EQ(leftovers(path).size(), 2U);
    const ImportJob running(store, new_places("others"));
    ImportJob job(store, new_places());
    EXPECT_EQ(tests::thrown_code([&] { ImportJob second(store, new_places()); }), Code::conflict);
    EXPECT_EQ(tests::thrown_code([&] { ImportJob second(store, new_places("others")); }), Code::conflict);
    Rejects rejects(OnError::abort);
    ListSource source({{.id = "a"}}, rejects);
    job.run(source, rejects);
    EXPECT_EQ(job.take_collection()->count(), 1U);
    EXPECT_EQ(leftovers(path).size(), 2U) << "of the one that runs";
}

TEST(ImportJob, NumbersOfACollectionThatWasGoneGoOn) {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path("s.gpkg");
    PlaceList none({});
    EmbeddedStore(path, sqlite::Access::create).create_collection({.name = "others"}, {}, none);
    std::uint64_t last = 0;
    for (int i = 0; i < 2; ++i) {
        const EmbeddedStore store(path, sqlite::Access::read_write);
        ImportJob job(store, new_places());
        Rejects rejects(OnError::abort);
        ListSource source({{.id = "a"}}, rejects);
        job.run(source, rejects);
        const auto collection = job.take_collection();
        EXPECT_GT(collection->sequence_number(), last);
        EXPECT_EQ(collection->changes_since(0, 9).last, collection->sequence_number());
        last = collection->write({Erase{"a"}}).sequence_number;
        EXPECT_EQ(last, collection->sequence_number());
        sqlite::Database(path, sqlite::Access::read_write)
            .execute(
                "DROP TABLE places; DELETE FROM gpkg_geometry_columns WHERE table_name = 'places'; DELETE "
                "FROM gpkg_contents WHERE table_name = 'places'");
    }
}

TEST(ImportJob, ADeadlineEndsItToo) {
    const tests::TemporaryDirectory directory;
    const EmbeddedStore store(directory.path("s.gpkg"), sqlite::Access::create);
    ImportJob job(store, new_places(), {.control = {.deadline = std::chrono::steady_clock::now()}});
    Rejects rejects(OnError::abort);
    ListSource source({{.id = "a"}}, rejects);
    EXPECT_EQ(tests::thrown_code([&] { job.run(source, rejects); }), Code::deadline_exceeded);
    EXPECT_EQ(job.progress().phase, ImportPhase::cancelled);

    std::stop_source stop;
    ImportJob stopped(store, new_places(), {.control = {.stop = stop.get_token()}});
    stop.request_stop();
    EXPECT_EQ(tests::thrown_code([&] { stopped.run(source, rejects); }), Code::cancelled);
}

}  // namespace
}  // namespace crowfly
