#include "store/embedded/check.h"

#include <filesystem>

#include <fmt/format.h>

#include "store/embedded/check_index.h"
#include "store/embedded/check_rows.h"
#include "store/embedded/geopackage.h"
#include "store/embedded/place_table.h"

namespace crowfly {
namespace {

constexpr const char* kFile = "file";

std::uint64_t size_of(const std::string& path) {
    std::error_code missing;
    const std::uintmax_t size = std::filesystem::file_size(path, missing);
    return missing ? 0 : size;
}

/// Runs a part of the check. That it comes upon damage which it cannot get past is its finding.
template <class Action>
void attempt(const std::string& store, CheckReport& report, const Action& action) try {
    action();
} catch (const Error& error) {
    if (error.code() != Code::corrupt) throw;
    report.add_fault(store, error);
}

void check_pages(sqlite::Database& database, bool full, CheckReport& report) {
    const char* pragma = full ? "PRAGMA integrity_check" : "PRAGMA quick_check";
    sqlite::Statement pages(database, fmt::format("{}({})", pragma, CheckReport::kMostFaults));
    while (pages.step()) {
        if (pages.text(0) != "ok") report.add_fault(kFile, std::string(pages.text(0)));
    }
    if (!full) return;
    sqlite::Statement references(database, "PRAGMA foreign_key_check");
    while (references.step()) {
        report.add_fault(std::string(references.text(0)),
                         fmt::format("row {} refers to a row of {} that is not there", references.integer(1),
                                     references.text(2)));
    }
}

std::vector<Schema> collections_of(sqlite::Database& database) {
    std::vector<Schema> schemas;
    for (const geopackage::FeatureTable& table : geopackage::feature_tables(database)) {
        if (auto schema = PlaceTable::schema_of(database, table)) schemas.push_back(std::move(*schema));
    }
    return schemas;
}

}  // namespace

void CheckReport::add_fault(std::string where, std::string what) {
    ++fault_count;
    if (faults.size() < kMostFaults) faults.push_back({std::move(where), std::move(what)});
}

void CheckReport::add_fault(const std::string& store, const Error& fault) {
    std::string what = fault.what();
    if (what.starts_with(store + ": ")) what.erase(0, store.size() + 2);
    const std::size_t colon = what.find(": ");
    const bool has_place = colon != std::string::npos && what.find(", row ") < colon;
    add_fault(has_place ? what.substr(0, colon) : kFile, has_place ? what.substr(colon + 2) : what);
}

CheckReport check(const std::string& store, const CheckOptions& options) {
    CheckReport report;
    report.holder = WriterLock::holder(store);
    std::vector<Schema> schemas;
    attempt(store, report, [&] {
        sqlite::Database database(store, sqlite::Access::read_only);
        geopackage::add_geometry_functions(database);
        report.bytes = size_of(database.resolved_path());
        report.log_bytes = size_of(database.resolved_path() + "-wal");
        geopackage::require_geopackage(database);
        store_format::require_known(database, sqlite::Access::read_only);
        report.version = store_format::version_of(database);
        check_pages(database, options.full, report);
        schemas = collections_of(database);
    });
    for (const Schema& schema : schemas) {
        CheckedCollection found{.name = schema.name};
        const std::uint64_t faults_before = report.fault_count;
        attempt(store, report, [&] { check_rows(store, schema, options, found, report); });
        // With a row that cannot be read there is no index.
        if (report.fault_count == faults_before)
            attempt(store, report, [&] { check_index(store, schema, options, found, report); });
        report.collections.push_back(std::move(found));
    }
    return report;
}

}  // namespace crowfly
