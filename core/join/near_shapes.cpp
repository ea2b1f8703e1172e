#include "core/join/near_shapes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "core/join/piece_bundles.h"
#include "core/join/plane_distances.h"
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

    std::size_t gather(std::span<const LonLat> queries, double spread, double distance) override {
        const Embedded<M> at = M::embed(queries.front());
        const ShapePiece<M> point{{at, at}, queries.front(), queries.front()};
        const ShapeTask<M> task{tree_, std::span(&point, 1), distance, no_filter_, control_, counts_};
        candidates_.clear();
        find_pieces(task, kAllWithin, {}, candidates_);
        if (candidates_.size() > kMostPieces) return candidates_.size();
        queries_.assign(queries.begin(), queries.end());
        measured_from_ = kNone;
        number_shapes();
        bundle_pieces();
        find_around(task, at, spread);
        return candidates_.size();
    }

    std::span<const Neighbor> nearest(std::size_t query, const NearestOptions& options) override {
        const Embedded<M> at = M::embed(queries_[query]);
        found_.clear();
        find_inside(at);
        if (!measure_in_block(query, options)) measure({at, at}, options);
        const std::size_t count = std::min(options.k, found_.size());
        std::partial_sort(found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(count), found_.end(),
                          before_);
        found_.resize(count);
        return found_;
    }

  private:
    /// Gives each row its place among the shapes, and each candidate that of its row.
    void number_shapes() {
        rows_.clear();
        ranges_.clear();
        places_.fill(kNoPlace);
        for (PieceCandidate& candidate : candidates_) {
            std::uint16_t& place = place_of(candidate.row);
            if (place == kNoPlace) {
                place = static_cast<std::uint16_t>(rows_.size());
                rows_.push_back(candidate.row);
                ranges_.push_back({0, 0});
            }
            candidate.query_piece = place;
            ++ranges_[place].end;
        }
    }

    /// Where a row is among the shapes, or is to be: a table with room for twice as many as there are.
    std::uint16_t& place_of(std::uint32_t row) {
        std::size_t i = row % places_.size();
        while (places_[i] != kNoPlace && rows_[places_[i]] != row) i = (i + 1) % places_.size();
        return places_[i];
    }

    /// Puts the pieces of one shape after those of the other, and each shape's into bundles.
    void bundle_pieces() {
        by_shape_.resize(candidates_.size());
        std::uint32_t next = 0;
        for (BundleRange& range : ranges_) next += std::exchange(range.end, next);
        for (const PieceCandidate& candidate : candidates_) {
            by_shape_[ranges_[candidate.query_piece].end++] = candidate.slot;
        }
        bundles_.clear();
        std::size_t piece = 0;
        for (BundleRange& range : ranges_) {
            const std::size_t last = range.end;
            range.begin = static_cast<std::uint32_t>(bundles_.size());
            while (piece < last) {
                PieceBundle<D> bundle;
                for (; piece < last && bundle.count < bundle.kRoom; ++piece) add(by_shape_[piece], bundle);
                bundles_.push_back(bundle);
            }
            range.end = static_cast<std::uint32_t>(bundles_.size());
        }
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
            if (!is_found_inside(polygon.row)) found_.push_back({polygon.row, 0});
        }
    }

    bool is_found_inside(std::uint32_t row) const {
        return std::any_of(found_.begin(), found_.end(), [&](const Neighbor& one) { return one.row == row; });
    }

    /// Appends the shapes that can be among the first k, from what is measured for a few queries at a time;
    /// returns whether that can be had.
    bool measure_in_block(std::size_t query, const NearestOptions& options) {
        if constexpr (M::kKind == MetricKind::plane) {
            if (options.k > kMostOfBlock) return false;
            const std::size_t in_block = query % PointBlock::kRoom;
            if (measured_from_ != query - in_block || measured_k_ != options.k) {
                measured_from_ = query - in_block;
                measured_k_ = options.k;
                PointBlock block;
                for (std::size_t i = 0; i < PointBlock::kRoom; ++i) {
                    const LonLat at = queries_[std::min(measured_from_ + i, queries_.size() - 1)];
                    block.x[i] = at.lon;
                    block.y[i] = at.lat;
                }
                distances_.resize(ranges_.size() * PointBlock::kRoom);
                counts_.distances += measure_block(block, bundles_, ranges_, options.k, distances_);
            }
            const std::size_t inside = found_.size();
            for (std::size_t place = 0; place < rows_.size(); ++place) {
                const double distance = distances_[place * PointBlock::kRoom + in_block];
                if (distance > options.max_distance) continue;
                if (inside > 0 && is_found_inside(rows_[place])) continue;
                found_.push_back({rows_[place], distance});
            }
            return true;
        }
        return false;
    }

    /// The square of the straight distance beyond which no piece can matter, as k shapes are nearer.
    double rivals_of_kth(std::size_t k) {
        const std::size_t others = found_.size();  // at 0
        if (k <= others) return 0;
        if (shape_mosts_.size() < k) return kNever;
        selection_ = shape_mosts_;
        const auto kth = selection_.begin() + static_cast<std::ptrdiff_t>(k - 1);
        std::nth_element(selection_.begin(), kth, selection_.end());
        return M::rival_square(*kth * kSquareSlack);
    }

    /// Leaves the bundles that can have a piece within the square and be the nearest of their shape.
    void choose(double square) {
        chosen_.clear();
        for (std::uint32_t place = 0; place < rows_.size(); ++place) {
            const double own = std::min(square, M::rival_square(shape_mosts_[place] * kSquareSlack));
            for (std::uint32_t i = ranges_[place].begin; i < ranges_[place].end; ++i) {
                if (leasts_[i] <= own) chosen_.push_back({place, i});
            }
        }
    }

    void bound_shapes(const Embedded<M>& at) {
        leasts_.resize(bundles_.padded_size());
        mosts_.resize(bundles_.padded_size());
        bundles_.bound(at, leasts_, mosts_);
        shape_mosts_.clear();
        for (const auto [begin, end] : ranges_) {
            shape_mosts_.push_back(*std::min_element(mosts_.begin() + begin, mosts_.begin() + end));
        }
    }

    /// Appends the shapes that can be among the first k, by those of their pieces that can be nearest.
    void measure(const Piece<M>& point, const NearestOptions& options) {
        bound_shapes(point.from);
        double limit = std::min(M::within_square(options.max_distance), M::kGreatestSquare) * kSquareSlack;
        choose(limit);
        if (chosen_.size() > options.k + kFewMore) {
            limit = std::min(limit, rivals_of_kth(options.k) * kSquareSlack);
            choose(limit);
        }
        squares_.resize(chosen_.size() * PieceBundle<D>::kRoom);
        bundles_.measure(point.from, chosen_, squares_);
        const std::size_t inside = found_.size();
        double least = kNever;
        for (std::size_t i = 0; i < chosen_.size(); ++i) {
            const auto [place, bundle] = chosen_[i];
            const auto squares =
                std::span(squares_).subspan(i * PieceBundle<D>::kRoom, PieceBundle<D>::kRoom);
            const double at_most = std::min(least, options.max_distance);
            least =
                std::min(least, distance_to(bundles_[bundle], point, squares, shape_mosts_[place], at_most));
            if (i + 1 < chosen_.size() && chosen_[i + 1].place == place) continue;
            if (least <= options.max_distance && (inside == 0 || !is_found_inside(rows_[place]))) {
                found_.push_back({rows_[place], least});
            }
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
    std::vector<std::uint32_t> rows_;         ///< of the shapes that they are of
    std::vector<BundleRange> ranges_;         ///< theirs
    std::vector<LonLat> queries_;
    std::array<std::uint16_t, 2 * kMostPieces> places_{};
    std::vector<std::uint32_t> polygons_;  ///< that can hold a query

    // Of a few queries, from one of them on: 8 for each shape.
    static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
    std::size_t measured_from_ = kNone;
    std::size_t measured_k_ = 0;
    std::vector<double> distances_;

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
