#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "store/collection.h"
#include "store/embedded/store_format.h"
#include "store/embedded/writer_lock.h"

namespace crowfly {

struct CheckOptions {
    /// Whether SQLite's indexes are compared with their tables too, and the index of a collection asked for
    /// each of its places instead of a sample.
    bool full = false;

    /// Is told, now and then, how many places have been looked at. What it throws ends the check.
    std::function<void(std::uint64_t places)> progress = {};
};

struct CheckFault {
    std::string where;  ///< "file", a table, or one of its rows
    std::string what;
};

struct CheckedCollection {
    std::string name;
    std::uint64_t places = 0;
    std::optional<Extent> extent = {};
    std::uint64_t places_sought = 0;    ///< in the index, each where it is
    std::uint64_t points_compared = 0;  ///< from which the index and the scan were asked the same
};

struct CheckReport {
    static constexpr std::size_t kMostFaults = 100;

    std::uint64_t bytes = 0;      ///< of the file
    std::uint64_t log_bytes = 0;  ///< of the log beside it
    store_format::Version version = {};
    std::optional<Holder> holder = {};  ///< who holds it for writing
    std::vector<CheckedCollection> collections = {};
    std::vector<CheckFault> faults = {};  ///< the first kMostFaults
    std::uint64_t fault_count = 0;        ///< of all
    std::vector<std::string> notes = {};  ///< what is no fault, but worth knowing

    void add_fault(std::string where, std::string what);

    /// One whose message begins with the file's name, as `file: where: what` or `file: what`.
    void add_fault(const std::string& store, const Error& fault);
};

/// Looks whether a store is sound, and changes nothing; others may read and write it meanwhile. Judged are
///
/// * the pages of the file, as SQLite does (quick_check, in full integrity_check), and the tables of a
///   GeoPackage;
/// * each row of each collection: its text, geometry, position and properties;
/// * what the file says of them: extent, type of geometry, and the spatial index and the count that other
///   programs may have added;
/// * the collection's index: whether it finds 1000 places, in full all, where they are, and answers like the
///   scan from 8 points near places, in full 32, with and without a category.
///
/// What is wrong with the file is in the report. Throws Error(not_found, permission_denied, io or busy) when
/// it cannot be looked at, and Error(unsupported) when a newer crowfly made it. Cost: reads all rows twice;
/// the index is built in memory, as for any search; each point costs two scans.
CheckReport check(const std::string& store, const CheckOptions& options = {});

}  // namespace crowfly
