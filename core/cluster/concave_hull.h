#pragma once

#include "core/cluster/planar_geos.h"

namespace crowfly {

/// A hull that follows the points inward: from the outside of their Delaunay triangulation triangles are
/// taken off whose outer edge is longer than `ratio` of the way from the shortest edge to the longest, the
/// longest first, as long as all points stay in one ring without holes. M. Duckham, L. Kulik, M. Worboys, A.
/// Galton, "Efficient generation of simple polygons for characterizing the shape of a set of points in the
/// plane", Pattern Recognition 41 (2008), doi:10.1016/j.patcog.2008.03.023; the ratio as GEOS has it. Of
/// ratio 1, and of points in one line, it is the convex hull.
///
/// The points are given once each and triangulated on a grid of 2^30 steps along their longer side. Those
/// that are closer together count as one; one that the grid leaves outside by less than a step becomes a
/// vertex. Should that fail to enclose every point, the answer is the convex hull. Cost: O(n log n).
///
/// GEOS 3.11's own concave hull is not used: it reads through a null pointer where points are nearly in a
/// line (libgeos/geos issue 946).
Path concave_hull(std::span<const LonLat> points, double ratio, const PlanarGeos& geos);

}  // namespace crowfly
