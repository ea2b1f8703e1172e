#include "formats/cql2/writer.h"

#include <gtest/gtest.h>

#include "formats/cql2/json_parser.h"
#include "formats/cql2/text_parser.h"
#include "tests/support/any_filter.h"
#include "tests/support/thrown.h"

namespace crowfly::cql2 {
namespace {

TEST(Cql2Writer, WritesWhatReadsAsTheSame) {
    const std::vector<Queryable> queryables{{"id", AttributeType::text},
                                            {"a \"b\" '\\", AttributeType::text},
                                            {"NOT", AttributeType::integer},
                                            {"höhe", AttributeType::real},
                                            {"open", AttributeType::boolean}};
    tests::Random random;
    tests::AnyFilter any_filter(random, queryables);
    for (int i = 0; i < 3000; ++i) {
        const Expression expression = any_filter(1 + random.below(6));
        ASSERT_EQ(parse_text(to_text(expression)), expression) << to_text(expression);
        ASSERT_EQ(parse_json(to_json(expression)), expression) << to_json(expression);
        ASSERT_EQ(parse_text(to_text(expression)).depth, expression.depth);
    }
}

TEST(Cql2Writer, IsReadable) {
    EXPECT_EQ(
        to_text(parse_text("not a=1 or (b between 1 and x*2 and casei(c) in ('x', accenti('y')))")),
        R"((NOT ("a" = 1)) OR (("b" BETWEEN 1 AND ("x" * 2)) AND (CASEI("c") IN ('x', ACCENTI('y')))))");
    EXPECT_EQ(to_text(parse_text("d is not null and d<timestamp('1969-12-31T23:59:59.5Z')")),
              R"((NOT ("d" IS NULL)) AND ("d" < TIMESTAMP('1969-12-31T23:59:59.5Z')))");
}

TEST(Cql2Writer, SaysThatATextHasNoWayToSayIt) {
    for (const char* text : {"a\\", "a\\'b"}) {
        const Expression expression =
            Expression::of(Op::equal, {Expression::of_property("n"), Expression::of(std::string(text))});
        EXPECT_EQ(tests::thrown_code([&] { to_text(expression); }), Code::unsupported);
        EXPECT_EQ(parse_json(to_json(expression)), expression);
    }
}

}  // namespace
}  // namespace crowfly::cql2
