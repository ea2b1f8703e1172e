#include "service/query_parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace crowfly {
namespace {

using testing::ElementsAre;

TEST(PercentEncoding, IsDecoded) {
    EXPECT_EQ(percent_decoded("a%20b%2Fc+d", false), "a b/c+d");
    EXPECT_EQ(percent_decoded("a+b%2b", true), "a b+");
    EXPECT_EQ(percent_decoded("%C3%bc", false), "\u00fc");
    for (const char* bad : {"%", "%2", "a%zz", "%ff", "%00"})
        EXPECT_EQ(percent_decoded(bad, false), std::nullopt);
}

TEST(PercentEncoding, OfAnyTextIsDecodedToIt) {
    const std::string text = "a b/?#[]@!$&'()*+,;=%~-._\u00fc";
    EXPECT_EQ(percent_decoded(percent_encoded(text), true), text);
    EXPECT_EQ(percent_encoded("a b~"), "a%20b~");
}

std::vector<std::string> faults_of(QueryParameters& query) {
    std::vector<std::string> faults;
    try {
        query.finish();
    } catch (const InvalidRequest& invalid) {
        EXPECT_EQ(invalid.code(), Code::malformed);
        for (const RequestFault& fault : invalid.faults())
            faults.push_back(fault.parameter + " " + fault.detail);
    }
    return faults;
}

TEST(QueryParameters, AreReadByName) {
    QueryParameters query("lon=-1.5&k=3&text=a%20%26+b&on=true&&how=scan",
                          {"lon", "k", "text", "on", "off", "how", "none"});
    EXPECT_EQ(query.required_number("lon", -180, 180), -1.5);
    EXPECT_EQ(query.whole("k", 1, 10), 3U);
    EXPECT_EQ(query.text("text"), "a & b");
    EXPECT_TRUE(query.flag("on"));
    EXPECT_FALSE(query.flag("off"));
    EXPECT_EQ(query.one_of("how", {"index", "scan"}), "scan");
    EXPECT_EQ(query.text("none"), std::nullopt);
    EXPECT_EQ(query.number("none", 0, 1), std::nullopt);
    EXPECT_THAT(faults_of(query), ElementsAre());
}

TEST(QueryParameters, AllFaultsAreTold) {
    QueryParameters query("lon=200&k=1.5&k=2&what=1&on=yes&bad=%2&lat=nan&how=x",
                          {"lon", "lat", "k", "on", "how", "need", "bad"});
    query.required_number("lon", -180, 180);
    query.required_number("lat", -90, 90);
    query.required_number("need", 0, std::numeric_limits<double>::infinity());
    query.whole("k", 1, 10);
    query.flag("on");
    query.one_of("how", {"index", "scan"});
    EXPECT_THAT(
        faults_of(query),
        ElementsAre("k appears twice", "what is not known; expected lon, lat, k, on, how, need, bad",
                    "bad is not percent-encoded UTF-8", "lon is \"200\"; expected a number from -180 to 180",
                    "lat is \"nan\"; expected a number from -90 to 90", "need is required",
                    "k is \"1.5\"; expected a whole number from 1 to 10",
                    "on is \"yes\"; expected one of true, false",
                    "how is \"x\"; expected one of index, scan"));
}

}  // namespace
}  // namespace crowfly
