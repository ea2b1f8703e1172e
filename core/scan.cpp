#include "core/scan.h"

#include "core/plane.h"
#include "core/sphere.h"
#include "core/spheroid.h"
#include "core/top_k.h"

namespace crowfly {
namespace {

template <Metric M, class Collector>
void measure_all(std::span<const LonLat> positions, LonLat query, const RowFilter& filter,
                 Collector& collector) {
    const Embedded<M> embedded_query = M::embed(query);
    for (std::uint32_t row = 0; row < positions.size(); ++row) {
        if (!filter || filter(row))
            collector.offer({row, M::distance(embedded_query, M::embed(positions[row]))});
    }
}

template <class Collector>
std::vector<Neighbor> scan(std::span<const LonLat> positions, MetricKind metric, LonLat query,
                           const RowFilter& filter, Collector collector) {
    require_valid_position(query, metric);
    switch (metric) {
        case MetricKind::plane:
            measure_all<Plane>(positions, query, filter, collector);
            break;
        case MetricKind::sphere:
            measure_all<Sphere>(positions, query, filter, collector);
            break;
        case MetricKind::spheroid:
            measure_all<Spheroid>(positions, query, filter, collector);
            break;
    }
    return collector.take();
}

}  // namespace

std::vector<Neighbor> scan_nearest(std::span<const LonLat> positions, MetricKind metric, LonLat query,
                                   const NearestOptions& options, const RowOrder& order) {
    require_valid_k(options.k);
    require_valid_max_distance(options.max_distance);
    return scan(positions, metric, query, options.filter, TopK(options.k, options.max_distance, order));
}

std::vector<Neighbor> scan_within_distance(std::span<const LonLat> positions, MetricKind metric, LonLat query,
                                           double max_distance, const RowFilter& filter,
                                           const RowOrder& order) {
    require_valid_max_distance(max_distance);
    return scan(positions, metric, query, filter, WithinDistance(max_distance, order));
}

}  // namespace crowfly
