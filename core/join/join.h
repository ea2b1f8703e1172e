#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>

#include "core/control.h"
#include "core/executor.h"
#include "core/geometry/geometry.h"
#include "core/geometry/match.h"
#include "core/index/point_index.h"
#include "core/index/shape_index.h"
#include "core/lonlat.h"
#include "core/metric/metric.h"
#include "core/search/counts.h"
#include "core/search/neighbor.h"

namespace crowfly {

class Area;
class LiveSnapshot;

/// What becomes of objects that are as far as the k-th.
enum class Ties : std::uint8_t {
    none,     ///< exactly k: the first by (distance, id)
    include,  ///< also every other object at the distance of the k-th; their ranks count on
};

enum class JoinKind : std::uint8_t {
    inner,  ///< a row for each pair
    left,   ///< also one row for each query without neighbors
};

/// One row of a join's answer.
struct JoinRow {
    std::uint32_t query;   ///< row of the query side
    std::uint32_t rank;    ///< 1 = nearest; 0 in the one row that a left join gives a query without neighbors
    std::uint32_t object;  ///< row of the object side; kNoRow where rank is 0
    double distance;       ///< metres, on the plane the coordinates' unit; NaN where rank is 0
};

/// One side of a join, column by column. The spans must outlive the join.
struct JoinSide {
    /// Of every row. Not looked at where the row has a shape or is absent.
    std::span<const LonLat> positions = {};

    /// Empty: all are points. Else for each row its geometry, or null, and then its position is all it is.
    std::span<const Geometry* const> shapes = {};

    /// Rows without a geometry, ascending. They have no neighbors and are nobody's neighbors; a left join
    /// keeps them.
    std::span<const std::uint32_t> absent = {};

    std::size_t size() const noexcept { return positions.size(); }
};

/// How far a join has come.
struct JoinProgress {
    std::uint64_t queries_done;   ///< searched; of a join with blocks of objects, times the blocks so far
    std::uint64_t queries_total;  ///< 0 when it is not known, as the number of blocks is not
    std::uint64_t rows;           ///< given to the sink
};

/// Everything that a join may be asked for. All columns must outlive the join.
struct JoinOptions {
    MetricKind metric = MetricKind::spheroid;

    /// At most so many neighbors for each query, at least 1. There are fewer when there are fewer objects.
    std::size_t k = 1;

    /// Inclusive, at least 0; in metres, on the plane in the coordinates' unit.
    double max_distance = std::numeric_limits<double>::infinity();

    /// One for each query row, in place of max_distance; empty: none.
    std::span<const double> max_distances = {};

    /// Which objects count, before the k are chosen. Asked once for each object row (of a join with a
    /// PointIndex or ShapeIndex for each row of that), from the thread that called join.
    RowFilter filter = {};

    /// Which pairs are given, after the k were chosen: ranks stay as they were. Asked in the order of the
    /// answer from the thread that called join. Where nothing of a query is left, a left join keeps it.
    std::function<bool(const JoinRow&)> post_filter = {};

    Ties ties = Ties::none;
    JoinKind kind = JoinKind::inner;

    /// For each query row the object row that is the same place and so is left out of its neighbors, or
    /// kNoRow; empty: none. A self-join has 0, 1, 2, ...
    std::span<const std::uint32_t> self = {};

    /// Above 0 the answer is approximate: every distance at rank i is at most (1 + epsilon) times the i-th
    /// least one, and is still the exact distance of the object beside it. Shapes, and joins with
    /// Ties::include, are exact all the same.
    double epsilon = 0;

    Match match = Match::geometry;

    /// A value for each object row, such as the number of its category; empty: none. Then the k neighbors
    /// are chosen among the objects of each value: the rows of a query are ordered by (value, rank), and
    /// ranks count within the value.
    std::span<const std::uint32_t> partition = {};

    /// Of object rows: breaks ties. Empty: row numbers, or the ids of a PointIndex. Asked from many threads
    /// at a time.
    RowOrder order = {};

    Control control = {};

    /// Called from the thread that called join, some ten times a second at most and at the end.
    std::function<void(const JoinProgress&)> progress = {};

    /// Bytes that the join may use, about: for the index, and for rows that wait to be given in order. Rows
    /// of one query, and k entries of 16 bytes for each query where the object side comes in blocks, are
    /// there in any case.
    std::uint64_t memory_budget = std::uint64_t{2} << 30U;
};

/// What a join has cost.
struct JoinSummary {
    std::uint64_t rows = 0;                 ///< given to the sink
    SearchCounts counts;                    ///< without time
    std::chrono::nanoseconds build_time{};  ///< spent on indexes of objects
    std::chrono::nanoseconds total_time{};
};

/// Takes the answer batch by batch, in the order (query, [value,] rank), from the thread that called join. A
/// batch is valid until the sink returns. What it throws ends the join.
using JoinSink = std::function<void(std::span<const JoinRow>)>;

/// The object side of a join, piece by piece: for one that is too large for the memory. Rows are numbered on
/// from block to block.
class ObjectBlocks {
  public:
    ObjectBlocks() = default;
    ObjectBlocks(const ObjectBlocks&) = delete;
    ObjectBlocks& operator=(const ObjectBlocks&) = delete;
    virtual ~ObjectBlocks() = default;

    /// Leaves the next block, whose columns must stay until the next call, and returns true; or returns false
    /// when there is none. `absent` counts from the block's first row. What it throws ends the join.
    virtual bool next(JoinSide& block) = 0;
};

/// The object side of a join that is in a live index, whose row numbers are the object rows.
struct LiveObjects {
    const LiveSnapshot& rows;
    const Area* area = nullptr;  ///< when set, only rows with their position in it count
};

/// For every query the k nearest objects, as a Searcher or a ShapeSearcher would give them one by one: exact,
/// in the order (distance, id), the same bytes for any executor width and any memory budget (of an
/// approximate join the objects may depend on the budget; the bound does not).
///
///     join({.positions = stops}, {.positions = shops}, {.k = 5}, executor,
///          [&](std::span<const JoinRow> rows) { for (const JoinRow& r : rows) write(r); });
///
/// Judges everything first: throws Error(invalid_argument) for k = 0, a max_distance or epsilon that is
/// negative or NaN (an infinite epsilon too), columns whose lengths do not fit, `absent` rows that do not
/// ascend or are not there, positions outside the metric's domain and shapes with a fault (`geometry_fault`),
/// with the name of the side, the row and the vertex; for Match::centroid also shapes without a centroid.
/// Error(too_large) for a side of more than 2^32 - 2 rows. Later only Error(deadline_exceeded) and
/// Error(cancelled) as the Control has it, what sink, filters, progress and blocks throw, and std::bad_alloc.
/// Whatever was thrown, no work is left under way.
///
/// Cost: O(n) for a fast index over n objects, and for each query O(log n + k) nodes, most of which the query
/// before it has left in the cache, as queries go along a Hilbert curve. Where the index would take more than
/// memory_budget the object side is cut into blocks, which costs each query a search in each of them.
JoinSummary join(const JoinSide& queries, const JoinSide& objects, const JoinOptions& options,
                 Executor& executor, const JoinSink& sink);

/// The same with the object side piece by piece. Memory: an index for a block at a time, and for each query
/// the k neighbors so far (16 bytes each; with a partition k of each value, with Ties::include also those
/// that tie so far) and 24 bytes. A block with a fault ends the join before anything was given to the sink.
JoinSummary join(const JoinSide& queries, ObjectBlocks& objects, const JoinOptions& options,
                 Executor& executor, const JoinSink& sink);

/// The same over an index that is there already, whose rows are the object rows. Throws
/// Error(invalid_argument) when its metric is not that of the options, and Error(unsupported) for
/// `partition`, which needs an index of its own.
JoinSummary join(const JoinSide& queries, const PointIndex& objects, const JoinOptions& options,
                 Executor& executor, const JoinSink& sink);
JoinSummary join(const JoinSide& queries, const ShapeIndex& objects, const JoinOptions& options,
                 Executor& executor, const JoinSink& sink);

/// The same over one state of a live index, as a LiveSearcher would give them one by one; it throws what that
/// throws. Nothing is built, so that few queries cost little; of shapes each costs more than over an index of
/// their own. The filter is asked of the rows that a search comes to, from many threads at a time. Throws
/// Error(unsupported) for `partition`.
JoinSummary join(const JoinSide& queries, const LiveObjects& objects, const JoinOptions& options,
                 Executor& executor, const JoinSink& sink);

}  // namespace crowfly
