#include "store/embedded/store_file.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <thread>

#include "core/files.h"
#include "store/embedded/geopackage.h"
#include "store/embedded/store_format.h"

namespace crowfly {
namespace {

/// SQLite takes a file of a few bytes for an empty database, and would overwrite it.
void require_no_foreign_file(const std::string& path) {
    constexpr std::uintmax_t kSmallestDatabase = 100;
    std::error_code missing;
    const std::uintmax_t size = std::filesystem::file_size(path, missing);
    if (!missing && size > 0 && size < kSmallestDatabase)
        throw Error(Code::corrupt, path + ": is not a GeoPackage");
}

/// Switching to the write-ahead log does not wait for others who read; so this does, for a while. The file
/// can be written without it too.
void use_write_ahead_log(sqlite::Database& database) {
    constexpr int kTries = 50;
    for (int tries = 0; tries < kTries; ++tries) {
        try {
            return database.execute("PRAGMA journal_mode = WAL");
        } catch (const Error& error) {
            if (error.code() != Code::busy) throw;
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
    }
}

/// `shorten_log` does what SQLite else does at the end of a commit, unless the process has told SQLite when.
void leave_log_alone(sqlite::Database& database) {
    constexpr std::int64_t kDefault = 1000;
    constexpr std::int64_t kMostBytesKept = 64 << 20;
    sqlite::Statement setting(database, "PRAGMA wal_autocheckpoint");
    if (setting.step() && setting.integer(0) == kDefault) database.keep_log(kMostBytesKept);
}

}  // namespace

StoreFile::StoreFile(const std::string& path, sqlite::Access access) : path_(path), access_(access) {
    if (path.empty()) throw Error(Code::invalid_argument, "the path of the store is empty");
    require_no_foreign_file(path);
    if (access == sqlite::Access::read_only) {
        open();
    } else if (access == sqlite::Access::create || file_exists(path)) {
        lock_.emplace(path);
        is_new_ = !file_exists(path);
        open();
        prepare_to_write();
    } else {
        throw Error(Code::not_found, path + ": no such file");
    }
}

void StoreFile::open() {
    connection_ = std::make_unique<sqlite::Database>(path_, access_);
    geopackage::add_geometry_functions(*connection_);
    if (access_ == sqlite::Access::create && geopackage::is_empty(*connection_)) return;
    geopackage::require_geopackage(*connection_);
    store_format::require_known(*connection_, access_);
}

/// EXTRA is FULL with the write-ahead log; without, where another program keeps the file from changing to it,
/// it makes a commit as durable.
void StoreFile::prepare_to_write() {
    // Of a new file. A place that is moved brings its whole page into the log; of a larger one too.
    connection_->execute("PRAGMA page_size = 2048; PRAGMA synchronous = EXTRA; PRAGMA foreign_keys = ON;");
    use_write_ahead_log(*connection_);
    leave_log_alone(*connection_);
    sqlite::Transaction transaction(*connection_);
    connection_->secure_log();
    if (geopackage::is_empty(*connection_)) return;
    store_format::record(*connection_);
    transaction.commit();
}

void StoreFile::shorten_log() {
    // In pages. The more is copied at once, the more of it lies together, and is quick to write.
    constexpr std::int64_t kFew = 500;
    constexpr std::int64_t kSome = 2'000;
    constexpr std::int64_t kMany = 32'000;
    constexpr std::int64_t kTooMany = 500'000;
    constexpr std::chrono::milliseconds kPatience(50);
    constexpr std::chrono::seconds kPause(1);
    const std::scoped_lock lock(mutex_);
    const std::int64_t pages = connection_->log_pages();
    auto copied = log_keeper_ ? log_keeper_->copied() : std::optional<std::int64_t>(0);
    if (!copied) return;
    if (pages < *copied) {
        // SQLite has begun the log anew by itself, as it does when all of it is copied and nobody reads it.
        log_keeper_->begin_anew();
        copied = 0;
    }
    if (pages < kSome) return;
    if (!log_keeper_) log_keeper_ = std::make_unique<LogKeeper>(path_);
    const std::int64_t left = pages - *copied;
    const auto now = std::chrono::steady_clock::now();
    if (left <= kFew || pages >= kTooMany) {
        if (now < next_emptying_) return;
        next_emptying_ = now + kPause;
        if (connection_->empty_log(kPatience)) {
            log_keeper_->begin_anew();
            next_emptying_ = {};
        }
    } else if (left >= kMany || now >= next_copying_) {
        next_copying_ = now + kPause;
        log_keeper_->wake();
    }
}

StoreFile::~StoreFile() {
    log_keeper_.reset();
    if (access_ == sqlite::Access::read_only) return;
    try {
        if (is_new_ && geopackage::is_unused(*connection_)) {
            remove_if_unused();
            return;
        }
        // Closing the last connection empties the log into the file; while others have it open, this does.
        connection_->execute("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (const Error&) {
        // The log stays beside the file, where SQLite finds it.
    }
}

/// Another process may have opened the new file too; then the log cannot be given up, and the file stays.
void StoreFile::remove_if_unused() {
    sqlite::Statement give_up_log(*connection_, "PRAGMA journal_mode = DELETE");
    if (!give_up_log.step() || give_up_log.text(0) != "delete") return;
    give_up_log.reset();
    const sqlite::Transaction lock(*connection_);
    std::error_code ignored;
    if (geopackage::is_unused(*connection_)) std::filesystem::remove(connection_->resolved_path(), ignored);
}

}  // namespace crowfly
