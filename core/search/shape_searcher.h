#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/geometry/geometry.h"
#include "core/index/shape_index.h"
#include "core/search/query.h"
#include "core/search/shape_traversal.h"

namespace crowfly {

/// A shape and its distance from the query, in metres (plane: in the coordinates' unit), and where that
/// distance is: the nearest point of the query and that of the shape. Where they meet, or where one is inside
/// the other, the distance is 0 and both are one point.
struct ShapeNeighbor {
    std::uint32_t row;
    double distance;
    LonLat on_query;
    LonLat on_shape;
};

/// Searches one index over shapes. Holds the scratch of a search, so it belongs to one thread at a time; the
/// index must outlive it and may be shared.
///
/// The distance between two shapes is the least between any of their points, edges and insides included.
/// Answers are exact, in the order (distance, id): rows and distances are those of `scan_nearest_shapes` to
/// the last bit. Where several points are nearest, any one of them is given. Each is valid until the next
/// search. All throw Error(invalid_argument) for options or a query with a fault, before any work, and
/// Error(deadline_exceeded) or Error(cancelled) as the Control has it. Of the search options `where` and
/// `area` must not be set: Error(unsupported).
class ShapeSearcher {
  public:
    /// Ties are broken by row, or by `order` where one is given.
    explicit ShapeSearcher(const ShapeIndex& index, RowOrder order = {});

    /// The k rows nearest to `query` that count, nearest first. Cost for a point: O(log v + k) nodes, where v
    /// is the number of vertices in the index, and RingCrossings::odd of each polygon whose box holds it; for
    /// another geometry as much for each of its edges.
    std::span<const ShapeNeighbor> nearest(const Geometry& query, const NearestOptions& options,
                                           const SearchOptions& search = {});
    std::span<const ShapeNeighbor> nearest(LonLat query, const NearestOptions& options,
                                           const SearchOptions& search = {});

    /// All rows at most `max_distance` from `query` that count, nearest first.
    std::span<const ShapeNeighbor> within_distance(const Geometry& query, double max_distance,
                                                   const SearchOptions& search = {});
    std::span<const ShapeNeighbor> within_distance(LonLat query, double max_distance,
                                                   const SearchOptions& search = {});

    /// What all searches through this object have cost so far.
    const SearchCounts& counts() const noexcept { return counts_; }

  private:
    template <Metric M>
    void search(const PreparedShape<M>& query, std::size_t k, double max_distance,
                const SearchOptions& search);
    void search(const Geometry& query, std::size_t k, double max_distance, const SearchOptions& search);
    void search(LonLat query, std::size_t k, double max_distance, const SearchOptions& search);

    const ShapeIndex& index_;
    RowOrder order_;
    SearchCounts counts_;
    std::vector<PieceCandidate> candidates_;
    std::vector<std::uint32_t> polygons_;
    std::vector<std::uint32_t> at_zero_;
    std::vector<ShapeNeighbor> found_;
};

/// Brute force: the same answers from the distances of all pieces and the insides of all polygons. Throws as
/// ShapeIndex and ShapeSearcher do. Cost: O(vertices of all shapes times those of the query).
std::vector<ShapeNeighbor> scan_nearest_shapes(const ShapeColumns& shapes, MetricKind metric,
                                               const Geometry& query, const NearestOptions& options,
                                               const SearchOptions& search = {}, const RowOrder& order = {});
std::vector<ShapeNeighbor> scan_nearest_shapes(std::span<const Geometry> shapes, MetricKind metric,
                                               const Geometry& query, const NearestOptions& options,
                                               const SearchOptions& search = {}, const RowOrder& order = {});

/// The distance between two shapes and where it is; row is 0. Throws Error(invalid_argument) for a shape with
/// a fault. Cost: the product of their pieces.
ShapeNeighbor distance_between(const Geometry& query, const Geometry& shape, MetricKind metric);

}  // namespace crowfly
