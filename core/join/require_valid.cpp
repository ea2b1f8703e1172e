#include "core/join/require_valid.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/index/index_format.h"
#include "core/search/query.h"

namespace crowfly {
namespace {

void require_length(std::string_view what, std::size_t found, std::size_t expected, std::string_view rows) {
    if (found == 0 || found == expected) return;
    throw Error(Code::invalid_argument,
                fmt::format("{} has {} values for {} {} rows", what, found, expected, rows));
}

}  // namespace

void require_valid(const JoinOptions& options, std::size_t queries) {
    require_valid(
        NearestOptions{.k = options.k, .max_distance = options.max_distance, .epsilon = options.epsilon});
    require_length("max_distances", options.max_distances.size(), queries, "query");
    require_length("self", options.self.size(), queries, "query");
    for (std::size_t row = 0; row < options.max_distances.size(); ++row) {
        if (options.max_distances[row] >= 0) continue;
        throw Error(Code::invalid_argument, fmt::format("max_distances, row {}: {}; it must be 0 or more",
                                                        row, options.max_distances[row]));
    }
    options.control.check();
}

void require_valid_partition(const JoinOptions& options, std::size_t objects) {
    require_length("partition", options.partition.size(), objects, "object");
}

void require_valid_rows(const JoinOptions& options, std::size_t objects) {
    if (objects > kMostPoints) {
        throw Error(Code::too_large,
                    fmt::format("{}: more than {} rows in all blocks", kObjectSide, kMostPoints));
    }
    if (options.partition.empty() || objects <= options.partition.size()) return;
    throw Error(Code::invalid_argument, fmt::format("partition has {} values for {} or more object rows",
                                                    options.partition.size(), objects));
}

void require_fitting(MetricKind index, const JoinOptions& options) {
    if (index != options.metric) {
        throw Error(Code::invalid_argument, fmt::format("the index is for the metric {}; the join is by {}",
                                                        name(index), name(options.metric)));
    }
    if (options.partition.empty()) return;
    throw Error(Code::unsupported, "a partition needs an index of its own; join with the objects themselves");
}

}  // namespace crowfly
