#include "core/metric/metric.h"

namespace crowfly {

std::string_view name(MetricKind metric) noexcept {
    switch (metric) {
        case MetricKind::plane:
            return "plane";
        case MetricKind::sphere:
            return "sphere";
        case MetricKind::spheroid:
            return "spheroid";
    }
    return {};
}

std::optional<MetricKind> metric_named(std::string_view name) noexcept {
    for (const MetricKind metric : {MetricKind::plane, MetricKind::sphere, MetricKind::spheroid}) {
        if (crowfly::name(metric) == name) return metric;
    }
    return std::nullopt;
}

}  // namespace crowfly
