#include "service/merge_patch.h"

#include <gtest/gtest.h>

#include "tests/support/thrown.h"

namespace crowfly {
namespace {

TEST(MergePatch, DoesAsTheStandardsExamples) {
    struct Example {
        const char* document;
        const char* patch;
        const char* merged;
    };
    // RFC 7396, appendix A; members come out in the order of their names, those that are patched last.
    const Example examples[] = {{R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
                                {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
                                {R"({"a":"b"})", R"({"a":null})", R"({})"},
                                {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
                                {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
                                {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
                                {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
                                {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
                                {R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
                                {R"({"a":"b"})", R"(["c"])", R"(["c"])"},
                                {R"({"a":"foo"})", R"(null)", R"(null)"},
                                {R"({"a":"foo"})", R"("bar")", R"("bar")"},
                                {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
                                {R"([1,2])", R"({"a":"b","c":null})", R"({"a":"b"})"},
                                {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"}};
    for (const Example& example : examples)
        EXPECT_EQ(merge_patch(example.document, example.patch), example.merged) << example.patch;
}

TEST(MergePatch, RefusesWhatIsNoPatch) {
    EXPECT_EQ(tests::thrown_code([] { merge_patch("{}", "{"); }), Code::malformed);
    EXPECT_EQ(tests::thrown_code([] { merge_patch("{}", ""); }), Code::malformed);
    EXPECT_EQ(tests::thrown_text([] { merge_patch("{}", R"({"a":{"b":1,"b":2}})"); }),
              "invalid_argument a/b appears twice");
}

TEST(MergePatch, KnowsWhatItSpeaksOf) {
    EXPECT_TRUE(patches(R"({"geometry":null})", "geometry"));
    EXPECT_FALSE(patches(R"({"properties":{"geometry":1}})", "geometry"));
    EXPECT_FALSE(patches("[]", "geometry"));
    EXPECT_FALSE(patches("{", "geometry"));
}

}  // namespace
}  // namespace crowfly
