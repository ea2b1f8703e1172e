#include "store/embedded/sqlite.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include <fmt/format.h>
#include <sqlite3.h>

#include "core/files.h"

namespace crowfly::sqlite {
namespace {

constexpr int kBusyMilliseconds = 5000;

Code code_of(int result) {
    switch (result & 0xFF) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return Code::busy;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return Code::corrupt;
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return Code::permission_denied;
        case SQLITE_FULL:
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
            return Code::io;
        case SQLITE_NOMEM:
            return Code::out_of_memory;
        case SQLITE_CONSTRAINT:
            return Code::conflict;
        case SQLITE_TOOBIG:
            return Code::too_large;
        case SQLITE_INTERRUPT:
            return Code::cancelled;
        default:
            return Code::internal;
    }
}

int open_flags(Access access) {
    switch (access) {
        // Writable where the system allows it, so that the last to close can tidy up the log.
        case Access::read_only:
        case Access::read_write:
            return SQLITE_OPEN_READWRITE;
        case Access::create:
            return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    }
    return 0;
}

/// The path as part of a URI: what would end it there is escaped.
std::string uri_path(const std::string& path) {
    std::string result;
    for (const char c : path) {
        switch (c) {
            case '?':
                result += "%3f";
                break;
            case '#':
                result += "%23";
                break;
            case '%':
                result += "%25";
                break;
            default:
                result += c;
        }
    }
    return result;
}

/// What has gone wrong, in words that go on from the file's name.
std::string reason(sqlite3* connection, int result) {
    const char* message = connection == nullptr ? sqlite3_errstr(result) : sqlite3_errmsg(connection);
    const int system_error = connection == nullptr ? 0 : sqlite3_system_errno(connection);
    switch (result & 0xFF) {
        case SQLITE_FULL:
            return "the disk is full";
        case SQLITE_BUSY:
            return fmt::format("another program has locked it for more than {} s ({})",
                               kBusyMilliseconds / 1000, message);
        case SQLITE_CORRUPT:
            return fmt::format("is damaged ({}); `crowfly check` says where", message);
        case SQLITE_NOTADB:
            return "is no GeoPackage, or its first bytes are damaged";
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
            if (system_error == ENOSPC || system_error == EDQUOT) return "the disk is full";
            if (system_error != 0) return fmt::format("{} ({})", message, std::strerror(system_error));
            break;
        default:
            break;
    }
    return message;
}

/// Whether it has failed for want of a place for the memory that those who have a log open share: the
/// directory may not be written, or the disk is full.
bool lacks_shared_memory(int result) {
    switch (result) {
        case SQLITE_FULL:
        case SQLITE_IOERR_WRITE:
        case SQLITE_IOERR_SHMOPEN:
        case SQLITE_IOERR_SHMSIZE:
        case SQLITE_IOERR_SHMMAP:
            return true;
        default:
            return (result & 0xFF) == SQLITE_READONLY || (result & 0xFF) == SQLITE_CANTOPEN;
    }
}

}  // namespace

void Statement::Finalizer::operator()(sqlite3_stmt* statement) const noexcept {
    sqlite3_finalize(statement);
}

Statement::Statement(Database& database, std::string_view sql) : database_(database) {
    sqlite3_stmt* statement = nullptr;
    check(
        sqlite3_prepare_v2(database.handle(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr));
    statement_.reset(statement);
}

void Statement::check(int result) const {
    database_.check(result);
}

Statement& Statement::bind(int parameter, std::int64_t value) {
    check(sqlite3_bind_int64(statement_.get(), parameter, value));
    return *this;
}

Statement& Statement::bind(int parameter, double value) {
    check(sqlite3_bind_double(statement_.get(), parameter, value));
    return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
    check(sqlite3_bind_text64(statement_.get(), parameter, text.data() == nullptr ? "" : text.data(),
                              text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
    return *this;
}

Statement& Statement::bind(int parameter, std::span<const std::byte> blob) {
    check(sqlite3_bind_blob64(statement_.get(), parameter, blob.data(), blob.size(), SQLITE_TRANSIENT));
    return *this;
}

Statement& Statement::lend(int parameter, std::string_view text) {
    check(sqlite3_bind_text64(statement_.get(), parameter, text.data() == nullptr ? "" : text.data(),
                              text.size(), SQLITE_STATIC, SQLITE_UTF8));
    return *this;
}

Statement& Statement::lend(int parameter, std::span<const std::byte> blob) {
    check(sqlite3_bind_blob64(statement_.get(), parameter, blob.data(), blob.size(), SQLITE_STATIC));
    return *this;
}

Statement& Statement::bind_null(int parameter) {
    check(sqlite3_bind_null(statement_.get(), parameter));
    return *this;
}

bool Statement::step() {
    const int result = sqlite3_step(statement_.get());
    if (result == SQLITE_ROW) return true;
    reset();
    if (result != SQLITE_DONE) check(result);
    return false;
}

void Statement::run() {
    while (step()) {
    }
}

void Statement::reset() noexcept {
    sqlite3_reset(statement_.get());
}

std::int64_t Statement::integer(int column) const noexcept {
    return sqlite3_column_int64(statement_.get(), column);
}

double Statement::real(int column) const noexcept {
    return sqlite3_column_double(statement_.get(), column);
}

std::string_view Statement::text(int column) const noexcept {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
    if (bytes == nullptr) return {};
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::span<const std::byte> Statement::blob(int column) const noexcept {
    const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(statement_.get(), column));
    if (bytes == nullptr) return {};
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

StorageType Statement::type(int column) const noexcept {
    switch (sqlite3_column_type(statement_.get(), column)) {
        case SQLITE_INTEGER:
            return StorageType::integer;
        case SQLITE_FLOAT:
            return StorageType::real;
        case SQLITE_TEXT:
            return StorageType::text;
        case SQLITE_BLOB:
            return StorageType::blob;
        default:
            return StorageType::null;
    }
}

bool Statement::is_null(int column) const noexcept {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void Database::Closer::operator()(sqlite3* connection) const noexcept {
    sqlite3_close_v2(connection);
}

Database::Database(const std::string& path, Access access) : path_(path) {
    if (path.empty()) throw Error(Code::invalid_argument, "the path of the store is empty");
    if (access != Access::create && !file_exists(path)) {
        throw Error(Code::not_found, path + ": no such file");
    }
    // SQLite keeps names with a colon in front for itself.
    const std::string file = path.starts_with(':') ? "./" + path : path;
    open(file, open_flags(access));
    if (access == Access::read_only) {
        open_without_shared_memory(file);
    } else if (sqlite3_db_readonly(handle(), "main") == 1) {
        throw Error(Code::permission_denied,
                    path + ": may not be written; its permissions, or those of its file system, forbid it");
    }
}

void Database::open(const std::string& name, int flags) {
    sqlite3* connection = nullptr;
    const int result = sqlite3_open_v2(name.c_str(), &connection, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    connection_.reset(connection);
    check(result);
    sqlite3_extended_result_codes(connection, 1);
    sqlite3_busy_timeout(connection, kBusyMilliseconds);
    // What the pages of a damaged file say of themselves is looked at before it is believed.
    execute("PRAGMA cell_size_check = ON");
}

/// Where SQLite can not put its shared memory, a file without a log is one that nobody can be writing.
void Database::open_without_shared_memory(const std::string& file) {
    const int probed =
        sqlite3_exec(handle(), "PRAGMA query_only = ON; PRAGMA schema_version", nullptr, nullptr, nullptr);
    if (!lacks_shared_memory(probed)) return;
    std::error_code missing;
    const std::uintmax_t log = std::filesystem::file_size(path_ + "-wal", missing);
    if (!missing && log > 0) {
        const int kind = probed & 0xFF;
        const bool is_denied = kind == SQLITE_READONLY || kind == SQLITE_CANTOPEN;
        throw Error(
            is_denied ? Code::permission_denied : Code::io,
            fmt::format("{}: beside it lies a log with writes that are not in the file yet (-wal), and "
                        "to read that something must be written there: {}",
                        path_, reason(handle(), probed)));
    }
    open("file:" + uri_path(file) + "?immutable=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
}

void Database::execute(const std::string& sql) {
    check(sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr));
}

std::string Database::resolved_path() const {
    return sqlite3_db_filename(handle(), "main");
}

bool Database::has_moved() const {
    int moved = 0;
    return sqlite3_file_control(handle(), "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0;
}

/// Null when there is none.
sqlite3_file* Database::log() const {
    sqlite3_file* log = nullptr;
    check(sqlite3_file_control(handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&log)));
    return log == nullptr || log->pMethods == nullptr ? nullptr : log;
}

std::int64_t Database::log_size() const {
    sqlite3_int64 size = 0;
    if (sqlite3_file* const log = this->log()) check(log->pMethods->xFileSize(log, &size));
    return size;
}

void Database::keep_log(std::int64_t most_bytes_kept) {
    execute("PRAGMA journal_size_limit = " + std::to_string(most_bytes_kept));
    sqlite3_wal_hook(
        handle(),
        [](void* self, sqlite3* /*connection*/, const char* /*name*/, int pages) {
            static_cast<Database*>(self)->log_pages_.store(pages, std::memory_order_relaxed);
            return SQLITE_OK;
        },
        this);
}

std::int64_t Database::copy_log() {
    int copied = 0;
    const int result =
        sqlite3_wal_checkpoint_v2(handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, &copied);
    if (result != SQLITE_BUSY) check(result);
    return copied;
}

bool Database::empty_log(std::chrono::milliseconds patience) {
    sqlite3_busy_timeout(handle(), static_cast<int>(patience.count()));
    const int result =
        sqlite3_wal_checkpoint_v2(handle(), nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
    sqlite3_busy_timeout(handle(), kBusyMilliseconds);
    if (result != SQLITE_BUSY) check(result);
    if (result == SQLITE_OK) log_pages_ = 0;
    return result == SQLITE_OK;
}

void Database::secure_log() {
    constexpr sqlite3_int64 kPiece = 1 << 16;
    const sqlite3_int64 size = log_size();
    if (size == 0) return;
    sqlite3_file* const log = this->log();
    std::vector<char> bytes(kPiece);
    for (sqlite3_int64 offset = 0; offset < size; offset += kPiece) {
        const int count = static_cast<int>(std::min(kPiece, size - offset));
        check(log->pMethods->xRead(log, bytes.data(), count, offset));
        check(log->pMethods->xWrite(log, bytes.data(), count, offset));
    }
    check(log->pMethods->xSync(log, SQLITE_SYNC_NORMAL));
}

std::int64_t Database::last_insert_rowid() const noexcept {
    return sqlite3_last_insert_rowid(handle());
}

std::int64_t Database::changes() const noexcept {
    return sqlite3_changes64(handle());
}

void Database::check(int result) const {
    if (result == SQLITE_OK) return;
    if (result == SQLITE_READONLY_DBMOVED) {
        throw Error(Code::busy, path_ + ": was removed by another process meanwhile; try again");
    }
    throw Error(code_of(result), fmt::format("{}: {}", path_, reason(handle(), result)));
}

Transaction::Transaction(Database& database) : database_(database) {
    database_.execute("BEGIN IMMEDIATE");
    if (!database_.has_moved()) return;
    database_.execute("ROLLBACK");
    database_.check(SQLITE_READONLY_DBMOVED);
}

Transaction::~Transaction() {
    if (open_) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
    database_.execute("COMMIT");
    open_ = false;
}

namespace {

/// Between two quotes, with those that are in it doubled.
std::string between(char quote, std::string_view text) {
    std::string result(1, quote);
    for (const char c : text) {
        if (c == quote) result += quote;
        result += c;
    }
    return result += quote;
}

}  // namespace

std::string quoted(std::string_view name) {
    return between('"', name);
}

std::string literal(std::string_view text) {
    return between('\'', text);
}

}  // namespace crowfly::sqlite
