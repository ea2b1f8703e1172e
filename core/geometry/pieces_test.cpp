#include "core/geometry/pieces.h"

#include <cmath>

#include <gtest/gtest.h>

#include "core/metric/box.h"
#include "core/metric/distance.h"
#include "tests/support/any_shape.h"

namespace crowfly {
namespace {

Geometry line(const std::vector<LonLat>& positions) {
    GeometryBuilder builder;
    builder.begin(positions.size() == 1 ? GeometryType::point : GeometryType::line_string);
    builder.add_part();
    builder.add_sequence();
    for (const LonLat position : positions) builder.add_position(position);
    builder.end();
    return builder.finish();
}

template <Metric M>
class Pieces : public testing::Test {};
template <Metric M>
class PiecesOnEarth : public testing::Test {};

using AllMetrics = testing::Types<Plane, Sphere, Spheroid>;
using MetricsOnEarth = testing::Types<Sphere, Spheroid>;
TYPED_TEST_SUITE(Pieces, AllMetrics);
TYPED_TEST_SUITE(PiecesOnEarth, MetricsOnEarth);

TYPED_TEST(Pieces, OfAPointAreOneFromItselfToItself) {
    const auto pieces = pieces_of<TypeParam>(line({{7, -8}}), 0);
    ASSERT_EQ(pieces.size(), 1U);
    EXPECT_EQ(pieces[0].from, (LonLat{7, -8}));
    EXPECT_EQ(pieces[0].to, (LonLat{7, -8}));
    EXPECT_EQ(pieces[0].piece.from, TypeParam::embed({7, -8}));
    EXPECT_EQ(pieces[0].piece.to, TypeParam::embed({7, -8}));
}

TYPED_TEST(Pieces, OfShortEdgesAreTheEdges) {
    const std::vector<LonLat> positions{{179.9, 10}, {-179.9, 10.1}, {-179.9, 10.1}, {-179.8, 10.3}};
    const auto pieces = pieces_of<TypeParam>(line(positions), 0);
    ASSERT_EQ(pieces.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(pieces[i].from, positions[i]);
        EXPECT_EQ(pieces[i].to, positions[i + 1]);
    }
}

TYPED_TEST(Pieces, AreThoseOfTheSequenceThatIsAskedFor) {
    tests::Random random;
    tests::AnyShape any(random, {10, 20}, 0.1);
    for (int trial = 0; trial < 50; ++trial) {
        const Geometry shape = any();
        for (std::size_t number = 0; number < shape.sequence_count(); ++number) {
            const auto pieces = pieces_of<TypeParam>(shape, number);
            EXPECT_EQ(pieces.front().from, shape.sequence(number).front());
            EXPECT_EQ(pieces.back().to, shape.sequence(number).back());
        }
    }
}

TYPED_TEST(Pieces, FollowOneAnotherFromVertexToVertexToTheLastBit) {
    tests::Random random;
    for (int trial = 0; trial < 100; ++trial) {
        std::vector<LonLat> positions;
        for (int i = 0; i < 5; ++i) positions.push_back({random.uniform(-180, 180), random.uniform(-89, 89)});
        const auto pieces = pieces_of<TypeParam>(line(positions), 0);
        std::size_t vertex = 0;
        LonLat at = positions[0];
        for (const auto& piece : pieces) {
            ASSERT_EQ(piece.from, at);
            ASSERT_EQ(piece.piece.from, TypeParam::embed(piece.from));
            ASSERT_EQ(piece.piece.to, TypeParam::embed(piece.to));
            at = piece.to;
            if (at == positions[vertex + 1]) ++vertex;
        }
        EXPECT_EQ(vertex, 4U) << "each vertex is an end";
    }
}

TEST(PiecesOnThePlane, AreWholeEdgesHoweverLong) {
    EXPECT_EQ(pieces_of<Plane>(line({{-1e99, 0}, {1e99, 5}, {-1e99, 7}}), 0).size(), 2U);
}

TYPED_TEST(PiecesOnEarth, AreShortAndTogetherAsLongAsTheGeodesic) {
    tests::Random random;
    for (int trial = 0; trial < 200; ++trial) {
        const LonLat a{random.uniform(-180, 180), random.uniform(-89, 89)};
        // Close to the antipode too, where ways are hard to tell apart.
        const LonLat b = trial % 4 == 0 ? LonLat{wrapped(a.lon + 179.9), -a.lat + 0.1}
                                        : LonLat{random.uniform(-180, 180), random.uniform(-89, 89)};
        double length = 0;
        for (const auto& piece : pieces_of<TypeParam>(line({a, b}), 0)) {
            EXPECT_LE(straight_distance(piece.piece.from, piece.piece.to), kLongestPiece);
            length += TypeParam::distance(piece.piece.from, piece.piece.to);
        }
        EXPECT_NEAR(length, distance(TypeParam::kKind, a, b), 1e-5);
    }
}

TYPED_TEST(PiecesOnEarth, MeetThePoleWhereTheEdgeGoesOverIt) {
    for (const double sign : {1.0, -1.0}) {
        const auto pieces = pieces_of<TypeParam>(line({{10, sign * 89.9}, {-170, sign * 89.8}}), 0);
        ASSERT_EQ(pieces.size(), 2U);
        EXPECT_EQ(pieces[0].to, (LonLat{10, sign * 90}));
        EXPECT_EQ(pieces[1].from, (LonLat{-170, sign * 90}));
    }
}

TYPED_TEST(PiecesOnEarth, AnEndAtAPoleIsOnTheMeridianOfTheOther) {
    const auto pieces = pieces_of<TypeParam>(line({{50, 89.9}, {0, 90}, {-30, 89.9}}), 0);
    ASSERT_EQ(pieces.size(), 2U);
    EXPECT_EQ(pieces[0].to, (LonLat{50, 90}));
    EXPECT_EQ(pieces[1].from, (LonLat{-30, 90}));
}

TEST(Wrapped, LongitudesAreFromMinus180ToLessThan180) {
    EXPECT_EQ(wrapped(180), -180);
    EXPECT_EQ(wrapped(-180), -180);
    EXPECT_EQ(wrapped(540), -180);
    EXPECT_EQ(wrapped(359), -1);
    EXPECT_EQ(wrapped(-190), 170);
    EXPECT_EQ(wrapped(0.1), 0.1);
}

}  // namespace
}  // namespace crowfly
