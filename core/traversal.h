#pragma once

#include <cstdint>

#include "core/neighbor.h"
#include "core/packed_index.h"

namespace crowfly {

class TopK;
class WithinDistance;

/// What a search cost.
struct SearchCounts {
    std::uint64_t nodes = 0;      ///< inner nodes opened
    std::uint64_t leaves = 0;     ///< leaves opened
    std::uint64_t distances = 0;  ///< distances computed by the metric's function
};

/// Offers to the collector every row that passes the filter and is not farther from the query than
/// `collector.worst()`, and some that are. Depth first, nearest child first, so that the worst distance falls
/// soon.
///
/// Boxes and points are discarded eight at a time, with the widest vectors that the processor has: straight
/// distances are compared with Metric::reach(worst). What is discarded is strictly beyond it, so ties stay;
/// what is not gets its distance from the metric's one function, in scalar code. So the answer has the same
/// bits on every processor.
///
/// Defined for each metric, with TopK and WithinDistance as collectors.
template <Metric M, class Collector>
void traverse(const PackedIndex<M>& index, const Embedded<M>& query, const RowFilter& filter,
              Collector& collector, SearchCounts& counts);

}  // namespace crowfly
