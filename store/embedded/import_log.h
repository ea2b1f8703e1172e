#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "store/embedded/sqlite.h"
#include "store/import_options.h"

namespace crowfly {

/// An import that was under way when its process ended, and what has become of it.
struct InterruptedImport {
    std::string collection;
    ImportMode mode = ImportMode::atomic;
    std::string started;  ///< UTC, as 2026-11-21T19:46:03Z

    /// How many of its places are in the collection, as far as is known: with ImportMode::atomic none, for it
    /// was rolled back; else at least so many, which stay.
    std::uint64_t published = 0;

    /// "an import into places, begun 2026-11-21T19:46:03Z, was interrupted; it has been rolled back"
    std::string text() const;
};

/// The imports that are under way in a file, as the file knows them:
///
///     CREATE TABLE crowfly_imports (
///       job INTEGER PRIMARY KEY NOT NULL,
///       collection TEXT NOT NULL,
///       mode TEXT NOT NULL,        -- 'atomic' or 'batches'
///       started TEXT NOT NULL,     -- UTC
///       staging TEXT,              -- the table its rows are in until they are published
///       published INTEGER NOT NULL -- places that are in the collection, at least
///     )
///
/// A row is there from the beginning of an import to the transaction that ends it, or to the next opening if
/// that fails; so what is there when a file is opened for writing, of which there is one at a time, was
/// interrupted. All these are part of the
/// caller's transaction.
namespace import_log {

/// The number of a new import of places into a collection that is there.
std::int64_t begin(sqlite::Database& database, const std::string& collection, ImportMode mode);

/// The number of a new import that makes its collection. Throws Error(conflict) when one of those that are
/// `running` is making it; what others of that collection have left, which could not end in order, is
/// dropped.
std::int64_t begin_new(sqlite::Database& database, const std::string& collection,
                       const std::set<std::int64_t>& running);

/// The name of the table in which the rows of an import wait.
std::string staging_table(std::int64_t job);

void set_published(sqlite::Database& database, std::int64_t job, std::uint64_t published);

/// Takes an import off the list.
void end(sqlite::Database& database, std::int64_t job);

/// Drops what interrupted imports have left, and says which they were.
std::vector<InterruptedImport> roll_back(sqlite::Database& database);

}  // namespace import_log

}  // namespace crowfly
