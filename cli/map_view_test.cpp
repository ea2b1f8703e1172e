#include "cli/map_view.h"

#include <cmath>
#include <cstdio>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace crowfly {
namespace {

MapView view_of(std::vector<LonLat> positions, Crs crs = Crs::wgs84) {
    return {positions, crs};
}

TEST(MapView, HoldsItsPositions) {
    for (const Crs crs : {Crs::wgs84, Crs::planar}) {
        const std::vector<LonLat> positions{{10, 50}, {12, 51}, {11, 49.5}};
        const MapView view(positions, crs);
        for (const LonLat position : positions) {
            EXPECT_GT(view.x(view.from_west(position.lon)), 0);
            EXPECT_LT(view.x(view.from_west(position.lon)), MapView::kWidth);
            EXPECT_GT(view.y(position.lat), 0);
            EXPECT_LT(view.y(position.lat), view.height());
        }
        EXPECT_LT(view.east() - view.west(), 10);
    }
}

TEST(MapView, IsCutWhereItIsEmptiest) {
    const MapView view = view_of({{179, -17}, {-179, -16}, {178, -18}});
    EXPECT_LT(view.east() - view.west(), 10);
    EXPECT_LT(view.x(view.from_west(179)), view.x(view.from_west(-179)));
}

TEST(MapView, ShowsAllOfTheEarthWhenPlacesAreAllAround) {
    std::vector<LonLat> around;
    for (int lon = -180; lon < 180; lon += 5) around.push_back({static_cast<double>(lon), lon / 3.0});
    const MapView view = view_of(around);
    EXPECT_DOUBLE_EQ(view.east() - view.west(), 360);
    EXPECT_DOUBLE_EQ(view_of({}).east() - view_of({}).west(), 360);
}

TEST(MapView, KeepsItsShapeWithinBounds) {
    for (const auto& positions : std::vector<std::vector<LonLat>>{{{0, 0}},
                                                                  {{0, -90}},
                                                                  {{180, 90}},
                                                                  {{0, 0}, {0, 50}},
                                                                  {{0, 10}, {80, 10}},
                                                                  {{0, 89}, {180, 89}}}) {
        const MapView view(positions, Crs::wgs84);
        EXPECT_LE(view.height(), MapView::kGreatestHeight + 1e-6);
        EXPECT_GT(view.height(), 100);
        EXPECT_GE(view.south(), -90);
        EXPECT_LE(view.north(), 90);
    }
}

TEST(MapPath, DrawsWhatComesToLieOnOnePixelOnce) {
    const MapView view = view_of({{0, 0}, {10, 10}});
    MapPath path(view);
    path.dot({5, 5});
    const std::string once = path.text();
    path.dot({5, 5 + 1e-6});
    EXPECT_EQ(path.text(), once);
    path.dot({100, 5});
    EXPECT_EQ(path.text(), once) << "not in the view";
}

TEST(MapPath, LinesTakeTheShorterWay) {
    const MapView view = view_of({{179, 0}, {-179, 4}});
    MapPath path(view);
    const std::vector<LonLat> line{{179, 0}, {-179, 4}};
    path.trace(line, false);
    double from = 0;
    double to = 0;
    double y = 0;
    ASSERT_EQ(std::sscanf(path.text().c_str(), "M%lf %lfL%lf", &from, &y, &to), 3) << path.text();
    EXPECT_LT(from, to);
    EXPECT_LT(to - from, MapView::kWidth);
}

TEST(MapPath, ARingIsCutDownToThePicture) {
    const MapView view = view_of({{0.001, 0.001}, {0.002, 0.002}});
    MapPath path(view);
    const std::vector<LonLat> continent{{-50, -40}, {60, -40}, {60, 40}, {-50, 40}, {-50, -40}};
    path.trace(continent, true);
    EXPECT_THAT(path.text(), testing::StartsWith("M"));
    EXPECT_LT(path.text().size(), 100U);
    EXPECT_THAT(path.text(), testing::HasSubstr("1020"));
}

TEST(MapPath, ARingAroundAPoleIsClosedAlongIt) {
    const MapView view = view_of({});
    MapPath path(view);
    const std::vector<LonLat> ring{{-180, -70}, {-90, -72}, {0, -71}, {90, -75}, {180, -70}};
    path.trace(ring, true);
    EXPECT_THAT(path.text(), testing::HasSubstr(fmt::format(" {}", std::lround(view.y(-90)))));
}

}  // namespace
}  // namespace crowfly
