#include "service/listen_address.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace crowfly {
namespace {

TEST(ListenAddress, ReadsBothFamilies) {
    EXPECT_EQ(parse_listen_address("127.0.0.1:8080").port(), 8080);
    EXPECT_EQ(parse_listen_address("localhost:0").address().to_string(), "127.0.0.1");
    EXPECT_EQ(parse_listen_address("[::1]:65535").address().to_string(), "::1");
    EXPECT_TRUE(parse_listen_address("0.0.0.0:80").address().is_v4());
}

TEST(ListenAddress, RefusesTheRest) {
    for (const char* text : {"", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                             "127.0.0.1:80x", "::1:80", "[::1:80", "example.org:80", ":80"}) {
        EXPECT_THROW(parse_listen_address(text), Error) << text;
    }
}

}  // namespace
}  // namespace crowfly
