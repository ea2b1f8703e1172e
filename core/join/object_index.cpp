#include "core/join/object_index.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace crowfly {
namespace {

/// Rows by the values of the partition, each value's in order.
std::vector<std::vector<std::uint32_t>> by_value(std::vector<std::uint32_t> rows, std::size_t first_row,
                                                 std::span<const std::uint32_t> partition) {
    const auto value = [&](std::uint32_t row) { return partition[first_row + row]; };
    std::stable_sort(rows.begin(), rows.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return value(a) < value(b); });
    std::vector<std::vector<std::uint32_t>> parts;
    for (auto begin = rows.begin(); begin != rows.end();) {
        const auto end =
            std::find_if(begin, rows.end(), [&](std::uint32_t row) { return value(row) != value(*begin); });
        parts.emplace_back(begin, end);
        begin = end;
    }
    return parts;
}

double greatest_coordinate_of(const ShapeColumns& columns) {
    double greatest = 0;
    const auto grow = [&](LonLat at) {
        greatest = std::max(greatest, std::max(std::abs(at.lon), std::abs(at.lat)));
    };
    for (std::size_t row = 0; row < columns.size(); ++row) {
        if (columns.shape(row) == nullptr) {
            grow(columns.positions[row]);
        } else {
            for (const LonLat at : columns.shape(row)->positions()) grow(at);
        }
    }
    return greatest;
}

std::uint64_t bytes_for_row(const PreparedSide& side, std::size_t row, bool as_shapes) {
    constexpr std::uint64_t kPerPoint = 64;    // the index, its build, and a copy of the position
    constexpr std::uint64_t kPerVertex = 250;  // likewise, and interiors; far edges have more pieces
    constexpr std::uint64_t kPerShape = 400;
    if (!as_shapes) return kPerPoint;
    const Geometry* shape = side.shape(row);
    return kPerShape + kPerVertex * (shape != nullptr ? shape->positions().size() : 1);
}

constexpr std::size_t kLeastBlock = 256;

LiveQuery live_query(const JoinQuery& query) {
    return query.shape != nullptr ? LiveQuery(*query.shape) : LiveQuery(query.position);
}

}  // namespace

ObjectIndex::ObjectIndex(const PreparedSide& side, std::size_t first, std::size_t last, std::size_t first_row,
                         bool as_shapes, const JoinOptions& options, Executor& executor)
    : size_(last - first), first_row_(static_cast<std::uint32_t>(first_row + first)) {
    search_.control = options.control;
    if (!as_shapes && !options.filter && side.absent().empty() && options.partition.empty()) {
        add_all(side, first, last, options, executor);
        return;
    }
    std::vector<std::uint32_t> rows = side.present(first, last);
    if (options.filter) {
        std::erase_if(rows, [&](std::uint32_t row) {
            return !options.filter(static_cast<std::uint32_t>(first_row + row));
        });
    }
    if (options.partition.empty()) {
        if (!rows.empty()) add_some(side, std::move(rows), first_row, as_shapes, options, executor);
        return;
    }
    for (auto& of_value : by_value(std::move(rows), first_row, options.partition)) {
        add_some(side, std::move(of_value), first_row, as_shapes, options, executor);
    }
}

ObjectIndex::ObjectIndex(const PointIndex& index, const JoinOptions& options) : size_(index.size()) {
    parts_.emplace_back();
    parts_.back().points = &index;
    parts_.back().order = options.order;
    filter_by(options);
}

ObjectIndex::ObjectIndex(const ShapeIndex& index, const JoinOptions& options)
    : size_(index.size()), greatest_coordinate_(std::numeric_limits<double>::infinity()) {
    parts_.emplace_back();
    parts_.back().shapes = &index;
    parts_.back().order = options.order;
    filter_by(options);
}

ObjectIndex::ObjectIndex(const LiveObjects& objects, const JoinOptions& options)
    : size_(objects.rows.size()),
      greatest_coordinate_(objects.rows.has_shapes() ? std::numeric_limits<double>::infinity() : 0),
      metric_(options.metric),
      live_search_{.filter = options.filter,
                   .area = objects.area,
                   .match = options.match,
                   .control = options.control} {
    parts_.emplace_back();
    parts_.back().live = &objects.rows;
    parts_.back().order = options.order;
}

/// The filter of the options belongs to the thread that called join, so its answers are kept.
void ObjectIndex::filter_by(const JoinOptions& options) {
    search_.control = options.control;
    if (!options.filter) return;
    auto passes = std::make_shared<std::vector<bool>>(size_);
    for (std::uint32_t row = 0; row < size_; ++row) (*passes)[row] = options.filter(row);
    search_.filter = [passes = std::move(passes)](std::uint32_t row) { return (*passes)[row]; };
}

void ObjectIndex::add_all(const PreparedSide& side, std::size_t first, std::size_t last,
                          const JoinOptions& options, Executor& executor) {
    Part part;
    part.own_points =
        std::make_unique<PointIndex>(side.positions().subspan(first, last - first), options.metric,
                                     BuildOptions{.build = Build::fast, .executor = &executor});
    part.points = part.own_points.get();
    if (options.order) {
        part.order = [order = options.order, add = first_row_](std::uint32_t a, std::uint32_t b) {
            return order(a + add, b + add);
        };
    }
    parts_.push_back(std::move(part));
}

/// Over these rows of the side, of which there is at least one.
void ObjectIndex::add_some(const PreparedSide& side, std::vector<std::uint32_t> rows, std::size_t first_row,
                           bool as_shapes, const JoinOptions& options, Executor& executor) {
    const BuildOptions build{.build = Build::fast, .executor = &executor};
    Part part;
    std::vector<LonLat> positions;
    positions.reserve(rows.size());
    for (const std::uint32_t row : rows) positions.push_back(side.positions()[row]);
    if (as_shapes) {
        std::vector<const Geometry*> shapes;
        shapes.reserve(rows.size());
        for (const std::uint32_t row : rows) shapes.push_back(side.shape(row));
        const ShapeColumns columns{positions, shapes};
        greatest_coordinate_ = std::max(greatest_coordinate_, greatest_coordinate_of(columns));
        part.own_shapes = std::make_unique<ShapeIndex>(columns, options.metric, build);
        part.shapes = part.own_shapes.get();
    } else {
        part.own_points = std::make_unique<PointIndex>(positions, options.metric, build);
        part.points = part.own_points.get();
    }
    for (std::uint32_t& row : rows) row += static_cast<std::uint32_t>(first_row);
    part.rows = std::move(rows);
    if (!options.partition.empty()) part.value = options.partition[part.rows.front()];
    if (options.order) {
        // What the span is of stays where it is when the part is moved.
        part.order = [order = options.order, own = std::span<const std::uint32_t>(part.rows)](
                         std::uint32_t a, std::uint32_t b) { return order(own[a], own[b]); };
    }
    parts_.push_back(std::move(part));
}

std::uint64_t ObjectIndex::bytes_for(const PreparedSide& side, std::size_t first, std::size_t last,
                                     bool as_shapes) {
    std::uint64_t bytes = 0;
    for (std::size_t row = first; row < last; ++row) bytes += bytes_for_row(side, row, as_shapes);
    return bytes;
}

std::size_t ObjectIndex::end_within(std::uint64_t bytes, const PreparedSide& side, std::size_t first,
                                    bool as_shapes) {
    std::size_t end = first;
    std::uint64_t sum = 0;
    while (end < side.size()) {
        sum += bytes_for_row(side, end, as_shapes);
        if (sum > bytes && end - first >= kLeastBlock) break;
        ++end;
    }
    return end;
}

ObjectSearcher::ObjectSearcher(const ObjectIndex& index) : index_(index) {
    if (!index.parts_.empty() && index.parts_.front().live != nullptr) {
        const ObjectIndex::Part& part = index.parts_.front();
        live_ = std::make_unique<LiveSearcher>(*part.live, index.metric_, part.order);
        return;
    }
    const bool as_shapes = !index.parts_.empty() && index.parts_.front().shapes != nullptr;
    (as_shapes ? shapes_.reserve(index.part_count()) : points_.reserve(index.part_count()));
    for (const ObjectIndex::Part& part : index.parts_) {
        if (as_shapes) {
            shapes_.emplace_back(*part.shapes, part.order);
        } else {
            points_.emplace_back(*part.points, part.order);
        }
    }
    if (shapes_.size() == 1 && !index.search_.filter) {
        const ObjectIndex::Part& part = index.parts_.front();
        near_ = NearShapes::of(*part.shapes, part.order, index.search_.control);
    }
}

template <class Found>
std::span<const Neighbor> ObjectSearcher::taken(std::size_t part, std::span<const Found> found) {
    const std::vector<std::uint32_t>& rows = index_.parts_[part].rows;
    found_.clear();
    for (const Found& one : found) {
        found_.push_back({rows.empty() ? index_.first_row_ + one.row : rows[one.row], one.distance});
    }
    return found_;
}

std::span<const Neighbor> ObjectSearcher::nearest(std::size_t part, const JoinQuery& query,
                                                  const NearestOptions& options) {
    if (live_ != nullptr) return live_->nearest(live_query(query), options, index_.live_search_);
    if (!points_.empty()) return taken(part, points_[part].nearest(query.position, options, index_.search_));
    return taken(part, query.shape != nullptr
                           ? shapes_[part].nearest(*query.shape, options, index_.search_)
                           : shapes_[part].nearest(query.position, options, index_.search_));
}

std::span<const Neighbor> ObjectSearcher::within(std::size_t part, const JoinQuery& query,
                                                 double max_distance) {
    if (live_ != nullptr) return live_->within_distance(live_query(query), max_distance, index_.live_search_);
    if (!points_.empty()) {
        return taken(part, points_[part].within_distance(query.position, max_distance, index_.search_));
    }
    return taken(part, query.shape != nullptr
                           ? shapes_[part].within_distance(*query.shape, max_distance, index_.search_)
                           : shapes_[part].within_distance(query.position, max_distance, index_.search_));
}

std::span<const Neighbor> ObjectSearcher::nearest_gathered(std::size_t query, const NearestOptions& options) {
    return taken(0, near_->nearest(query, options));
}

SearchCounts ObjectSearcher::counts() const {
    SearchCounts sum;
    for (const Searcher& searcher : points_) sum += searcher.counts();
    for (const ShapeSearcher& searcher : shapes_) sum += searcher.counts();
    if (near_ != nullptr) sum += near_->counts();
    if (live_ != nullptr) sum += live_->counts();
    return sum;
}

}  // namespace crowfly
