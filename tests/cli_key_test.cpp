#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "tests/support/process.h"
#include "tests/support/temporary.h"

namespace crowfly {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using tests::crowfly;

class KeyCommand : public testing::Test {
  protected:
    tests::TemporaryDirectory directory_;
    std::string keys_ = directory_.path("keys.json");
};

TEST_F(KeyCommand, MakesListsAndRevokesKeys) {
    const auto add = crowfly({"key", "add", "--keys", keys_, "--role", "writer", "--collection", "taxis",
                              "--collection", "stops", "--expires", "90d", "--name", "the feed"});
    ASSERT_EQ(add.exit_code, 0) << add.err;
    EXPECT_THAT(add.out, MatchesRegex("crowfly_[0-9a-f]{12}_[0-9a-f]{64}\n"));
    const std::string id = add.out.substr(8, 12);
    EXPECT_THAT(add.err, HasSubstr("added key " + id + " (writer)"));
    EXPECT_EQ(crowfly({"key", "add", "--keys", keys_}).exit_code, 0);

    const auto list = crowfly({"key", "list", "--keys", keys_});
    EXPECT_THAT(list.out, AllOf(HasSubstr(id + "  writer  expires 2"), HasSubstr("  taxis,stops  the feed\n"),
                                HasSubstr("  reader  never expires"), HasSubstr("  all  \n"),
                                Not(HasSubstr(add.out.substr(21, 64)))));
    const auto json = crowfly({"key", "list", "--keys", keys_, "--json"});
    simdjson::dom::parser parser;
    simdjson::dom::element records;
    ASSERT_FALSE(parser.parse(json.out).get(records)) << json.out;
    EXPECT_EQ(std::string_view(records.at(0)["id"]), id);
    EXPECT_EQ(std::string_view(records.at(0)["collections"].at(1)), "stops");
    EXPECT_FALSE(bool(records.at(0)["expired"]));
    EXPECT_TRUE(records.at(1)["expires"].is_null());
    EXPECT_NE(records.at(0)["sha256"].error(), simdjson::SUCCESS);

    EXPECT_EQ(crowfly({"key", "revoke", "--keys", keys_, id}).exit_code, 0);
    EXPECT_THAT(crowfly({"key", "list", "--keys", keys_}).out, Not(HasSubstr(id)));
    EXPECT_EQ(crowfly({"key", "revoke", "--keys", keys_, id}).exit_code, 66);
}

TEST_F(KeyCommand, RefusesWhatIsNoKey) {
    for (const char* expires : {"0d", "90", "d", "-1d", "1w", "36501d", "2026-13-01", "tomorrow"}) {
        const auto add = crowfly({"key", "add", "--keys", keys_, "--expires", expires});
        EXPECT_EQ(add.exit_code, 64) << expires;
        EXPECT_THAT(add.err, HasSubstr("expected days or hours from now")) << expires;
    }
    EXPECT_EQ(crowfly({"key", "add", "--keys", keys_, "--expires", "2020-01-01"}).exit_code, 64);
    EXPECT_EQ(crowfly({"key", "add", "--keys", keys_, "--role", "root"}).exit_code, 64);
    EXPECT_EQ(crowfly({"key", "add"}).exit_code, 64);
    EXPECT_EQ(crowfly({"key"}).exit_code, 64);
    EXPECT_EQ(crowfly({"key", "list", "--keys", keys_}).exit_code, 66);
    EXPECT_FALSE(std::filesystem::exists(keys_));
}

}  // namespace
}  // namespace crowfly
