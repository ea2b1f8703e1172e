#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/executor.h"
#include "core/index/packed_tree.h"
#include "core/metric/metric.h"

namespace crowfly {

/// How much work goes into a tree. Answers are the same from any.
enum class Build {
    fast,  ///< sorted along a Hilbert curve, then medians within blocks of 8192 points: O(n) but
           ///< for points in ever denser crowds
    best,  ///< medians throughout, so that searches open the fewest nodes: O(n log n)
};

/// Writes every byte of a tree over the positions in `rows`, each at most once, or over all positions when
/// `rows` is empty. The positions are in the metric's domain; `nodes` and `leaves` have the sizes of
/// TreeShape::of(their number). The bytes follow from positions, rows and `build` alone, whatever the
/// executor's width and the kind of processor: points of equal coordinates are told apart by their order in
/// `rows`, or by row.
///
/// Memory while it runs: 8 (D + 1) bytes a point for Build::best, where D is the metric's number of
/// dimensions, 16 for Build::fast; half a megabyte for each thread; and, where more than a sixteenth of the
/// points under a node differ by less than a 4096th of its longest side, 16 bytes for each of those. Throws
/// std::bad_alloc, and what the executor throws.
template <Metric M>
void build_tree(std::span<const LonLat> positions, std::span<const std::uint32_t> rows, Build build,
                Executor& executor, std::span<TreeNode<M::kDimensions>> nodes,
                std::span<TreeLeaf<M::kDimensions>> leaves);

/// Numbers of positions in the order in which a Hilbert curve comes by them, those at one place by number:
/// `rows` (each at most once), or 0 to positions.size() - 1 when that is empty. The positions are in the
/// metric's domain. Memory while it runs: 16 bytes for each. Throws as build_tree.
std::vector<std::uint32_t> order_along_curve(std::span<const LonLat> positions,
                                             std::span<const std::uint32_t> rows, MetricKind metric,
                                             Executor& executor);

}  // namespace crowfly
