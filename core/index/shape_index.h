#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "core/geometry/geometry.h"
#include "core/geometry/interior.h"
#include "core/geometry/pieces.h"
#include "core/index/box_tree.h"
#include "core/index/point_index.h"

namespace crowfly {

inline constexpr std::uint32_t kNoRow = 0xFFFFFFFF;

/// Pieces of edges, column by column, their rows, and how far each bulges. A piece that is not there has its
/// ends at infinity and belongs to kNoRow.
template <std::size_t D>
struct alignas(64) PieceLeaf {
    std::array<std::array<double, kLeafSize>, D> from;
    std::array<std::array<double, kLeafSize>, D> to;
    std::array<float, kLeafSize> bulge;
    std::array<std::uint32_t, kLeafSize> rows;
};

/// What all pieces of a leaf have in common.
struct LeafSummary {
    std::uint32_t row;  ///< of all of them; kNoRow when they are of several
    float bulge;        ///< none is greater
};

/// What an index over shapes is for one metric: a tree over the pieces of all their edges, and one over their
/// polygons.
template <Metric M>
struct ShapeTree {
    static constexpr std::size_t D = M::kDimensions;

    struct Polygon {
        std::uint32_t row;
        PolygonInterior<M> interior;
    };

    BoxTree<D> pieces;  ///< their order is that of the leaves
    std::vector<PieceLeaf<D>> leaves;
    std::vector<LeafSummary> summaries;  ///< of the leaves
    BoxTree<D> polygons;
    std::vector<Polygon> polygon_of;  ///< in the order in which they came

    Piece<M> piece(std::size_t slot) const noexcept {
        const PieceLeaf<D>& leaf = leaves[slot / kLeafSize];
        Piece<M> piece;
        for (std::size_t d = 0; d < D; ++d) {
            piece.from[d] = leaf.from[d][slot % kLeafSize];
            piece.to[d] = leaf.to[d][slot % kLeafSize];
        }
        return piece;
    }
    std::uint32_t row(std::size_t slot) const noexcept {
        return leaves[slot / kLeafSize].rows[slot % kLeafSize];
    }
    float bulge(std::size_t slot) const noexcept { return leaves[slot / kLeafSize].bulge[slot % kLeafSize]; }
};

/// Shapes row by row, as whoever has them keeps them.
struct ShapeColumns {
    /// Of all rows; may be empty when no shape is null.
    std::span<const LonLat> positions;

    /// Of each row, or null: it is the point at its position. Empty: all rows are points.
    std::span<const Geometry* const> shapes = {};

    std::size_t size() const noexcept { return shapes.empty() ? positions.size() : shapes.size(); }
    const Geometry* shape(std::size_t row) const noexcept { return shapes.empty() ? nullptr : shapes[row]; }
};

/// Throws Error(invalid_argument) for columns of different lengths, and, with the row, for a shape with a
/// fault (`geometry_fault`), a position outside the metric's domain, and a row that has neither. Cost: linear
/// in vertices.
void require_valid(const ShapeColumns& columns, MetricKind metric);

/// Where each of the shapes is.
std::vector<const Geometry*> addresses(std::span<const Geometry> shapes);

/// The geometry's pieces, those of its polygons' rings, and those polygons: what distances are computed from.
template <Metric M>
struct PreparedShape {
    std::vector<ShapePiece<M>> pieces;
    std::vector<PolygonInterior<M>> polygons;
    std::vector<std::uint32_t> polygon_begin;  ///< the first piece of each

    /// The geometry must have passed `geometry_fault`.
    static PreparedShape of(const Geometry& geometry);

    static PreparedShape of(LonLat position);

    /// What a row is. The columns must have passed `require_valid`.
    static PreparedShape of(const ShapeColumns& columns, std::size_t row);
};

/// An immutable index over shapes of any kind, points among them, for one metric. Row i is shapes[i]. All
/// that searches need of the shapes is in it, and a shape with a million vertices costs a search no more than
/// a million shapes do. Any number of threads may search it, each through a ShapeSearcher of its own.
///
/// Memory: some 45 bytes for each piece of an edge on the plane and 60 else, and 33 more for those of
/// polygons; an edge has one piece on the plane, else one for each kLongestPiece.
class ShapeIndex {
  public:
    /// Throws as `require_valid` does, and Error(too_large) for more than 2^32 - 2 pieces of edges. The spans
    /// need not outlive the build. Cost: O(n log n) in vertices.
    ShapeIndex(const ShapeColumns& columns, MetricKind metric, const BuildOptions& options = {});
    ShapeIndex(std::span<const Geometry> shapes, MetricKind metric, const BuildOptions& options = {})
        : ShapeIndex(ShapeColumns{.positions = {}, .shapes = addresses(shapes)}, metric, options) {}

    MetricKind metric() const noexcept { return metric_; }
    std::size_t size() const noexcept { return size_; }

    template <Metric M>
    const ShapeTree<M>& tree() const {
        return std::get<ShapeTree<M>>(*tree_);
    }

  private:
    using AnyTree = std::variant<ShapeTree<Plane>, ShapeTree<Sphere>, ShapeTree<Spheroid>>;

    MetricKind metric_;
    std::size_t size_;
    std::shared_ptr<const AnyTree> tree_;
};

}  // namespace crowfly
