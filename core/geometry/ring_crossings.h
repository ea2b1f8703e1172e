#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "core/geometry/pieces.h"

namespace crowfly {

/// Tells how often a line that goes straight north, or south, from a position crosses the edges of rings: an
/// even or an odd number of times. On the plane that is the line along its x, on earth its meridian up to the
/// pole.
///
/// The edges stand in a tree of runs, each of edges that follow one another on a ring. A run that lies north
/// of the position as a whole is crossed by the line to the north as its two ends say, whatever is between
/// them: an odd number of times when they are on different sides of the line. So only runs that the position
/// is level with are opened. How far north and south a run reaches is said by a strip that leans as its edges
/// do, so that few runs are opened of a round ring, a ragged one, or one that goes to and fro between two
/// distant sides.
template <Metric M>
class RingCrossings {
  public:
    /// `rings` are the pieces of each ring. On earth no ring may touch the pole that the line goes to.
    RingCrossings(std::span<const std::vector<ShapePiece<M>>> rings, bool to_north);

    /// Whether it crosses an odd number of edges; on an edge either answer may be given, as rounding has it.
    /// Cost: O(log v) for v vertices where consecutive edges lie close together or in a row; at worst O(v),
    /// where many that do not are level with the position.
    bool odd(LonLat position, const Embedded<M>& embedded) const;

  private:
    /// How far east a vertex is. Longitudes run on over the antimeridian as `turn` counts, from 0 at the
    /// first vertex of each ring; on the plane it is 0.
    struct Along {
        std::int32_t turn;
        double lon;

        friend auto operator<=>(const Along&, const Along&) = default;
    };

    /// How far vertices and edges reach.
    struct Reach {
        Along west, east;
        double south, north;

        void grow(const Reach& other);
    };

    /// Edges that follow one another on a ring, or several whole rings.
    struct Run {
        Along first, last;    ///< of its vertices; of whole rings ones that differ by their turns
        Along west, east;     ///< of its vertices
        double slope;         ///< of the strip, in latitude by longitude
        double low, high;     ///< all of the run has lat - slope * lon between these
        std::uint32_t next;   ///< the run after this and all those within it, which follow it directly
        std::uint32_t begin;  ///< its first vertex
        std::uint32_t edges;  ///< 0 where it is in two halves
    };

    class Builder;

    /// How often the longitude is passed on the way east to there.
    static std::int32_t passed(const Along& along, double lon) { return along.turn + (along.lon >= lon); }
    bool crosses(LonLat from, LonLat to, LonLat position, const Embedded<M>& embedded) const;

    bool to_north_;
    std::vector<LonLat> vertices_;  ///< longitudes from -180 to less than 180
    std::vector<Run> runs_;         ///< in preorder
};

}  // namespace crowfly
