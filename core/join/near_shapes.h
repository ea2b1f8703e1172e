#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "core/control.h"
#include "core/index/shape_index.h"
#include "core/search/counts.h"
#include "core/search/neighbor.h"
#include "core/search/query.h"

namespace crowfly {

/// The pieces of shapes around a place, taken out of their index once for many queries near that place: each
/// then measures those few in a row, where a search of its own would walk down the same branches again.
/// Belongs to one thread at a time; the index must outlive it.
class NearShapes {
  public:
    NearShapes() = default;
    NearShapes(const NearShapes&) = delete;
    NearShapes& operator=(const NearShapes&) = delete;
    virtual ~NearShapes() = default;

    /// The objects above stay referred to.
    static std::unique_ptr<NearShapes> of(const ShapeIndex& index, const RowOrder& order,
                                          const Control& control);

    /// More pieces than this are not taken.
    static constexpr std::size_t kMostPieces = 256;

    /// Takes all pieces within `distance` of the first of the queries, all of which are within `spread` of
    /// it; returns how many pieces they are. When they are too many, nothing can be searched until the next
    /// call.
    virtual std::size_t gather(std::span<const LonLat> queries, double spread, double distance) = 0;

    /// What ShapeSearcher::nearest answers to a query that was gathered for, to the bit; right if all of that
    /// is within the distance of the first query. Valid until the next call. Cost: linear in the pieces; on
    /// the plane that is shared by a few queries that follow each other.
    virtual std::span<const Neighbor> nearest(std::size_t query, const NearestOptions& options) = 0;

    const SearchCounts& counts() const noexcept { return counts_; }

  protected:
    SearchCounts counts_;
};

}  // namespace crowfly
