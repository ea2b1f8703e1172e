#pragma once

#include "core/geometry/geometry.h"
#include "core/metric/metric.h"

namespace crowfly {

/// The centroid of a shape: of its polygons by area, holes taken out; of its lines by length, where it has no
/// area; of its points, where it has neither. On the plane as ST_Centroid has it. On the sphere the mean of
/// the points of the surface, in space, brought back to the surface (in the direction of the integral of
/// position, by Stokes' theorem half that of r x dr along the edges); on the spheroid the same on the
/// authalic sphere, which keeps areas true. It need not be inside the shape. That of a single point is the
/// point to the last bit.
///
/// Throws Error(invalid_argument) for a shape with a fault (`geometry_fault`), and for one that has no
/// centroid: on earth when its mean is the earth's centre, as that of all the equator is, on the plane when
/// the areas of a ring that crosses itself cancel so far that the mean is beyond all coordinates. Cost:
/// O(vertices).
LonLat centroid(const Geometry& geometry, MetricKind metric);

}  // namespace crowfly
