#include "store/embedded/store_file.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <thread>

#include "core/error.h"
#include "store/embedded/geopackage.h"

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

/// Switching a new file to the write-ahead log does not wait for others who are at the same; so this does.
void use_write_ahead_log(sqlite::Database& database) {
    constexpr int kTries = 50;
    for (int tries = 1;; ++tries) {
        try {
            return database.execute("PRAGMA journal_mode = WAL");
        } catch (const Error& error) {
            if (error.code() != Code::busy || tries == kTries) throw;
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
    }
}

}  // namespace

StoreFile::StoreFile(const std::string& path, sqlite::Access access) : path_(path), access_(access) {
    require_no_foreign_file(path);
    is_new_ = access == sqlite::Access::create && !std::filesystem::exists(path);
    connection_ = std::make_unique<sqlite::Database>(path, access);
    if (access == sqlite::Access::create && geopackage::is_empty(*connection_)) {
        use_write_ahead_log(*connection_);
    } else {
        geopackage::require_geopackage(*connection_);
    }
    geopackage::add_geometry_functions(*connection_);
    connection_->execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
}

StoreFile::~StoreFile() {
    if (access_ == sqlite::Access::read_only) return;
    try {
        if (is_new_ && geopackage::is_empty(*connection_)) {
            remove_if_empty();
            return;
        }
        // Closing the last connection empties the log into the file; while others have it open, this does.
        connection_->execute("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (const Error&) {
        // The log stays beside the file, where SQLite finds it.
    }
}

/// Another process may have opened the new file too; then the log cannot be given up, and the file stays. One
/// that opens it later waits for the lock before it writes, and then looks whether the file is still there
/// (sqlite::Transaction).
void StoreFile::remove_if_empty() {
    sqlite::Statement give_up_log(*connection_, "PRAGMA journal_mode = DELETE");
    if (!give_up_log.step() || give_up_log.text(0) != "delete") return;
    give_up_log.reset();
    const sqlite::Transaction lock(*connection_);
    std::error_code ignored;
    if (geopackage::is_empty(*connection_)) std::filesystem::remove(connection_->resolved_path(), ignored);
}

}  // namespace crowfly
