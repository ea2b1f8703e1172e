#include "service/live_endpoint.h"

#include <functional>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/memory_collection.h"
#include "tests/support/http_client.h"
#include "tests/support/live_view.h"
#include "tests/support/running_server.h"

namespace crowfly {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// A client of live neighbors.
class LiveClient {
  public:
    LiveClient(std::uint16_t port, const std::string& target) : client_(port) {
        client_.send("GET " + target + " HTTP/1.1\r\nHost: t\r\nAccept: text/event-stream\r\n\r\n");
        reply = client_.receive(false);
    }

    void read_until(const std::function<bool()>& done) {
        while (!done()) view.read(client_.receive_chunk());
    }

    /// Whether the stream ends in good order; reads to its end.
    bool ends() {
        for (std::string chunk = client_.receive_chunk(); !chunk.empty(); chunk = client_.receive_chunk())
            view.read(chunk);
        return true;
    }

    tests::HttpReply reply;
    tests::LiveView view;

  private:
    tests::HttpClient client_;
};

/// A service with the places p0 to p9 on the equator, a degree apart from 0 east.
class Live : public testing::Test {
  protected:
    std::vector<std::unique_ptr<Collection>> collections() {
        auto collection = std::make_unique<MemoryCollection>(
            Schema{.name = "places", .attributes = {{"size", AttributeType::integer}}},
            std::vector{MetricKind::spheroid});
        places_ = collection.get();
        std::vector<Change> changes;
        for (int i = 0; i < 10; ++i) {
            changes.push_back(Upsert{{.id = fmt::format("p{}", i),
                                      .position = {static_cast<double>(i), 0},
                                      .category = i % 2 == 0 ? "even" : "odd",
                                      .properties = {{"size", std::int64_t{i}}}}});
        }
        collection->write(std::move(changes));
        std::vector<std::unique_ptr<Collection>> all;
        all.push_back(std::move(collection));
        return all;
    }

    void write(Change change) {
        std::vector<Change> changes;
        changes.push_back(std::move(change));
        places_->write(std::move(changes));
    }

    LiveClient client(const std::string& query) {
        return {server_.port(), "/collections/places/nearest/live?" + query};
    }

    MemoryCollection* places_ = nullptr;
    Api api_{collections(),
             {.live = {.streams = 3,
                       .pause = std::chrono::milliseconds(1),
                       .heartbeat = std::chrono::milliseconds(100)}}};
    tests::RunningServer server_{api_};
};

TEST_F(Live, TheReplyIsAStreamOfEventsThatNobodyKeeps) {
    LiveClient one = client("lon=3.1&lat=0&k=3");
    EXPECT_EQ(one.reply.status, 200);
    EXPECT_THAT(one.reply.header, AllOf(HasSubstr("\r\nContent-Type: text/event-stream\r\n"),
                                        HasSubstr("\r\nCache-Control: no-store\r\n"),
                                        HasSubstr("\r\nX-Accel-Buffering: no\r\n"),
                                        HasSubstr("\r\nTransfer-Encoding: chunked\r\n")));
    one.read_until([&] { return one.view.answers == 1; });
    EXPECT_EQ(one.view.retry, 2000);
    EXPECT_THAT(one.view.ids(), ElementsAre("p3", "p4", "p2"));
    one.read_until([&] { return one.view.heartbeats == 2; });
}

TEST_F(Live, ChangesAreToldToWhomTheyConcern) {
    LiveClient west = client("lon=0&lat=0&k=2");
    LiveClient odd = client("lon=9&lat=0&k=2&category=odd");
    LiveClient large = client("lon=0&lat=0&k=1&filter=size%3E5&max_distance=1000000");
    for (LiveClient* one : {&west, &odd, &large}) one->read_until([&] { return one->view.answers == 1; });
    EXPECT_THAT(west.view.ids(), ElementsAre("p0", "p1"));
    EXPECT_THAT(odd.view.ids(), ElementsAre("p9", "p7"));
    EXPECT_THAT(large.view.ids(), ElementsAre("p6"));
    write(Upsert{{.id = "new", .position = {0.4, 0}, .category = "odd"}});
    west.read_until([&] { return west.view.changes == 1; });
    EXPECT_THAT(west.view.ids(), ElementsAre("p0", "new"));
    write(Move{"new", {8.9, 0}});
    west.read_until([&] { return west.view.changes == 2; });
    odd.read_until([&] { return odd.view.changes == 1; });
    EXPECT_THAT(west.view.ids(), ElementsAre("p0", "p1"));
    EXPECT_THAT(odd.view.ids(), ElementsAre("p9", "new"));
    write(Erase{"p6"});
    large.read_until([&] { return large.view.changes == 1; });
    EXPECT_THAT(large.view.ids(), ElementsAre("p7"));
    EXPECT_EQ(west.view.changes, 2);
}

TEST_F(Live, WhatIsWrongWithTheQueryIsAProblemBeforeTheStream) {
    tests::HttpClient client(server_.port());
    const std::string at = "/collections/places/nearest/live?";
    for (const char* query : {"", "lon=0", "lon=0&lat=91", "lon=0&lat=0&k=0", "lon=0&lat=0&k=10001",
                              "lon=0&lat=0&max_distance=-1", "lon=0&lat=0&filter=size", "lon=0&lat=0&what=1",
                              "lon=0&lat=0&metric=taxi", "lon=0&lat=0&explain=true",
                              "lon=0&lat=0&method=scan", "lon=0&lat=0&after=x"}) {
        const auto reply = client.get(at + query);
        EXPECT_EQ(reply.status, 400) << query;
        EXPECT_EQ(reply.content_type, "application/problem+json") << query;
    }
    EXPECT_EQ(client.get(at + "lon=0&lat=0&metric=sphere").status, 422) << "there is no index for it";
    EXPECT_EQ(client.get("/collections/none/nearest/live?lon=0&lat=0").status, 404);
    EXPECT_EQ(client.post(at + "lon=0&lat=0", "").status, 405);
    client.send("HEAD " + at + "lon=0&lat=0 HTTP/1.1\r\nHost: t\r\n\r\n");
    EXPECT_EQ(client.receive(false).status, 200);
    EXPECT_EQ(client.get("/healthz").status, 200);
}

TEST_F(Live, TooManyAreAskedToComeAgainAndOneThatLeavesMakesRoom) {
    std::vector<std::unique_ptr<LiveClient>> clients;
    const std::string target = "/collections/places/nearest/live?lon=0&lat=0";
    for (int i = 0; i < 3; ++i) {
        clients.push_back(std::make_unique<LiveClient>(server_.port(), target));
        EXPECT_EQ(clients.back()->reply.status, 200);
    }
    tests::HttpClient one_more(server_.port());
    const auto reply = one_more.get(target);
    EXPECT_EQ(reply.status, 503);
    EXPECT_THAT(reply.header, HasSubstr("\r\nRetry-After: "));
    clients.erase(clients.begin());
    while (LiveClient(server_.port(), target).reply.status != 200)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

TEST_F(Live, StreamsEndInGoodOrderWhenTheServerStops) {
    LiveClient first = client("lon=0&lat=0&k=1");
    LiveClient second = client("lon=5&lat=0&k=1");
    first.read_until([&] { return first.view.answers == 1; });
    api_.drain();
    server_.begin_to_stop();
    EXPECT_TRUE(first.ends());
    EXPECT_TRUE(second.ends());
    server_.stop();
}

}  // namespace
}  // namespace crowfly
