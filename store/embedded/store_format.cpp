#include "store/embedded/store_format.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/version.h"

namespace crowfly::store_format {
namespace {

// The name of GeoPackage's table of extensions, as annex F of OGC 12-128r17 wants it.
constexpr const char* kExtensions = R"sql(
CREATE TABLE IF NOT EXISTS gpkg_extensions (
  table_name TEXT,
  column_name TEXT,
  extension_name TEXT NOT NULL,
  definition TEXT NOT NULL,
  scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name)
)
)sql";

bool has_table(sqlite::Database& database) {
    sqlite::Statement table(database,
                            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'crowfly_store'");
    return table.step();
}

void set(sqlite::Database& database, std::string_view key, std::int64_t value) {
    sqlite::Statement(database, "INSERT OR REPLACE INTO crowfly_store VALUES (?1, ?2)")
        .bind(1, key)
        .bind(2, value)
        .run();
}

[[noreturn]] void refuse(const sqlite::Database& database, const Version& version, std::string_view verb,
                         std::int64_t format, std::string_view rest) {
    throw Error(Code::unsupported,
                fmt::format("{}: was made by {}; crowfly {} cannot {} it (it has format {}, and this program "
                            "knows formats up to {}){}",
                            database.path(), version.program.empty() ? "a newer crowfly" : version.program,
                            kVersion, verb, format, kFormat, rest));
}

}  // namespace

Version version_of(sqlite::Database& database) {
    Version version;
    if (!has_table(database)) return version;
    sqlite::Statement rows(database, "SELECT key, value FROM crowfly_store");
    while (rows.step()) {
        if (rows.text(0) == "format") version.format = rows.integer(1);
        if (rows.text(0) == "read_format") version.read_format = rows.integer(1);
        if (rows.text(0) == "program") version.program = rows.text(1);
    }
    return version;
}

void require_known(sqlite::Database& database, sqlite::Access access) {
    const Version version = version_of(database);
    if (version.read_format > kFormat) refuse(database, version, "read", version.read_format, "");
    if (version.format > kFormat && access != sqlite::Access::read_only)
        refuse(database, version, "write", version.format, "; it can be read");
}

void record(sqlite::Database& database) {
    if (version_of(database).format >= kFormat) return;
    if (!has_table(database)) {
        database.execute("CREATE TABLE crowfly_store (key TEXT PRIMARY KEY NOT NULL, value)");
        register_table(database, "crowfly_store");
    }
    set(database, "format", kFormat);
    set(database, "read_format", kReadFormat);
    sqlite::Statement(database, "INSERT OR REPLACE INTO crowfly_store VALUES ('program', ?1)")
        .bind(1, std::string_view(fmt::format("crowfly {}", kVersion)))
        .run();
}

void register_table(sqlite::Database& database, std::string_view table) {
    database.execute(kExtensions);
    sqlite::Statement(
        database, "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES (?1, 'crowfly', ?1)")
        .bind(1, table)
        .run();
    sqlite::Statement(database,
                      "INSERT INTO gpkg_extensions VALUES (?1, NULL, 'crowfly_store', "
                      "'crowfly, docs/operations.md', 'write-only')")
        .bind(1, table)
        .run();
}

}  // namespace crowfly::store_format
