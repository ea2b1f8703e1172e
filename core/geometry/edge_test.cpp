#include "core/geometry/edge.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <GeographicLib/Geodesic.hpp>
#include <GeographicLib/GeodesicLine.hpp>
#include <gtest/gtest.h>

#include "core/geometry/geodesic_arc.h"
#include "core/metric/box.h"
#include "core/metric/earth.h"
#include "tests/support/seed.h"

namespace crowfly {
namespace {

using GeographicLib::Geodesic;
using GeographicLib::GeodesicLine;

struct Line {
    LonLat from, to;
    GeodesicLine way;
};

LonLat after(LonLat from, double azimuth, double metres) {
    LonLat p;
    Geodesic::WGS84().Direct(from.lat, from.lon, azimuth, metres, p.lat, p.lon);
    return {p.lon, std::clamp(p.lat, -90.0, 90.0)};
}

double geodesic(LonLat a, LonLat b) {
    double metres = 0;
    Geodesic::WGS84().Inverse(a.lat, a.lon, b.lat, b.lon, metres);
    return metres;
}

LonLat hard_place(tests::Random& random) {
    constexpr LonLat kHard[] = {{0, 0},    {180, 10},    {-180, -60}, {0, 90},
                                {33, -90}, {7, 89.9999}, {12, -1e-6}};
    const std::size_t choice = random.below(2 * std::size(kHard));
    if (choice < std::size(kHard)) return kHard[choice];
    return {random.uniform(-180, 180), std::asin(random.uniform(-1, 1)) * 57.29577951308232};
}

Line hard_line(tests::Random& random) {
    constexpr double kAzimuths[] = {0, 90, 180, -90, 45};
    const LonLat from = hard_place(random);
    const std::size_t choice = random.below(2 * std::size(kAzimuths));
    const double azimuth = choice < std::size(kAzimuths) ? kAzimuths[choice] : random.uniform(-180, 180);
    const LonLat to = after(from, azimuth, std::pow(10.0, random.uniform(-1, std::log10(kLongestPiece))));
    return {from, to, Geodesic::WGS84().InverseLine(from.lat, from.lon, to.lat, to.lon)};
}

Piece<Spheroid> piece_of(const Line& line) {
    return {Spheroid::embed(line.from), Spheroid::embed(line.to)};
}

LonLat along(const GeodesicLine& way, double metres) {
    LonLat p;
    way.Position(metres, p.lat, p.lon);
    return p;
}

/// The least geodesic distance between q and the line, by trisection of the best of 20 stretches.
double least_distance(LonLat q, const GeodesicLine& way) {
    constexpr int kStretches = 20;
    const auto at = [&](double share) { return geodesic(q, along(way, share * way.Distance())); };
    double least = std::numeric_limits<double>::infinity();
    int best = 0;
    for (int i = 0; i <= kStretches; ++i) {
        const double distance = at(static_cast<double>(i) / kStretches);
        if (distance < least) {
            least = distance;
            best = i;
        }
    }
    double low = std::max(0, best - 1) / static_cast<double>(kStretches);
    double high = std::min(kStretches, best + 1) / static_cast<double>(kStretches);
    for (int i = 0; i < 60; ++i) {
        const double third = (high - low) / 3;
        (at(low + third) < at(high - third) ? high : low) +=
            at(low + third) < at(high - third) ? -third : third;
    }
    return std::min(least, at((low + high) / 2));
}

TEST(GeodesicArc, RunsWhereGeographicLibHasTheGeodesic) {
    tests::Random random;
    for (int trial = 0; trial < 20'000; ++trial) {
        const Line line = hard_line(random);
        const Piece<Spheroid> piece = piece_of(line);
        if (piece.from == piece.to) continue;
        const GeodesicArc arc(piece.from, piece.to);
        EXPECT_LT(straight_distance<3>(arc.step(arc.extent()).at, piece.to), 1e-8);
        const auto at = arc.step(random.uniform(0, arc.extent())).at;
        const LonLat expected = along(line.way, Spheroid::distance(piece.from, at));
        ASSERT_LT(straight_distance<3>(at, Spheroid::embed(expected)), 2e-8)
            << line.from.lon << ',' << line.from.lat << " to " << line.to.lon << ',' << line.to.lat;
    }
}

TEST(Spheroid, DistanceToAPieceIsTheLeastThatGeographicLibFinds) {
    tests::Random random;
    for (int trial = 0; trial < 3'000; ++trial) {
        const Line line = hard_line(random);
        const LonLat beside = along(line.way, random.uniform(-0.2, 1.2) * line.way.Distance());
        const double range = std::pow(10.0, random.uniform(-1, 7.25));
        const LonLat at = after(beside, random.uniform(-180, 180), range);
        const Spheroid::Point q = Spheroid::embed(at);
        const double expected = least_distance(at, line.way);
        const double found = Spheroid::distance(q, nearest_on(piece_of(line), q));
        ASSERT_NEAR(found, expected, 1e-8 + 1e-12 * expected)
            << "q=" << at.lon << ',' << at.lat << " line " << line.from.lon << ',' << line.from.lat << " to "
            << line.to.lon << ',' << line.to.lat;
    }
}

TEST(Spheroid, OnTheFarSideOfTheEarthAnEndOfAPieceIsNearest) {
    tests::Random random;
    for (int trial = 0; trial < 3'000; ++trial) {
        const Line line = hard_line(random);
        const LonLat antipode{std::remainder(line.from.lon + 180, 360.0), -line.from.lat};
        const LonLat at = after(antipode, random.uniform(-180, 180), std::pow(10.0, random.uniform(1, 6.5)));
        const Spheroid::Point q = Spheroid::embed(at);
        const double expected = least_distance(at, line.way);
        ASSERT_NEAR(Spheroid::distance(q, nearest_on(piece_of(line), q)), expected, 1e-8 + 1e-12 * expected)
            << "q=" << at.lon << ',' << at.lat << " line " << line.from.lon << ',' << line.from.lat << " to "
            << line.to.lon << ',' << line.to.lat;
    }
}

/// Of right angles to the piece: there the foot is inside it.
TEST(Spheroid, FindsFeetInsideAPieceAtEveryRange) {
    tests::Random random;
    for (const double range : {0.01, 1.0, 1e3, 39'990.0, 40'010.0, 1e5, 1e6, 5e6, 9e6}) {
        for (int trial = 0; trial < 200; ++trial) {
            const Line line = hard_line(random);
            double azimuth = 0;
            LonLat foot;
            line.way.Position(random.uniform(0, line.way.Distance()), foot.lat, foot.lon, azimuth);
            const LonLat at = after(foot, azimuth + (trial % 2 == 0 ? 90 : -90), range);
            const Spheroid::Point q = Spheroid::embed(at);
            const double found = Spheroid::distance(q, nearest_on(piece_of(line), q));
            ASSERT_NEAR(found, least_distance(at, line.way), 1e-8 + 1e-12 * range) << range;
        }
    }
}

template <class M>
class PiecePromise : public testing::Test {};
using Metrics = testing::Types<Plane, Sphere, Spheroid>;
TYPED_TEST_SUITE(PiecePromise, Metrics);

/// A piece and a place near it.
template <Metric M>
std::pair<Piece<M>, Embedded<M>> any_piece(tests::Random& random) {
    if constexpr (M::kKind == MetricKind::plane) {
        const auto any = [&] { return Plane::Point{random.uniform(-10, 10), random.uniform(-10, 10)}; };
        return {{any(), any()}, any()};
    } else {
        const Line line = hard_line(random);
        const LonLat q = after(line.from, random.uniform(0, 360), std::pow(10.0, random.uniform(-1, 7.3)));
        return {{M::embed(line.from), M::embed(line.to)}, M::embed(q)};
    }
}

TYPED_TEST(PiecePromise, TheFootIsNoFartherThanTheEndsAndWithinTheBulgeOfTheChord) {
    tests::Random random;
    constexpr std::size_t kD = TypeParam::kDimensions;
    for (int trial = 0; trial < 20'000; ++trial) {
        const auto [piece, q] = any_piece<TypeParam>(random);
        const auto foot = nearest_on(piece, q);
        const double distance = TypeParam::distance(q, foot);
        ASSERT_LE(distance, TypeParam::distance(q, piece.from) * (1 + 1e-12) + 1e-8);
        ASSERT_LE(distance, TypeParam::distance(q, piece.to) * (1 + 1e-12) + 1e-8);
        double along = 0, length2 = 0;
        for (std::size_t d = 0; d < kD; ++d) {
            along += (foot[d] - piece.from[d]) * (piece.to[d] - piece.from[d]);
            length2 += (piece.to[d] - piece.from[d]) * (piece.to[d] - piece.from[d]);
        }
        if (length2 == 0) continue;
        std::array<double, kD> on_chord;
        for (std::size_t d = 0; d < kD; ++d) {
            on_chord[d] = piece.from[d] + along / length2 * (piece.to[d] - piece.from[d]);
        }
        ASSERT_LE(straight_distance<kD>(foot, on_chord), bulge(piece));
    }
}

/// A point that a piece may reach.
template <Metric M>
Embedded<M> beside(const Embedded<M>& q, tests::Random& random) {
    if constexpr (M::kKind == MetricKind::plane) {
        return {random.uniform(-10, 10), random.uniform(-10, 10)};
    } else {
        return M::embed(
            after(M::position(q), random.uniform(0, 360), std::pow(10.0, random.uniform(0, 4.6))));
    }
}

TYPED_TEST(PiecePromise, DistancesBetweenPiecesAreTheSameBothWaysAndZeroWhereTheyCross) {
    tests::Random random;
    for (int trial = 0; trial < 5'000; ++trial) {
        const auto [first, q] = any_piece<TypeParam>(random);
        const Piece<TypeParam> second{q, beside<TypeParam>(q, random)};
        const double there = distance_between(first, second).distance;
        const double back = distance_between(second, first).distance;
        ASSERT_NEAR(there, back, 1e-8 + 1e-12 * there);
        // From one side of the first piece, over its middle, to the other.
        auto middle = first.from;
        for (std::size_t d = 0; d < TypeParam::kDimensions; ++d)
            middle[d] = (first.from[d] + first.to[d]) / 2;
        if (!(straight_distance<TypeParam::kDimensions>(first.from, first.to) > 100)) continue;
        const LonLat at = TypeParam::position(middle);
        const double degrees = 1e-3;
        if (std::abs(at.lat) > 89) continue;
        const Piece<TypeParam> across{TypeParam::embed({at.lon - degrees, at.lat - degrees}),
                                      TypeParam::embed({at.lon + degrees, at.lat + degrees})};
        const Piece<TypeParam> other_way{TypeParam::embed({at.lon - degrees, at.lat + degrees}),
                                         TypeParam::embed({at.lon + degrees, at.lat - degrees})};
        ASSERT_EQ(
            std::min(distance_between(first, across).distance, distance_between(first, other_way).distance),
            0);
    }
}

}  // namespace
}  // namespace crowfly
