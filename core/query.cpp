#include "core/query.h"

#include <fmt/format.h>

#include "core/error.h"

namespace crowfly {

void require_valid_k(std::size_t k) {
    if (k == 0) throw Error(Code::invalid_argument, "k is 0; it must be at least 1");
}

void require_valid_max_distance(double max_distance) {
    // Written so that NaN fails too.
    if (!(max_distance >= 0)) {
        throw Error(Code::invalid_argument,
                    fmt::format("max_distance is {}; it must be 0 or more", max_distance));
    }
}

void require_valid_position(LonLat query, MetricKind metric) {
    if (const auto fault = coordinate_fault(query, widest_crs(metric))) {
        throw Error(Code::invalid_argument, "query: " + fault->message);
    }
}

}  // namespace crowfly
