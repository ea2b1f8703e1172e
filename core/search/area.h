#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/domain.h"
#include "core/lonlat.h"
#include "core/metric/box.h"
#include "core/metric/metric.h"

namespace crowfly {

/// A box or polygon that restricts which places count. It is judged in the coordinates themselves: edges are
/// straight in longitude and latitude, as RFC 7946 has them, or in x and y; what lies on the border counts.
class Area {
  public:
    /// West, south, east, north. On WGS84 a box whose east is less than its west crosses the antimeridian.
    /// Throws Error(invalid_argument) for positions outside the domain, and when south is above north.
    static Area box(double west, double south, double east, double north, Crs crs);

    /// Rings whose first and last positions are the same. A position counts when an odd number of rings
    /// encloses it, so holes and several polygons are simply more rings. On WGS84 longitudes up to +-360 are
    /// taken, so that a ring may run across the antimeridian. Throws Error(invalid_argument) that names ring
    /// and position for an open ring, one of fewer than 4 positions, and coordinates outside the domain.
    static Area polygon(std::span<const std::vector<LonLat>> rings, Crs crs);

    /// Cost: O(1) for a box; for a polygon the edges at that latitude.
    bool contains(LonLat position) const;

    Crs crs() const noexcept { return crs_; }

    /// The smallest box around it; longitudes are not wrapped, so east is at least west.
    double west() const noexcept { return west_; }
    double south() const noexcept { return south_; }
    double east() const noexcept { return east_; }
    double north() const noexcept { return north_; }

  private:
    struct Edge {
        LonLat from;
        LonLat to;
    };

    Area(double west, double south, double east, double north, Crs crs)
        : crs_(crs), west_(west), south_(south), east_(east), north_(north) {}

    bool contains_unwrapped(LonLat position) const;
    std::size_t slab_of(double lat) const;
    void sort_into_slabs(const std::vector<Edge>& edges);

    Crs crs_;
    double west_, south_, east_, north_;

    // Of a polygon: its edges by the bands of latitude that they touch; an edge may be in several.
    std::vector<std::size_t> slab_begin_;
    std::vector<Edge> slab_edges_;
};

/// Says of a box in a metric's space whether it can hold positions of an area: it may say yes too often.
class AreaGate {
  public:
    AreaGate(const Area& area, MetricKind metric);

    bool may_hold(const Box<2>& box) const;
    bool may_hold(const Box<3>& box) const;

  private:
    // On the plane the sides; in space the heights of the parallels, and the half-planes of the meridians.
    double west_, south_, east_, north_;
    bool wraps_ = false;
    std::array<double, 2> east_of_west_{}, west_of_east_{};
    bool whole_turn_ = false;
    bool wider_than_half_ = false;
};

}  // namespace crowfly
