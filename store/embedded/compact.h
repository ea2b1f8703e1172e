#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/embedded/import_log.h"

namespace crowfly {

struct Compacted {
    std::uint64_t bytes_before = 0;  ///< of the file and its log
    std::uint64_t bytes_after = 0;

    /// Whether others who read kept the log from being emptied into the file. The file shrinks once they have
    /// ended and it is opened again.
    bool log_remains = false;

    /// Imports that had been interrupted; what they have left is gone.
    std::vector<InterruptedImport> interrupted = {};
};

/// Rewrites the file without the room that erased and changed places have left, and each table in one piece.
/// Others may read meanwhile; it must not be held for writing. When it fails, or the process ends, the file
/// is as it was. Takes about twice the file's size of free room on its disk, and once that for SQLite's
/// temporary files (SQLITE_TMPDIR, else /var/tmp).
///
/// Throws as opening the store for writing does, and Error(io) when a disk is full.
Compacted compact(const std::string& store);

}  // namespace crowfly
