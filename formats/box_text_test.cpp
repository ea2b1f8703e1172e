#include "formats/box_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using testing::HasSubstr;

TEST(BoxText, HasFourSidesAndPerhapsHeights) {
    for (const char* text : {"1,2,3,4", " 1 , 2,3,4", "1,2,-5,3,4,99"}) {
        const Area box = parse_box(text, Crs::wgs84);
        EXPECT_TRUE(box.contains({1, 4})) << text;
        EXPECT_FALSE(box.contains({3.5, 3})) << text;
    }
    EXPECT_TRUE(parse_box("175,-20,-175,-15", Crs::wgs84).contains({-179, -17}));
}

TEST(BoxText, NothingElseIsOne) {
    for (const char* text :
         {"", ",", "1,2,3", "1,2,3,x", "1,2,3,4,5", "1,2,3,4,5,6,7", "1,2,3,", "1,2,3,inf"})
        EXPECT_THAT(tests::thrown_text([&] { parse_box(text, Crs::wgs84); }), HasSubstr("expected WEST"))
            << text;
    EXPECT_THAT(tests::thrown_text([] { parse_box("1,9,3,4", Crs::wgs84); }),
                HasSubstr("south 9 is above north 4"));
}

}  // namespace
}  // namespace crowfly
