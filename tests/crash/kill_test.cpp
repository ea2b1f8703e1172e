#include <chrono>
#include <cstdlib>
#include <sstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "store/embedded/embedded_store.h"
#include "tests/crash/verify.h"
#include "tests/support/process.h"
#include "tests/support/seed.h"
#include "tests/support/temporary.h"

namespace crowfly::tests {
namespace {

/// CROWFLY_CRASH_KILLS when set.
std::size_t kills() {
    constexpr std::size_t kInEveryRun = 240;
    const char* wanted = std::getenv("CROWFLY_CRASH_KILLS");
    return wanted == nullptr ? kInEveryRun : std::stoul(wanted);
}

/// What a killed crash_writer has said.
struct Said {
    explicit Said(const std::string& text, std::size_t writers) : last(writers) {
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
            if (line == "open") {
                was_open = true;
                continue;
            }
            std::istringstream numbers(line);
            std::size_t writer = 0;
            std::uint64_t batch = 0;
            std::uint64_t number = 0;
            numbers >> writer >> batch >> number;
            last.at(writer) = batch;
            sequence_number = std::max(sequence_number, number);
        }
    }

    bool was_open = false;
    std::vector<std::uint64_t> last;  ///< batch of each writer; 0 when there was none
    std::uint64_t sequence_number = 0;
};

/// A store that is written by processes which are killed one after the other, and what must be in it.
class KilledWriters {
  public:
    explicit KilledWriters(std::size_t writers) : progress_(writers) {}

    void kill_one() {
        now_ += std::chrono::seconds(1);
        for (Progress& progress : progress_) progress.expected.expire(now_);
        const Said said(run_and_kill(), progress_.size());
        exists_ = exists_ || said.was_open;
        if (!exists_) return;
        std::vector<std::uint64_t> last = said.last;
        for (std::size_t writer = 0; writer < last.size(); ++writer)
            last[writer] = std::max(last[writer], progress_[writer].acknowledged);
        const Found found = read_store(path_, progress_.size(), now_);
        EXPECT_GE(found.sequence_number, std::max(sequence_number_, said.sequence_number));
        sequence_number_ = found.sequence_number;
        expect_progress(found, last, progress_, seed(), now_);
        if (++kills_ % 10 == 0) expect_sound(path_);
        if (kills_ % 20 == 0) expect_ogrinfo_opens(path_, found);
        if (kills_ % 10 == 5) expect_nothing_expired_stays();
    }

    std::uint64_t batches() const {
        std::uint64_t batches = 0;
        for (const Progress& progress : progress_) batches += progress.acknowledged;
        return batches;
    }

  private:
    std::string run_and_kill() {
        std::vector<std::string> arguments{CROWFLY_CRASH_WRITER, path_, std::to_string(seed()),
                                           std::to_string(now_.time_since_epoch().count())};
        for (const Progress& progress : progress_)
            arguments.push_back(std::to_string(progress.acknowledged + 1));
        ProcessToKill writer(arguments);
        // Most are killed while they write or close and open the store, some as early as while they start.
        const bool early = random_.below(5) == 0;
        if (!early) writer.wait_for_lines(1 + random_.below(8));
        std::string said = writer.kill_after(std::chrono::microseconds(random_.below(30'000)));
        EXPECT_EQ(writer.exit_code(), 128 + SIGKILL);
        return said;
    }

    void expect_nothing_expired_stays() {
        const EmbeddedStore store(path_, sqlite::Access::read_write);
        const auto collection = store.open_collection(kCrashCollection, {}, crash_options(now_));
        collection->erase_expired();
        const Found found = read_collection(*collection, progress_.size());
        for (std::size_t writer = 0; writer < progress_.size(); ++writer) {
            Expected& expected = progress_[writer].expected;
            expected.expire(now_);
            EXPECT_EQ(expected.difference(found.of_writer[writer]), "");
            expected.settle(found.of_writer[writer]);
            for (const auto& [id, entry] : found.of_writer[writer])
                EXPECT_FALSE(entry.expires_at && *entry.expires_at <= now_) << id;
        }
    }

    TemporaryDirectory directory_;
    std::string path_ = directory_.path("store.gpkg");
    Random random_;
    Timestamp now_ = Timestamp(std::chrono::hours(500'000));
    std::vector<Progress> progress_;
    std::uint64_t sequence_number_ = 0;
    std::size_t kills_ = 0;
    bool exists_ = false;
};

void kill(std::size_t writers, std::size_t times) {
    KilledWriters store(writers);
    for (std::size_t i = 0; i < times; ++i) {
        SCOPED_TRACE(fmt::format("kill {} of {}, {} writers", i + 1, times, writers));
        store.kill_one();
        if (testing::Test::HasFailure()) return;
    }
    EXPECT_GT(store.batches(), times);
    testing::Test::RecordProperty("batches", std::to_string(store.batches()));
}

TEST(Kill, AWriterThatIsKilledAtAnyMomentLosesNothingThatWasAcknowledged) {
    kill(1, kills() / 2);
}

TEST(Kill, SoDoSeveralWritersThatShareTheirCommits) {
    kill(4, kills() / 2);
}

/// The first collection is there whole, or not at all and can be made.
TEST(Kill, OneThatIsKilledWhileItMakesTheStoreCanMakeItNextTime) {
    for (std::size_t i = 0; i < kills() / 8; ++i) {
        SCOPED_TRACE(fmt::format("store {}", i));
        KilledWriters store(1);
        for (int kill = 0; kill < 3; ++kill) store.kill_one();
        if (testing::Test::HasFailure()) return;
    }
}

/// A csv file of that many places, whose ids are of that import alone.
std::string places_to_import(Random& random, std::size_t import, std::uint64_t count) {
    std::string rows = "id,name,lon,lat\n";
    for (std::uint64_t i = 0; i < count; ++i)
        rows += fmt::format("{}-{},x,{},{}\n", import, i, random.uniform(-180, 180), random.uniform(-90, 90));
    return rows;
}

/// How long it takes to run that.
std::chrono::microseconds time_of(const std::vector<std::string>& arguments) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(run(arguments).exit_code, 0);
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
}

/// What a killed `crowfly import` was importing is there whole, or not at all.
TEST(Kill, AnImportThatIsKilledIsWholeOrAbsent) {
    constexpr std::uint64_t kPlaces = 2000;
    const TemporaryDirectory directory;
    const std::string path = directory.path("store.gpkg");
    Random random;
    const std::string rows = directory.file("unkilled.csv", places_to_import(random, 0, kPlaces));
    const auto unkilled =
        time_of({CROWFLY_PROGRAM, "import", rows, "--to", directory.path("unkilled.gpkg")}).count();
    const auto longest = static_cast<std::uint64_t>(unkilled) * 3 / 2;
    std::uint64_t count = 0;
    std::size_t killed = 0;
    for (std::size_t import = 0; import < kills() / 6; ++import) {
        SCOPED_TRACE(fmt::format("import {}", import));
        const std::string rows = directory.file("rows.csv", places_to_import(random, import, kPlaces));
        ProcessToKill program({CROWFLY_PROGRAM, "import", rows, "--to", path});
        program.kill_after(std::chrono::microseconds(random.below(longest)));
        killed += program.exit_code() == 0 ? 0 : 1;
        // One that was killed before it had made the store may have left a file without anything in it.
        const EmbeddedStore store(path, sqlite::Access::create);
        if (store.schemas().empty()) continue;
        const std::uint64_t now = store.open_collection(kCrashCollection, {})->count();
        EXPECT_TRUE(now == count + kPlaces || (now == count && program.exit_code() != 0))
            << now << " after " << count << ", exit code " << program.exit_code();
        count = now;
        expect_sound(path);
        if (HasFailure()) return;
    }
    EXPECT_GT(killed, 0U);
    EXPECT_GT(count, 0U);
    const Finished seen = run({"ogrinfo", "-ro", path});
    EXPECT_THAT(seen.out,
                testing::AllOf(testing::HasSubstr("1: places"), testing::Not(testing::HasSubstr("2: "))));
}

}  // namespace
}  // namespace crowfly::tests
