#include "core/join/st_knn.h"

namespace crowfly {

JoinOptions st_knn_options(std::size_t k, bool use_sphere, double search_radius, Ties ties) {
    JoinOptions options;
    options.metric = use_sphere ? MetricKind::sphere : MetricKind::plane;
    options.k = k;
    options.max_distance = search_radius;
    options.ties = ties;
    options.kind = JoinKind::inner;
    options.match = Match::centroid;
    return options;
}

}  // namespace crowfly
