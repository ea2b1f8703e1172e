#pragma once

#include <cstddef>
#include <cstdint>

#include "core/control.h"

namespace crowfly {

/// When what is imported can be seen.
enum class ImportMode {
    atomic,   ///< all places at once, at the end; or none
    batches,  ///< some at a time, while the rest is still to come
};

struct ImportOptions {
    ImportMode mode = ImportMode::atomic;

    /// How many places become visible together, with ImportMode::batches.
    std::size_t batch_rows = 10'000;

    /// Ends the import; as `ImportJob::cancel` does.
    Control control = {};
};

enum class ImportPhase {
    reading,     ///< rows are read, judged and put by; with ImportMode::batches, published too
    indexing,    ///< all rows are there, the index is made
    publishing,  ///< what has been put by is made visible
    finished,
    cancelled,  ///< ended by `cancel`, its Control or an interrupt
    failed,     ///< ended by anything else
};

/// How far an import is.
struct ImportProgress {
    ImportPhase phase = ImportPhase::reading;
    std::uint64_t valid = 0;      ///< rows that are places of the collection
    std::uint64_t rejected = 0;   ///< rows that are not
    std::uint64_t published = 0;  ///< places that can be searched
    double seconds = 0;           ///< that it has taken so far, or in all

    std::uint64_t read() const noexcept { return valid + rejected; }

    /// Rows read a second.
    double rate() const noexcept { return seconds > 0 ? static_cast<double>(read()) / seconds : 0; }
};

}  // namespace crowfly
