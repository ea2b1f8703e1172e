#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace crowfly {

struct BackupOptions {
    /// Whether a file that is there already may be replaced.
    bool replace = false;

    /// Whether the copy is looked through before it takes its name, and given up when it is damaged.
    bool check = true;

    /// Is told, now and then, how many of how many pages are copied. What it throws ends the backup.
    std::function<void(std::uint64_t done, std::uint64_t total)> progress = {};
};

/// Copies a GeoPackage whole, with all that is in its log, while others read and write it: the copy is its
/// state at the start, through SQLite's online backup. It is written beside `destination`, brought to the
/// disk, and then given its name: so there is always what was there before or the whole copy. Writers need
/// not wait, but the log of the store grows until the copy is done. Returns the copy's size in bytes.
///
/// To restore one is the same the other way round.
///
/// Throws Error(not_found or corrupt) for a source that is none, Error(conflict) for a destination that is
/// the source itself, that is there and is not to be replaced, or beside which lies the log of another one;
/// Error(busy) for one that is held for writing; Error(corrupt) when the copy is damaged because the source
/// is. Cost: O(bytes), with a few MB of memory.
std::uint64_t back_up(const std::string& store, const std::string& destination,
                      const BackupOptions& options = {});

}  // namespace crowfly
