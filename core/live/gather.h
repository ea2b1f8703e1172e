#pragma once

#include <span>
#include <vector>

#include "core/live/live_row.h"
#include "core/search/dead_marks.h"

namespace crowfly {

/// Columns, of which those rows count whose seat is not marked.
struct ColumnsPart {
    const LiveColumns& columns;
    const DeadMarks* dead = nullptr;  ///< null: all count
};

/// The rows of all parts that count, of which no two are the same, in one. All parts are points, or all are
/// shapes. Cost: linear for each part, so that the largest should come last; memory 12 bytes a row besides.
LiveColumns gather(std::span<const ColumnsPart> parts);

/// Rows as a caller gives them, in order: of several with one number the last.
struct SortedRows {
    LiveColumns points;
    LiveColumns shapes;
    std::vector<std::uint32_t> rows;  ///< of both

    /// Each must have `attributes` values.
    SortedRows(std::span<const LiveRow> given, std::size_t attributes);
};

}  // namespace crowfly
