// `crowfly import` as a whole: what it leaves when it fails, is interrupted or is killed, and the report of
// rejects.

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/embedded/embedded_store.h"
#include "tests/support/process.h"
#include "tests/support/seed.h"
#include "tests/support/temporary.h"

namespace crowfly::tests {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;

/// A table of places with the ids from `first` on; their name is `name`.
std::string table(int first, int count, const std::string& name) {
    std::string text = "id,name,category,lon,lat,note\n";
    for (int i = first; i < first + count; ++i) {
        text += fmt::format("p{0},{1},c{2},{3},{4},some text of row {0}\n", i, name, i % 7, i % 360 - 180,
                            i % 170 - 85);
    }
    return text;
}

/// How many places of a collection have which name.
std::map<std::string, std::uint64_t> names_in(const EmbeddedStore& store, const std::string& collection) {
    std::map<std::string, std::uint64_t> counts;
    store.open_collection(collection, {})->scan([&](const Place& place) { ++counts[place.name]; });
    return counts;
}

std::vector<std::string> collections_of(const EmbeddedStore& store) {
    std::vector<std::string> names;
    for (const Schema& schema : store.schemas()) names.push_back(schema.name);
    return names;
}

TEST(ImportRejects, GoToAFileAndTheRestIsImported) {
    const TemporaryDirectory directory;
    const std::string file =
        directory.file("a.csv", "id,lon,lat\n1,2,3\nx,y,z\n2,3,4\n1,5,6\n\"a \"\"b\"\"\",3\n");
    const std::string rejects = directory.path("rejects.csv");
    const std::string store = directory.path("s.gpkg");
    const Finished finished = crowfly({"import", file, "--to", store, "--rejects", rejects});
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    EXPECT_THAT(finished.out, AllOf(HasSubstr("imported 2 places"), HasSubstr("3 rows refused")));
    EXPECT_EQ(read_file(rejects),
              fmt::format("file,line,column,reason,row\n"
                          "{0},3,column 2 (lon),\"\"\"y\"\" is not a finite number\",\"x,y,z\"\n"
                          "{0},5,column 1 (id),\"\"\"1\"\" appears twice\",\"1,5,6\"\n"
                          "{0},6,,has 2 fields; the header has 3,\"\"\"a \"\"\"\"b\"\"\"\"\"\",3\"\n",
                          file));

    // Asked to, it still ends at the first.
    const std::string other = directory.path("other.gpkg");
    EXPECT_EQ(crowfly({"import", file, "--to", other, "--rejects", rejects, "--on-error", "abort"}).exit_code,
              65);
    EXPECT_FALSE(std::filesystem::exists(other));
    EXPECT_THAT(read_file(rejects), EndsWith("\"x,y,z\"\n"));

    const Finished unwritable =
        crowfly({"import", file, "--to", other, "--rejects", directory.path("none/rejects.csv")});
    EXPECT_EQ(unwritable.exit_code, 74);
    EXPECT_FALSE(std::filesystem::exists(other));
}

TEST(ImportRejects, AReportOfRejectsCanBeMendedAndImported) {
    const TemporaryDirectory directory;
    const std::string file = directory.file("a.csv", "id,name,lon,lat\n1,\"Say \"\"hi\"\", you\",2,300\n");
    const std::string rejects = directory.path("rejects.csv");
    crowfly({"import", file, "--to", directory.path("s.gpkg"), "--rejects", rejects});
    // The last column of the report, as a reader of CSV gives it, is the line of the file.
    const Finished row = run(
        {"python3", "-c",
         "import csv, sys; print(list(csv.DictReader(open(sys.argv[1], newline='')))[0]['row'])", rejects});
    EXPECT_EQ(row.out, "1,\"Say \"\"hi\"\", you\",2,300\n");
}

TEST(ImportBatches, StayWhenALaterRowIsNone) {
    const TemporaryDirectory directory;
    const std::string file = directory.file("a.csv", table(0, 250, "new") + "x,,,x,x,\n");
    const std::string store = directory.path("s.gpkg");
    const Finished finished = crowfly({"import", file, "--to", store, "--per-batch", "--batch-rows", "100"});
    EXPECT_EQ(finished.exit_code, 65);
    EXPECT_THAT(finished.err, HasSubstr("a.csv:252: column 4 (lon)"));
    EXPECT_THAT(finished.err, testing::ContainsRegex("; (0|100|200) places had been imported, and stay"));
    const Finished atomic = crowfly({"import", file, "--to", directory.path("other.gpkg"), "--atomic"});
    EXPECT_EQ(atomic.exit_code, 65);
    EXPECT_THAT(atomic.err, Not(HasSubstr("imported")));
    EXPECT_FALSE(std::filesystem::exists(directory.path("other.gpkg")));
    EXPECT_EQ(crowfly({"import", file, "--to", store, "--batch-rows", "100"}).exit_code, 64)
        << "means nothing without --per-batch";
}

TEST(ImportInterrupted, WhileItWaitsForInputLeavesWhatWasPublished) {
    const TemporaryDirectory directory;
    const std::string file = directory.file("a.csv", table(0, 1'000, "new"));
    const std::string store = directory.path("s.gpkg");
    // The signal comes when the first rows have been read, and no more come though the pipe is open.
    const auto interrupted = [&](const std::string& more) {
        return run(
            {"sh", "-c",
             fmt::format("mkfifo {0}; exec 3<>{0}; cat {1} >&3; "
                         "{2} import - --input-format csv --to {3} {4} <{0} 3>&- & "
                         "until [ -e {3} ]; do sleep 0.05; done; sleep 0.5; kill -TERM $!; wait $!; rm {0}",
                         directory.path("pipe"), file, CROWFLY_PROGRAM, store, more)});
    };
    const Finished atomic = interrupted("");
    EXPECT_THAT(atomic.err, HasSubstr("interrupted; nothing was changed"));
    EXPECT_FALSE(std::filesystem::exists(store));
    const Finished batches = interrupted("--per-batch --batch-rows 10");
    EXPECT_THAT(batches.err,
                testing::ContainsRegex("interrupted; [0-9,]+ places had been imported, and stay"));
    const EmbeddedStore reopened(store, sqlite::Access::read_write);
    EXPECT_TRUE(reopened.interrupted_imports().empty());
    EXPECT_EQ(names_in(reopened, "places")["new"] % 10, 0U);
}

/// One that is killed at any moment: afterwards there is all of it or nothing, or whole batches.
class ImportKilled : public testing::TestWithParam<const char*> {
  protected:
    static constexpr int kOld = 2'000;
    static constexpr int kRows = 30'000;
    static constexpr int kBatch = 1'000;

    ImportKilled() {
        crowfly({"import", directory_.file("old.csv", table(0, kOld, "old")), "--to", original_});
        // Some replace places that are there.
        new_file_ = directory_.file("new.csv", table(kOld / 2, kRows, "new"));
    }

    bool is_batches() const { return std::string_view(GetParam()).starts_with("batches"); }
    bool is_new() const { return std::string_view(GetParam()).ends_with("new"); }

    std::vector<std::string> import_into(const std::string& store) const {
        std::vector<std::string> arguments{CROWFLY_PROGRAM, "import", new_file_, "--to", store};
        if (is_batches())
            arguments.insert(arguments.end(), {"--per-batch", "--batch-rows", std::to_string(kBatch)});
        if (is_new()) arguments.insert(arguments.end(), {"--collection", "fresh"});
        return arguments;
    }

    /// Judges the store, and returns how many rows of the import are in it.
    std::uint64_t expect_sound(const EmbeddedStore& store) {
        const auto old = names_in(store, "places");
        if (is_new()) {
            EXPECT_EQ(old, (std::map<std::string, std::uint64_t>{{"old", kOld}}));
            const auto names = collections_of(store);
            if (std::find(names.begin(), names.end(), "fresh") == names.end()) return 0;
            return names_in(store, "fresh")["new"];
        }
        const std::uint64_t taken = old.contains("new") ? old.at("new") : 0;
        const std::uint64_t replaced = std::min<std::uint64_t>(taken, kOld / 2);
        EXPECT_EQ(old.at("old"), kOld - replaced);
        return taken;
    }

    static void expect_nothing_left(const std::string& path) {
        sqlite::Database database(path, sqlite::Access::read_only);
        sqlite::Statement tables(database,
                                 "SELECT name FROM sqlite_master WHERE name LIKE 'crowfly!_import!_%' "
                                 "ESCAPE '!'");
        EXPECT_FALSE(tables.step());
        sqlite::Statement integrity(database, "PRAGMA integrity_check");
        ASSERT_TRUE(integrity.step());
        EXPECT_EQ(integrity.text(0), "ok");
        EXPECT_EQ(run({"ogrinfo", "-ro", "-al", "-so", path}).exit_code, 0);
    }

    TemporaryDirectory directory_;
    const std::string original_ = directory_.path("original.gpkg");
    std::string new_file_;
};

INSTANTIATE_TEST_SUITE_P(Ways, ImportKilled,
                         testing::Values("atomic_new", "atomic_there", "batches_new", "batches_there"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(ImportKilled, AtAnyMomentItLeavesNothingHalf) {
    constexpr int kKills = 15;
    Random random;
    const std::string store = directory_.path("s.gpkg");
    const auto begin = [&] {
        for (const char* more : {"", "-wal", "-shm", ".crowfly-lock"}) std::filesystem::remove(store + more);
        std::filesystem::copy(original_, store);
    };
    begin();
    const auto start = std::chrono::steady_clock::now();
    ASSERT_EQ(run(import_into(store)).exit_code, 0);
    const double whole = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

    int interrupted = 0;
    for (int i = 0; i < kKills; ++i) {
        begin();
        std::vector<std::string> arguments{"timeout", "-s", "KILL",
                                           fmt::format("{:.4f}", random.uniform(0.01, whole))};
        for (const std::string& argument : import_into(store)) arguments.push_back(argument);
        const Finished finished = run(arguments);
        const bool was_killed = finished.exit_code == 137;
        {
            const EmbeddedStore reading(store, sqlite::Access::read_only);
            expect_sound(reading);
        }
        const EmbeddedStore writing(store, sqlite::Access::read_write);
        const std::uint64_t taken = expect_sound(writing);
        if (!is_batches()) {
            EXPECT_TRUE(taken == 0 || taken == kRows) << taken;
        } else {
            EXPECT_TRUE(taken % kBatch == 0) << taken;
        }
        EXPECT_TRUE(was_killed || taken == kRows) << finished.err;
        const auto& imports = writing.interrupted_imports();
        EXPECT_LE(imports.size(), 1U);
        for (const InterruptedImport& import : imports) {
            ++interrupted;
            EXPECT_EQ(import.collection, is_new() ? "fresh" : "places");
            EXPECT_EQ(import.published, is_batches() ? taken : 0U);
            EXPECT_EQ(taken == kRows && !is_batches(), false) << "it says that it was rolled back";
            EXPECT_THAT(import.text(), HasSubstr(is_batches() ? "stays" : "rolled back"));
        }
        expect_nothing_left(store);
    }
    EXPECT_GT(interrupted, 0) << "no kill has come while an import was under way";

    // The next import goes on as if nothing had been.
    begin();
    EXPECT_EQ(run(import_into(store)).exit_code, 0);
}

TEST(ImportKilledOnce, TheNextImportSaysWhatHasBecomeOfIt) {
    const TemporaryDirectory directory;
    const std::string file = directory.file("a.csv", table(0, 100, "new"));
    const std::string store = directory.path("s.gpkg");
    run({"sh", "-c",
         fmt::format(
             "mkfifo {0}; exec 3<>{0}; cat {1} >&3; {2} import - --input-format csv --to {3} <{0} 3>&- & "
             "until [ -e {3} ]; do sleep 0.05; done; sleep 0.5; kill -KILL $!; wait $!",
             directory.path("pipe"), file, CROWFLY_PROGRAM, store)});
    const Finished next = crowfly({"import", file, "--to", store});
    EXPECT_EQ(next.exit_code, 0) << next.err;
    EXPECT_THAT(next.err, AllOf(HasSubstr("an import into places, begun 20"),
                                HasSubstr("was interrupted; it has been rolled back")));
    EXPECT_THAT(next.out, HasSubstr("imported 100 places"));
    EXPECT_EQ(crowfly({"import", file, "--to", store}).err, "");
}

}  // namespace
}  // namespace crowfly::tests
