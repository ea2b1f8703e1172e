#pragma once

#include <utility>

#include "core/error.h"
#include "core/metric/plane.h"
#include "core/metric/sphere.h"
#include "core/metric/spheroid.h"

namespace crowfly {

/// Calls `work` with an object of the metric's type, and returns what it returns.
template <class Work>
decltype(auto) with_metric(MetricKind metric, Work&& work) {
    switch (metric) {
        case MetricKind::plane:
            return std::forward<Work>(work)(Plane());
        case MetricKind::sphere:
            return std::forward<Work>(work)(Sphere());
        case MetricKind::spheroid:
            return std::forward<Work>(work)(Spheroid());
    }
    throw Error(Code::internal, "a metric without a type");
}

}  // namespace crowfly
