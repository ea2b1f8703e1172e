#pragma once

#include <limits>

#include "core/metric/box.h"
#include "core/metric/spheroid.h"

namespace crowfly {

/// The wave front of a far query where it has come to one point: by the distance of that point and the
/// direction from which the geodesic arrives there, it bounds the distances of all points around from below,
/// far more tightly than their chords from the query do.
///
/// On a surface whose Gaussian curvature is at most 1 / b^2 a hinge of two geodesics spans at least what it
/// would on the sphere of radius b (H. E. Rauch, "A contribution to differential geometry in the large",
/// Annals of Mathematics 54, 1951, doi:10.2307/1969309); docs/accuracy.md has the rest of the derivation.
class Front {
  public:
    using Point = Spheroid::Point;

    /// Chords from the query, in metres, from which on a front can be had of a point.
    static constexpr double kNearest = Spheroid::kLongChord;

    /// The points are at least kNearest apart. Of one that is nearly antipodal to the query all bounds are
    /// without meaning: delays are minus infinity.
    Front(const Point& query, const Point& at);

    const Point& at() const noexcept { return at_; }

    /// The distance between the query and the front's point: that of the metric's function, to the bit.
    double distance() const noexcept { return distance_; }

    /// What `delay` is at most, for a point at this distance from the query.
    double delay_within(double distance) const noexcept;

    /// Grows with a bound of the point's distance from the query: how much later than at the front's own
    /// point the wave comes there at the earliest. Of no meaning but by `delay_within`.
    double delay(const Point& p) const noexcept;

    /// At most the delay of any point in the box.
    double delay(const Box<3>& box) const noexcept;

    /// At most the delay of any point of a piece of an edge, which leaves its chord by `bulge` at most.
    double delay(const Point& from, const Point& to, double bulge) const noexcept;

    /// Whether of the piece of an edge between the front's point and `end`, which leaves its chord by `bulge`
    /// at most, the front's point is certainly nearest to the query.
    bool leads_away(const Point& end, double bulge) const noexcept;

  private:
    struct Along {
        double onward;  ///< what of the straight way from the front's point goes in its direction
        double square;  ///< of all of that way
    };
    Along along(const Point& p) const noexcept;
    double delay(double onward, double least_square, double greatest_square) const noexcept;

    Point at_;
    Point onward_;  ///< a unit vector
    double distance_;
    double reach_;  ///< straight distances from the point beyond which nothing is said; negative: never
    double sine_;   ///< of the distance over b
    double cosine_;
};

}  // namespace crowfly
