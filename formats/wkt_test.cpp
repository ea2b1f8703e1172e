#include "formats/wkt.h"

#include <gtest/gtest.h>

#include "tests/support/thrown.h"

namespace crowfly {
namespace {

std::optional<Code> code_of(std::string_view text) {
    return tests::thrown_code([&] { parse_wkt_point(text); });
}

TEST(Wkt, ReadsAPointHoweverItIsSpelled) {
    for (const char* text :
         {"POINT(-118.25 36.5)", "point ( -118.25   36.5 ) ", "POINT Z (-118.25 36.5 4418)",
          "POINTZM(-118.25 36.5 4418 0)", "SRID=4326;POINT(-118.25 36.5)", "POINT M (-118.25 3.65e1 7)"}) {
        EXPECT_EQ(parse_wkt_point(text), (LonLat{-118.25, 36.5})) << text;
    }
}

TEST(Wkt, TellsNonsenseFromWhatIsNotRead) {
    for (const char* text : {"", "POINT", "POINT(1)", "POINT(1 2", "POINT(1 2) x", "POINT(1 2 3 4 5)",
                             "POINT(1,2)", "POINT Q (1 2)", "1 2", "SRID;POINT(1 2)", "SRID=4326 POINT(1 2)",
                             "POINT((1 2))", "POINT(13.4.5 52.5)", "POINT(1-2)"}) {
        EXPECT_EQ(code_of(text), Code::malformed) << text;
    }
    for (const char* text :
         {"LINESTRING(0 0, 1 1)", "POLYGON EMPTY", "POINT EMPTY", "SRID=3857;POINT(1 2)"}) {
        EXPECT_EQ(code_of(text), Code::unsupported) << text;
    }
}

}  // namespace
}  // namespace crowfly
