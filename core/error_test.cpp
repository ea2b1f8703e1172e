#include "core/error.h"

#include <set>

#include <gtest/gtest.h>

namespace crowfly {
namespace {

TEST(ErrorTable, HasNoHole) {
    for (const CodeInfo& row : all_codes()) {
        SCOPED_TRACE(row.name);
        EXPECT_EQ(&info(row.code), &row);
        EXPECT_FALSE(row.name.empty());
        EXPECT_FALSE(row.title.empty());
        EXPECT_GE(row.http_status, 400);
        EXPECT_LE(row.http_status, 599);
        EXPECT_GT(row.exit_code, 0);
        EXPECT_LE(row.exit_code, 130);
        EXPECT_EQ(row.sqlstate.size(), 5U);
        EXPECT_FALSE(row.python_exception.empty());
    }
}

TEST(ErrorTable, NamesAreDistinct) {
    std::set<std::string_view> names;
    for (const CodeInfo& row : all_codes()) names.insert(row.name);
    EXPECT_EQ(names.size(), all_codes().size());
}

TEST(Error, CarriesItsCodeAndMessage) {
    try {
        throw Error(Code::busy, "demo.gpkg is held by another process");
    } catch (const std::exception& caught) {
        const auto* error = dynamic_cast<const Error*>(&caught);
        ASSERT_NE(error, nullptr);
        EXPECT_EQ(error->code(), Code::busy);
        EXPECT_STREQ(error->what(), "demo.gpkg is held by another process");
    }
}

}  // namespace
}  // namespace crowfly
