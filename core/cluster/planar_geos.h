#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <geos_c.h>

#include "core/lonlat.h"

namespace crowfly {

/// Vertices of a point (one), of a line (two or more), or of a polygon: its outer ring, the last the same as
/// the first.
using Path = std::vector<LonLat>;

/// Reverses a ring that runs clockwise.
void turn_counterclockwise(Path& ring);

/// What crowfly asks of GEOS, in x and y on a plane. Belongs to one thread at a time. All throw
/// Error(internal) with what GEOS says when it fails, and Error(out_of_memory) when it gives nothing.
class PlanarGeos {
  public:
    PlanarGeos();
    PlanarGeos(const PlanarGeos&) = delete;
    PlanarGeos& operator=(const PlanarGeos&) = delete;
    ~PlanarGeos();

    /// Of one point or more, each given once: that point, the line between the outermost ones where all are
    /// in one line, else a ring, counterclockwise. Its vertices are among the points, to the bit.
    Path convex_hull(std::span<const LonLat> points) const;

    /// The numbers of the points that are neither in the polygon of a ring nor on its edges; all of them,
    /// when the ring crosses itself.
    std::vector<std::size_t> outside(const Path& ring, std::span<const LonLat> points) const;

  private:
    struct Destroy {
        GEOSContextHandle_t context;
        void operator()(GEOSGeometry* geometry) const { GEOSGeom_destroy_r(context, geometry); }
    };
    using Owned = std::unique_ptr<GEOSGeometry, Destroy>;

    Owned own(GEOSGeometry* geometry) const;
    Owned point_of(LonLat at) const;
    Owned points_of(std::span<const LonLat> points) const;
    Owned polygon_of(std::span<const LonLat> ring) const;
    Path path_of(const GEOSGeometry* geometry) const;

    std::string message_;
    GEOSContextHandle_t context_;
};

}  // namespace crowfly
