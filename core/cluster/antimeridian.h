#pragma once

#include "core/cluster/planar_geos.h"
#include "core/geometry/geometry.h"
#include "core/metric/metric.h"

namespace crowfly {

/// A line, or a ring that does not cross itself and runs counterclockwise, over the earth as GeoJSON has it
/// (RFC 7946, section 3.1.9): what crosses the antimeridian is cut there, into a multi type; a polygon with a
/// pole in it goes along the antimeridian to the pole and back. Edges are geodesics of the metric, sphere or
/// spheroid, and are cut where those cross. All of the path is within 90 degrees of `middle`, so that it goes
/// around no pole but the one on that side.
Geometry cut_at_antimeridian(const Path& path, LonLat middle, MetricKind metric);

}  // namespace crowfly
