#include "service/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace crowfly {
namespace {

using testing::ElementsAre;

TEST(Router, FindsByPathAndMethod) {
    Router<int> router;
    router.add("GET", "/", 1);
    router.add("GET", "/collections/{c}/items", 2);
    router.add("POST", "/collections/{c}/items", 3);
    router.add("GET", "/collections/{c}/items/{id}", 4);
    EXPECT_EQ(*router.find("GET", "/").handler, 1);
    EXPECT_EQ(*router.find("HEAD", "/").handler, 1);
    const auto items = router.find("POST", "/collections/places/items");
    EXPECT_EQ(*items.handler, 3);
    EXPECT_EQ(items.pattern, "/collections/{c}/items");
    EXPECT_THAT(items.values, ElementsAre("places"));
    EXPECT_THAT(router.find("GET", "/collections/places/items/a%2Fb%20c+").values,
                ElementsAre("places", "a/b c+"));
}

TEST(Router, TellsWhatAPathTakes) {
    Router<int> router;
    router.add("GET", "/a/{b}", 1);
    router.add("PUT", "/a/{b}", 2);
    const auto wrong = router.find("POST", "/a/x");
    EXPECT_EQ(wrong.handler, nullptr);
    EXPECT_EQ(wrong.allowed, "GET, HEAD, PUT");
    for (const char* path : {"", "a/x", "/a", "/a/", "/a/x/", "/a/x/y", "//a/x", "/a/%", "/a/%ff", "/A/x"}) {
        EXPECT_EQ(router.find("GET", path).handler, nullptr) << path;
        EXPECT_TRUE(router.find("GET", path).pattern.empty()) << path;
    }
}

}  // namespace
}  // namespace crowfly
