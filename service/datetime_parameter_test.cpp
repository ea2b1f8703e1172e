#include "service/datetime_parameter.h"

#include <gtest/gtest.h>

namespace crowfly {
namespace {

TEST(DatetimeParameter, IsATimeOrAnInterval) {
    for (const char* text : {"2018-02-12T23:20:50Z", "2018-02-12t23:20:50z", "2018-02-12T23:20:50.123+01:00",
                             "2016-12-31T23:59:60Z", "2020-02-29T00:00:00-00:30",
                             "2018-02-12T00:00:00Z/2018-03-18T12:31:12Z", "2018-02-12T00:00:00Z/..",
                             "2018-02-12T00:00:00Z/", "../2018-03-18T12:31:12Z", "/2018-03-18T12:31:12Z"})
        EXPECT_TRUE(is_datetime_parameter(text)) << text;
}

TEST(DatetimeParameter, IsNothingElse) {
    for (const char* text : {"",
                             "/",
                             "..",
                             "../..",
                             "../",
                             "now",
                             "2018-02-12",
                             "2018-02-12T23:20:50",
                             "2018-02-12 23:20:50Z",
                             "2018-02-30T00:00:00Z",
                             "2019-02-29T00:00:00Z",
                             "2018-13-01T00:00:00Z",
                             "2018-00-01T00:00:00Z",
                             "2018-01-00T00:00:00Z",
                             "2018-02-12T24:00:00Z",
                             "2018-02-12T00:60:00Z",
                             "2018-02-12T00:00:61Z",
                             "2018-02-12T23:20:50.Z",
                             "2018-02-12T23:20:50+1:00",
                             "2018-02-12T23:20:50Zx",
                             "2018-02-12T00:00:00Z/now",
                             "2018-02-12T00:00:00Z/2018-02-13T00:00:00Z/",
                             "-018-02-12T23:20:50Z"})
        EXPECT_FALSE(is_datetime_parameter(text)) << text;
}

}  // namespace
}  // namespace crowfly
