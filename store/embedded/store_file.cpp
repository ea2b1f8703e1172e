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
    connection_->execute("PRAGMA synchronous = EXTRA; PRAGMA foreign_keys = ON;");
    use_write_ahead_log(*connection_);
    sqlite::Transaction transaction(*connection_);
    connection_->secure_log();
    if (geopackage::is_empty(*connection_)) return;
    store_format::record(*connection_);
    transaction.commit();
}

void StoreFile::shorten_log() {
    constexpr std::int64_t kLarge = 32 << 20;
    constexpr std::chrono::milliseconds kPatience(50);
    constexpr std::chrono::seconds kPause(1);
    const std::scoped_lock lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (now < next_shortening_ || connection_->log_size() < kLarge) return;
    next_shortening_ = now + kPause;
    connection_->empty_log(kPatience);
}

StoreFile::~StoreFile() {
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
