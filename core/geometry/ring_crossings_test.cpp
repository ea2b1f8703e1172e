#include "core/geometry/ring_crossings.h"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "core/geometry/edge.h"
#include "tests/support/seed.h"

namespace crowfly {
namespace {

using Ring = std::vector<LonLat>;

template <Metric M>
std::vector<std::vector<ShapePiece<M>>> pieces_of_rings(const std::vector<Ring>& rings) {
    GeometryBuilder builder;
    builder.begin(GeometryType::polygon);
    builder.add_part();
    for (const Ring& ring : rings) {
        builder.add_sequence();
        for (const LonLat position : ring) builder.add_position(position);
    }
    builder.end();
    const Geometry geometry = builder.finish();
    std::vector<std::vector<ShapePiece<M>>> pieces;
    for (std::size_t i = 0; i < rings.size(); ++i) pieces.push_back(pieces_of<M>(geometry, i));
    return pieces;
}

/// By every piece on its own, and on which side of it the position is.
template <Metric M>
bool odd_by_all(std::span<const std::vector<ShapePiece<M>>> rings, LonLat at, bool to_north) {
    bool odd = false;
    for (const auto& ring : rings) {
        for (const ShapePiece<M>& piece : ring) {
            double from = piece.from.lon - at.lon, to = piece.to.lon - at.lon;
            if constexpr (M::kKind != MetricKind::plane) {
                from = wrapped(from);
                to = wrapped(to);
                if (std::abs(from - to) >= 180) continue;
            }
            if ((from >= 0) == (to >= 0)) continue;
            const bool is_left = side<M>(piece.piece, M::embed(at)) > 0;
            const bool is_south = (to > from) != is_left;
            odd ^= is_south == to_north;
        }
    }
    return odd;
}

template <Metric M>
void expect_as_by_all(tests::Random& random, const std::vector<Ring>& rings, LonLat low, LonLat high) {
    const auto pieces = pieces_of_rings<M>(rings);
    for (const bool to_north : {true, false}) {
        const RingCrossings<M> crossings(pieces, to_north);
        for (int i = 0; i < 60; ++i) {
            LonLat at{random.uniform(low.lon, high.lon), random.uniform(low.lat, high.lat)};
            // Over and under vertices too.
            const Ring& ring = rings[random.below(rings.size())];
            if (i % 3 == 0) at.lon = ring[random.below(ring.size())].lon;
            ASSERT_EQ(crossings.odd(at, M::embed(at)), odd_by_all<M>(pieces, at, to_north))
                << name(M::kKind) << ": " << at.lon << ',' << at.lat << ", north " << to_north;
        }
    }
}

void expect_as_by_all(tests::Random& random, const std::vector<Ring>& rings, LonLat low, LonLat high) {
    expect_as_by_all<Plane>(random, rings, low, high);
    expect_as_by_all<Sphere>(random, rings, low, high);
    expect_as_by_all<Spheroid>(random, rings, low, high);
}

/// A line to and fro across, `teeth` times, and back beside it.
Ring zigzag(LonLat middle, double angle, double width, double height, std::size_t teeth) {
    const auto at = [&](double across, double along) {
        return LonLat{wrapped(middle.lon + across * std::cos(angle) - along * std::sin(angle)),
                      middle.lat + across * std::sin(angle) + along * std::cos(angle)};
    };
    Ring ring{at(-width, 0)};
    for (std::size_t i = 0; i <= teeth; ++i) {
        const double along = height * static_cast<double>(i) / static_cast<double>(teeth);
        ring.push_back(at(i % 2 == 0 ? width : 0, along));
    }
    ring.push_back(at(-width, height));
    ring.push_back(ring.front());
    return ring;
}

TEST(RingCrossings, AreThoseOfEachPieceForRingsThatWander) {
    tests::Random random;
    for (const LonLat middle : {LonLat{0, 0}, LonLat{179, 40}, LonLat{-60, -86}, LonLat{10, 75}}) {
        for (int trial = 0; trial < 10; ++trial) {
            std::vector<Ring> rings(1 + random.below(40));
            for (Ring& ring : rings) {
                LonLat at{middle.lon + random.uniform(-5, 5), middle.lat + random.uniform(-3, 3)};
                for (std::size_t i = 3 + random.below(200); i > 0; --i) {
                    at.lon = wrapped(at.lon + random.uniform(-0.5, 0.5));
                    at.lat = std::clamp(at.lat + random.uniform(-0.2, 0.2), -89.9, 89.9);
                    ring.push_back(at);
                }
                ring.push_back(ring.front());
            }
            expect_as_by_all(random, rings, {middle.lon - 9, std::max(-90.0, middle.lat - 6)},
                             {std::min(180.0, middle.lon + 9), middle.lat + 6});
        }
    }
}

TEST(RingCrossings, AreThoseOfEachPieceForZigzagsOfEveryDirection) {
    tests::Random random;
    for (const LonLat middle : {LonLat{0, 0}, LonLat{180, 60}, LonLat{30, -80}}) {
        for (int trial = 0; trial < 30; ++trial) {
            const double size = std::pow(10, random.uniform(-5, 0.6));
            const Ring ring = zigzag(middle, random.uniform(0, 7), size, size * random.uniform(0.01, 1),
                                     3 + random.below(400));
            const double reach = 1.2 * size;
            expect_as_by_all(random, {ring}, {middle.lon - reach, middle.lat - reach},
                             {middle.lon + (middle.lon < 180 ? reach : 0), middle.lat + reach});
        }
    }
}

TEST(RingCrossings, AreThoseOfEachPieceForRingsThatGoRoundThePoleManyTimes) {
    tests::Random random;
    for (int trial = 0; trial < 10; ++trial) {
        const double sign = trial % 2 == 0 ? 1 : -1;
        Ring ring;
        const auto corners = static_cast<double>(5 + random.below(20));
        for (double turn = 0; turn < 8; turn += 1 / corners) {
            ring.push_back({wrapped(360 * turn), sign * (88 - turn - random.uniform(0, 0.2))});
        }
        ring.push_back(ring.front());
        expect_as_by_all<Sphere>(random, {ring}, {-180, sign * 85 - 5}, {180, sign * 85 + 5});
        expect_as_by_all<Spheroid>(random, {ring}, {-180, sign * 85 - 5}, {180, sign * 85 + 5});
    }
}

TEST(RingCrossings, AGeodesicIsMetBeyondTheLatitudesOfItsEnds) {
    tests::Random random;
    std::size_t between = 0;
    for (int trial = 0; trial < 2'000; ++trial) {
        // 20 to 50 km along a parallel; the geodesic is nearer the pole.
        const double lat = random.uniform(10, 89) * (trial % 2 == 0 ? 1 : -1);
        const double width = random.uniform(0.2, 0.44) / std::cos(lat * 0.01745);
        const double west = random.uniform(-180, 180 - width);
        const std::vector<Ring> rings{
            {{west, lat}, {west + width, lat}, {west + width / 2, lat / 2}, {west, lat}}};
        const double pole = lat > 0 ? 1 : -1;
        const LonLat at{
            west + width * random.uniform(0.3, 0.7),
            lat + pole * random.uniform(0, 0.0011) * width * width * std::sin(std::abs(lat) * 0.0349)};
        const auto pieces = pieces_of_rings<Spheroid>(rings);
        for (const bool to_north : {true, false}) {
            const RingCrossings<Spheroid> crossings(pieces, to_north);
            const bool odd = odd_by_all<Spheroid>(pieces, at, to_north);
            ASSERT_EQ(crossings.odd(at, Spheroid::embed(at)), odd) << at.lon << ',' << at.lat;
            between += odd ? 1 : 0;
        }
    }
    EXPECT_GT(between, 1'000U) << "half of the positions were to be inside";
}

TEST(RingCrossings, OfAZigzagOfAMillionVerticesAreFoundQuickly) {
    tests::Random random;
    for (const double angle : {0.0, std::numbers::pi / 2, 0.6, -2.2}) {
        constexpr std::size_t kTeeth = 1'000'000;
        constexpr double kWidth = 0.2, kHeight = 0.3, kStep = kHeight / kTeeth;
        const std::vector<Ring> rings{zigzag({10, 50}, angle, kWidth, kHeight, kTeeth)};
        const auto pieces = pieces_of_rings<Plane>(rings);
        const RingCrossings<Plane> crossings(pieces, true);
        for (int i = 0; i < 100'000; ++i) {
            const double across = random.uniform(-1.5 * kWidth, 1.5 * kWidth);
            const double along = random.uniform(-0.1, kHeight + 0.1);
            const LonLat at{10 + across * std::cos(angle) - along * std::sin(angle),
                            50 + across * std::sin(angle) + along * std::cos(angle)};
            const double tooth = std::abs(std::remainder(along / kStep, 2));
            const double edge = kWidth * (1 - tooth);
            // What rounding turns to the other side of an edge is as far from it as a step's last bits.
            if (std::abs(edge - across) < 1e-3 * kWidth) continue;
            const bool inside = along > 0 && along < kHeight && across > -kWidth && across < edge;
            ASSERT_EQ(crossings.odd(at, Plane::embed(at)), inside) << across << ',' << along << ": " << angle;
        }
        const auto on_earth = pieces_of_rings<Spheroid>(rings);
        const RingCrossings<Spheroid> geodesics(on_earth, true);
        for (int i = 0; i < 10; ++i) {
            const LonLat at{10 + random.uniform(-0.3, 0.3), 50 + random.uniform(-0.3, 0.3)};
            ASSERT_EQ(geodesics.odd(at, Spheroid::embed(at)), odd_by_all<Spheroid>(on_earth, at, true));
        }
    }
}

}  // namespace
}  // namespace crowfly
