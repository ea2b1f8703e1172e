#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "store/embedded/sqlite.h"

namespace crowfly {

/// The file that all collections of a store share, and its one writing connection.
class StoreFile {
  public:
    StoreFile(const std::string& path, sqlite::Access access);
    StoreFile(const StoreFile&) = delete;
    StoreFile& operator=(const StoreFile&) = delete;

    /// Empties the write-ahead log into the file, as far as others let it, and removes the file if this
    /// object made it and nobody has stored anything.
    ~StoreFile();

    const std::string& path() const noexcept { return path_; }

    /// To be held while `connection` is used.
    std::mutex& mutex() noexcept { return mutex_; }
    sqlite::Database& connection() noexcept { return *connection_; }

  private:
    void remove_if_empty();

    std::string path_;
    sqlite::Access access_;
    bool is_new_ = false;
    std::mutex mutex_;
    std::unique_ptr<sqlite::Database> connection_;
};

}  // namespace crowfly
