#include "formats/place.h"

#include <gtest/gtest.h>

#include "formats/wkt.h"

namespace crowfly {
namespace {

Place place_of(std::string_view wkt) {
    Place place;
    place.set_geometry(parse_wkt(wkt));
    return place;
}

TEST(Place, APlainPointIsItsPositionAndAnythingElseAShape) {
    const Place point = place_of("POINT Z (1 2 3)");
    EXPECT_EQ(point.position, (LonLat{1, 2}));
    EXPECT_EQ(point.shape, nullptr);
    EXPECT_EQ(point.vertices().size(), 1U);
    for (const char* wkt :
         {"MULTIPOINT ((1 2))", "LINESTRING (1 2, 3 4)", "GEOMETRYCOLLECTION (POINT (1 2))"}) {
        ASSERT_NE(place_of(wkt).shape, nullptr) << wkt;
        EXPECT_EQ(*place_of(wkt).shape, parse_wkt(wkt));
    }
    EXPECT_EQ(place_of("LINESTRING (1 2, 3 4)").vertices().size(), 2U);
}

TEST(Place, APointReplacesAShape) {
    Place place = place_of("LINESTRING (1 2, 3 4)");
    place.set_geometry(parse_wkt("POINT (1 2)"));
    EXPECT_EQ(place, place_of("POINT (1 2)"));
}

TEST(Place, ShapesAreComparedByValue) {
    EXPECT_EQ(place_of("LINESTRING (1 2, 3 4)"), place_of("LINESTRING (1 2, 3 4)"));
    EXPECT_NE(place_of("LINESTRING (1 2, 3 4)"), place_of("LINESTRING (3 4, 1 2)"));
    EXPECT_NE(place_of("LINESTRING (1 2, 3 4)"), place_of("POINT (2 3)"));
    EXPECT_NE(place_of("LINESTRING (1 2, 3 4)"), place_of("LINESTRING Z (1 2 0, 3 4 0)"));
}

TEST(Place, TheRepresentativePositionIsTheMiddleOfTheBox) {
    EXPECT_EQ(place_of("LINESTRING (0 0, 10 0, 10 4)").position, (LonLat{5, 2}));
    EXPECT_EQ(place_of("MULTIPOINT ((7 7))").position, (LonLat{7, 7}));
    EXPECT_EQ(place_of("LINESTRING (-1e100 0, 1e100 0)").position, (LonLat{0, 0}));
}

}  // namespace
}  // namespace crowfly
