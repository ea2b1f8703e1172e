#include "store/embedded/sqlite.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/temporary.h"

namespace crowfly::sqlite {
namespace {

TEST(Sqlite, ATransactionThatIsNotCommittedIsRolledBack) {
    const tests::TemporaryDirectory directory;
    Database database(directory.path("a.db"), Access::create);
    database.execute("CREATE TABLE t (x)");
    {
        const Transaction transaction(database);
        database.execute("INSERT INTO t VALUES (1)");
    }
    Statement count(database, "SELECT count(*) FROM t");
    ASSERT_TRUE(count.step());
    EXPECT_EQ(count.integer(0), 0);
}

TEST(Sqlite, AStatementCanRunAgainAfterAnError) {
    const tests::TemporaryDirectory directory;
    Database database(directory.path("a.db"), Access::create);
    database.execute("CREATE TABLE t (x TEXT UNIQUE)");
    Statement insert(database, "INSERT INTO t VALUES (?1)");
    insert.bind(1, std::string_view("a")).run();
    try {
        insert.bind(1, std::string_view("a")).run();
        FAIL() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::conflict);
    }
    EXPECT_NO_THROW(insert.bind(1, std::string_view("b")).run());
}

TEST(Sqlite, ErrorsCarryTheFileAndAFittingCode) {
    const tests::TemporaryDirectory directory;
    EXPECT_THROW(Database(directory.path("none"), Access::read_write), Error);
    Database database(directory.path("a.db"), Access::create);
    try {
        database.execute("SELECT * FROM nowhere");
        FAIL() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::internal);
        EXPECT_NE(std::string(error.what()).find("a.db: no such table"), std::string::npos) << error.what();
    }
}

TEST(Sqlite, IdentifiersAreQuoted) {
    EXPECT_EQ(quoted("a\"b"), "\"a\"\"b\"");
}

}  // namespace
}  // namespace crowfly::sqlite
