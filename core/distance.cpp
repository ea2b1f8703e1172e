#include "core/distance.h"

#include "core/error.h"
#include "core/plane.h"
#include "core/sphere.h"
#include "core/spheroid.h"

namespace crowfly {

double distance(MetricKind metric, LonLat query, LonLat position) {
    switch (metric) {
        case MetricKind::plane:
            return Plane::distance(Plane::embed(query), Plane::embed(position));
        case MetricKind::sphere:
            return Sphere::distance(Sphere::embed(query), Sphere::embed(position));
        case MetricKind::spheroid:
            return Spheroid::distance(Spheroid::embed(query), Spheroid::embed(position));
    }
    throw Error(Code::internal, "a metric without a distance");
}

}  // namespace crowfly
