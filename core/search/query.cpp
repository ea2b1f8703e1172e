#include "core/search/query.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/index/point_index.h"

namespace crowfly {

void require_valid(const NearestOptions& options) {
    if (options.k == 0) throw Error(Code::invalid_argument, "k is 0; it must be at least 1");
    require_valid_max_distance(options.max_distance);
    require_valid_epsilon(options.epsilon);
}

void require_valid(const SearchOptions& search, const PointIndex& index) {
    if (search.area.area != nullptr && search.area.positions.size() != index.size()) {
        throw Error(Code::invalid_argument, fmt::format("the area comes with {} positions; the index has {}",
                                                        search.area.positions.size(), index.size()));
    }
    require_valid(search.area, index.metric());
    if (search.where) index.require_attribute(search.where->attribute);
    search.control.check();
}

void require_valid(const AreaFilter& area, MetricKind metric) {
    if (area.area != nullptr && area.area->crs() == Crs::planar && metric != MetricKind::plane) {
        throw Error(Code::invalid_argument,
                    fmt::format("a planar area has no meaning for the metric {}", name(metric)));
    }
}

RowOrder order_of(const PointIndex& index, RowOrder given) {
    if (given || index.rows_follow_ids()) return given;
    return [ids = index.ids()](std::uint32_t a, std::uint32_t b) { return ids[a] < ids[b]; };
}

void require_valid_max_distance(double max_distance) {
    // Written so that NaN fails too.
    if (!(max_distance >= 0)) {
        throw Error(Code::invalid_argument,
                    fmt::format("max_distance is {}; it must be 0 or more", max_distance));
    }
}

void require_valid_epsilon(double epsilon) {
    if (!(epsilon >= 0) || epsilon == std::numeric_limits<double>::infinity()) {
        throw Error(Code::invalid_argument,
                    fmt::format("epsilon is {}; it must be a number of 0 or more", epsilon));
    }
}

void require_valid_position(LonLat query, MetricKind metric) {
    if (const auto fault = coordinate_fault(query, widest_crs(metric))) {
        throw Error(Code::invalid_argument, "query: " + fault->message);
    }
}

}  // namespace crowfly
