#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "store/embedded/fair_mutex.h"
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

    /// Empties the log into the file when it has grown large, as far as others let it: SQLite does that by
    /// itself only at a moment when nobody reads. Now and then, so that those who write do not wait often.
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
    std::chrono::steady_clock::time_point next_shortening_ = {};  // at the earliest
    std::unique_ptr<sqlite::Database> connection_;
};

}  // namespace crowfly
