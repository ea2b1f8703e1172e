#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "store/embedded/fair_mutex.h"
#include "store/embedded/log_keeper.h"
#include "store/embedded/sqlite.h"
#include "store/embedded/writer_lock.h"

namespace crowfly {

/// The file that all collections of a store share, and its one writing connection. Opened for writing, it is
/// held so: nobody else can open it for writing meanwhile.
class StoreFile {
  public:
    /// Throws Error(busy) that says who holds the file, when it is to be written; Error(unsupported) for one
    /// that a newer crowfly has made; otherwise as sqlite::Database and geopackage::require_geopackage do.
    StoreFile(const std::string& path, sqlite::Access access);
    StoreFile(const StoreFile&) = delete;
    StoreFile& operator=(const StoreFile&) = delete;

    /// Empties the write-ahead log into the file, as far as others let it, and removes the file if this
    /// object made it and nobody has stored anything.
    ~StoreFile();

    const std::string& path() const noexcept { return path_; }

    /// To be held while `connection` is used, and while another connection writes.
    FairMutex& mutex() noexcept { return mutex_; }
    sqlite::Database& connection() noexcept { return *connection_; }

    /// The numbers of the imports that are making collections, for those who have the mutex.
    std::set<std::int64_t>& running_imports() noexcept { return running_imports_; }

    /// To be called now and then by the one who writes: when the log has grown large, has it brought into the
    /// file while others go on, and empties it once little is left to be brought, or it is very large, as far
    /// as those who read let it.
    void shorten_log();

  private:
    void open();
    void prepare_to_write();
    void remove_if_unused();

    std::string path_;
    sqlite::Access access_;
    bool is_new_ = false;
    std::optional<WriterLock> lock_;  // before the connection, so that it is given up after that has closed
    FairMutex mutex_;
    std::set<std::int64_t> running_imports_;
    // Of the log, at the earliest.
    std::chrono::steady_clock::time_point next_copying_ = {};
    std::chrono::steady_clock::time_point next_emptying_ = {};
    std::unique_ptr<sqlite::Database> connection_;
    std::unique_ptr<LogKeeper> log_keeper_;  // null until the log is large
};

}  // namespace crowfly
