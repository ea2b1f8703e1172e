#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/geometry/geometry.h"
#include "core/index/point_index.h"
#include "core/index/shape_index.h"
#include "core/live/merge_policy.h"
#include "core/live/shared_column.h"
#include "core/lonlat.h"
#include "core/metric/metric.h"

namespace crowfly {

/// A row of a live index: its number, which the caller gives it, and what is searched for.
struct LiveRow {
    std::uint32_t row = 0;                            ///< not kNoRow
    LonLat position = {};                             ///< of a row with a shape, what areas ask for
    std::shared_ptr<const Geometry> shape = nullptr;  ///< null: the point at the position
    std::vector<std::uint32_t> values = {};           ///< one for each attribute of the index
};

/// Many rows, column by column.
struct LiveColumns {
    SharedColumn<std::uint32_t> rows;  ///< ascending
    SharedColumn<LonLat> positions;
    std::vector<std::shared_ptr<const Geometry>> shapes = {};  ///< empty: all rows are points
    std::vector<SharedColumn<std::uint32_t>> attributes = {};

    std::size_t size() const noexcept { return rows.size(); }
};

/// Points with their indexes, such as a run that was saved and has been mapped into memory again.
struct LiveBase {
    LiveColumns points;               ///< without shapes
    std::vector<PointIndex> indexes;  ///< one for each metric, in the order of LiveOptions; rows are seats
                                      ///< in the columns
};

/// What a live index is, apart from its rows.
struct LiveOptions {
    std::vector<MetricKind> metrics = {MetricKind::spheroid};
    std::size_t attributes = 0;  ///< declared, as PointColumns has them
    MergePolicy merging = {};
};

}  // namespace crowfly
