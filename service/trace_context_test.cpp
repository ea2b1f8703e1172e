#include "service/trace_context.h"

#include <gtest/gtest.h>

namespace crowfly {
namespace {

constexpr std::string_view kTrace = "0af7651916cd43dd8448eb211c80319c";
constexpr std::string_view kParent = "b7ad6b7169203331";

TEST(TraceContext, IsRead) {
    const auto context = parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    ASSERT_TRUE(context);
    EXPECT_EQ(context->trace_id, kTrace);
    EXPECT_EQ(context->parent_id, kParent);
    EXPECT_TRUE(context->sampled);
    EXPECT_FALSE(parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")->sampled);
    EXPECT_TRUE(parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff")->sampled);
    EXPECT_EQ(
        parse_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-what-follows")->trace_id,
        kTrace);
}

TEST(TraceContext, OfOtherShapesIsPassedOver) {
    for (const char* value : {"", "00", "00-", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
                              "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-",
                              "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
                              "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-011",
                              "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
                              "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                              "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01more",
                              "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                              "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                              "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                              "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                              "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
                              "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
                              " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                              "0-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}) {
        EXPECT_FALSE(parse_traceparent(value)) << value;
    }
}

}  // namespace
}  // namespace crowfly
