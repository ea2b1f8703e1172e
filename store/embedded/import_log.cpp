#include "store/embedded/import_log.h"

#include <fmt/format.h>

#include "core/error.h"
#include "store/embedded/store_format.h"

namespace crowfly {
namespace {

constexpr std::string_view kTable = "crowfly_imports";
constexpr std::string_view kAtomic = "atomic";
constexpr std::string_view kBatches = "batches";
constexpr std::string_view kStagingPrefix = "crowfly_import_";

bool has_table(sqlite::Database& database, std::string_view name) {
    sqlite::Statement table(database, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1");
    return table.bind(1, name).step();
}

void create_table(sqlite::Database& database) {
    if (has_table(database, kTable)) return;
    database.execute(
        fmt::format("CREATE TABLE {} (job INTEGER PRIMARY KEY NOT NULL, collection TEXT NOT NULL, "
                    "mode TEXT NOT NULL, started TEXT NOT NULL, staging TEXT, published INTEGER NOT NULL)",
                    kTable));
    store_format::register_table(database, kTable);
}

std::int64_t add(sqlite::Database& database, const std::string& collection, std::string_view mode) {
    sqlite::Statement(database,
                      "INSERT INTO crowfly_imports (collection, mode, started, published) VALUES (?1, ?2, "
                      "strftime('%Y-%m-%dT%H:%M:%SZ','now'), 0)")
        .bind(1, collection)
        .bind(2, mode)
        .run();
    return database.last_insert_rowid();
}

/// A table of another name would not be one of ours, whatever a row says.
void drop_staging(sqlite::Database& database, const std::string& table) {
    if (table.starts_with(kStagingPrefix))
        database.execute(fmt::format("DROP TABLE IF EXISTS {}", sqlite::quoted(table)));
}

/// The imports that are to make the collection, as far as the list says.
std::vector<std::int64_t> makers_of(sqlite::Database& database, const std::string& collection) {
    sqlite::Statement rows(database,
                           "SELECT job FROM crowfly_imports WHERE staging IS NOT NULL AND collection = ?1 "
                           "COLLATE NOCASE");
    rows.bind(1, collection);
    std::vector<std::int64_t> jobs;
    while (rows.step()) jobs.push_back(rows.integer(0));
    return jobs;
}

}  // namespace

std::string InterruptedImport::text() const {
    const std::string what =
        fmt::format("an import into {}, begun {}, was interrupted; ", collection, started);
    if (mode == ImportMode::atomic) return what + "it has been rolled back";
    return what + fmt::format("what it had published stays, which are {} places or more", published);
}

namespace import_log {

std::string staging_table(std::int64_t job) {
    return fmt::format("{}{}", kStagingPrefix, job);
}

std::int64_t begin(sqlite::Database& database, const std::string& collection, ImportMode mode) {
    create_table(database);
    return add(database, collection, mode == ImportMode::atomic ? kAtomic : kBatches);
}

std::int64_t begin_new(sqlite::Database& database, const std::string& collection,
                       const std::set<std::int64_t>& running) {
    create_table(database);
    for (const std::int64_t rival : makers_of(database, collection)) {
        if (running.contains(rival)) {
            throw Error(Code::conflict, fmt::format("{}: another import is making the collection \"{}\"",
                                                    database.path(), collection));
        }
        drop_staging(database, staging_table(rival));
        end(database, rival);
    }
    const std::int64_t job = add(database, collection, kAtomic);
    sqlite::Statement(database, "UPDATE crowfly_imports SET staging = ?2 WHERE job = ?1")
        .bind(1, job)
        .bind(2, std::string_view(staging_table(job)))
        .run();
    return job;
}

void set_published(sqlite::Database& database, std::int64_t job, std::uint64_t published) {
    sqlite::Statement(database, "UPDATE crowfly_imports SET published = ?2 WHERE job = ?1")
        .bind(1, job)
        .bind(2, static_cast<std::int64_t>(published))
        .run();
}

void end(sqlite::Database& database, std::int64_t job) {
    sqlite::Statement(database, "DELETE FROM crowfly_imports WHERE job = ?1").bind(1, job).run();
}

std::vector<InterruptedImport> roll_back(sqlite::Database& database) {
    std::vector<InterruptedImport> interrupted;
    if (!has_table(database, kTable)) return interrupted;
    std::vector<std::string> leftovers;
    {
        sqlite::Statement rows(
            database,
            "SELECT collection, mode, started, staging, published FROM crowfly_imports ORDER BY job");
        while (rows.step()) {
            interrupted.push_back(
                {.collection = std::string(rows.text(0)),
                 .mode = rows.text(1) == kBatches ? ImportMode::batches : ImportMode::atomic,
                 .started = std::string(rows.text(2)),
                 .published = static_cast<std::uint64_t>(rows.integer(4))});
            if (!rows.is_null(3)) leftovers.emplace_back(rows.text(3));
        }
    }
    for (const std::string& table : leftovers) drop_staging(database, table);
    database.execute("DELETE FROM crowfly_imports");
    return interrupted;
}

}  // namespace import_log

}  // namespace crowfly
