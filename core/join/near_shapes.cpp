#include "core/join/near_shapes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "core/join/piece_bundles.h"
#include "core/metric/with_metric.h"
#include "core/search/shape_traversal.h"

namespace crowfly {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

/// For the roundings of a square and of its root.
constexpr double kSquareSlack = 1 + 1e-12;

template <Metric M>
class NearShapesBy final : public NearShapes {
  public:
    static constexpr std::size_t D = M::kDimensions;

    NearShapesBy(const ShapeIndex& index, const RowOrder& order, const Control& control)
        : tree_(index.tree<M>()), before_{order}, control_(control) {}

    std::size_t gather(LonLat centre, double spread, double distance) override {
        const Embedded<M> at = M::embed(centre);
        const ShapePiece<M> point{{at, at}, centre, centre};
        const ShapeTask<M> task{tree_, std::span(&point, 1), distance, no_filter_, control_, counts_};
        candidates_.clear();
        find_pieces(task, kAllWithin, {}, candidates_);
        if (candidates_.size() > kMostPieces) return candidates_.size();
        number_shapes();
        bundle_pieces();
        find_around(task, at, spread);
        return candidates_.size();
    }

    std::span<const Neighbor> nearest(LonLat query, const NearestOptions& options) override {
        const Embedded<M> at = M::embed(query);
        found_.clear();
        bundles_.bound(at, leasts_, mosts_);
        for (std::size_t place = 0; place < shapes_.size(); ++place) {
            const auto begin = mosts_.begin() + shapes_[place].begin;
            shape_mosts_[place] = *std::min_element(begin, mosts_.begin() + shapes_[place].end);
        }
        find_inside(at);
        measure({at, at}, options);
        const std::size_t count = std::min(options.k, found_.size());
        std::partial_sort(found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(count), found_.end(),
                          before_);
        found_.resize(count);
        return found_;
    }

  private:
    /// A shape of which pieces were gathered.
    struct Shape {
        std::uint32_t row;
        std::uint32_t begin = 0, end = 0;  ///< its bundles
    };

    /// Gives each row its place among the shapes, and each candidate that of its row.
    void number_shapes() {
        shapes_.clear();
        places_.fill(kNoPlace);
        for (PieceCandidate& candidate : candidates_) {
            std::uint16_t& place = place_of(candidate.row);
            if (place == kNoPlace) {
                place = static_cast<std::uint16_t>(shapes_.size());
                shapes_.push_back({candidate.row});
            }
            candidate.query_piece = place;
            ++shapes_[place].end;
        }
    }

    /// Where a row is among the shapes, or is to be: a table with room for twice as many as there are.
    std::uint16_t& place_of(std::uint32_t row) {
        std::size_t i = row % places_.size();
        while (places_[i] != kNoPlace && shapes_[places_[i]].row != row) i = (i + 1) % places_.size();
        return places_[i];
    }

    /// Puts the pieces of one shape after those of the other, and each shape's into bundles.
    void bundle_pieces() {
        by_shape_.resize(candidates_.size());
        std::uint32_t next = 0;
        for (Shape& shape : shapes_) next += std::exchange(shape.end, next);
        for (const PieceCandidate& candidate : candidates_) {
            by_shape_[shapes_[candidate.query_piece].end++] = candidate.slot;
        }
        bundles_.clear();
        std::size_t piece = 0;
        for (Shape& shape : shapes_) {
            const std::size_t last = shape.end;
            shape.begin = static_cast<std::uint32_t>(bundles_.size());
            while (piece < last) {
                PieceBundle<D> bundle;
                for (; piece < last && bundle.count < bundle.kRoom; ++piece) add(by_shape_[piece], bundle);
                bundles_.push_back(bundle);
            }
            shape.end = static_cast<std::uint32_t>(bundles_.size());
        }
        leasts_.resize(bundles_.padded_size());
        mosts_.resize(bundles_.padded_size());
        shape_mosts_.resize(shapes_.size());
        squares_.resize(bundles_.size() * PieceBundle<D>::kRoom);
    }

    void add(std::uint32_t slot, PieceBundle<D>& bundle) const {
        const Piece<M> piece = tree_.piece(slot);
        bundle.add(piece.from, piece.to, static_cast<double>(tree_.bulge(slot)), slot);
    }

    /// The polygons that can hold a query.
    void find_around(const ShapeTask<M>& task, const Embedded<M>& at, double spread) {
        Embedded<M> low, high;
        for (std::size_t d = 0; d < D; ++d) {
            low[d] = at[d] - spread;
            high[d] = at[d] + spread;
        }
        Box<D> box = Box<D>::of(low);
        box.grow(high);
        polygons_.clear();
        find_polygons_around(task, box, polygons_);
        std::erase_if(polygons_, [&](std::uint32_t number) {
            return !tree_.polygon_of[number].interior.box().meets(box);
        });
    }

    /// Shapes with a polygon that holds the query are at distance 0.
    void find_inside(const Embedded<M>& at) {
        for (const std::uint32_t number : polygons_) {
            const auto& polygon = tree_.polygon_of[number];
            if (!polygon.interior.box_holds(at) || !polygon.interior.contains(M::position(at), at)) continue;
            const auto is_it = [&](const Neighbor& one) { return one.row == polygon.row; };
            if (std::any_of(found_.begin(), found_.end(), is_it)) continue;
            found_.push_back({polygon.row, 0});
            if (const std::uint16_t place = place_of(polygon.row); place != kNoPlace)
                shape_mosts_[place] = kInside;
        }
    }

    /// The square of the straight distance beyond which no piece can matter, as k shapes are nearer.
    double rivals_of_kth(std::size_t k) {
        const std::size_t others = found_.size();  // at 0
        if (k <= others) return 0;
        selection_.clear();
        for (const double most : shape_mosts_) {
            if (most != kInside) selection_.push_back(most);
        }
        if (selection_.size() < k - others) return kNever;
        const auto kth = selection_.begin() + static_cast<std::ptrdiff_t>(k - others - 1);
        std::nth_element(selection_.begin(), kth, selection_.end());
        return M::rival_square(*kth * kSquareSlack);
    }

    /// Leaves the bundles that can have a piece within the square and be the nearest of their shape.
    void choose(double square) {
        chosen_.clear();
        for (std::uint32_t place = 0; place < shapes_.size(); ++place) {
            const double own = std::min(square, M::rival_square(shape_mosts_[place] * kSquareSlack));
            for (std::uint32_t i = shapes_[place].begin; i < shapes_[place].end; ++i) {
                if (leasts_[i] <= own) chosen_.push_back({place, i});
            }
        }
    }

    /// The shapes that can be among the first k, by those of their pieces that can be nearest.
    void measure(const Piece<M>& point, const NearestOptions& options) {
        double limit = std::min(M::within_square(options.max_distance), M::kGreatestSquare) * kSquareSlack;
        choose(limit);
        if (chosen_.size() > options.k + kFewMore) {
            limit = std::min(limit, rivals_of_kth(options.k) * kSquareSlack);
            choose(limit);
        }
        bundles_.measure(point.from, chosen_, squares_);
        double least = kNever;
        for (std::size_t i = 0; i < chosen_.size(); ++i) {
            const auto [place, bundle] = chosen_[i];
            const auto squares =
                std::span(squares_).subspan(i * PieceBundle<D>::kRoom, PieceBundle<D>::kRoom);
            const double at_most = std::min(least, options.max_distance);
            least =
                std::min(least, distance_to(bundles_[bundle], point, squares, shape_mosts_[place], at_most));
            if (i + 1 < chosen_.size() && chosen_[i + 1].place == place) continue;
            if (least <= options.max_distance) found_.push_back({shapes_[place].row, least});
            least = kNever;
        }
    }

    /// The least distance of a bundle's pieces, or more than at_most. `most_square` is one that it is not
    /// farther than, straight.
    double distance_to(const PieceBundle<D>& bundle, const Piece<M>& point, std::span<const double> squares,
                       double most_square, double at_most) {
        double nearest = most_square;
        for (std::uint32_t i = 0; i < bundle.count; ++i) nearest = std::min(nearest, squares[i]);
        const double most = std::sqrt(nearest) + bundle.bulge;
        const double farthest = std::sqrt(M::rival_square(most * most * kSquareSlack)) + bundle.bulge;
        const double farthest_square = farthest * farthest * kSquareSlack;
        std::uint32_t pieces = 0;
        for (std::uint32_t i = 0; i < bundle.count; ++i) {
            pieces |= static_cast<std::uint32_t>(!(squares[i] > farthest_square)) << i;
        }
        double least = kNever;
        for (; pieces != 0; pieces &= pieces - 1) {
            ++counts_.distances;
            const Piece<M> piece =
                tree_.piece(bundle.slots[static_cast<std::size_t>(std::countr_zero(pieces))]);
            least = std::min(least, distance_between(point, piece, std::min(at_most, least)).distance);
        }
        return least;
    }

    /// Stands for the distance of a shape that the query is inside.
    static constexpr double kInside = -1;

    /// So many more than k are sooner measured than left out.
    static constexpr std::size_t kFewMore = 3;

    static constexpr std::uint16_t kNoPlace = 0xFFFF;

    const ShapeTree<M>& tree_;
    NeighborBefore before_;
    const Control& control_;
    const RowFilter no_filter_;
    std::vector<PieceCandidate> candidates_;  ///< the pieces gathered; query_piece is the place of the shape
    std::vector<std::uint32_t> by_shape_;     ///< their slots
    PieceBundles<D> bundles_;                 ///< of them
    std::vector<Shape> shapes_;
    std::array<std::uint16_t, 2 * kMostPieces> places_{};
    std::vector<std::uint32_t> polygons_;  ///< that can hold a query

    // Of one query.
    std::vector<double> leasts_, mosts_;  ///< squares, by bundle
    std::vector<double> shape_mosts_;     ///< squares; a shape is no farther
    std::vector<double> selection_;
    std::vector<ChosenBundle> chosen_;
    std::vector<double> squares_;  ///< by piece of the chosen bundles
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
