#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/embedded/sqlite.h"

/// What crowfly adds to a GeoPackage beside the tables of places, and which version of it a file has:
///
///     CREATE TABLE crowfly_store (key TEXT PRIMARY KEY NOT NULL, value)
///       'format'       the version of the layout, 1 now
///       'read_format'  the version that a program must know at least to read the file, 1 now
///       'program'      what gave the file that version, as "crowfly 0.1.0"
///
/// A change that older programs may read but not write raises `format` alone; one that they may not even read
/// raises both. A file without the table is of version 0: the same without the table.
namespace crowfly::store_format {

inline constexpr std::int64_t kFormat = 1;
inline constexpr std::int64_t kReadFormat = 1;

struct Version {
    std::int64_t format = 0;
    std::int64_t read_format = 0;
    std::string program;
};

Version version_of(sqlite::Database& database);

/// Throws Error(unsupported) when the file was made by a version of crowfly that is too new for this one to
/// read, or for Access::read_write and create, to write.
void require_known(sqlite::Database& database, sqlite::Access access);

/// Gives the file this version unless it has it. Part of the caller's transaction; the file is a GeoPackage.
void record(sqlite::Database& database);

/// Enters a table that only crowfly uses into gpkg_contents and gpkg_extensions, so that the file says what
/// it is and other programs do not offer it as a layer. Part of the caller's transaction.
void register_table(sqlite::Database& database, std::string_view table);

}  // namespace crowfly::store_format
