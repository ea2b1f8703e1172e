#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench/table.h"

namespace crowfly::bench {

struct StoreBenchOptions {
    bool quick = false;
    std::string output = "build/bench/store.json";
    std::size_t places = 2'237'580;
    double seconds = 60;        ///< of the mixed load
    std::size_t rate = 20'000;  ///< moves a second
    std::string only;           ///< of import, amid, start and mixed
    bool no_peers = false;
    std::string crowfly = "build/release/bin/crowfly";
};

inline Row store_row(std::string work, std::string system, std::size_t n, double value, std::string unit) {
    Row row;
    row.suite = "store";
    row.work = std::move(work);
    row.n = n;
    row.system = std::move(system);
    row.value = value;
    row.unit = std::move(unit);
    return row;
}

/// From comma-separated text to a GeoPackage, beside ogr2ogr.
void import_rows(const StoreBenchOptions& options, std::vector<Row>& rows);

/// How long others that write the same file wait for an import.
void import_amid_writes_rows(const StoreBenchOptions& options, std::vector<Row>& rows);

/// Searches while places move, beside PostGIS and Redis.
void mixed_rows(const StoreBenchOptions& options, std::vector<Row>& rows);

/// From the start of a process to its first answer, and how much memory that takes.
void start_rows(const StoreBenchOptions& options, const std::string& self, std::vector<Row>& rows);

/// What `start_rows` runs: opens the store, answers once, and prints what that took.
void answer_once(const std::string& store);

}  // namespace crowfly::bench
