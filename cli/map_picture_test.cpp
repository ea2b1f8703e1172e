#include "cli/map_picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/land.h"
#include "formats/wkt.h"
#include "tests/support/seed.h"

namespace crowfly {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Land, IsTheShippedOutline) {
    const auto land = land_outline();
    EXPECT_GT(land.size(), 1000U);
    for (const Geometry& polygon : land) {
        EXPECT_EQ(polygon.type(), GeometryType::polygon);
        EXPECT_EQ(geometry_fault(polygon, Crs::planar), std::nullopt);
    }
}

TEST(MapPicture, HasLandLegendAndScaleOnTheEarth) {
    MapPicture map(Crs::wgs84);
    const auto layer = map.add_layer({.label = "shops & <more>", .color = "red"});
    map.add_point(layer, {13, 52});
    map.add_line(layer, {13, 52}, {14, 53});
    map.add_shape(layer, parse_wkt("POLYGON ((13 52, 14 52, 14 53, 13 52))"));
    const std::string svg = map.svg();
    EXPECT_THAT(svg, testing::StartsWith("<svg "));
    EXPECT_THAT(svg, testing::EndsWith("</svg>\n"));
    EXPECT_THAT(svg, HasSubstr("shops &amp; &lt;more>"));
    EXPECT_THAT(svg, HasSubstr("#f6f3ea")) << "land";
    EXPECT_THAT(svg, HasSubstr(" km</text>"));
    EXPECT_EQ(svg, map.svg());
}

TEST(MapPicture, ThePlaneHasNoLand) {
    MapPicture map(Crs::planar);
    map.add_point(map.add_layer({.color = "red"}), {530000, 180000});
    EXPECT_THAT(map.svg(), Not(HasSubstr("#f6f3ea")));
    EXPECT_THAT(MapPicture(Crs::planar).svg(), HasSubstr("</svg>"));
}

TEST(MapPicture, IsBoundedHoweverManyPlacesThereAre) {
    tests::Random random;
    MapPicture map(Crs::wgs84);
    const auto layer = map.add_layer({.color = "red"});
    for (int i = 0; i < 500'000; ++i) map.add_point(layer, {random.uniform(0, 0.5), random.uniform(0, 0.1)});
    map.add_point(layer, {180, 0});
    EXPECT_LT(map.svg().size(), 1'000'000U);
}

TEST(MapPicture, ColorsComeRound) {
    EXPECT_NE(map_color(0), map_color(1));
    EXPECT_EQ(map_color(0), map_color(12));
}

}  // namespace
}  // namespace crowfly
