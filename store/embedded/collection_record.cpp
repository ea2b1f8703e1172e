#include "store/embedded/collection_record.h"

#include <algorithm>
#include <array>
#include <random>
#include <string_view>
#include <vector>

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
    return fmt::format("crowfly_{}_{}", collection, event);
}

std::string trigger_sql(std::string_view collection, std::string_view event) {
    return fmt::format(
        "CREATE TRIGGER {} AFTER {} ON {} BEGIN UPDATE crowfly_collections SET row_changes = row_changes + "
        "1, "
        "writer = random() WHERE name = {}; END",
        sqlite::quoted(trigger_name(collection, event)), event, sqlite::quoted(collection),
        sqlite::literal(collection));
}

/// To the letter: a table that was renamed still has triggers, which count for its old name.
bool has_triggers(sqlite::Database& database, const std::string& collection) {
    sqlite::Statement trigger(
        database, "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = ?1 AND sql = ?2");
    return std::all_of(kEvents.begin(), kEvents.end(), [&](std::string_view event) {
        const std::string sql = trigger_sql(collection, event);
        const bool found = trigger.bind(1, std::string_view(trigger_name(collection, event)))
                               .bind(2, std::string_view(sql))
                               .step();
        trigger.reset();
        return found;
    });
}

/// Also those that the table has from an earlier name, or that another table has from this one.
void drop_triggers(sqlite::Database& database, const std::string& collection) {
    std::vector<std::string> names;
    for (const std::string_view event : kEvents) names.push_back(trigger_name(collection, event));
    {
        sqlite::Statement others(
            database,
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?1 COLLATE "
            "NOCASE AND name LIKE 'crowfly\\_%' ESCAPE '\\'");
        others.bind(1, collection);
        while (others.step()) names.emplace_back(others.text(0));
    }
    for (const std::string& name : names) database.execute("DROP TRIGGER IF EXISTS " + sqlite::quoted(name));
}

std::optional<CollectionRecord> row_of(sqlite::Database& database, const std::string& collection) {
    sqlite::Statement row(
        database, "SELECT sequence_number, writer, row_changes FROM crowfly_collections WHERE name = ?1");
    if (!row.bind(1, collection).step()) return std::nullopt;
    return CollectionRecord{static_cast<std::uint64_t>(row.integer(0)), row.integer(1), row.integer(2)};
}

}  // namespace

std::int64_t random_number() {
    std::random_device entropy;
    return static_cast<std::int64_t>((std::uint64_t{entropy()} << 32) | entropy());
}

std::optional<CollectionRecord> CollectionRecord::read(sqlite::Database& database,
                                                       const std::string& collection) {
    if (!has_table(database) || !has_triggers(database, collection)) return std::nullopt;
    return row_of(database, collection);
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
        "sequence_number = sequence_number + 1, writer = ?2, row_changes = 0")
        .bind(1, collection)
        .bind(2, random_number())
        .run();
    drop_triggers(database, collection);
    for (const std::string_view event : kEvents) database.execute(trigger_sql(collection, event));
    return row_of(database, collection).value();
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
                  "UPDATE crowfly_collections SET sequence_number = ?2, writer = ?3, row_changes = ?4 WHERE "
                  "name = ?1"),
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
    set_record_.bind(2, static_cast<std::int64_t>(record.sequence_number))
        .bind(3, record.writer)
        .bind(4, record.row_changes)
        .run();
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
