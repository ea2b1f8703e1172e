#include "store/embedded/collection_record.h"

#include <array>
#include <random>
#include <string_view>

#include <fmt/format.h>
#include <sqlite3.h>

#include "store/embedded/store_format.h"

namespace crowfly {
namespace {

constexpr std::array<std::string_view, 3> kEvents{"insert", "update", "delete"};

bool has_table(sqlite::Database& database) {
    sqlite::Statement table(
        database, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'crowfly_collections'");
    return table.step();
}

std::string trigger_name(std::string_view collection, std::string_view event) {
    return sqlite::quoted(fmt::format("crowfly_{}_{}", collection, event));
}

bool has_triggers(sqlite::Database& database, const std::string& collection) {
    sqlite::Statement triggers(database,
                               "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?1 "
                               "AND name LIKE 'crowfly\\_%' ESCAPE '\\'");
    return triggers.bind(1, collection).step() &&
           triggers.integer(0) == static_cast<std::int64_t>(kEvents.size());
}

}  // namespace

std::int64_t random_number() {
    std::random_device entropy;
    return static_cast<std::int64_t>((std::uint64_t{entropy()} << 32) | entropy());
}

std::optional<CollectionRecord> CollectionRecord::read(sqlite::Database& database,
                                                       const std::string& collection) {
    if (!has_table(database) || !has_triggers(database, collection)) return std::nullopt;
    sqlite::Statement row(
        database, "SELECT sequence_number, writer, row_changes FROM crowfly_collections WHERE name = ?1");
    if (!row.bind(1, collection).step()) return std::nullopt;
    return CollectionRecord{static_cast<std::uint64_t>(row.integer(0)), row.integer(1), row.integer(2)};
}

CollectionRecord CollectionRecord::create(sqlite::Database& database, const std::string& collection) {
    if (!has_table(database)) {
        database.execute(
            "CREATE TABLE crowfly_collections (name TEXT PRIMARY KEY NOT NULL, sequence_number INTEGER NOT "
            "NULL, writer INTEGER NOT NULL, row_changes INTEGER NOT NULL) WITHOUT ROWID");
        store_format::register_table(database, "crowfly_collections");
    }
    sqlite::Statement(
        database,
        "INSERT INTO crowfly_collections VALUES (?1, 0, ?2, 0) ON CONFLICT (name) DO UPDATE SET "
        "writer = ?2")
        .bind(1, collection)
        .bind(2, random_number())
        .run();
    for (const std::string_view event : kEvents) {
        const std::string name = trigger_name(collection, event);
        // Names of collections need no escaping (require_valid).
        database.execute(
            fmt::format("DROP TRIGGER IF EXISTS {0}; CREATE TRIGGER {0} AFTER {1} ON {2} BEGIN UPDATE "
                        "crowfly_collections "
                        "SET row_changes = row_changes + 1 WHERE name = '{3}'; END",
                        name, event, sqlite::quoted(collection), collection));
    }
    return *read(database, collection);
}

bool switch_triggers(sqlite::Database& database) {
    sqlite::Statement others(database,
                             "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name NOT LIKE "
                             "'crowfly\\_%' ESCAPE '\\' LIMIT 1");
    const bool on = others.step();
    others.reset();
    database.check(sqlite3_db_config(database.handle(), SQLITE_DBCONFIG_ENABLE_TRIGGER, on ? 1 : 0, nullptr));
    return on;
}

RecordKeeper::RecordKeeper(sqlite::Database& database, const std::string& collection)
    : schema_version_(database, "PRAGMA schema_version"),
      get_(database, "SELECT sequence_number, writer, row_changes FROM crowfly_collections WHERE name = ?1"),
      set_record_(database,
                  "UPDATE crowfly_collections SET sequence_number = ?2, writer = ?3 WHERE name = ?1"),
      set_contents_(database,
                    "UPDATE gpkg_contents SET min_x = ?2, min_y = ?3, max_x = ?4, max_y = ?5, last_change = "
                    "strftime('%Y-%m-%dT%H:%M:%fZ','now') WHERE table_name = ?1") {
    get_.bind(1, collection);
    set_record_.bind(1, collection);
    set_contents_.bind(1, collection);
}

std::int64_t RecordKeeper::schema_version() {
    const std::int64_t version = schema_version_.step() ? schema_version_.integer(0) : 0;
    schema_version_.reset();
    return version;
}

CollectionRecord RecordKeeper::get() {
    CollectionRecord record;
    if (get_.step()) {
        record = {static_cast<std::uint64_t>(get_.integer(0)), get_.integer(1), get_.integer(2)};
    }
    get_.reset();
    return record;
}

void RecordKeeper::set(const CollectionRecord& record, const std::optional<Extent>& extent) {
    set_record_.bind(2, static_cast<std::int64_t>(record.sequence_number)).bind(3, record.writer).run();
    if (extent) {
        set_contents_.bind(2, extent->min_lon)
            .bind(3, extent->min_lat)
            .bind(4, extent->max_lon)
            .bind(5, extent->max_lat);
    } else {
        for (int parameter = 2; parameter <= 5; ++parameter) set_contents_.bind_null(parameter);
    }
    set_contents_.run();
}

}  // namespace crowfly
