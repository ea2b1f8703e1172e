#include "store/category_search.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "core/error.h"
#include "core/geometry/centroid.h"
#include "core/join/join.h"
#include "core/join/scan_join.h"
#include "core/live/live_searcher.h"

namespace crowfly {
namespace {

/// By category's number.
using Groups = std::vector<std::vector<ShapeNeighbor>>;

std::vector<ShapeNeighbor>& group(Groups& groups, std::uint32_t category) {
    if (category >= groups.size()) groups.resize(std::size_t{category} + 1);
    return groups[category];
}

/// Rows as the object side of a join.
struct Objects {
    std::vector<std::uint32_t> rows;
    std::vector<LonLat> positions;
    std::vector<const Geometry*> shapes;
    std::vector<std::uint32_t> categories;
};

/// The rows that count, but for those of categories that have k already.
Objects remaining(const CategoryQuery& query, const Groups& groups) {
    constexpr std::size_t kSeatsBetweenChecks = 4096;
    constexpr std::size_t kMostCategories = 10'000;  // each has an index of its own
    Objects objects;
    std::vector<bool> is_there;
    std::size_t categories = 0;
    for (const LiveRun& run : query.rows.runs()) {
        for (std::size_t seat = 0; seat < run.run->size(); ++seat) {
            if (seat % kSeatsBetweenChecks == 0) query.search.control.check();
            if (!run.has(seat)) continue;
            const std::uint32_t row = run.run->row(seat);
            const std::uint32_t category = query.categories.number(row);
            if (category < groups.size() && groups[category].size() == query.nearest.k) continue;
            const LonLat position = run.run->position(seat);
            if (query.search.area != nullptr && !query.search.area->contains(position)) continue;
            if (query.search.filter && !query.search.filter(row)) continue;
            if (category >= is_there.size()) is_there.resize(std::size_t{category} + 1);
            if (!is_there[category] && ++categories > kMostCategories) {
                throw Error(Code::too_large,
                            fmt::format("the places have more than {} categories; the nearest of each are "
                                        "too many",
                                        kMostCategories));
            }
            is_there[category] = true;
            objects.rows.push_back(row);
            objects.positions.push_back(position);
            objects.shapes.push_back(run.run->shape(seat));
            objects.categories.push_back(category);
        }
    }
    return objects;
}

/// Where on an object's shape the distance is.
LonLat on_shape(const CategoryQuery& query, const Geometry& shape) {
    if (query.search.match == Match::centroid) return centroid(shape, query.metric);
    const LiveQuery& from = query.from;
    return from.shape != nullptr
               ? distance_between(*from.shape, shape, query.metric).on_shape
               : distance_between(Geometry::point(from.position), shape, query.metric).on_shape;
}

/// Sets the groups of the objects' categories.
void join_groups(const CategoryQuery& query, const Objects& objects, Groups& groups) {
    const JoinOptions options{.metric = query.metric,
                              .k = query.nearest.k,
                              .max_distance = query.nearest.max_distance,
                              .match = query.search.match,
                              .partition = objects.categories,
                              .order =
                                  [&](std::uint32_t a, std::uint32_t b) {
                                      const std::uint32_t row = objects.rows[a], other = objects.rows[b];
                                      return query.order ? query.order(row, other) : row < other;
                                  },
                              .control = query.search.control};
    const Geometry* const shape = query.from.shape;
    JoinSide side{.positions = {&query.from.position, 1}};
    if (shape != nullptr) side.shapes = {&shape, 1};
    JoinSide object_side{.positions = objects.positions};
    if (query.rows.has_shapes()) object_side.shapes = objects.shapes;
    const auto take = [&](std::span<const JoinRow> rows) {
        for (const JoinRow& row : rows) {
            auto& of_category = group(groups, objects.categories[row.object]);
            if (row.rank == 1) of_category.clear();
            const Geometry* on = objects.shapes[row.object];
            of_category.push_back({objects.rows[row.object], row.distance, query.from.position,
                                   on != nullptr ? on_shape(query, *on) : objects.positions[row.object]});
        }
    };
    if (query.method == Method::scan) {
        take(scan_join(side, object_side, options));
    } else {
        join(side, object_side, options, serial_executor(), take);
    }
}

/// The groups one after the other, by the names of their categories.
std::vector<ShapeNeighbor> in_order(const CategoryQuery& query, const Groups& groups) {
    std::vector<std::uint32_t> categories;
    for (std::uint32_t category = 0; category < groups.size(); ++category) {
        if (!groups[category].empty()) categories.push_back(category);
    }
    std::sort(categories.begin(), categories.end(), [&](std::uint32_t a, std::uint32_t b) {
        return query.categories.name(a) < query.categories.name(b);
    });
    std::vector<ShapeNeighbor> answer;
    for (const std::uint32_t category : categories)
        answer.insert(answer.end(), groups[category].begin(), groups[category].end());
    return answer;
}

}  // namespace

std::vector<ShapeNeighbor> nearest_of_each_category(const CategoryQuery& query, SearchCounts& counts) {
    constexpr std::size_t kFirst = 2048;
    require_valid(query.nearest);
    query.search.control.check();
    Groups groups;
    bool are_all = false;
    if (query.method == Method::index) {
        LiveSearcher searcher(query.rows, query.metric, query.order);
        NearestOptions first = query.nearest;
        first.k = std::max(first.k, kFirst);
        const auto found = searcher.nearest_shapes(query.from, first, query.search);
        for (const ShapeNeighbor& neighbor : found) {
            auto& of_category = group(groups, query.categories.number(neighbor.row));
            if (of_category.size() < query.nearest.k) of_category.push_back(neighbor);
        }
        are_all = found.size() < first.k;
        counts = searcher.counts();
    }
    if (!are_all) join_groups(query, remaining(query, groups), groups);
    return in_order(query, groups);
}

}  // namespace crowfly
