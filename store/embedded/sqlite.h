#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_file;
struct sqlite3_stmt;

namespace crowfly::sqlite {

enum class Access { read_only, read_write, create };

/// What a value is stored as, whatever its column was declared.
enum class StorageType { null, integer, real, text, blob };

class Database;

/// A prepared statement. Parameters and columns count from 1 and 0, as SQLite has them. Every call that fails
/// throws Error with the code that SQLite's result stands for.
class Statement {
  public:
    /// The connection must outlive the statement.
    Statement(Database& database, std::string_view sql);

    Statement& bind(int parameter, std::int64_t value);
    Statement& bind(int parameter, double value);
    Statement& bind(int parameter, std::string_view text);
    Statement& bind(int parameter, std::span<const std::byte> blob);
    Statement& bind_null(int parameter);

    /// The same as bind, without a copy: what is bound must stay as it is until the statement has run.
    Statement& lend(int parameter, std::string_view text);
    Statement& lend(int parameter, std::span<const std::byte> blob);

    /// Moves to the next row; false when there is none. The statement can be bound anew once it has returned
    /// false, or after `reset`.
    bool step();

    /// For a statement that returns no rows: runs it, and makes it ready for the next time.
    void run();
    void reset() noexcept;

    std::int64_t integer(int column) const noexcept;
    double real(int column) const noexcept;

    /// Valid until the next step or reset. Empty for null.
    std::string_view text(int column) const noexcept;
    std::span<const std::byte> blob(int column) const noexcept;
    bool is_null(int column) const noexcept;
    StorageType type(int column) const noexcept;

  private:
    struct Finalizer {
        void operator()(sqlite3_stmt* statement) const noexcept;
    };

    void check(int result) const;

    Database& database_;
    std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
};

/// A connection, for one thread at a time.
class Database {
  public:
    /// Throws Error(not_found) when the file is not there and is not to be created, Error(permission_denied)
    /// when it is to be written and may not be. A file that is only read, where SQLite cannot put its shared
    /// memory because the directory may not be written or the disk is full, is taken as one that nobody
    /// changes; with a log beside it, it is refused there.
    Database(const std::string& path, Access access);

    const std::string& path() const noexcept { return path_; }

    /// Runs statements that return nothing.
    void execute(const std::string& sql);

    /// The file itself, where `path` is a symbolic link.
    std::string resolved_path() const;

    /// Whether the file has been renamed or removed since it was opened.
    bool has_moved() const;

    /// Writes the write-ahead log, if there is one, over itself, and brings it to the disk; within a write
    /// transaction, so that nobody else changes it. Only then is what is read from a log that another process
    /// has left known to be on the disk: when that one failed to bring it there, the system does not try
    /// again.
    void secure_log();

    /// Commits of this connection no longer bring the log into the file once it is large, as those of SQLite
    /// do; and when it is begun anew its file is cut to so many bytes.
    void keep_log(std::int64_t most_bytes_kept);

    /// Pages in the log since the last commit of this connection, which must keep it. In any thread.
    std::int64_t log_pages() const noexcept { return log_pages_.load(std::memory_order_relaxed); }

    /// Brings what is in the log into the file, as far as those who read let it, without waiting for anybody,
    /// while others write. Returns to which page of the log it has got.
    std::int64_t copy_log();

    /// Brings all of the log into the file, so that the next commit begins it anew, if those who read let it
    /// within so long: false when they do not. Outside a transaction.
    bool empty_log(std::chrono::milliseconds patience);

    std::int64_t last_insert_rowid() const noexcept;

    /// How many rows the last statement has inserted, changed or removed, without what triggers did.
    std::int64_t changes() const noexcept;

    /// Throws the Error that an SQLite result code stands for, with the file's name; returns for success.
    void check(int result) const;

    sqlite3* handle() const noexcept { return connection_.get(); }

  private:
    struct Closer {
        void operator()(sqlite3* connection) const noexcept;
    };

    sqlite3_file* log() const;
    std::int64_t log_size() const;
    void open(const std::string& name, int flags);
    void open_without_shared_memory(const std::string& file);

    std::string path_;
    std::unique_ptr<sqlite3, Closer> connection_;
    std::atomic<std::int64_t> log_pages_ = 0;
};

/// A write transaction, which starts at once and is rolled back unless it was committed. Throws Error(busy)
/// when another process writes, or has removed the file meanwhile.
class Transaction {
  public:
    explicit Transaction(Database& database);
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction();

    void commit();

  private:
    Database& database_;
    bool open_ = true;
};

/// The name as an SQL identifier.
std::string quoted(std::string_view name);

/// The text as an SQL string.
std::string literal(std::string_view text);

}  // namespace crowfly::sqlite
