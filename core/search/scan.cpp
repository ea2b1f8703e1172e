#include "core/search/scan.h"

#include "core/error.h"
#include "core/metric/with_metric.h"
#include "core/search/top_k.h"

namespace crowfly {
namespace {

template <Metric M, class Collector>
void measure_all(std::span<const LonLat> positions, LonLat query, const SearchOptions& search,
                 Collector& collector) {
    constexpr std::uint32_t kRowsBetweenChecks = 4096;
    const Embedded<M> embedded_query = M::embed(query);
    for (std::uint32_t row = 0; row < positions.size(); ++row) {
        if (row % kRowsBetweenChecks == 0) search.control.check();
        if (search.area.area != nullptr && !search.area.area->contains(positions[row])) continue;
        if (search.filter && !search.filter(row)) continue;
        collector.offer({row, M::distance(embedded_query, M::embed(positions[row]))});
    }
}

template <class Collector>
std::vector<Neighbor> scan(std::span<const LonLat> positions, MetricKind metric, LonLat query,
                           const SearchOptions& search, Collector collector) {
    require_valid_position(query, metric);
    require_valid(search.area, metric);
    if (search.where) throw Error(Code::unsupported, "a scan knows no attributes; use a filter");
    with_metric(metric, [&]<class M>(M /*metric*/) { measure_all<M>(positions, query, search, collector); });
    return collector.take();
}

}  // namespace

std::vector<Neighbor> scan_nearest(std::span<const LonLat> positions, MetricKind metric, LonLat query,
                                   const NearestOptions& options, const SearchOptions& search,
                                   const RowOrder& order) {
    require_valid(options);
    return scan(positions, metric, query, search, TopK(options.k, options.max_distance, order));
}

std::vector<Neighbor> scan_within_distance(std::span<const LonLat> positions, MetricKind metric, LonLat query,
                                           double max_distance, const SearchOptions& search,
                                           const RowOrder& order) {
    require_valid_max_distance(max_distance);
    return scan(positions, metric, query, search, WithinDistance(max_distance, order));
}

}  // namespace crowfly
