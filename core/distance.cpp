#include "core/distance.h"

#include "core/error.h"
#include "core/plane.h"
#include "core/sphere.h"
#include "core/spheroid.h"

namespace crowfly {

double distance(MetricKind metric, LonLat query, LonLat position) {
    switch (metric) {
        case MetricKind::plane:
            return Plane::distance(query, position);
        case MetricKind::sphere:
            return Sphere::distance(query, position);
        case MetricKind::spheroid:
            return Spheroid::distance(query, position);
    }
    throw Error(Code::internal, "a metric without a distance");
}

}  // namespace crowfly
