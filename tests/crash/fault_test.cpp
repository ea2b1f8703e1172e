#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "store/embedded/backup.h"
#include "store/embedded/compact.h"
#include "store/embedded/embedded_store.h"
#include "store/embedded/index_cache.h"
#include "tests/crash/faulty_vfs.h"
#include "tests/crash/verify.h"
#include "tests/support/seed.h"
#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly::tests {
namespace {

namespace fs = std::filesystem;

using Fault = FaultyVfs::Fault;
using testing::AnyOf;

/// CROWFLY_CRASH_RUNS when set.
std::uint64_t runs() {
    constexpr std::uint64_t kInEveryRun = 150;
    const char* wanted = std::getenv("CROWFLY_CRASH_RUNS");
    return wanted == nullptr ? kInEveryRun : std::stoull(wanted);
}

constexpr Timestamp kNow{std::chrono::hours(500'000)};

/// So that logs are emptied into the file often.
extern "C" int empty_logs_early(sqlite3* connection, char** /*message*/, const void* /*routines*/) {
    constexpr int kPages = 12;
    return sqlite3_wal_autocheckpoint(connection, kPages);
}

/// Each test begins with a store on a file system that can fail.
class Faults : public testing::Test {
  protected:
    Faults() { sqlite3_auto_extension(reinterpret_cast<void (*)()>(empty_logs_early)); }
    ~Faults() override { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(empty_logs_early)); }

    Random random_;
};

/// A store, what its writers have written, and a file system below it.
class Session {
  public:
    explicit Session(std::size_t writers) : next_(writers, 1), last_(writers, 0), progress_(writers) {}

    FaultyVfs& vfs() { return vfs_; }

    /// Puts what the disk may have after the power cut into a directory, and switches the machine on again.
    void switch_on(const TemporaryDirectory& directory, Random& random) {
        for (const auto& [name, content] : vfs_.disk().after_power_cut(random))
            directory.file(fs::path(name).filename().string(), content);
        close();
        vfs_.heal();
        leave_index_cache(directory.path("store.gpkg"), random);
    }
    const std::string& path() const { return path_; }
    bool was_made() const { return was_made_; }

    /// Opens the store, or makes it.
    void open() {
        store_.emplace(path_, sqlite::Access::create);
        const EmbeddedOptions options = crash_options(kNow);
        PlaceList none({});
        collection_ = store_->schemas().empty()
                          ? store_->create_collection(crash_schema(), {MetricKind::spheroid}, none, options)
                          : store_->open_collection(kCrashCollection, {MetricKind::spheroid}, options);
        was_made_ = true;
    }

    void close() {
        collection_.reset();
        store_.reset();
    }

    Collection& collection() { return *collection_; }

    /// Each writer writes so many batches, until one fails.
    void write(std::uint64_t batches) {
        const auto work = [&](std::size_t writer) {
            for (std::uint64_t i = 0; i < batches && write_one(writer); ++i) continue;
        };
        if (next_.size() == 1) return work(0);
        std::vector<std::jthread> threads;
        for (std::size_t writer = 0; writer < next_.size(); ++writer) threads.emplace_back(work, writer);
    }

    /// Opens, writes and closes, several times, until something fails.
    void live() {
        for (const std::uint64_t batches : {4U, 9U, 6U}) {
            try {
                open();
                write(batches);
            } catch (const Error& error) {
                fault_ = error.what();
            }
            close();
            if (vfs_.has_failed()) return;
        }
    }

    /// Takes what is in the store now as what must be there, whether or not the batches that have failed are.
    void settle() {
        const Found found = read_collection(*collection_, writers());
        expect(found);
        for (std::size_t writer = 0; writer < writers(); ++writer) {
            last_[writer] = progress_[writer].acknowledged;
            next_[writer] = last_[writer] + 1;
        }
    }

    /// Whether the batch was acknowledged. One that was not is never tried again.
    bool write_one(std::size_t writer) {
        const Batch batch(seed(), writer, next_[writer]);
        try {
            batch.write_to(*collection_);
        } catch (const Error& error) {
            const std::scoped_lock lock(fault_mutex_);
            EXPECT_THAT(error.code(), AnyOf(Code::io, Code::busy)) << error.what();
            fault_ = error.what();
            return false;
        }
        last_[writer] = next_[writer]++;
        return true;
    }

    /// Forgets the writer's next batch, as one that has failed and will not come back.
    void pass_over(std::size_t writer) {
        while (progress_[writer].acknowledged < last_[writer])
            progress_[writer].expected.apply(Batch(seed(), writer, ++progress_[writer].acknowledged), kNow);
        progress_[writer].acknowledged = last_[writer] = next_[writer]++;
    }

    void expect(const Found& found) { expect_progress(found, last_, progress_, seed(), kNow); }

    std::size_t writers() const { return next_.size(); }
    const std::string& fault() const { return fault_; }

  private:
    /// The index cache is not written through the file system that fails: beside the store that the power cut
    /// left, it may be of another state, torn, or gone.
    void leave_index_cache(const std::string& store, Random& random) const {
        const std::string cache = index_cache_path(path_, kCrashCollection);
        if (!fs::exists(cache) || random.below(4) == 0) return;
        const std::string left = index_cache_path(store, kCrashCollection);
        fs::copy_file(cache, left);
        if (random.below(3) == 0) fs::resize_file(left, random.below(fs::file_size(left)));
    }

    FaultyVfs vfs_;
    TemporaryDirectory directory_;
    std::string path_ = directory_.path("store.gpkg");
    std::vector<std::uint64_t> next_;
    std::vector<std::uint64_t> last_;
    std::vector<Progress> progress_;
    bool was_made_ = false;
    std::mutex fault_mutex_;
    std::string fault_;
    std::optional<EmbeddedStore> store_;
    std::unique_ptr<Collection> collection_;
};

/// How many calls a life without faults makes.
std::uint64_t calls_of_a_life(std::size_t writers) {
    Session session(writers);
    session.live();
    return session.vfs().calls();
}

TEST_F(Faults, AfterAPowerCutAtAnyCallWhatWasAcknowledgedIsThere) {
    for (const std::size_t writers : {1U, 3U}) {
        const std::uint64_t calls = calls_of_a_life(writers);
        for (std::uint64_t run = 0; run < runs(); ++run) {
            const std::uint64_t call = 1 + random_.below(calls);
            SCOPED_TRACE(fmt::format("run {}, power cut at call {}, {} writers", run, call, writers));
            const TemporaryDirectory directory;
            const std::string path = directory.path("store.gpkg");
            Session session(writers);
            session.vfs().fail_at(call, Fault::power_cut);
            session.live();
            session.switch_on(directory, random_);
            if (session.was_made()) {
                session.expect(read_store(path, writers, kNow));
                expect_sound(path);
            }
            // Whether it was made or not, it can be gone on with.
            const EmbeddedStore store(path, sqlite::Access::create);
            PlaceList none({});
            const auto collection = store.schemas().empty()
                                        ? store.create_collection(crash_schema(), {}, none)
                                        : store.open_collection(kCrashCollection, {});
            EXPECT_TRUE(fs::exists(path));
            collection->write({Upsert{.place = {.id = "0-after", .position = {1, 2}}}});
            if (HasFailure()) return;
        }
    }
}

TEST_F(Faults, ACallThatFailsOnceCostsNoMoreThanTheBatchThatItFails) {
    const std::uint64_t calls = calls_of_a_life(1);
    std::uint64_t failed = 0;
    for (std::uint64_t run = 0; run < runs(); ++run) {
        const std::uint64_t call = 1 + random_.below(calls);
        SCOPED_TRACE(fmt::format("run {}, call {} fails", run, call));
        Session session(1);
        session.open();
        session.vfs().fail_at(call, random_.below(4) == 0 ? Fault::disk_full : Fault::io_error);
        for (int i = 0; i < 30; ++i) {
            if (session.write_one(0)) continue;
            ++failed;
            session.pass_over(0);
            session.expect(read_collection(session.collection(), 1));
        }
        session.vfs().heal();
        EXPECT_TRUE(session.write_one(0));
        session.close();
        session.expect(read_store(session.path(), 1, kNow));
        expect_sound(session.path());
        if (HasFailure()) return;
    }
    EXPECT_GT(failed, 0U);
}

/// The same, and then the power is cut too: also what was acknowledged after a failed synchronisation is
/// there.
TEST_F(Faults, APowerCutAfterAFailedCallLosesNothingEither) {
    for (std::uint64_t run = 0; run < runs(); ++run) {
        const std::uint64_t call = 1 + random_.below(150);
        SCOPED_TRACE(fmt::format("run {}, call {} fails", run, call));
        const TemporaryDirectory directory;
        Session session(1);
        session.open();
        session.vfs().fail_at(call, Fault::io_error);
        for (int i = 0; i < 15; ++i) {
            if (!session.write_one(0)) session.pass_over(0);
        }
        session.vfs().fail_at(1 + random_.below(100), Fault::power_cut);
        session.write(40);
        session.switch_on(directory, random_);
        session.expect(read_store(directory.path("store.gpkg"), 1, kNow));
        expect_sound(directory.path("store.gpkg"));
        if (HasFailure()) return;
    }
}

/// A synchronisation fails, and the process ends without having closed the store: then what the system still
/// has in memory of the failed batch is read as if it were on the disk, and is not.
TEST_F(Faults, WhatIsWrittenByTheNextProcessAfterAFailedCallIsThereAfterAPowerCut) {
    for (std::uint64_t run = 0; run < runs(); ++run) {
        const std::uint64_t call = 1 + random_.below(150);
        SCOPED_TRACE(fmt::format("run {}, all calls from {} on fail", run, call));
        const TemporaryDirectory directory;
        Session session(1);
        session.open();
        session.vfs().fail_at(call, Fault::io_error, true);
        session.write(40);
        session.close();
        session.vfs().heal();
        session.open();
        session.settle();
        session.vfs().fail_at(1 + random_.below(60), Fault::power_cut);
        session.write(40);
        session.switch_on(directory, random_);
        session.expect(read_store(directory.path("store.gpkg"), 1, kNow));
        expect_sound(directory.path("store.gpkg"));
        if (HasFailure()) return;
    }
}

TEST_F(Faults, OnAFullDiskOneReadsOnAndWritesAgainWhenThereIsRoom) {
    for (const std::size_t writers : {1U, 3U}) {
        Session session(writers);
        session.open();
        session.write(10);
        session.vfs().fail_at(1, Fault::disk_full, true);
        session.write(40);
        EXPECT_EQ(session.fault(), session.path() + ": the disk is full");
        EXPECT_FALSE(session.collection().nearest({.point = {1, 2}}, 5, 1e9).empty());
        EXPECT_GT(EmbeddedStore(session.path(), sqlite::Access::read_only)
                      .open_collection(kCrashCollection, {})
                      ->count(),
                  0U);
        session.vfs().heal();
        for (std::size_t writer = 0; writer < writers; ++writer) session.pass_over(writer);
        session.write(10);
        session.expect(read_collection(session.collection(), writers));
        session.close();
        session.expect(read_store(session.path(), writers, kNow));
    }
}

TEST_F(Faults, ReadingThatFailsFailsTheSearchThatNeedsItAlone) {
    Session session(1);
    session.open();
    session.write(20);
    session.close();
    session.open();
    session.vfs().fail_reads(true);
    const auto search = [&] { return session.collection().nearest({.point = {1, 2}}, 100, 1e9).size(); };
    EXPECT_THAT(thrown_text(search), testing::StartsWith("io " + session.path() + ": "));
    EXPECT_FALSE(session.write_one(0));
    EXPECT_GT(session.collection().count(), 0U);
    session.vfs().fail_reads(false);
    session.pass_over(0);
    EXPECT_EQ(search(), session.collection().count());
    EXPECT_TRUE(session.write_one(0));
    session.expect(read_collection(session.collection(), 1));
    session.close();
    session.expect(read_store(session.path(), 1, kNow));
}

TEST_F(Faults, APowerCutOrAFailureWhileAStoreIsCompactedChangesNothing) {
    const auto fail = [&](std::uint64_t call, Fault fault) {
        SCOPED_TRACE(fmt::format("call {}", call));
        const TemporaryDirectory directory;
        Session session(1);
        session.open();
        session.write(25);
        session.close();
        session.vfs().fail_at(call, fault);
        const auto code = thrown_code([&] { compact(session.path()); });
        const std::uint64_t calls = session.vfs().calls();
        EXPECT_EQ(code, calls < call ? std::nullopt : code);
        if (fault == Fault::power_cut) {
            session.switch_on(directory, random_);
            session.expect(read_store(directory.path("store.gpkg"), 1, kNow));
            expect_sound(directory.path("store.gpkg"));
        }
        session.vfs().heal();
        session.expect(read_store(session.path(), 1, kNow));
        expect_sound(session.path());
        return calls;
    };
    const std::uint64_t calls = fail(1'000'000, Fault::io_error);
    for (std::uint64_t run = 0; run < runs() / 3 && !HasFailure(); ++run)
        fail(1 + random_.below(calls), run % 2 == 0 ? Fault::power_cut : Fault::io_error);
}

TEST_F(Faults, ABackupThatFailsLeavesTheOneBefore) {
    Session session(1);
    session.open();
    session.write(25);
    const TemporaryDirectory directory;
    const std::string copy = directory.path("copy.gpkg");
    back_up(session.path(), copy);
    session.vfs().heal();
    back_up(session.path(), directory.path("other.gpkg"));
    const std::uint64_t calls = session.vfs().calls();
    fs::remove(directory.path("other.gpkg"));
    session.write(1);
    for (std::uint64_t call = 1; call <= calls; ++call) {
        for (const Fault fault : {Fault::io_error, Fault::disk_full}) {
            const std::string before = read_file(copy);
            session.vfs().fail_at(call, fault, true);
            const std::string text = thrown_text([&] { back_up(session.path(), copy, {.replace = true}); });
            session.vfs().heal();
            EXPECT_EQ(std::distance(fs::directory_iterator(directory.path("")), fs::directory_iterator()), 1);
            if (text == "no error") {
                expect_sound(copy);
            } else {
                EXPECT_THAT(text, testing::StartsWith("io " + copy + ": ")) << call;
                EXPECT_TRUE(read_file(copy) == before) << call;
            }
        }
    }
    session.vfs().heal();
    back_up(session.path(), copy, {.replace = true});
    session.expect(read_store(copy, 1, kNow));
}

TEST_F(Faults, AStoreThatCannotBeMadeIsAnErrorWithTheFilesName) {
    const std::uint64_t calls = [] {
        Session session(1);
        session.open();
        return session.vfs().calls();
    }();
    ASSERT_GT(calls, 5U);
    for (std::uint64_t call = 1; call <= calls; ++call) {
        SCOPED_TRACE(call);
        Session session(1);
        session.vfs().fail_at(call, Fault::io_error);
        try {
            session.open();
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Code::io);
            EXPECT_THAT(error.what(), testing::StartsWith(session.path() + ": "));
        }
        session.close();
        session.vfs().heal();
        session.open();
        EXPECT_TRUE(session.write_one(0));
        session.expect(read_collection(session.collection(), 1));
    }
}

}  // namespace
}  // namespace crowfly::tests
