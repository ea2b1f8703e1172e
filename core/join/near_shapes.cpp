#include "core/join/near_shapes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "core/join/piece_columns.h"
#include "core/metric/with_metric.h"
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
        if (candidates_.size() > kMostPieces) return candidates_.size();
        columns_.clear();
        shapes_.clear();
        places_.fill(kNoPlace);
        for (PieceCandidate& candidate : candidates_) add(candidate);
        columns_.pad();
        return candidates_.size();
    }

    std::span<const Neighbor> nearest(LonLat query, const NearestOptions& options) override {
        const Embedded<M> at = M::embed(query);
        const ShapePiece<M> point{{at, at}, query, query};
        found_.clear();
        touched_.clear();
        find_around(task(std::span(&point, 1), options.max_distance));
        find_likely(at, options.max_distance);
        measure(point.piece, likely_within(options.k), options.max_distance);
        for (const std::uint32_t place : touched_) {
            Shape& shape = shapes_[place];
            if (shape.least <= options.max_distance) found_.push_back({shape.row, shape.least});
            shape.most = shape.least = kNever;
        }
        const std::size_t count = std::min(options.k, found_.size());
        std::partial_sort(found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(count), found_.end(),
                          before_);
        found_.resize(count);
        return found_;
    }

  private:
    /// A shape of which pieces were gathered. Between searches both distances are without end.
    struct Shape {
        std::uint32_t row;
        double most = kNever;   ///< how far it can be, in a straight line
        double least = kNever;  ///< how far it is by the pieces measured so far
    };

    ShapeTask<M> task(std::span<const ShapePiece<M>> query, double max_distance) {
        return {tree_, query, max_distance, no_filter_, control_, counts_};
    }

    void add(PieceCandidate& candidate) {
        const Piece<M> piece = tree_.piece(candidate.slot);
        const PieceLeaf<D>& leaf = tree_.leaves[candidate.slot / kLeafSize];
        columns_.add(piece.from, piece.to, static_cast<double>(leaf.bulge[candidate.slot % kLeafSize]));
        std::uint16_t& place = place_of(candidate.row);
        if (place == kNoPlace) {
            place = static_cast<std::uint16_t>(shapes_.size());
            shapes_.push_back({candidate.row});
        }
        candidate.query_piece = place;
    }

    /// Where a row is among the shapes, or is to be: a table with room for twice as many as there are.
    std::uint16_t& place_of(std::uint32_t row) {
        std::size_t i = row % places_.size();
        while (places_[i] != kNoPlace && shapes_[places_[i]].row != row) i = (i + 1) % places_.size();
        return places_[i];
    }

    void touch(std::uint32_t place) {
        if (shapes_[place].most == kNever) touched_.push_back(place);
    }

    /// Shapes with a polygon that holds the query are at distance 0.
    void find_around(const ShapeTask<M>& task) {
        const Embedded<M>& at = task.query.front().piece.from;
        polygons_.clear();
        find_polygons_around(task, at, polygons_);
        for (const std::uint32_t number : polygons_) {
            const auto& polygon = tree_.polygon_of[number];
            if (!polygon.interior.box_holds(at) || !polygon.interior.contains(M::position(at), at)) continue;
            if (const std::uint16_t place = place_of(polygon.row); place != kNoPlace) {
                touch(place);
                shapes_[place].most = shapes_[place].least = 0;
            } else if (std::none_of(found_.begin(), found_.end(),
                                    [&](const Neighbor& one) { return one.row == polygon.row; })) {
                found_.push_back({polygon.row, 0});
            }
        }
    }

    /// The pieces that may be within max_distance, and how far their shapes can be by them.
    void find_likely(const Embedded<M>& at, double max_distance) {
        const double limit = std::min(M::within_square(max_distance), M::kGreatestSquare);
        find_within(columns_, at, std::sqrt(limit) * kRootSlack, likely_);
        for (const PieceBound& piece : likely_) {
            const std::uint32_t place = candidates_[piece.number].query_piece;
            touch(place);
            const double most = (piece.least + 2 * columns_.bulge[piece.number]) * kRootSlack;
            shapes_[place].most = std::min(shapes_[place].most, most);
        }
    }

    /// The straight distance beyond which no piece can matter, as k shapes are nearer.
    double likely_within(std::size_t k) {
        const std::size_t others = found_.size();  // at 0, of which no piece was gathered
        if (k <= others) return 0;
        if (touched_.size() + others < k) return kNever;
        most_.clear();
        for (const std::uint32_t place : touched_) most_.push_back(shapes_[place].most);
        const auto kth = most_.begin() + static_cast<std::ptrdiff_t>(k - others - 1);
        std::nth_element(most_.begin(), kth, most_.end());
        return rivals_within(*kth);
    }

    /// How far away straight whatever can be is that comes before a point so far away, or ties with it.
    static double rivals_within(double distance) {
        return std::sqrt(M::rival_square(distance * distance * kSquareSlack)) * kRootSlack;
    }

    /// The pieces that can be the nearest of a shape that can be among the first k.
    void measure(const Piece<M>& point, double limit, double max_distance) {
        for (const PieceBound& piece : likely_) {
            if (piece.least > limit) continue;
            const PieceCandidate& candidate = candidates_[piece.number];
            Shape& shape = shapes_[candidate.query_piece];
            if (shape.least == 0 || piece.least > rivals_within(shape.most)) continue;
            ++counts_.distances;
            const double at_most = std::min(shape.least, max_distance);
            const double distance = distance_between(point, tree_.piece(candidate.slot), at_most).distance;
            shape.least = std::min(shape.least, distance);
        }
    }

    static constexpr std::uint16_t kNoPlace = 0xFFFF;

    const ShapeTree<M>& tree_;
    NeighborBefore before_;
    const Control& control_;
    const RowFilter no_filter_;
    std::vector<PieceCandidate> candidates_;  ///< the pieces gathered; query_piece is the place of the shape
    PieceColumns<D> columns_;                 ///< of them
    std::vector<Shape> shapes_;
    std::array<std::uint16_t, 2 * kMostPieces> places_{};
    std::vector<PieceBound> likely_;
    std::vector<std::uint32_t> touched_;  ///< shapes with a likely piece, or around the query
    std::vector<double> most_;
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
