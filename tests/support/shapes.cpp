#include "tests/support/shapes.h"

#include <algorithm>
#include <cmath>

#include <GeographicLib/Geodesic.hpp>

#include "tests/support/seed.h"

namespace crowfly::tests {
namespace {

std::vector<LonLat> scattered(Random& random, std::size_t count) {
    std::vector<LonLat> points;
    for (std::size_t i = 0; i < count; ++i)
        points.push_back({random.uniform(-180, 180), random.uniform(-90, 90)});
    return points;
}

std::vector<LonLat> cluster(Random& random, std::size_t count, LonLat centre, double spread) {
    std::vector<LonLat> points;
    for (std::size_t i = 0; i < count; ++i) {
        points.push_back(
            {centre.lon + random.uniform(-spread, spread), centre.lat + random.uniform(-spread, spread)});
    }
    return points;
}

std::vector<LonLat> grid(LonLat corner, int columns, int rows, double step) {
    std::vector<LonLat> points;
    for (int i = 0; i < columns; ++i) {
        for (int j = 0; j < rows; ++j) points.push_back({corner.lon + i * step, corner.lat + j * step});
    }
    return points;
}

std::vector<LonLat> circle(LonLat centre, double metres, int count) {
    std::vector<LonLat> points;
    for (int i = 0; i < count; ++i) {
        LonLat point{};
        GeographicLib::Geodesic::WGS84().Direct(centre.lat, centre.lon, 360.0 * i / count, metres, point.lat,
                                                point.lon);
        points.push_back(point);
    }
    return points;
}

std::vector<LonLat> around_pole(Random& random, double lat) {
    std::vector<LonLat> points;
    for (int i = 0; i < 40; ++i) {
        points.push_back({random.uniform(-180, 180), lat - std::copysign(random.uniform(0, 0.5), lat)});
        points.push_back({random.uniform(-180, 180), lat});
    }
    return points;
}

std::vector<LonLat> along_antimeridian(Random& random) {
    std::vector<LonLat> points;
    for (int i = 0; i < 60; ++i) {
        const double lat = random.uniform(-80, 80);
        points.push_back({180 - random.uniform(0, 0.3), lat});
        points.push_back({-180 + random.uniform(0, 0.3), lat});
        points.push_back({i % 2 == 0 ? 180.0 : -180.0, std::round(lat)});
    }
    return points;
}

}  // namespace

std::vector<Shape> hurtful_shapes() {
    Random random;
    const LonLat home{-118.291995, 36.578581};
    const std::vector<LonLat> everywhere{home,           {0, 0},         {180, 0}, {-180, 0},
                                         {179.99, 10},   {-179.99, -10}, {0, 90},  {-77, -90},
                                         {12.5, 89.999}, {61.7, -36.6},  {90, 45}, {-90, 1e-9}};
    std::vector<Shape> shapes;
    const auto add = [&](std::string name, std::vector<LonLat> points) {
        Shape shape{std::move(name), std::move(points), everywhere};
        for (std::size_t i = 0; i < 6 && !shape.points.empty(); ++i) {
            shape.queries.push_back(shape.points[random.below(shape.points.size())]);
        }
        shapes.push_back(std::move(shape));
    };
    add("empty", {});
    add("one", {home});
    add("half leaf", scattered(random, 4));
    add("full leaf", scattered(random, 8));
    add("two leaves", scattered(random, 9));
    add("full node", scattered(random, 64));
    add("two levels", scattered(random, 65));
    add("three levels and a bit", scattered(random, 577));
    add("all equal", std::vector<LonLat>(300, home));
    add("pairs of equals", [&] {
        auto points = scattered(random, 150);
        points.insert(points.end(), points.begin(), points.end());
        return points;
    }());
    add("grid", grid({-2, -2}, 21, 21, 0.2));
    add("line along a parallel", grid({-170, 45}, 341, 1, 1));
    add("line along a meridian", grid({30, -90}, 1, 181, 1));
    add("circle around the query", circle(home, 25'000, 200));
    add("cluster", cluster(random, 700, home, 0.01));
    add("cluster and far rest", [&] {
        auto points = cluster(random, 400, {151.2, -33.9}, 1e-4);
        const auto rest = scattered(random, 100);
        points.insert(points.end(), rest.begin(), rest.end());
        return points;
    }());
    add("north pole", around_pole(random, 90));
    add("south pole", around_pole(random, -90));
    add("antimeridian", along_antimeridian(random));
    add("antipodal", [&] {
        auto points = cluster(random, 150, {home.lon + 180, -home.lat}, 0.5);
        const auto at_origin = cluster(random, 150, {179.5, 0}, 0.5);
        points.insert(points.end(), at_origin.begin(), at_origin.end());
        return points;
    }());
    return shapes;
}

}  // namespace crowfly::tests
