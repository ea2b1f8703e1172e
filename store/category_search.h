#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "core/live/live_query.h"
#include "core/search/counts.h"
#include "core/search/query.h"
#include "core/search/shape_searcher.h"
#include "store/collection.h"

namespace crowfly {

/// The categories of rows, by numbers that are good for one search.
struct RowCategories {
    std::function<std::uint32_t(std::uint32_t row)> number;
    std::function<std::string_view(std::uint32_t number)> name;
};

/// A search for the k nearest rows of each category. All that it refers to must outlive it.
struct CategoryQuery {
    const LiveSnapshot& rows;
    MetricKind metric;
    const LiveQuery& from;
    NearestOptions nearest;
    const LiveSearchOptions& search;  ///< without `where`
    const RowOrder& order;
    const RowCategories& categories;
    Method method = Method::index;
};

/// The answer, category by category in the order of their names, each in the order (distance, id); `counts`
/// is set to what the index has cost. Where on the query the distance is, is not told, and where on the row
/// only of one with a shape. Throws as LiveSearcher, and Error(too_large)
/// for more than 10,000 categories.
///
/// Some thousand neighbors are searched for first. Where categories may have more than what is among them,
/// all rows are looked at, and those of these categories joined with the query: so common categories cost
/// little, and rare ones O(n) looks and an index over what there is of them.
std::vector<ShapeNeighbor> nearest_of_each_category(const CategoryQuery& query, SearchCounts& counts);

}  // namespace crowfly
