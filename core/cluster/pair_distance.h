#pragma once

#include <algorithm>

#include "core/metric/box.h"
#include "core/metric/metric.h"

namespace crowfly {

/// The metric's distance between two points that are neither query nor object: from the one whose coordinates
/// come first. Where the metric's function computes a long way from both ends, the last bits may depend on
/// the end that it starts from; these never do.
template <Metric M>
double pair_distance(const Embedded<M>& a, const Embedded<M>& b) {
    return b < a ? M::distance(b, a) : M::distance(a, b);
}

/// Tells from the square of a straight distance whether two points are within `eps` of each other, and
/// measures where the square leaves it open.
template <Metric M>
struct PairJudge {
    explicit PairJudge(double greatest_distance)
        : eps(greatest_distance),
          far(M::within_square(eps)),
          // No metric has a distance where the square is 0.
          sure(std::max(M::certain_square(eps), 0.0)) {}

    double eps;
    double far;   ///< beyond this square they are not
    double sure;  ///< up to this square they are; at least 0

    bool within(const Embedded<M>& a, const Embedded<M>& b) const {
        const double square = squared_straight_distance<M::kDimensions>(a, b);
        return square <= sure || (square <= far && pair_distance<M>(a, b) <= eps);
    }
};

}  // namespace crowfly
