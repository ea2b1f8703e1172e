#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "store/embedded/embedded_store.h"
#include "store/embedded/writer_lock.h"
#include "tests/support/process.h"
#include "tests/support/temporary.h"

namespace crowfly {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
using tests::crowfly;

class Operations : public testing::Test {
  protected:
    void SetUp() override {
        const std::string places = directory_.file("p.csv", "id,name,lon,lat\na,A,1,2\nb,B,3,4\n");
        const auto import = crowfly({"import", places, "--to", store_});
        ASSERT_EQ(import.exit_code, 0) << import.err;
    }

    void execute(const std::string& sql) const {
        sqlite::Database(store_, sqlite::Access::read_write).execute(sql);
    }

    tests::TemporaryDirectory directory_;
    std::string store_ = directory_.path("s.gpkg");
    std::string copy_ = directory_.path("copy.gpkg");
};

TEST_F(Operations, AStoreIsCheckedForPeopleAndPrograms) {
    const auto text = crowfly({"check", store_, "--full"});
    EXPECT_EQ(text.exit_code, 0) << text.err;
    EXPECT_THAT(text.out,
                AllOf(StartsWith("store       " + store_), HasSubstr("collection  places: 2 places read"),
                      testing::EndsWith("sound\n")));
    const auto json = crowfly({"check", store_, "--json"});
    simdjson::dom::parser parser;
    simdjson::dom::element report;
    ASSERT_FALSE(parser.parse(json.out).get(report)) << json.out;
    EXPECT_TRUE(bool(report["sound"]));
    EXPECT_EQ(std::uint64_t(report["collections"].at(0)["places"]), 2U);
    EXPECT_EQ(double(report["collections"].at(0)["extent"].at(3)), 4.0);

    execute("UPDATE places SET geometry = x'00' WHERE id = 'b'");
    const auto damaged = crowfly({"check", store_});
    EXPECT_EQ(damaged.exit_code, 65);
    EXPECT_THAT(damaged.out, AllOf(HasSubstr("fault       places, row 2: "), HasSubstr("faults      1\n")));
    EXPECT_EQ(damaged.err, "crowfly: " + store_ + ": is damaged\n");
    const auto damaged_json = crowfly({"check", store_, "--json"});
    ASSERT_FALSE(parser.parse(damaged_json.out).get(report)) << damaged_json.out;
    EXPECT_FALSE(bool(report["sound"]));
    EXPECT_EQ(std::string_view(report["faults"].at(0)["where"]), "places, row 2");
    EXPECT_EQ(crowfly({"check", directory_.path("none.gpkg")}).exit_code, 66);
}

TEST_F(Operations, AStoreThatIsServedIsBackedUpAndRestored) {
    tests::ServeProcess server(store_);
    const auto backup = crowfly({"backup", store_, copy_});
    EXPECT_EQ(backup.exit_code, 0) << backup.err;
    EXPECT_THAT(backup.out, StartsWith("backed up " + store_ + " to " + copy_));
    EXPECT_EQ(server.stop(SIGTERM), 0);
    EXPECT_EQ(crowfly({"check", copy_}).exit_code, 0);
    const auto again = crowfly({"backup", store_, copy_});
    EXPECT_EQ(again.exit_code, 65);
    EXPECT_EQ(again.err, "crowfly: " + copy_ + ": is there already; --replace replaces it\n");
    EXPECT_EQ(crowfly({"backup", store_, copy_, "--replace"}).exit_code, 0);

    execute("UPDATE places SET geometry = x'00' WHERE id = 'b'");
    EXPECT_EQ(crowfly({"backup", copy_, store_, "--replace"}).exit_code, 0);
    EXPECT_EQ(crowfly({"check", store_}).exit_code, 0);
}

TEST_F(Operations, AStoreIsCompacted) {
    const auto compacted = crowfly({"compact", store_});
    EXPECT_EQ(compacted.exit_code, 0) << compacted.err;
    EXPECT_THAT(compacted.out, AllOf(StartsWith("compacted " + store_ + ": "), HasSubstr(" bytes before, ")));
}

TEST_F(Operations, WhatWritesIsToldWhoHoldsTheStoreAndWhatReadsGoesOn) {
    const WriterLock held(store_);
    const std::string says = "crowfly: " + store_ + ": is held for writing by surfaces_test (pid ";
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"import", directory_.path("p.csv"), "--to", store_},
          {"compact", store_}}) {
        const auto refused = crowfly(arguments);
        EXPECT_EQ(refused.exit_code, 75);
        EXPECT_THAT(refused.err, StartsWith(says));
    }
    EXPECT_EQ(crowfly({"search", store_, "--at", "1,2", "-k", "1"}).exit_code, 0);
    EXPECT_EQ(crowfly({"info", store_}).exit_code, 0);
    EXPECT_THAT(crowfly({"check", store_}).out, HasSubstr("held by     surfaces_test (pid "));
    EXPECT_EQ(crowfly({"backup", store_, copy_}).exit_code, 0);
}

TEST_F(Operations, AFileOfANewerCrowflyIsReadAndNotWritten) {
    execute("UPDATE crowfly_store SET value = 2 WHERE key = 'format'");
    EXPECT_EQ(crowfly({"search", store_, "--at", "1,2", "-k", "1"}).exit_code, 0);
    const auto refused = crowfly({"import", directory_.path("p.csv"), "--to", store_});
    EXPECT_EQ(refused.exit_code, 69);
    EXPECT_THAT(refused.err, HasSubstr("it can be read"));
}

}  // namespace
}  // namespace crowfly
