#include "core/geometry/vertex_at.h"

#include <cmath>

#include "core/geometry/pieces.h"
#include "core/metric/with_metric.h"

namespace crowfly {
namespace {

/// Whether roundings can be all that is between them. Where meridians meet any longitudes are close.
bool may_be_one(LonLat a, LonLat b) {
    constexpr double kClose = 1e-9;  // degrees, a tenth of a millimetre
    constexpr double kNearPole = 89.9;
    return std::abs(a.lat - b.lat) < kClose &&
           (std::abs(wrapped(a.lon - b.lon)) < kClose || std::abs(a.lat) > kNearPole);
}

}  // namespace

std::optional<LonLat> vertex_at(const Geometry& geometry, LonLat computed, MetricKind metric) {
    return with_metric(metric, [&]<class M>(M /*metric*/) -> std::optional<LonLat> {
        for (const LonLat vertex : geometry.positions()) {
            if (may_be_one(vertex, computed) && M::position(M::embed(vertex)) == computed) return vertex;
        }
        return std::nullopt;
    });
}

}  // namespace crowfly
