#include "core/geometry/front.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <GeographicLib/Geodesic.hpp>
#include <GeographicLib/GeodesicLine.hpp>
#include <gtest/gtest.h>

#include "core/geometry/edge.h"
#include "core/geometry/geodesic_arc.h"
#include "core/metric/box.h"
#include "tests/support/seed.h"

namespace crowfly {
namespace {

using GeographicLib::Geodesic;
using Point = Spheroid::Point;

constexpr double kDegree = 57.29577951308232;

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
    return {random.uniform(-180, 180), std::asin(random.uniform(-1, 1)) * kDegree};
}

double hard_azimuth(tests::Random& random) {
    constexpr double kAzimuths[] = {0, 90, 180, -90};
    const std::size_t choice = random.below(2 * std::size(kAzimuths));
    return choice < std::size(kAzimuths) ? kAzimuths[choice] : random.uniform(-180, 180);
}

/// A query, and where a front of it can be.
struct Waves {
    LonLat query;
    LonLat at;
    Front front;

    static Waves any(tests::Random& random, double farthest = 20'003'931) {
        const LonLat query = hard_place(random);
        const double metres = random.below(2) == 0
                                  ? random.uniform(30'000, farthest)
                                  : std::pow(10.0, random.uniform(4.5, std::log10(farthest)));
        const LonLat at = after(query, hard_azimuth(random), metres);
        return {query, at, Front(Spheroid::embed(query), Spheroid::embed(at))};
    }
};

LonLat near_by(const Waves& waves, tests::Random& random) {
    return after(waves.at, hard_azimuth(random), std::pow(10.0, random.uniform(-3, 6.7)));
}

TEST(Arrival, ComesFromWhereTheGeodesicDoes) {
    tests::Random random;
    for (int i = 0; i < 20'000; ++i) {
        const Waves waves = Waves::any(random, 16'900'000);
        const Point at = Spheroid::embed(waves.at);
        const Arrival arrived = arrival(Spheroid::embed(waves.query), at);
        // Of points near a pole longitudes say little of where they are, but their azimuths go with them.
        double metres = 0, begin = 0, end = 0;
        Geodesic::WGS84().Inverse(waves.query.lat, waves.query.lon, waves.at.lat, waves.at.lon, metres, begin,
                                  end);
        const double azimuth = end / kDegree, lon = waves.at.lon / kDegree, lat = waves.at.lat / kDegree;
        const Point north{-std::sin(lat) * std::cos(lon), -std::sin(lat) * std::sin(lon), std::cos(lat)};
        const Point east{-std::sin(lon), std::cos(lon), 0};
        double off = 0;
        for (std::size_t d = 0; d < 3; ++d) {
            const double expected = std::cos(azimuth) * north[d] + std::sin(azimuth) * east[d];
            off = std::max(off, std::abs(arrived.direction[d] - expected));
        }
        // Over the shortest ways the points' own roundings turn the direction.
        ASSERT_LT(off, 8e-9 + 1e-7 / metres) << i << ' ' << metres;
        ASSERT_NEAR(arrived.distance, metres, 1e-7);
    }
}

TEST(Front, NoPointIsNearerThanItsDelaySays) {
    tests::Random random;
    for (int i = 0; i < 100'000; ++i) {
        const Waves waves = Waves::any(random);
        const LonLat p = near_by(waves, random);
        const double distance = geodesic(waves.query, p);
        ASSERT_LE(waves.front.delay(Spheroid::embed(p)), waves.front.delay_within(distance))
            << waves.query.lon << ' ' << waves.query.lat << " front " << waves.at.lon << ' ' << waves.at.lat
            << " point " << p.lon << ' ' << p.lat;
    }
}

TEST(Front, SaysOfAPointNearByHowFarItIs) {
    tests::Random random;
    for (int i = 0; i < 20'000; ++i) {
        const Waves waves = Waves::any(random, 16'900'000);
        const double apart = random.uniform(0, std::min(100'000.0, waves.front.distance() / 3));
        const LonLat p = after(waves.at, hard_azimuth(random), apart);
        const double distance = geodesic(waves.query, p);
        // The front bends as on a sphere, to some hundredths.
        constexpr double kRadius = 6'356'752;
        const double bend = apart * apart / std::min(waves.front.distance(), kRadius);
        const double doubt = 0.05 + 0.05 * bend + 3 * apart * std::pow(apart / kRadius, 2);
        ASSERT_GT(waves.front.delay(Spheroid::embed(p)), waves.front.delay_within(distance - doubt)) << i;
    }
}

TEST(Front, BoxIsNoLaterThanThePointsInIt) {
    tests::Random random;
    for (int i = 0; i < 20'000; ++i) {
        const Waves waves = Waves::any(random);
        const Point one = Spheroid::embed(near_by(waves, random));
        const Point other = Spheroid::embed(near_by(waves, random));
        Box<3> box = Box<3>::empty();
        box.grow(one);
        box.grow(other);
        ASSERT_LE(waves.front.delay(box), std::min(waves.front.delay(one), waves.front.delay(other)));
    }
}

TEST(Front, PieceIsNoLaterThanThePointsOnIt) {
    tests::Random random;
    for (int i = 0; i < 20'000; ++i) {
        const Waves waves = Waves::any(random);
        const LonLat from = near_by(waves, random);
        const LonLat to = after(from, hard_azimuth(random), random.uniform(0, kLongestPiece * 0.999));
        const Piece<Spheroid> piece{Spheroid::embed(from), Spheroid::embed(to)};
        const auto way = Geodesic::WGS84().InverseLine(from.lat, from.lon, to.lat, to.lon);
        const double delay = waves.front.delay(piece.from, piece.to, bulge(piece));
        for (const double share : {0.0, 0.1, 0.5, 0.8, 1.0}) {
            LonLat p;
            way.Position(share * way.Distance(), p.lat, p.lon);
            ASSERT_LE(delay, waves.front.delay_within(geodesic(waves.query, p))) << i << ' ' << share;
        }
    }
}

TEST(Front, APieceThatLeadsAwayHasItsNearestPointThere) {
    tests::Random random;
    int away = 0;
    for (int i = 0; i < 20'000; ++i) {
        const Waves waves = Waves::any(random);
        if (straight_distance(Spheroid::embed(waves.query), waves.front.at()) < Front::kNearest) continue;
        const LonLat end = after(waves.at, hard_azimuth(random), random.uniform(0, kLongestPiece * 0.999));
        const Piece<Spheroid> piece{waves.front.at(), Spheroid::embed(end)};
        if (!waves.front.leads_away(piece.to, bulge(piece))) continue;
        ++away;
        const Point query = Spheroid::embed(waves.query);
        ASSERT_EQ(nearest_on(piece, query), waves.front.at()) << i;
        ASSERT_EQ(Spheroid::distance(query, waves.front.at()), waves.front.distance()) << i;
    }
    EXPECT_GT(away, 5000);
}

TEST(Front, OfAPointThatIsFarFromItNothingIsSaid) {
    const Front front(Spheroid::embed({0, 0}), Spheroid::embed({60, 0}));
    EXPECT_EQ(front.delay(Spheroid::embed({0, 50})), -std::numeric_limits<double>::infinity());
    EXPECT_EQ(front.delay_within(std::numeric_limits<double>::infinity()),
              std::numeric_limits<double>::infinity());
}

}  // namespace
}  // namespace crowfly
