#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "store/collection.h"
#include "store/embedded/sqlite.h"

namespace crowfly {

/// A number that nobody else has.
std::int64_t random_number();

/// What the file keeps of a collection besides its places, so that it is known whether something made from
/// them, such as an index, is still true: a row of
///
///     CREATE TABLE crowfly_collections (
///       name TEXT PRIMARY KEY NOT NULL,      -- of the collection's table
///       sequence_number INTEGER NOT NULL,    -- of the last batch
///       writer INTEGER NOT NULL,             -- a random number of the one who wrote last
///       row_changes INTEGER NOT NULL         -- rows that other programs have changed since that batch
///     ) WITHOUT ROWID
///
/// and triggers that count `row_changes` and change `writer`, so that no two states have the same record.
/// They are switched off while crowfly itself writes, unless another program has added triggers of its own.
struct CollectionRecord {
    std::uint64_t sequence_number = 0;
    std::int64_t writer = 0;
    std::int64_t row_changes = 0;

    friend bool operator==(const CollectionRecord&, const CollectionRecord&) = default;

    /// Nothing when the file has none for the collection, or its triggers are not as they should be.
    static std::optional<CollectionRecord> read(sqlite::Database& database, const std::string& collection);

    /// Makes one, with its triggers. Where there has been one, it is made anew with the next sequence number,
    /// for nobody knows what has changed since the last batch. Part of the caller's transaction.
    static CollectionRecord create(sqlite::Database& database, const std::string& collection);
};

/// Switches triggers off on this connection, or on when another program has added some; returns whether they
/// are on.
bool switch_triggers(sqlite::Database& database);

/// The statements that each commit needs to keep what the file says of a collection true. Part of the
/// caller's transaction.
class RecordKeeper {
  public:
    /// The collection must have a record.
    RecordKeeper(sqlite::Database& database, const std::string& collection);

    /// A number that changes with the file's tables and triggers.
    std::int64_t schema_version();

    CollectionRecord get();

    /// Sets the record, and extent and last_change in gpkg_contents.
    void set(const CollectionRecord& record, const std::optional<Extent>& extent);

  private:
    sqlite::Statement schema_version_;
    sqlite::Statement get_;
    sqlite::Statement set_record_;
    sqlite::Statement set_contents_;
};

}  // namespace crowfly
