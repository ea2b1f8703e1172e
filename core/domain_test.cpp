#include "core/domain.h"

#include <limits>

#include <gtest/gtest.h>

namespace crowfly {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(CoordinateFault, TheEdgesOfTheEarthAreLegal) {
    for (const LonLat edge : {LonLat{180, 90}, LonLat{-180, -90}, LonLat{0, 0}, LonLat{-180, 90}}) {
        EXPECT_FALSE(coordinate_fault(edge, Crs::wgs84));
    }
}

TEST(CoordinateFault, NamesTheAxisAtFault) {
    EXPECT_EQ(coordinate_fault({180.0000001, 0}, Crs::wgs84)->axis, Axis::lon);
    EXPECT_EQ(coordinate_fault({0, -90.0000001}, Crs::wgs84)->axis, Axis::lat);
    EXPECT_EQ(coordinate_fault({kNan, 0}, Crs::wgs84)->axis, Axis::lon);
    EXPECT_EQ(coordinate_fault({0, kInf}, Crs::wgs84)->axis, Axis::lat);
    EXPECT_EQ(coordinate_fault({-kInf, 0}, Crs::planar)->axis, Axis::lon);
}

TEST(CoordinateFault, HintsWhenTheAxesLookSwapped) {
    EXPECT_NE(coordinate_fault({36.5, -118.3}, Crs::wgs84)->message.find("swapped"), std::string::npos);
    EXPECT_EQ(coordinate_fault({36.5, 200}, Crs::wgs84)->message.find("swapped"), std::string::npos);
    EXPECT_EQ(coordinate_fault({118.3, 91}, Crs::wgs84)->message.find("swapped"), std::string::npos);
}

TEST(CoordinateFault, ThePlaneTakesAnyLengthThatCanBeSquared) {
    EXPECT_FALSE(coordinate_fault({531234.5, 1e100}, Crs::planar));
    EXPECT_EQ(coordinate_fault({0, 1e101}, Crs::planar)->axis, Axis::lat);
}

}  // namespace
}  // namespace crowfly
