#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace crowfly {

/// What a process that holds a store for writing says of itself.
struct Holder {
    std::string program;
    std::int64_t pid = 0;
    std::string host;
    std::string since;  ///< UTC, as 2026-11-21T19:46:03Z

    /// "crowfly (pid 4711 on atlas, since 2026-11-21T19:46:03Z)"
    std::string text() const;

    friend bool operator==(const Holder&, const Holder&) = default;
};

/// The right to write a store, which one object in one process has at a time. Programs that know nothing of
/// it, and those that only read, are not kept from anything.
///
/// It is a lock of the operating system on a file `<store>.crowfly-lock` beside the store, in which the
/// holder says who it is: it ends with the process, however that ends, and a file that is left behind means
/// nothing. It is not put on the store itself, because SQLite would lose its own locks there when that is
/// closed. Symbolic links are followed, so that all names of a store but hard links lead to the same lock; a
/// store that is renamed while it is held has lost its lock, and sqlite::Transaction refuses to write it.
class WriterLock {
  public:
    /// Throws Error(busy) that says who has it; Error(permission_denied, not_found or io) when the file
    /// cannot be made or the file system has no locks.
    explicit WriterLock(const std::string& store);
    WriterLock(const WriterLock&) = delete;
    WriterLock& operator=(const WriterLock&) = delete;
    ~WriterLock();

    /// Who has it; nothing when nobody has, or when that cannot be known.
    static std::optional<Holder> holder(const std::string& store);

  private:
    bool is_still_there() const;
    void describe(const std::string& store) const;

    std::string path_;
    int descriptor_ = -1;
};

}  // namespace crowfly
