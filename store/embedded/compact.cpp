#include "store/embedded/compact.h"

#include <filesystem>

#include "store/embedded/import_log.h"
#include "store/embedded/store_file.h"

namespace crowfly {
namespace {

std::uint64_t bytes_of(const std::string& path) {
    std::error_code missing;
    const std::uintmax_t file = std::filesystem::file_size(path);
    const std::uintmax_t log = std::filesystem::file_size(path + "-wal", missing);
    return file + (missing ? 0 : log);
}

}  // namespace

Compacted compact(const std::string& store) {
    StoreFile file(store, sqlite::Access::read_write);
    sqlite::Database& connection = file.connection();
    const std::string path = connection.resolved_path();
    Compacted result{.bytes_before = bytes_of(path), .interrupted = import_log::roll_back(connection)};
    connection.execute("VACUUM");
    sqlite::Statement empty_log(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
    result.log_remains = empty_log.step() && empty_log.integer(0) != 0;
    result.bytes_after = bytes_of(path);
    return result;
}

}  // namespace crowfly
