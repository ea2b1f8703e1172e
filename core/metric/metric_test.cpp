#include "core/metric/metric.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <GeographicLib/Geodesic.hpp>
#include <gtest/gtest.h>

#include "core/metric/box.h"
#include "core/metric/earth.h"
#include "core/metric/plane.h"
#include "core/metric/sphere.h"
#include "core/metric/spheroid.h"
#include "tests/support/seed.h"
#include "tests/support/shapes.h"

namespace crowfly {
namespace {

using GeographicLib::Geodesic;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kLeast = std::numeric_limits<double>::denorm_min();

template <class M>
class MetricPromise : public testing::Test {};
using Metrics = testing::Types<Plane, Sphere, Spheroid>;
TYPED_TEST_SUITE(MetricPromise, Metrics);

template <class M>
double square_between(const Embedded<M>& q, const Embedded<M>& p) {
    return squared_straight_distance<M::kDimensions>(q, p);
}

/// The position that lies in a direction, in degrees from north, at a distance by the metric.
template <class M>
LonLat travel(LonLat from, double azimuth, double distance) {
    if constexpr (M::kKind == MetricKind::plane) {
        const double radians = azimuth * 3.14159265358979323846 / 180;
        return {from.lon + distance * std::sin(radians), from.lat + distance * std::cos(radians)};
    } else {
        static const Geodesic sphere(earth::kMeanRadius, 0);
        const Geodesic& earth = M::kKind == MetricKind::sphere ? sphere : Geodesic::WGS84();
        LonLat to{};
        earth.Direct(from.lat, from.lon, azimuth, distance, to.lat, to.lon);
        return to;
    }
}

/// The position beside this one in a direction: the least step that doubles can make.
LonLat nudge(tests::Random& random, LonLat p) {
    const double to = random.below(2) == 0 ? -1e300 : 1e300;
    double& coordinate = random.below(2) == 0 ? p.lon : p.lat;
    const double moved = std::nextafter(coordinate, to);
    if (std::abs(moved) <= (&coordinate == &p.lon ? 180 : 90)) coordinate = moved;
    return p;
}

/// Queries where a metric has its hard places, and anywhere.
LonLat hard_query(tests::Random& random) {
    constexpr LonLat kHard[] = {{0, 0},      {180, 0},       {-180, 60},       {0, 90},      {33, -90},
                                {90, 1e-12}, {-90, -0.3},    {-118.29, 36.58}, {0, 89.9999}, {45, 45},
                                {12, -1e-6}, {179.99999, 5}, {10, 0},          {10, -54.7},  {-135, 35.3}};
    const std::size_t choice = random.below(2 * std::size(kHard));
    if (choice < std::size(kHard)) return kHard[choice];
    return {random.uniform(-180, 180), std::asin(random.uniform(-1, 1)) * 57.29577951308232};
}

/// A distance between 1e-6 m and half way around; every other time next to where some formula or bound
/// gives way to another.
double hard_range(tests::Random& random) {
    constexpr double kChords[] = {
        Spheroid::kShortChord, Spheroid::kLongChord, Spheroid::kFarChord, 1e6, 12'669'600, 12'670'878};
    constexpr double kArcs[] = {30'000,     120'000,    1'500'000,    1'530'000,    19'000'000, 19'723'000,
                                19'903'000, 19'948'000, 20'003'931.4, 20'015'114.3, 19'970'300};
    const std::size_t choice = random.below(2 * (std::size(kChords) + std::size(kArcs)));
    const double near = 1 + random.uniform(-1, 1) * std::pow(10.0, random.uniform(-15, -2));
    if (choice < std::size(kChords)) {
        const double radius = earth::kMeanRadius;
        return 2 * radius * std::asin(std::min(kChords[choice] * near / (2 * radius), 1.0));
    }
    if (choice < std::size(kChords) + std::size(kArcs)) {
        return std::min(kArcs[choice - std::size(kChords)] * near, 20'015'114.3);
    }
    return std::pow(10.0, random.uniform(-6, 7.3013));
}

/// Positions at nearly the same distance from q: in the directions of greatest and least curvature, in
/// others, and off by the least steps.
template <class M>
std::vector<LonLat> near_ties(tests::Random& random, LonLat q, double range) {
    constexpr double kAzimuths[] = {0, 90, 180, 270, 45, 0.01, 89.99};
    std::vector<LonLat> ties;
    for (const double azimuth : kAzimuths) ties.push_back(travel<M>(q, azimuth, range));
    for (int i = 0; i < 3; ++i) ties.push_back(travel<M>(q, random.uniform(0, 360), range));
    for (int i = 0; i < 3; ++i) {
        const double ulps = std::round(random.uniform(-9, 9)) * 0x1p-52;
        ties.push_back(travel<M>(q, random.uniform(0, 360), range * (1 + ulps)));
    }
    for (int i = 0; i < 3; ++i) ties.push_back(nudge(random, ties[random.below(ties.size())]));
    return ties;
}

struct Measured {
    double square;
    double distance;
};

/// Promises 2 to 5 for every pair of what was measured from one query.
template <class M>
void expect_promises(const std::vector<Measured>& measured) {
    for (const Measured& one : measured) {
        const double within = M::within_square(one.distance);
        const double rivals = M::rival_square(one.square);
        const double certain = M::certain_square(one.distance);
        const double just_below = M::certain_square(std::nextafter(one.distance, -1));
        const double least = M::least_distance(one.square);
        ASSERT_LE(one.square, within) << one.distance;
        ASSERT_LE(one.square, rivals);
        ASSERT_LT(just_below, one.square) << one.distance;
        ASSERT_LT(one.square, M::kGreatestSquare);
        for (const Measured& other : measured) {
            if (other.distance <= one.distance) {
                ASSERT_LE(other.square, within) << one.distance << ' ' << other.distance;
                ASSERT_LE(other.square, rivals) << one.square << ' ' << one.distance << ' ' << other.distance;
            } else {
                ASSERT_GT(other.square, certain) << one.distance << ' ' << other.distance;
            }
            if (other.square >= one.square) {
                ASSERT_GE(other.distance, least) << one.square << ' ' << other.square;
            }
        }
    }
}

template <class M>
std::vector<Measured> measure(LonLat q, const std::vector<LonLat>& positions) {
    const Embedded<M> from = M::embed(q);
    std::vector<Measured> measured;
    for (const LonLat p : positions) {
        const Embedded<M> to = M::embed(p);
        measured.push_back({square_between<M>(from, to), M::distance(from, to)});
    }
    return measured;
}

TYPED_TEST(MetricPromise, DistanceIsFiniteNotNegativeAndZeroToItself) {
    for (const tests::Shape& shape : tests::hurtful_shapes()) {
        for (const LonLat q : shape.queries) {
            EXPECT_EQ(TypeParam::distance(TypeParam::embed(q), TypeParam::embed(q)), 0);
            for (const LonLat p : shape.points) {
                const double distance = TypeParam::distance(TypeParam::embed(q), TypeParam::embed(p));
                ASSERT_TRUE(std::isfinite(distance) && distance >= 0) << shape.name << ": " << distance;
            }
        }
    }
}

TYPED_TEST(MetricPromise, DistanceIsTheSameBothWays) {
    tests::Random random;
    for (int trial = 0; trial < 20'000; ++trial) {
        const LonLat at = hard_query(random);
        const auto q = TypeParam::embed(at);
        const auto p = TypeParam::embed(travel<TypeParam>(at, random.uniform(0, 360), hard_range(random)));
        // Beyond the far chord GeographicLib solves, which is not the same to the last bit.
        const bool solved = TypeParam::kKind == MetricKind::spheroid &&
                            Spheroid::needs_solver(square_between<TypeParam>(q, p));
        const double there = TypeParam::distance(q, p);
        ASSERT_NEAR(there, TypeParam::distance(p, q), solved ? 2e-8 : 0) << at.lon << ',' << at.lat;
        ASSERT_TRUE(std::isfinite(there) && there >= 0) << there;
    }
}

TYPED_TEST(MetricPromise, HoldsForNearTiesAtEveryRange) {
    tests::Random random;
    for (int trial = 0; trial < 25'000; ++trial) {
        const LonLat q = hard_query(random);
        const double range = hard_range(random);
        SCOPED_TRACE(testing::Message() << "q=" << q.lon << ',' << q.lat << " range=" << range);
        expect_promises<TypeParam>(measure<TypeParam>(q, near_ties<TypeParam>(random, q, range)));
        if (this->HasFatalFailure()) return;
    }
}

TYPED_TEST(MetricPromise, HoldsAroundTheAntipodes) {
    tests::Random random;
    for (int trial = 0; trial < 8'000; ++trial) {
        const LonLat q = hard_query(random);
        const LonLat antipode{std::remainder(q.lon + 180, 360), -q.lat};
        std::vector<LonLat> positions{antipode, nudge(random, antipode)};
        for (int i = 0; i < 10; ++i) {
            const double range = std::pow(10.0, random.uniform(-9, TypeParam::kDimensions == 3 ? 5 : 2));
            positions.push_back(travel<TypeParam>(antipode, random.uniform(0, 360), range));
        }
        SCOPED_TRACE(testing::Message() << "q=" << q.lon << ',' << q.lat);
        expect_promises<TypeParam>(measure<TypeParam>(q, positions));
        if (this->HasFatalFailure()) return;
    }
}

TYPED_TEST(MetricPromise, HoldsForThePointsThatHurt) {
    for (const tests::Shape& shape : tests::hurtful_shapes()) {
        for (const LonLat q : shape.queries) {
            std::vector<LonLat> some;
            for (std::size_t i = 0; i < shape.points.size(); i += 1 + shape.points.size() / 60) {
                some.push_back(shape.points[i]);
            }
            SCOPED_TRACE(shape.name);
            expect_promises<TypeParam>(measure<TypeParam>(q, some));
            if (this->HasFatalFailure()) return;
        }
    }
}

// Among the smallest squares that there are, rounding is as large as they are.
TYPED_TEST(MetricPromise, HoldsForTheLeastCoordinates) {
    tests::Random random;
    for (int trial = 0; trial < 5'000; ++trial) {
        const double scale = std::pow(10.0, random.uniform(-172, -140));
        const LonLat q{trial % 2 == 0 ? 0.0 : scale * random.uniform(-1, 1), 0};
        std::vector<LonLat> positions;
        for (int i = 0; i < 12; ++i) {
            positions.push_back({scale * random.uniform(-1, 1), i % 2 * scale * random.uniform(-1, 1)});
        }
        expect_promises<TypeParam>(measure<TypeParam>(q, positions));
        if (this->HasFatalFailure()) return;
    }
}

/// Values from 0 to infinity in order: of every magnitude, next to each other, and around the borders.
std::vector<double> increasing_values(tests::Random& random, double greatest) {
    std::vector<double> values{0, kLeast, 2 * kLeast, 3 * kLeast, 1e-310, kInf};
    const auto add_neighbors = [&](double value) {
        for (int i = 0; i < 6; ++i) {
            values.push_back(value);
            value = std::nextafter(value, kInf);
        }
    };
    for (const double border : {3e4, 1.2e5, 1e6, 1.5e6, 1.8e6, 1.9e7, 1.9973e7, 2.0003931e7, 2.0015e7,
                                1.2669e7, 1.267e7, 1.2713e7, 1.2742e7, 1.2756e7}) {
        for (const double value : {border, border * border}) {
            add_neighbors(std::nextafter(std::nextafter(value, 0), 0));
            for (int i = 0; i < 50; ++i) add_neighbors(value * random.uniform(0.999, 1.001));
        }
    }
    const double decades = std::log10(greatest);
    for (int i = 0; i < 20'000; ++i) add_neighbors(std::pow(10.0, random.uniform(-320, decades)));
    for (int i = 0; i < 60'000; ++i) add_neighbors(std::pow(10.0, random.uniform(-9, 15)));
    std::sort(values.begin(), values.end());
    return values;
}

TYPED_TEST(MetricPromise, NoFunctionFallsAsItsArgumentGrows) {
    tests::Random random;
    double (*const functions[])(double) = {TypeParam::within_square, TypeParam::rival_square,
                                           TypeParam::certain_square, TypeParam::least_distance};
    const std::vector<double> values = increasing_values(random, 300);
    for (std::size_t f = 0; f < std::size(functions); ++f) {
        double last = -kInf;
        for (const double value : values) {
            const double next = functions[f](value);
            ASSERT_GE(next, last) << "function " << f << " at " << testing::PrintToString(value);
            last = next;
        }
    }
}

TYPED_TEST(MetricPromise, InfinityHoldsAll) {
    EXPECT_EQ(TypeParam::within_square(kInf), kInf);
    EXPECT_EQ(TypeParam::rival_square(kInf), kInf);
    EXPECT_EQ(TypeParam::certain_square(kInf), kInf);
    EXPECT_GE(TypeParam::within_square(0), 0);
    EXPECT_GE(TypeParam::rival_square(0), 0);
    EXPECT_EQ(TypeParam::least_distance(0), 0);
}

TYPED_TEST(MetricPromise, NoSquareIsAboveTheGreatest) {
    tests::Random random;
    for (int trial = 0; trial < 20'000; ++trial) {
        LonLat q = hard_query(random);
        if (trial % 2 == 0) q.lat = random.uniform(-1e-9, 1e-9);
        const LonLat p{std::remainder(q.lon + 180 + random.uniform(-1e-9, 1e-9), 360), -q.lat};
        const double square = square_between<TypeParam>(TypeParam::embed(q), TypeParam::embed(p));
        ASSERT_LT(square, TypeParam::kGreatestSquare);
    }
}

template <class M>
void expect_bound(LonLat q, const std::vector<LonLat>& positions) {
    auto box = Box<M::kDimensions>::empty();
    for (const LonLat p : positions) box.grow(M::embed(p));
    const double bound = M::least_distance(squared_straight_distance(M::embed(q), box));
    for (const LonLat p : positions) {
        ASSERT_LE(bound, M::distance(M::embed(q), M::embed(p)))
            << "q=" << q.lon << ',' << q.lat << " p=" << p.lon << ',' << p.lat;
    }
}

TYPED_TEST(MetricPromise, BoundOfABoxIsAtMostTheDistanceToWhateverItHolds) {
    tests::Random random;
    for (int trial = 0; trial < 50'000; ++trial) {
        const LonLat q = hard_query(random);
        const LonLat corner = travel<TypeParam>(q, random.uniform(0, 360), hard_range(random));
        std::vector<LonLat> positions{corner};
        const double spread = std::pow(10.0, random.uniform(-9, 7));
        for (int i = trial % 3; i > 0; --i) {
            positions.push_back(travel<TypeParam>(corner, random.uniform(0, 360), random.uniform(0, spread)));
        }
        expect_bound<TypeParam>(q, positions);
        if (this->HasFatalFailure()) return;
    }
}

TYPED_TEST(MetricPromise, BoundIsNotVacuous) {
    const LonLat q{10, 50};
    auto box = Box<TypeParam::kDimensions>::empty();
    box.grow(TypeParam::embed({11, 50}));
    box.grow(TypeParam::embed({11.1, 50.1}));
    const double nearest = TypeParam::distance(TypeParam::embed(q), TypeParam::embed({11, 50}));
    EXPECT_GT(TypeParam::least_distance(squared_straight_distance(TypeParam::embed(q), box)), 0.95 * nearest);
}

TYPED_TEST(MetricPromise, BoundsAreTightEnoughToBeOfUse) {
    for (double range = 1; range < 1.9e7; range *= 1.3) {
        const auto q = TypeParam::embed({10, 20});
        const auto p = TypeParam::embed(travel<TypeParam>({10, 20}, 30, range));
        const double square = square_between<TypeParam>(q, p);
        const double distance = TypeParam::distance(q, p);
        EXPECT_LT(TypeParam::within_square(distance), 1.03 * square + 1e-3) << range;
        EXPECT_GT(TypeParam::certain_square(distance), 0.96 * square) << range;
        EXPECT_GT(TypeParam::least_distance(square), 0.97 * distance) << range;
        if (range < 1e6) {
            EXPECT_LT(TypeParam::rival_square(square), 1.00005 * square + 1e-3) << range;
        }
    }
}

TEST(Plane, KeepsItsPromisesAtEveryMagnitude) {
    tests::Random random;
    for (int trial = 0; trial < 20'000; ++trial) {
        const double scale = std::pow(10.0, random.uniform(-170, 100));
        const auto anywhere = [&] {
            return LonLat{scale * random.uniform(-1, 1), scale * random.uniform(-1, 1)};
        };
        const LonLat q = anywhere();
        std::vector<LonLat> positions{anywhere(), anywhere()};
        const double dx = positions[0].lon - q.lon, dy = positions[0].lat - q.lat;
        for (const LonLat turned : {LonLat{q.lon - dy, q.lat + dx}, LonLat{q.lon - dx, q.lat - dy},
                                    LonLat{q.lon + 0.6 * dx - 0.8 * dy, q.lat + 0.8 * dx + 0.6 * dy}}) {
            positions.push_back(turned);
            positions.push_back({std::nextafter(turned.lon, kInf), turned.lat});
            positions.push_back({turned.lon, std::nextafter(turned.lat, -kInf)});
        }
        expect_promises<Plane>(measure<Plane>(q, positions));
        expect_bound<Plane>(q, positions);
        expect_bound<Plane>(q, {positions[random.below(positions.size())]});
        if (testing::Test::HasFatalFailure()) return;
    }
}

TEST(Plane, BoundsHoldFromTheLeastToTheGreatestCoordinates) {
    for (const double size : {1e-170, 1e-150, 1e-45, 1e-38, 1.0, 1e38, 1e39, 1e100}) {
        for (const LonLat q : {LonLat{0, 0}, LonLat{size, -size}, LonLat{-size, size}, LonLat{3 * size, 0}}) {
            expect_bound<Plane>(q, {{size, size}});
            expect_bound<Plane>(q, {{-size, 2 * size}, {size, -2 * size}});
            expect_bound<Plane>(q, {{1e100, 1e100}, {size, size}});
        }
    }
    EXPECT_EQ(Plane::distance({-1e100, 0}, {1e100, 0}), 2e100);
    EXPECT_TRUE(std::isfinite(Plane::distance({-1e100, -1e100}, {1e100, 1e100})));
}

TEST(Sphere, LongitudesAreOnePlaceAtThePolesAndTwoNamesOfTheAntimeridian) {
    EXPECT_EQ(Sphere::embed({17, 90}), Sphere::embed({-120, 90}));
    EXPECT_EQ(Sphere::embed({0, -90}), Sphere::embed({180, -90}));
    EXPECT_EQ(Sphere::embed({180, 33}), Sphere::embed({-180, 33}));
    EXPECT_EQ(Spheroid::embed({17, 90}), Spheroid::embed({-120, 90}));
    EXPECT_EQ(Spheroid::embed({180, 33}), Spheroid::embed({-180, 33}));
}

TEST(Spheroid, AgreesWithGeographicLibAtEveryRange) {
    tests::Random random;
    const auto& wgs84 = Geodesic::WGS84();
    double previous = 0;
    for (double metres = 1e-3; metres < 2.0004e7; metres *= 1.05) {
        for (int trial = 0; trial < 300; ++trial) {
            const LonLat q = hard_query(random);
            const double azimuth = trial % 4 == 0 ? 90.0 * trial / 4 : random.uniform(0, 360);
            const LonLat p = travel<Spheroid>(q, azimuth, random.uniform(previous, metres));
            double expected = 0;
            wgs84.Inverse(q.lat, q.lon, p.lat, p.lon, expected);
            ASSERT_NEAR(Spheroid::distance(Spheroid::embed(q), Spheroid::embed(p)), expected,
                        1e-8 + 1e-12 * expected)
                << "q=" << q.lon << "," << q.lat << " p=" << p.lon << "," << p.lat;
        }
        previous = metres;
    }
}

TEST(Spheroid, AgreesWithGeographicLibAroundTheAntipodes) {
    tests::Random random;
    for (int trial = 0; trial < 20'000; ++trial) {
        const LonLat q = hard_query(random);
        const LonLat p = travel<Spheroid>({std::remainder(q.lon + 180, 360), -q.lat}, random.uniform(0, 360),
                                          std::pow(10.0, random.uniform(-9, 5)));
        double expected = 0;
        Geodesic::WGS84().Inverse(q.lat, q.lon, p.lat, p.lon, expected);
        ASSERT_NEAR(Spheroid::distance(Spheroid::embed(q), Spheroid::embed(p)), expected,
                    1e-8 + 1e-12 * expected)
            << "q=" << q.lon << "," << q.lat << " p=" << p.lon << "," << p.lat;
    }
}

TEST(MetricKind, NamesAndKindsAgree) {
    for (const char* text : {"plane", "sphere", "spheroid"})
        EXPECT_EQ(name(metric_named(text).value()), text);
    EXPECT_FALSE(metric_named("Plane"));
    EXPECT_FALSE(metric_named(""));
}

}  // namespace
}  // namespace crowfly
