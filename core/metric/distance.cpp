#include "core/metric/distance.h"

#include "core/metric/with_metric.h"

namespace crowfly {

double distance(MetricKind metric, LonLat query, LonLat position) {
    return with_metric(
        metric, [&]<class M>(M /*metric*/) { return M::distance(M::embed(query), M::embed(position)); });
}

}  // namespace crowfly
