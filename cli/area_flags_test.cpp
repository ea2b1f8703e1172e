#include "cli/area_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using testing::HasSubstr;

std::string error_of(const std::optional<std::string>& bbox, const std::optional<std::string>& polygon) {
    return tests::thrown_text([&] { parse_area(bbox, polygon, Crs::wgs84); });
}

TEST(AreaFlags, AreABoxOrAPolygon) {
    EXPECT_EQ(parse_area({}, {}, Crs::wgs84), nullptr);
    const auto box = parse_area("170, -10,-170,10", {}, Crs::wgs84);
    EXPECT_TRUE(box->contains({-175, 0}));
    EXPECT_FALSE(box->contains({165, 0}));
    const auto polygon =
        parse_area({}, "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1))", Crs::planar);
    EXPECT_TRUE(polygon->contains({5, 5}));
    EXPECT_FALSE(polygon->contains({1.5, 1.5}));
    EXPECT_TRUE(parse_area({}, "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))", Crs::wgs84)
                    ->contains({5.5, 5.2}));
}

TEST(AreaFlags, SayWhatIsWrong) {
    EXPECT_THAT(error_of("1,2,3,4", "POLYGON EMPTY"), HasSubstr("both given"));
    for (const char* text : {"", "1,2,3", "1,2,3,x", "1,2,3,4,5", "1,2,3,"})
        EXPECT_THAT(error_of(text, {}), HasSubstr("--bbox: \"" + std::string(text) + "\": expected WEST"))
            << text;
    EXPECT_THAT(error_of("1,9,3,4", {}), HasSubstr("--bbox: area: south 9 is above north 4"));
    EXPECT_THAT(error_of({}, "POINT (1 2)"), HasSubstr("--area: POINT: expected a POLYGON"));
    EXPECT_THAT(error_of({}, "POLYGON EMPTY"), HasSubstr("--area: POLYGON EMPTY: expected a POLYGON"));
    EXPECT_THAT(error_of({}, "POLYGON ((0 0"), HasSubstr("--area: WKT, byte"));
}

}  // namespace
}  // namespace crowfly
