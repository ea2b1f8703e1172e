#include "core/search/shape_traversal.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <type_traits>

#include "core/metric/spheroid.h"
#include "core/search/row_limit.h"
#include "core/search/traversal.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/search/shape_traversal.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/search/kernels-inl.h"

HWY_BEFORE_NAMESPACE();
namespace crowfly::HWY_NAMESPACE {
namespace {

template <std::size_t D>
HWY_INLINE Lanes lane_dot(const Lanes* a, const Lanes* b) {
    Lanes sum = a[0] * b[0];
    for (std::size_t d = 1; d < D; ++d) sum = sum + a[d] * b[d];
    return sum;
}

HWY_INLINE Lanes to_unit(Lanes value) {
    const Lanes zero(0.0), one(1.0);
    const Lanes low = if_less(value, zero, zero, value);
    return if_less(one, low, one, low);
}

/// The least number that may divide.
constexpr double kLeastSquare = 1e-300;

HWY_INLINE Lanes ratio(Lanes a, Lanes b) {
    const Lanes least(kLeastSquare);
    return a / if_less(b, least, least, b);
}

template <std::size_t D>
struct QueryChord {
    std::array<double, D> from;
    std::array<double, D> along;
    double along2;
    bool is_point;
};

/// Squares of the straight distances between the chord of the query's piece and those of a leaf from `lane`
/// on. Of two chords the feet are found as by C. Ericson, "Real-Time Collision Detection" (2005), section
/// 5.1.9.
template <std::size_t D>
HWY_INLINE Lanes squares_to_chords(const PieceLeaf<D>& leaf, std::size_t lane, const QueryChord<D>& query) {
    const Lanes::Tag tag;
    Lanes along[D], gap[D], query_along[D];
    for (std::size_t d = 0; d < D; ++d) {
        const Lanes from(hn::Load(tag, &leaf.from[d][lane]));
        along[d] = Lanes(hn::Load(tag, &leaf.to[d][lane])) - from;
        gap[d] = Lanes(query.from[d]) - from;
        query_along[d] = Lanes(query.along[d]);
    }
    const Lanes along2 = lane_dot<D>(along, along);
    const Lanes f = lane_dot<D>(along, gap);
    Lanes own(0.0);  // share of the query's chord
    Lanes share = to_unit(ratio(f, along2));
    if (!query.is_point) {
        const Lanes b = lane_dot<D>(query_along, along);
        const Lanes c = lane_dot<D>(query_along, gap);
        const Lanes query_along2(query.along2);
        const Lanes denominator = query_along2 * along2 - b * b;
        own = to_unit(ratio(b * f - c * along2, denominator));
        share = to_unit(ratio(b * own + f, along2));
        own = to_unit(ratio(b * share - c, query_along2));
    }
    for (std::size_t d = 0; d < D; ++d) gap[d] = gap[d] + own * query_along[d] - share * along[d];
    return lane_dot<D>(gap, gap);
}

/// A bit for each square that is not above the limit: also for those that are too great for numbers, which
/// say nothing.
HWY_INLINE std::uint32_t lanes_within(const std::array<double, kLeafSize>& squares, double limit) {
    const Lanes::Tag tag;
    std::uint32_t lanes = 0;
    for (std::size_t lane = 0; lane < kLeafSize; lane += Lanes::kCount) {
        const auto beyond = hn::Gt(hn::Load(tag, &squares[lane]), hn::Set(tag, limit));
        std::uint8_t bytes[8] = {};  // as many as StoreMaskBits may write
        hn::StoreMaskBits(tag, hn::Not(beyond), bytes);
        lanes |= static_cast<std::uint32_t>(bytes[0]) << lane;
    }
    return lanes;
}

/// Children that are still to be opened of one node.
struct Frame {
    ChildKeys children;
    std::uint32_t next;
    std::uint32_t first_child;
};

template <Metric M>
class PieceTraversal {
  public:
    static constexpr std::size_t D = M::kDimensions;

    PieceTraversal(const ShapeTask<M>& task, std::size_t k, std::span<const std::uint32_t> at_zero,
                   std::vector<PieceCandidate>& candidates)
        : task_(task),
          boxes_(task.tree.pieces),
          bounded_(k != kAllWithin),
          rows_(bounded_ ? k : 1),
          candidates_(candidates) {
        set_limit(std::min(M::within_square(task.max_distance), M::kGreatestSquare));
        if (task.front != nullptr) latest_ = task.front->delay_within(task.max_distance);
        if (!bounded_) return;
        for (const std::uint32_t row : at_zero) rows_.offer(row, 0);
        narrow();
    }

    bool run() {
        for (std::uint32_t number = 0; number < task_.query.size(); ++number) walk(number);
        std::erase_if(candidates_, [&](const PieceCandidate& c) { return c.least_square > limit_; });
        if constexpr (kFarRanks) return !by_straight_distance_ || M::rival_square(rows_.kth()) <= M::kFarRank;
        return true;
    }

  private:
    void walk(std::uint32_t query_piece) {
        const Piece<M>& piece = task_.query[query_piece].piece;
        query_piece_ = query_piece;
        // Of segments that are all but parallel rounding may find feet that are not the nearest.
        constexpr double kParallelDoubt = 1e-7;
        query_bulge_ = bulge<M>(piece) + kParallelDoubt * straight_distance(piece.from, piece.to);
        chord_.is_point = piece.from == piece.to;
        chord_.along2 = 0;
        Embedded<M> low, high;
        for (std::size_t d = 0; d < D; ++d) {
            const double along = piece.to[d] - piece.from[d];
            chord_.from[d] = piece.from[d];
            chord_.along[d] = along;
            chord_.along2 += along * along;
            low[d] = std::min(piece.from[d], piece.to[d]) - query_bulge_;
            high[d] = std::max(piece.from[d], piece.to[d]) + query_bulge_;
        }
        const FloatQuery<D> box(low, high);
        const TreeShape& shape = boxes_.shape;
        if (shape.levels == 0) {
            if (shape.leaves > 0) open_leaf(0, 0);
            return;
        }
        const std::size_t top = shape.levels - 1;
        std::size_t level = top;
        ChildKey nearest = open_node(level, 0, box);
        for (;;) {
            Frame& frame = frames_[level];
            if (nearest <= last_child_key(node_limit_)) {
                const auto child = frame.first_child + static_cast<std::uint32_t>(nearest & kChildNumber);
                ++frame.next;
                if (child < shape.children_of_level(level) && may_open(level, child)) {
                    if (level > 0) {
                        nearest = open_node(--level, child, box);
                        continue;
                    }
                    open_leaf(child, nearest);
                }
            } else {
                if (level == top) return;
                ++level;
            }
            nearest = frames_[level].children.keys[frames_[level].next];
        }
    }

    bool may_open(std::size_t level, std::uint32_t child) const {
        if constexpr (kFarRanks) {
            if (task_.front == nullptr) return true;
            const Box<D> box = boxes_.node(level, child / kFanOut).box(child % kFanOut);
            return task_.front->delay(box) <= latest_;
        }
        return true;
    }

    /// How far in a straight line a piece of the row can be that matters, as far as its others tell.
    double root_limit_of(std::uint32_t row) {
        if (row != limited_row_) {
            limited_row_ = row;
            const double own = rows_.of(row);
            root_limit_of_row_ = own < kNever ? std::sqrt(M::rival_square(own)) : kNever;
        }
        return root_limit_of_row_;
    }

    /// Likewise one of a leaf, when all are of one row.
    double root_limit_of_leaf(const LeafSummary& leaf) {
        if (!bounded_ || leaf.row == kNoRow) return root_limit_;
        return std::min(root_limit_, root_limit_of(leaf.row));
    }

    ChildKey open_node(std::size_t level, std::uint32_t number, const FloatQuery<D>& box) {
        if (++task_.counts.nodes % kNodesBetweenChecks == 0) task_.control.check();
        Frame& frame = frames_[level];
        frame.next = 0;
        frame.first_child = number * static_cast<std::uint32_t>(kFanOut);
        return nearest_children(boxes_.node(level, number), box, node_limit_, frame.children);
    }

    void open_leaf(std::uint32_t number, ChildKey key) {
        const LeafSummary& summary = task_.tree.summaries[number];
        double root_limit = root_limit_of_leaf(summary);
        if (root_limit < root_limit_ &&
            key > last_child_key(rank_limit(root_limit * root_limit * kSquareSlack)))
            return;
        if (++task_.counts.leaves % kNodesBetweenChecks == 0) task_.control.check();
        const PieceLeaf<D>& leaf = task_.tree.leaves[number];
        const double most_more = static_cast<double>(summary.bulge) + query_bulge_;
        alignas(64) std::array<double, kLeafSize> squares;
        Lanes least(kNever);
        for (std::size_t lane = 0; lane < kLeafSize; lane += Lanes::kCount) {
            const Lanes some = squares_to_chords(leaf, lane, chord_);
            least = if_less(some, least, some, least);
            hn::Store(some.vector(), Lanes::Tag(), squares.data() + lane);
        }
        if (bounded_ && summary.row != kNoRow) {
            const double most =
                std::sqrt(hn::GetLane(hn::MinOfLanes(Lanes::Tag(), least.vector()))) + most_more;
            root_limit = std::min(root_limit, std::sqrt(M::rival_square(most * most * kSquareSlack)));
        }
        const double farthest = root_limit + most_more;
        for (std::uint32_t lanes = lanes_within(squares, farthest * farthest * kSquareSlack); lanes != 0;
             lanes &= lanes - 1) {
            const auto lane = static_cast<std::size_t>(std::countr_zero(lanes));
            const std::uint32_t row = leaf.rows[lane];
            if (row == kNoRow) continue;
            const double more = static_cast<double>(leaf.bulge[lane]) + query_bulge_;
            if (bounded_) {
                const double reach = root_limit_of(row) + more;
                if (squares[lane] > reach * reach * kSquareSlack) continue;
            }
            if (task_.filter && !task_.filter(row)) continue;
            offer(row, number * static_cast<std::uint32_t>(kLeafSize) + static_cast<std::uint32_t>(lane),
                  std::sqrt(squares[lane]), more);
        }
    }

    void offer(std::uint32_t row, std::uint32_t slot, double distance, double more) {
        // Also 0 when the distance is not a number.
        const double least = std::max(0.0, distance - more);
        const double least_square = least * least / kSquareSlack;
        if (least_square > limit_) return;
        candidates_.push_back({least_square, row, slot, query_piece_});
        if (!bounded_) return;
        const double most = distance + more;
        if (!(most < kNever)) return;
        const double before = rows_.kth();
        rows_.offer(row, most * most * kSquareSlack);
        limited_row_ = kNoRow;
        if (rows_.kth() < before) narrow();
    }

    void narrow() {
        const double kth = rows_.kth();
        if (!(kth < std::numeric_limits<double>::infinity())) return;
        if constexpr (kFarRanks) {
            if (kth > M::kFarRank && task_.query.size() == 1 && chord_.is_point) {
                by_straight_distance_ = true;
                if (kth < limit_) set_limit(kth);
                return;
            }
        }
        const double rival = M::rival_square(kth);
        if (rival < limit_) set_limit(rival);
    }

    void set_limit(double limit) {
        limit_ = limit;
        root_limit_ = std::sqrt(limit);
        node_limit_ = rank_limit(limit);
    }

    static constexpr double kNever = std::numeric_limits<double>::infinity();

    static constexpr bool kFarRanks = std::is_same_v<M, Spheroid>;

    /// For the roundings of a square and of its root.
    static constexpr double kSquareSlack = 1 + 1e-12;

    const ShapeTask<M>& task_;
    const BoxTree<D>& boxes_;
    bool bounded_;
    RowLimit rows_;
    std::vector<PieceCandidate>& candidates_;
    double limit_ = 0;
    double root_limit_ = 0;
    float node_limit_ = 0;
    std::uint32_t query_piece_ = 0;
    double query_bulge_ = 0;
    std::uint32_t limited_row_ = kNoRow;  ///< the row that the next one is of
    double root_limit_of_row_ = kNever;
    double latest_ = 0;                  ///< delay that the front leaves
    bool by_straight_distance_ = false;  ///< rivals of the k-th are left out
    QueryChord<D> chord_{};
    Frame frames_[TreeShape::kMostLevels];
};

template <Metric M>
bool pieces(const ShapeTask<M>& task, std::size_t k, std::span<const std::uint32_t> at_zero,
            std::vector<PieceCandidate>& candidates) {
    return PieceTraversal<M>(task, k, at_zero, candidates).run();
}

bool plane_pieces(const ShapeTask<Plane>& task, std::size_t k, std::span<const std::uint32_t> at_zero,
                  std::vector<PieceCandidate>& candidates) {
    return pieces(task, k, at_zero, candidates);
}
bool sphere_pieces(const ShapeTask<Sphere>& task, std::size_t k, std::span<const std::uint32_t> at_zero,
                   std::vector<PieceCandidate>& candidates) {
    return pieces(task, k, at_zero, candidates);
}
bool spheroid_pieces(const ShapeTask<Spheroid>& task, std::size_t k, std::span<const std::uint32_t> at_zero,
                     std::vector<PieceCandidate>& candidates) {
    return pieces(task, k, at_zero, candidates);
}
}  // namespace
}  // namespace crowfly::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace crowfly {

HWY_EXPORT(plane_pieces);
HWY_EXPORT(sphere_pieces);
HWY_EXPORT(spheroid_pieces);

template <>
bool find_pieces(const ShapeTask<Plane>& task, std::size_t k, std::span<const std::uint32_t> at_zero,
                 std::vector<PieceCandidate>& candidates) {
    return HWY_DYNAMIC_DISPATCH(plane_pieces)(task, k, at_zero, candidates);
}
template <>
bool find_pieces(const ShapeTask<Sphere>& task, std::size_t k, std::span<const std::uint32_t> at_zero,
                 std::vector<PieceCandidate>& candidates) {
    return HWY_DYNAMIC_DISPATCH(sphere_pieces)(task, k, at_zero, candidates);
}
template <>
bool find_pieces(const ShapeTask<Spheroid>& task, std::size_t k, std::span<const std::uint32_t> at_zero,
                 std::vector<PieceCandidate>& candidates) {
    return HWY_DYNAMIC_DISPATCH(spheroid_pieces)(task, k, at_zero, candidates);
}
namespace {

/// Appends what stands in the leaves of a tree whose boxes meet `box`.
template <Metric M>
void things_in(const ShapeTask<M>& task, const BoxTree<M::kDimensions>& boxes, const Box<M::kDimensions>& box,
               std::vector<std::uint32_t>& places) {
    constexpr std::size_t D = M::kDimensions;
    struct Subtree {
        std::size_t level_above;  // 0: a leaf
        std::size_t number;
    };
    const TreeShape& shape = boxes.shape;
    if (shape.leaves == 0) return;
    std::array<Subtree, kFanOut*(TreeShape::kMostLevels + 1)> stack;
    std::size_t waiting = 0;
    stack[waiting++] = {shape.levels, 0};
    while (waiting > 0) {
        const auto [level_above, number] = stack[--waiting];
        if (level_above == 0) {
            const std::size_t end = std::min(shape.points, (number + 1) * kLeafSize);
            for (std::size_t i = number * kLeafSize; i < end; ++i) {
                places.push_back(static_cast<std::uint32_t>(i));
            }
            continue;
        }
        if (++task.counts.nodes % kNodesBetweenChecks == 0) task.control.check();
        const TreeNode<D>& node = boxes.node(level_above - 1, number);
        const std::size_t there =
            std::min(kFanOut, shape.children_of_level(level_above - 1) - number * kFanOut);
        for (std::size_t child = 0; child < there; ++child) {
            bool meets = true;
            for (std::size_t d = 0; d < D; ++d) {
                meets = meets && node.min[d][child] <= box.max[d] && node.max[d][child] >= box.min[d];
            }
            if (meets) stack[waiting++] = {level_above - 1, number * kFanOut + child};
        }
    }
}

}  // namespace

template <Metric M>
void find_polygons_around(const ShapeTask<M>& task, const Box<M::kDimensions>& box,
                          std::vector<std::uint32_t>& numbers) {
    const std::size_t before = numbers.size();
    things_in(task, task.tree.polygons, box, numbers);
    for (std::size_t i = before; i < numbers.size(); ++i) numbers[i] = task.tree.polygons.order[numbers[i]];
}

template <Metric M>
void find_slots_in(const ShapeTask<M>& task, const Box<M::kDimensions>& box,
                   std::vector<std::uint32_t>& slots) {
    things_in(task, task.tree.pieces, box, slots);
}

template void find_polygons_around(const ShapeTask<Plane>&, const Box<2>&, std::vector<std::uint32_t>&);
template void find_polygons_around(const ShapeTask<Sphere>&, const Box<3>&, std::vector<std::uint32_t>&);
template void find_polygons_around(const ShapeTask<Spheroid>&, const Box<3>&, std::vector<std::uint32_t>&);
template void find_slots_in(const ShapeTask<Plane>&, const Box<2>&, std::vector<std::uint32_t>&);
template void find_slots_in(const ShapeTask<Sphere>&, const Box<3>&, std::vector<std::uint32_t>&);
template void find_slots_in(const ShapeTask<Spheroid>&, const Box<3>&, std::vector<std::uint32_t>&);

}  // namespace crowfly
#endif  // HWY_ONCE
