#include "core/search/shape_searcher.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <type_traits>

#include <fmt/format.h>

#include "core/error.h"
#include "core/geometry/front.h"
#include "core/metric/with_metric.h"
#include "core/search/row_limit.h"
#include "core/search/stopwatch.h"

namespace crowfly {
namespace {

constexpr std::uint64_t kPiecesBetweenChecks = 64;

/// So many boxes a vertex tries in the time in which it finds those around it in their tree.
constexpr std::size_t kFewPolygons = 32;

/// Metres. Nearer than that few pieces are left to be measured.
constexpr double kFrontsFrom = 200'000;

void require_valid_shape(const Geometry& geometry, MetricKind metric, std::string_view what) {
    if (const auto fault = geometry_fault(geometry, widest_crs(metric))) {
        throw Error(Code::invalid_argument, fmt::format("{}: {}", what, fault->reason));
    }
}

void require_supported(const SearchOptions& search) {
    if (search.where || search.area.area != nullptr) {
        throw Error(Code::unsupported, "a search for shapes knows no attributes and areas; use a filter");
    }
    search.control.check();
}

/// Asks the control at every so many pieces.
class Checks {
  public:
    explicit Checks(const Control& control) : control_(control) {}

    void count() {
        if (++counted_ % kPiecesBetweenChecks == 0) control_.check();
    }

  private:
    const Control& control_;
    std::uint64_t counted_ = 0;
};

/// A shape by the metric's own coordinates.
template <Metric M>
struct Found {
    std::uint32_t row;
    PieceDistance<M> least;
};

template <Metric M>
ShapeNeighbor neighbor_of(const Found<M>& found) {
    return {found.row, found.least.distance, M::position(found.least.on_first),
            M::position(found.least.on_second)};
}

/// Puts them in order and keeps the first k.
template <Metric M>
void take(std::vector<Found<M>>& found, std::size_t k, const RowOrder& order,
          std::vector<ShapeNeighbor>& neighbors) {
    const NeighborBefore before{order};
    std::sort(found.begin(), found.end(), [&](const Found<M>& a, const Found<M>& b) {
        return before({a.row, a.least.distance}, {b.row, b.least.distance});
    });
    if (found.size() > k) found.resize(k);
    neighbors.clear();
    for (const Found<M>& one : found) neighbors.push_back(neighbor_of(one));
}

template <Metric M>
PieceDistance<M> at_zero(const Embedded<M>& where) {
    return {0, where, where};
}

/// The first vertex of the shape inside a polygon. A shape that is inside, whole or not, has one, or an edge
/// that crosses one of the polygon's. Positions are those that the vertices stand for, as an index has them.
template <Metric M>
bool any_inside(const PreparedShape<M>& shape, const PolygonInterior<M>& polygon, Checks& checks,
                Embedded<M>& where) {
    for (const ShapePiece<M>& piece : shape.pieces) {
        checks.count();
        for (const Embedded<M>& end : {piece.piece.from, piece.piece.to}) {
            if (!polygon.box_holds(end) || !polygon.contains(M::position(end), end)) continue;
            where = end;
            return true;
        }
    }
    return false;
}

/// Of two whole shapes, by brute force.
template <Metric M>
PieceDistance<M> distance_between_prepared(const PreparedShape<M>& query, const PreparedShape<M>& shape,
                                           Checks& checks) {
    Embedded<M> where;
    for (const PolygonInterior<M>& polygon : shape.polygons) {
        if (any_inside(query, polygon, checks, where)) return at_zero<M>(where);
    }
    for (const PolygonInterior<M>& polygon : query.polygons) {
        if (any_inside(shape, polygon, checks, where)) return at_zero<M>(where);
    }
    PieceDistance<M> least{std::numeric_limits<double>::infinity(), {}, {}};
    for (const ShapePiece<M>& first : query.pieces) {
        for (const ShapePiece<M>& second : shape.pieces) {
            checks.count();
            const PieceDistance<M> distance = distance_between(first.piece, second.piece);
            if (distance.distance < least.distance) least = distance;
        }
    }
    return least;
}

/// One search, from the rows at distance 0 to those in order.
template <Metric M>
class ShapeSearch {
  public:
    ShapeSearch(const ShapeTask<M>& task, const PreparedShape<M>& query, std::vector<std::uint32_t>& polygons,
                std::vector<std::uint32_t>& zeros, std::vector<PieceCandidate>& candidates)
        : task_(task), query_(query), polygons_(polygons), zeros_(zeros), candidates_(candidates) {}

    std::vector<Found<M>> run(std::size_t k) {
        find_around();
        find_inside();
        candidates_.clear();
        zeros_.clear();
        for (const Found<M>& found : found_) zeros_.push_back(found.row);
        std::sort(zeros_.begin(), zeros_.end());
        const bool complete = find_pieces(task_, k, zeros_, candidates_);
        const auto zeros = static_cast<std::ptrdiff_t>(found_.size());
        const double at_most = measure_candidates(k);
        if (!complete) {
            found_.erase(found_.begin() + zeros, found_.end());
            candidates_.clear();
            ShapeTask<M> again(task_);
            again.max_distance = at_most;
            again.front = front_ ? &*front_ : nullptr;
            find_pieces(again, kAllWithin, zeros_, candidates_);
            measure_candidates(k);
        }
        return std::move(found_);
    }

  private:
    bool counts(std::uint32_t row) const { return !task_.filter || task_.filter(row); }

    /// Rows with polygons that hold a vertex of the query. Those around all of it are looked for once, where
    /// they are so few that each vertex can try them all.
    void find_around() {
        polygons_.clear();
        Box<M::kDimensions> box = Box<M::kDimensions>::empty();
        for (const ShapePiece<M>& piece : query_.pieces) {
            box.grow(piece.piece.from);
            box.grow(piece.piece.to);
        }
        find_polygons_around(task_, box, polygons_);
        const bool few = query_.pieces.size() == 1 || polygons_.size() <= kFewPolygons;
        const Embedded<M>* last = nullptr;
        for (const ShapePiece<M>& piece : query_.pieces) {
            for (const Embedded<M>* vertex : {&piece.piece.from, &piece.piece.to}) {
                if (last != nullptr && *vertex == *last) continue;
                last = vertex;
                if (!few) {
                    polygons_.clear();
                    find_polygons_around(task_, Box<M::kDimensions>::of(*vertex), polygons_);
                }
                find_around(*vertex);
            }
        }
    }

    void find_around(const Embedded<M>& vertex) {
        for (const std::uint32_t number : polygons_) {
            const auto& polygon = task_.tree.polygon_of[number];
            if (!counts(polygon.row) || !polygon.interior.box_holds(vertex)) continue;
            if (++tested_ % kPiecesBetweenChecks == 0) task_.control.check();
            if (!polygon.interior.contains(M::position(vertex), vertex)) continue;
            found_.push_back({polygon.row, at_zero<M>(vertex)});
        }
    }

    /// Rows with a vertex that a polygon of the query holds.
    void find_inside() {
        for (const PolygonInterior<M>& polygon : query_.polygons) {
            slots_.clear();
            find_slots_in(task_, polygon.box(), slots_);
            for (const std::uint32_t slot : slots_) {
                if (++tested_ % kPiecesBetweenChecks == 0) task_.control.check();
                const std::uint32_t row = task_.tree.row(slot);
                if (!counts(row) || (!found_.empty() && found_.back().row == row)) continue;
                const Piece<M> piece = task_.tree.piece(slot);
                for (const Embedded<M>& end : {piece.from, piece.to}) {
                    if (!polygon.box_holds(end) || !polygon.contains(M::position(end), end)) continue;
                    found_.push_back({row, at_zero<M>(end)});
                    break;
                }
            }
        }
        keep_least(0);
    }

    /// For each row the least distance of its pieces, where it can be among the first k: those pieces first
    /// that are likely to be nearest. Returns what the k-th distance is at most.
    double measure_candidates(std::size_t k) {
        std::sort(
            candidates_.begin(), candidates_.end(),
            [](const PieceCandidate& a, const PieceCandidate& b) { return a.least_square < b.least_square; });
        if (!front_) find_front();
        RowLimit rows(k);
        if (k != kAllWithin) {
            for (const Found<M>& found : found_) rows.offer(found.row, 0);
        }
        const std::size_t zeros = found_.size();
        Limit limit = limit_at(std::min(rows.kth(), task_.max_distance));
        for (const PieceCandidate& candidate : candidates_) {
            if (candidate.least_square > limit.square) break;
            if (k != kAllWithin) {
                const double own = rows.of(candidate.row);
                if (own < limit.distance && candidate.least_square > M::within_square(own)) continue;
            }
            if (std::binary_search(zeros_.begin(), zeros_.end(), candidate.row)) continue;
            const std::optional<PieceDistance<M>> measured = measure(candidate, limit);
            if (!measured || measured->distance > limit.distance) continue;
            found_.push_back({candidate.row, *measured});
            if (k == kAllWithin) continue;
            rows.offer(candidate.row, measured->distance);
            if (rows.kth() < limit.distance) limit = limit_at(rows.kth());
        }
        keep_least(zeros);
        return std::min(rows.kth(), task_.max_distance);
    }

    /// When even the first candidate is far away, its nearer end has a front, which tells of most of the
    /// others without measuring them.
    void find_front() {
        if constexpr (std::is_same_v<M, Spheroid>) {
            if (candidates_.empty() || candidates_[0].least_square < kFrontsFrom * kFrontsFrom) return;
            const Piece<M>& query = task_.query[candidates_[0].query_piece].piece;
            if (query.from != query.to) return;
            const Piece<M> piece = task_.tree.piece(candidates_[0].slot);
            const bool begins = squared_straight_distance(query.from, piece.from) <
                                squared_straight_distance(query.from, piece.to);
            front_.emplace(query.from, begins ? piece.from : piece.to);
            front_piece_ = candidates_[0].query_piece;
        }
    }

    /// The greatest distance that counts, and what goes with it.
    struct Limit {
        double distance;
        double square;  ///< of the straight distance
        double delay;   ///< of the front
    };

    Limit limit_at(double distance) const {
        return {distance, M::within_square(distance), front_ ? front_->delay_within(distance) : 0};
    }

    /// The distance of a candidate, or nothing where it is cheap to see that it is beyond the limit.
    std::optional<PieceDistance<M>> measure(const PieceCandidate& candidate, const Limit& limit) {
        const Piece<M>& query = task_.query[candidate.query_piece].piece;
        const Piece<M> piece = task_.tree.piece(candidate.slot);
        if constexpr (std::is_same_v<M, Spheroid>) {
            if (front_ && candidate.query_piece == front_piece_) {
                const auto bulge = static_cast<double>(task_.tree.bulge(candidate.slot));
                if (front_->delay(piece.from, piece.to, bulge) > limit.delay) return std::nullopt;
                if ((piece.from == front_->at() && front_->leads_away(piece.to, bulge)) ||
                    (piece.to == front_->at() && front_->leads_away(piece.from, bulge))) {
                    return PieceDistance<M>{front_->distance(), query.from, front_->at()};
                }
            }
        }
        if (++task_.counts.distances % kPiecesBetweenChecks == 0) task_.control.check();
        return distance_between(query, piece, limit.distance);
    }

    /// One of each row, of what was found from `first` on.
    void keep_least(std::size_t first) {
        const auto begin = found_.begin() + static_cast<std::ptrdiff_t>(first);
        std::stable_sort(begin, found_.end(), [](const Found<M>& a, const Found<M>& b) {
            return a.row != b.row ? a.row < b.row : a.least.distance < b.least.distance;
        });
        const auto same_row = [](const Found<M>& a, const Found<M>& b) { return a.row == b.row; };
        found_.erase(std::unique(begin, found_.end(), same_row), found_.end());
    }

    const ShapeTask<M>& task_;
    const PreparedShape<M>& query_;
    std::vector<std::uint32_t>& polygons_;
    std::vector<std::uint32_t>& zeros_;
    std::vector<PieceCandidate>& candidates_;
    std::uint64_t tested_ = 0;
    std::optional<Front> front_;
    std::uint32_t front_piece_ = 0;  ///< of the query, a point
    std::vector<std::uint32_t> slots_;
    std::vector<Found<M>> found_;
};

}  // namespace

ShapeSearcher::ShapeSearcher(const ShapeIndex& index, RowOrder order)
    : index_(index), order_(std::move(order)) {}

template <Metric M>
void ShapeSearcher::search(const PreparedShape<M>& query, std::size_t k, double max_distance,
                           const SearchOptions& search) {
    const Stopwatch stopwatch(search.measure_time, counts_.time);
    const ShapeTask<M> task{index_.tree<M>(), query.pieces,   max_distance,
                            search.filter,    search.control, counts_};
    std::vector<Found<M>> found = ShapeSearch<M>(task, query, polygons_, at_zero_, candidates_).run(k);
    take(found, k, order_, found_);
}

void ShapeSearcher::search(const Geometry& query, std::size_t k, double max_distance,
                           const SearchOptions& options) {
    require_valid_shape(query, index_.metric(), "query");
    require_supported(options);
    with_metric(index_.metric(), [&]<class M>(M /*metric*/) {
        search(PreparedShape<M>::of(query), k, max_distance, options);
    });
}

void ShapeSearcher::search(LonLat query, std::size_t k, double max_distance, const SearchOptions& options) {
    require_valid_position(query, index_.metric());
    require_supported(options);
    with_metric(index_.metric(), [&]<class M>(M /*metric*/) {
        search(PreparedShape<M>::of(query), k, max_distance, options);
    });
}

std::span<const ShapeNeighbor> ShapeSearcher::nearest(const Geometry& query, const NearestOptions& options,
                                                      const SearchOptions& search_options) {
    require_valid(options);
    search(query, options.k, options.max_distance, search_options);
    return found_;
}

std::span<const ShapeNeighbor> ShapeSearcher::nearest(LonLat query, const NearestOptions& options,
                                                      const SearchOptions& search_options) {
    require_valid(options);
    search(query, options.k, options.max_distance, search_options);
    return found_;
}

std::span<const ShapeNeighbor> ShapeSearcher::within_distance(const Geometry& query, double max_distance,
                                                              const SearchOptions& search_options) {
    require_valid_max_distance(max_distance);
    search(query, kAllWithin, max_distance, search_options);
    return found_;
}

std::span<const ShapeNeighbor> ShapeSearcher::within_distance(LonLat query, double max_distance,
                                                              const SearchOptions& search_options) {
    require_valid_max_distance(max_distance);
    search(query, kAllWithin, max_distance, search_options);
    return found_;
}

std::vector<ShapeNeighbor> scan_nearest_shapes(const ShapeColumns& shapes, MetricKind metric,
                                               const Geometry& query, const NearestOptions& options,
                                               const SearchOptions& search, const RowOrder& order) {
    require_valid(options);
    require_valid_shape(query, metric, "query");
    require_supported(search);
    require_valid(shapes, metric);
    std::vector<ShapeNeighbor> neighbors;
    with_metric(metric, [&]<class M>(M /*metric*/) {
        const PreparedShape<M> prepared = PreparedShape<M>::of(query);
        std::vector<Found<M>> found;
        Checks checks(search.control);
        for (std::uint32_t row = 0; row < shapes.size(); ++row) {
            checks.count();
            if (search.filter && !search.filter(row)) continue;
            const auto least = distance_between_prepared(prepared, PreparedShape<M>::of(shapes, row), checks);
            if (least.distance <= options.max_distance) found.push_back({row, least});
        }
        take(found, options.k, order, neighbors);
    });
    return neighbors;
}

std::vector<ShapeNeighbor> scan_nearest_shapes(std::span<const Geometry> shapes, MetricKind metric,
                                               const Geometry& query, const NearestOptions& options,
                                               const SearchOptions& search, const RowOrder& order) {
    return scan_nearest_shapes({.positions = {}, .shapes = addresses(shapes)}, metric, query, options, search,
                               order);
}

ShapeNeighbor distance_between(const Geometry& query, const Geometry& shape, MetricKind metric) {
    require_valid_shape(query, metric, "query");
    require_valid_shape(shape, metric, "shape");
    const Control patient;
    Checks checks(patient);
    return with_metric(metric, [&]<class M>(M /*metric*/) {
        return neighbor_of(Found<M>{
            0, distance_between_prepared(PreparedShape<M>::of(query), PreparedShape<M>::of(shape), checks)});
    });
}

}  // namespace crowfly
