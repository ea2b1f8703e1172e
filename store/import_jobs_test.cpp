#include "store/import_jobs.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/byte_feed.h"
#include "formats/place_reader.h"
#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using testing::HasSubstr;

class ImportJobsTest : public testing::Test {
  protected:
    /// An import into a new collection of the comma-separated text that the feed gives.
    ImportOrder order(const std::string& collection, ByteFeed& feed) {
        NewCollection make;
        make.schema.name = collection;
        make.metrics = {MetricKind::spheroid};
        ImportOrder order;
        order.make = [this, make] { return std::make_unique<ImportJob>(store_, make); };
        order.collection = collection;
        order.open = [&feed](Rejects& rejects, std::stop_token stop) {
            return read_places(Input("request", feed.source(std::move(stop))), PlaceFormat::csv, {}, rejects);
        };
        order.published = [this](ImportJob& job) { made_.push_back(job.take_collection()); };
        return order;
    }

    tests::TemporaryDirectory directory_;
    EmbeddedStore store_{directory_.path("s.gpkg"), sqlite::Access::create};
    std::vector<std::unique_ptr<Collection>> made_;
};

TEST_F(ImportJobsTest, RunSideBySideFromWhatIsFedToThem) {
    ByteFeed roads;
    ByteFeed wells;
    ImportJobs jobs;
    ImportOrder with_report = order("roads", roads);
    with_report.rejects = directory_.path("rejects.csv");
    const std::uint64_t first = jobs.start(std::move(with_report));
    const std::uint64_t second = jobs.start(order("wells", wells));
    roads.push("id,lon,lat\n1,2,3\n");
    wells.push("id,lon,lat\n1,2,3\n2,2");
    ASSERT_EQ(jobs.list().size(), 2U);
    EXPECT_EQ(jobs.find(first)->collection, "roads");
    EXPECT_EQ(jobs.find(second)->progress.phase, ImportPhase::reading);
    EXPECT_FALSE(jobs.find(3));

    roads.push("2,x,3\n");
    roads.finish();
    jobs.wait(first);
    const ImportStatus ended = *jobs.find(first);
    EXPECT_EQ(ended.progress.phase, ImportPhase::finished) << ended.message;
    EXPECT_EQ(ended.progress.published, 1U);
    EXPECT_EQ(ended.progress.rejected, 1U);
    EXPECT_EQ(tests::read_file(ended.rejects),
              "file,line,column,reason,row\nrequest,3,column 2 (lon),\"\"\"x\"\" is not a finite number\","
              "\"2,x,3\"\n");
    EXPECT_EQ(jobs.find(second)->progress.phase, ImportPhase::reading);

    wells.push(",3\n");
    wells.finish();
    jobs.wait(second);
    EXPECT_EQ(jobs.find(second)->progress.published, 2U);
    ASSERT_EQ(made_.size(), 2U);
    EXPECT_EQ(made_[1]->count(), 2U);
}

TEST_F(ImportJobsTest, OneThatWaitsForInputCanBeCancelled) {
    ByteFeed feed;
    ImportJobs jobs;
    const std::uint64_t number = jobs.start(order("roads", feed));
    feed.push("id,lon,lat\n1,2,3\n");
    EXPECT_TRUE(jobs.cancel(number));
    EXPECT_FALSE(jobs.cancel(number + 1));
    jobs.wait(number);
    const ImportStatus status = *jobs.find(number);
    EXPECT_EQ(status.error, Code::cancelled);
    EXPECT_EQ(status.progress.published, 0U);
    EXPECT_TRUE(store_.schemas().empty());
    EXPECT_TRUE(made_.empty());
}

TEST_F(ImportJobsTest, TellsWhyOneHasFailed) {
    ByteFeed feed;
    ImportJobs jobs;
    ImportOrder strict = order("roads", feed);
    strict.on_error = OnError::abort;
    const std::uint64_t number = jobs.start(std::move(strict));
    feed.push("id,lon,lat\n1,2,300\n");
    jobs.wait(number);
    EXPECT_EQ(jobs.find(number)->progress.phase, ImportPhase::failed);
    EXPECT_EQ(jobs.find(number)->error, Code::malformed);
    EXPECT_THAT(jobs.find(number)->message, HasSubstr("request:2: column 3 (lat)"));

    ByteFeed nothing;
    nothing.finish();
    const std::uint64_t without_header = jobs.start(order("wells", nothing));
    jobs.wait(without_header);
    EXPECT_EQ(jobs.find(without_header)->progress.phase, ImportPhase::failed);
    EXPECT_THAT(jobs.find(without_header)->message, HasSubstr("expected a header line"));
}

TEST_F(ImportJobsTest, WhatIsPublishedIsTakenOverThoughTheReportIsNotWhole) {
    ImportJobs jobs;
    ByteFeed feed;
    ImportOrder with_report = order("roads", feed);
    with_report.rejects = "/dev/full";
    const std::uint64_t number = jobs.start(std::move(with_report));
    feed.push("id,lon,lat\n1,2,3\n");
    feed.finish();
    jobs.wait(number);
    EXPECT_EQ(jobs.find(number)->progress.phase, ImportPhase::finished);
    EXPECT_EQ(jobs.find(number)->error, Code::io);
    ASSERT_EQ(made_.size(), 1U);
    EXPECT_EQ(made_[0]->count(), 1U);
}

TEST_F(ImportJobsTest, OnlySoManyRunAndSoManyAreRemembered) {
    ImportJobs jobs(1, 2);
    ByteFeed feed;
    const std::uint64_t first = jobs.start(order("c0", feed));
    ByteFeed other;
    EXPECT_EQ(tests::thrown_code([&] { jobs.start(order("other", other)); }), Code::busy);
    feed.push("id,lon,lat\n");
    feed.finish();
    jobs.wait(first);
    for (int i = 1; i < 5; ++i) {
        ByteFeed next;
        next.push("id,lon,lat\n");
        next.finish();
        jobs.wait(jobs.start(order(fmt::format("c{}", i), next)));
    }
    EXPECT_EQ(jobs.list().size(), 3U) << "two that had ended when the last began";
    EXPECT_FALSE(jobs.find(first));
}

TEST_F(ImportJobsTest, ThoseThatRunEndWithTheObject) {
    ByteFeed feed;
    {
        ImportJobs jobs;
        jobs.start(order("roads", feed));
        feed.push("id,lon,lat\n1,2,3\n");
    }
    EXPECT_TRUE(store_.schemas().empty());
}

}  // namespace
}  // namespace crowfly
