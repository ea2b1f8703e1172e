#include "store/embedded/backup.h"

#include <array>
#include <filesystem>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <sqlite3.h>

#include "core/files.h"
#include "formats/pending_file.h"
#include "store/embedded/geopackage.h"
#include "store/embedded/sqlite.h"
#include "store/embedded/writer_lock.h"

namespace crowfly {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 3> kSuffixes{"-wal", "-shm", "-journal"};

struct Finisher {
    void operator()(sqlite3_backup* backup) const noexcept { sqlite3_backup_finish(backup); }
};

/// SQLite takes a log beside a file for that file's, whoever's it was.
void require_no_log_beside(const std::string& destination) {
    const std::string target = fs::weakly_canonical(destination).string();
    for (const char* suffix : kSuffixes) {
        if (!file_exists(target + suffix)) continue;
        throw Error(
            Code::conflict,
            fmt::format("{}: beside it lies {}{}, of a file that is open or was not closed; move both "
                        "away first",
                        destination, fs::path(target).filename().string(), suffix));
    }
}

void require_free(const std::string& store, const std::string& destination, bool replace) {
    if (destination.empty()) throw Error(Code::invalid_argument, "the name of the copy is empty");
    if (file_exists(destination)) {
        if (fs::equivalent(store, destination))
            throw Error(Code::conflict, fmt::format("{}: is the same file as {}", destination, store));
        if (!fs::is_regular_file(destination))
            throw Error(Code::conflict, destination + ": is there already, and is no file");
        if (!replace) throw Error(Code::conflict, destination + ": is there already");
    }
    require_no_log_beside(destination);
}

/// Copies the state that `from` sees. Holding it by a transaction keeps the copy from starting anew whenever
/// somebody writes.
void copy_pages(sqlite::Database& from, sqlite::Database& to, const BackupOptions& options) {
    constexpr int kPagesAtATime = 1024;
    from.execute("BEGIN; SELECT count(*) FROM sqlite_schema");
    const std::unique_ptr<sqlite3_backup, Finisher> backup(
        sqlite3_backup_init(to.handle(), "main", from.handle(), "main"));
    if (!backup) to.check(sqlite3_errcode(to.handle()));
    for (int result = SQLITE_OK; result != SQLITE_DONE;) {
        result = sqlite3_backup_step(backup.get(), kPagesAtATime);
        if (result != SQLITE_OK && result != SQLITE_DONE) to.check(result);
        if (!options.progress) continue;
        const auto total = static_cast<std::uint64_t>(sqlite3_backup_pagecount(backup.get()));
        options.progress(total - static_cast<std::uint64_t>(sqlite3_backup_remaining(backup.get())), total);
    }
}

/// The copy came with the source's write-ahead log switched on; a file that lies still is better read
/// without.
void give_up_log(sqlite::Database& copy) {
    sqlite::Statement give_up(copy, "PRAGMA journal_mode = DELETE");
    if (!give_up.step() || give_up.text(0) != "delete")
        throw Error(Code::io, copy.path() + ": its log cannot be switched off");
}

/// What is wrong with the copy was wrong before.
void require_sound(sqlite::Database& copy, const std::string& store) {
    std::string found;
    try {
        sqlite::Statement check(copy, "PRAGMA quick_check(1)");
        if (check.step()) found = check.text(0);
    } catch (const Error& error) {
        if (error.code() != Code::corrupt) throw;
        found = error.what();
    }
    if (found == "ok") return;
    throw Error(Code::corrupt, fmt::format("{}: is damaged, and was not copied ({})", store, found));
}

/// Calls it by a name that somebody has heard of when something goes wrong with the file at `path`.
template <class Action>
void with_name(const std::string& name, const std::string& path, const Action& action) try {
    action();
} catch (const Error& error) {
    const std::string message = error.what();
    if (!message.starts_with(path)) throw;
    throw Error(error.code(), name + message.substr(path.size()));
}

/// What SQLite may leave beside a file when it fails.
class Leftovers {
  public:
    explicit Leftovers(std::string path) : path_(std::move(path)) {}
    Leftovers(const Leftovers&) = delete;
    Leftovers& operator=(const Leftovers&) = delete;
    ~Leftovers() {
        std::error_code ignored;
        for (const char* suffix : kSuffixes) fs::remove(path_ + suffix, ignored);
    }

  private:
    std::string path_;
};

}  // namespace

std::uint64_t back_up(const std::string& store, const std::string& destination,
                      const BackupOptions& options) {
    sqlite::Database from(store, sqlite::Access::read_only);
    geopackage::require_geopackage(from);
    require_free(store, destination, options.replace);
    // Where nothing is yet nobody writes, and network file systems that backups are kept on may have no
    // locks.
    std::optional<WriterLock> lock;
    if (file_exists(destination)) lock.emplace(destination);
    const fs::perms permissions = fs::status(file_exists(destination) ? destination : store).permissions();
    PendingFile pending(destination);
    const Leftovers leftovers(pending.path());
    fs::permissions(pending.path(), permissions);
    with_name(destination, pending.path(), [&] {
        // Nobody sees the copy before it is whole, so it needs no journal, and is brought to the disk at the
        // end.
        sqlite::Database to(pending.path(), sqlite::Access::create);
        to.execute("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
        copy_pages(from, to, options);
        give_up_log(to);
        if (options.check) require_sound(to, store);
    });
    require_free(store, destination, options.replace);
    const std::uint64_t size = fs::file_size(pending.path());
    pending.commit_to_disk();
    return size;
}

}  // namespace crowfly
