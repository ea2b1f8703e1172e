#include "core/join/near_shapes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/join/piece_columns.h"
#include "core/metric/with_metric.h"
#include "core/search/row_limit.h"
#include "core/search/shape_traversal.h"

namespace crowfly {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

/// For the roundings of a square and of its root.
constexpr double kSquareSlack = 1 + 1e-12;
constexpr double kRootSlack = 1 + 1e-12;

template <Metric M>
class NearShapesBy final : public NearShapes {
  public:
    static constexpr std::size_t D = M::kDimensions;

    NearShapesBy(const ShapeIndex& index, const RowOrder& order, const Control& control)
        : tree_(index.tree<M>()), before_{order}, control_(control) {}

    std::size_t gather(LonLat centre, double distance) override {
        const Embedded<M> at = M::embed(centre);
        const ShapePiece<M> point{{at, at}, centre, centre};
        candidates_.clear();
        find_pieces(task(std::span(&point, 1), distance), kAllWithin, {}, candidates_);
        std::sort(candidates_.begin(), candidates_.end(),
                  [](const PieceCandidate& a, const PieceCandidate& b) { return a.row < b.row; });
        columns_.clear();
        rows_.clear();
        shape_of_piece_.clear();
        for (const PieceCandidate& candidate : candidates_) add(candidate);
        columns_.pad();
        return columns_.count;
    }

    std::span<const Neighbor> nearest(LonLat query, const NearestOptions& options) override {
        const Embedded<M> at = M::embed(query);
        const ShapePiece<M> point{{at, at}, query, query};
        least_.assign(rows_.size(), kNever);
        found_.clear();
        find_around(task(std::span(&point, 1), options.max_distance));
        measure(point.piece, options);
        for (std::size_t shape = 0; shape < rows_.size(); ++shape) {
            if (least_[shape] <= options.max_distance) found_.push_back({rows_[shape], least_[shape]});
        }
        const std::size_t count = std::min(options.k, found_.size());
        std::partial_sort(found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(count), found_.end(),
                          before_);
        found_.resize(count);
        return found_;
    }

  private:
    ShapeTask<M> task(std::span<const ShapePiece<M>> query, double max_distance) {
        return {tree_, query, max_distance, no_filter_, control_, counts_};
    }

    void add(const PieceCandidate& candidate) {
        const Piece<M> piece = tree_.piece(candidate.slot);
        const PieceLeaf<D>& leaf = tree_.leaves[candidate.slot / kLeafSize];
        columns_.add(piece.from, piece.to, static_cast<double>(leaf.bulge[candidate.slot % kLeafSize]));
        if (rows_.empty() || rows_.back() != candidate.row) rows_.push_back(candidate.row);
        shape_of_piece_.push_back(static_cast<std::uint32_t>(rows_.size() - 1));
    }

    /// Shapes with a polygon that holds the query are at distance 0.
    void find_around(const ShapeTask<M>& task) {
        const Embedded<M>& at = task.query.front().piece.from;
        polygons_.clear();
        find_polygons_around(task, at, polygons_);
        for (const std::uint32_t number : polygons_) {
            const auto& polygon = tree_.polygon_of[number];
            if (!polygon.interior.box_holds(at) || !polygon.interior.contains(M::position(at), at)) continue;
            const auto shape = std::lower_bound(rows_.begin(), rows_.end(), polygon.row);
            if (shape != rows_.end() && *shape == polygon.row) {
                least_[static_cast<std::size_t>(shape - rows_.begin())] = 0;
            } else if (std::none_of(found_.begin(), found_.end(),
                                    [&](const Neighbor& one) { return one.row == polygon.row; })) {
                found_.push_back({polygon.row, 0});
            }
        }
    }

    /// The distances of all shapes that can be among the first k: those pieces first that are likely to be
    /// nearest, so that few need be measured.
    void measure(const Piece<M>& point, const NearestOptions& options) {
        const double limit = std::min(M::within_square(options.max_distance), M::kGreatestSquare);
        find_within(columns_, point.from, std::sqrt(limit) * kRootSlack, likely_);
        std::sort(likely_.begin(), likely_.end(),
                  [](const PieceBound& a, const PieceBound& b) { return a.least < b.least; });
        RowLimit rows(options.k);
        for (const Neighbor& zero : found_) rows.offer(zero.row, 0);
        for (std::size_t shape = 0; shape < rows_.size(); ++shape) {
            if (least_[shape] == 0) rows.offer(rows_[shape], 0);
        }
        for (const PieceBound& piece : likely_) {
            const double at_most = std::min(rows.kth(), options.max_distance);
            const double least = M::least_distance(piece.least * piece.least / kSquareSlack);
            if (least > at_most) break;
            double& of_shape = least_[shape_of_piece_[piece.number]];
            if (of_shape == 0 || least > of_shape) continue;
            ++counts_.distances;
            const Piece<M> other = tree_.piece(candidates_[piece.number].slot);
            const double distance = distance_between(point, other, at_most).distance;
            if (distance > at_most || distance >= of_shape) continue;
            of_shape = distance;
            rows.offer(candidates_[piece.number].row, distance);
        }
    }

    const ShapeTree<M>& tree_;
    NeighborBefore before_;
    const Control& control_;
    const RowFilter no_filter_;
    std::vector<PieceCandidate> candidates_;  ///< the pieces gathered, by row
    PieceColumns<D> columns_;
    std::vector<std::uint32_t> rows_;            ///< of the shapes gathered, ascending
    std::vector<std::uint32_t> shape_of_piece_;  ///< by its place in `rows_`
    std::vector<PieceBound> likely_;
    std::vector<double> least_;  ///< how far each shape is, where that matters
    std::vector<std::uint32_t> polygons_;
    std::vector<Neighbor> found_;
};

}  // namespace

std::unique_ptr<NearShapes> NearShapes::of(const ShapeIndex& index, const RowOrder& order,
                                           const Control& control) {
    return with_metric(index.metric(), [&]<class M>(M /*metric*/) -> std::unique_ptr<NearShapes> {
        return std::make_unique<NearShapesBy<M>>(index, order, control);
    });
}

}  // namespace crowfly
