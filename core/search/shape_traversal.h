#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/control.h"
#include "core/geometry/front.h"
#include "core/index/shape_index.h"
#include "core/search/counts.h"
#include "core/search/neighbor.h"

namespace crowfly {

/// A piece of a shape that may be the one that is nearest to a piece of the query.
struct PieceCandidate {
    double least_square;  ///< of the straight distance, at least so much
    std::uint32_t row;
    std::uint32_t slot;
    std::uint32_t query_piece;
};

/// One search for shapes: the query's pieces, what counts, and where the work's traces go.
template <Metric M>
struct ShapeTask {
    const ShapeTree<M>& tree;
    std::span<const ShapePiece<M>> query;
    double max_distance;
    const RowFilter& filter;
    const Control& control;
    SearchCounts& counts;
    const Front* front = nullptr;  ///< when set, of the query, which is a point; discards more
};

inline constexpr std::size_t kAllWithin = std::numeric_limits<std::size_t>::max();

/// Leaves in `candidates` every piece by which a row can be among the k that come first within
/// task.max_distance, or, for k = kAllWithin, among all that are within it; of rows in `at_zero`, which are
/// known to be at distance 0, none need be there.
///
/// Depth first, nearest child first, once for each piece of the query. Boxes and pieces are discarded by
/// their straight distance, less what a piece's curve may leave its chord by, when that is beyond the limit:
/// the square beyond which nothing can come before the k-th row (Metric::rival_square).
///
/// Returns false where that leaves too many: far from a point on the spheroid. Then the pieces are only those
/// by which a row can be among the k first by straight distance, and the task is to be repeated for all that
/// are within the distance of the k-th of these, with a front.
template <Metric M>
bool find_pieces(const ShapeTask<M>& task, std::size_t k, std::span<const std::uint32_t> at_zero,
                 std::vector<PieceCandidate>& candidates);

/// Appends the numbers of the polygons that may reach into the box: of all those whose boxes do, and of some
/// in the same leaves.
template <Metric M>
void find_polygons_around(const ShapeTask<M>& task, const Box<M::kDimensions>& box,
                          std::vector<std::uint32_t>& numbers);

/// Likewise the slots of pieces that may reach into the box.
template <Metric M>
void find_slots_in(const ShapeTask<M>& task, const Box<M::kDimensions>& box,
                   std::vector<std::uint32_t>& slots);

}  // namespace crowfly
