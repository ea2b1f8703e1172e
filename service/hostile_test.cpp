#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "service/api.h"
#include "store/memory_collection.h"
#include "tests/support/http_client.h"
#include "tests/support/running_server.h"

namespace crowfly {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Answers everything, and keeps what it was asked.
class Recorder final : public RequestHandler {
  public:
    Admission admit(const HttpRequest& /*request*/) override { return {.most_body_bytes = 1000}; }

    std::optional<HttpResponse> handle(const HttpRequest& request, const Later& /*later*/) override {
        const std::scoped_lock lock(mutex_);
        asked_.push_back(std::string(request.method) + " " + std::string(request.path) + "?" +
                         std::string(request.query) + " " + std::string(request.body));
        return HttpResponse{.body = std::string(request.header("x-a"))};
    }

    std::vector<std::string> asked() {
        const std::scoped_lock lock(mutex_);
        return std::exchange(asked_, {});
    }

  private:
    std::mutex mutex_;
    std::vector<std::string> asked_;
};

class Hostile : public testing::Test {
  protected:
    /// Sends the bytes and a request behind them, which must not be answered: the reply has the status, and
    /// the connection is closed after it.
    void expect_refused(const std::string& bytes, int status = 400) {
        SCOPED_TRACE(bytes.substr(0, 200));
        tests::HttpClient client(server_.port());
        client.send(bytes + "GET /smuggled HTTP/1.1\r\nHost: t\r\n\r\n");
        const auto reply = client.receive();
        EXPECT_EQ(reply.status, status);
        EXPECT_EQ(reply.content_type, "application/problem+json");
        EXPECT_THAT(reply.header, HasSubstr("\r\nConnection: close\r\n"));
        EXPECT_THAT(client.receive_all(), IsEmpty());
        EXPECT_THAT(handler_.asked(), IsEmpty());
    }

    /// Sends a request that is right; returns what came of it.
    std::vector<std::string> taken(const std::string& bytes) {
        tests::HttpClient client(server_.port());
        client.send(bytes);
        EXPECT_EQ(client.receive().status, 200) << bytes;
        return handler_.asked();
    }

    Recorder handler_;
    tests::RunningServer server_{handler_};
};

const std::string kPost = "POST / HTTP/1.1\r\nHost: t\r\n";
const std::string kChunked = kPost + "Transfer-Encoding: chunked\r\n\r\n";

TEST_F(Hostile, LengthsThatContradict) {
    for (const char* fields : {
             "Content-Length: 5\r\nContent-Length: 6\r\n",
             "Content-Length: 5, 6\r\n",
             "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
             "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
             "content-length: 0\r\ntransfer-encoding: CHUNKED\r\n",
             "Content-Length: 0\r\nTransfer-Encoding:\r\n chunked\r\n",
         })
        expect_refused(kPost + fields + "\r\nhello");
}

TEST_F(Hostile, LengthsThatAreNone) {
    for (const char* length : {"", "x", "-1", "+5", "5x", "0x5", "5 5", "5;", ",", "5,", "1e1", "5.0",
                               "18446744073709551616", "99999999999999999999999999"})
        expect_refused(kPost + "Content-Length: " + length + "\r\n\r\nhello");
}

TEST_F(Hostile, TransferEncodingsOfOthers) {
    for (const char* encoding : {"xchunked", "chunked, chunked", "chunked, identity", "identity, chunked",
                                 "gzip", "gzip, chunked", "chunked;q=1", "\"chunked\"", "chunked\x0b", "x"})
        expect_refused(kPost + "Transfer-Encoding: " + encoding + "\r\n\r\n0\r\n\r\n");
    expect_refused(kPost + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    expect_refused(kPost + "Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    expect_refused("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
}

TEST_F(Hostile, FieldNamesThatOthersMayReadAsTransferEncoding) {
    for (const char* field :
         {"Transfer-Encoding : chunked", " Transfer-Encoding: chunked", "Transfer-Encoding\t: chunked",
          "Transfer Encoding: chunked", "Transfer-Encoding\x0b: chunked", ": chunked", "Transfer-Encoding"})
        expect_refused("POST / HTTP/1.1\r\n" + std::string(field) + "\r\nHost: t\r\n\r\n0\r\n\r\n");
}

TEST_F(Hostile, ChunksThatAreNone) {
    for (const char* chunks :
         {"zz\r\n", "-1\r\nx\r\n0\r\n\r\n", "+1\r\nx\r\n0\r\n\r\n", "0x1\r\nx\r\n0\r\n\r\n",
          " 1\r\nx\r\n0\r\n\r\n", "1 \r\nx\r\n0\r\n\r\n", "\r\n1\r\nx\r\n0\r\n\r\n", "1\r\nxy\r\n0\r\n\r\n",
          "1\r\nx0\r\n\r\n", "1\nx\n0\n\n\r\n\r\n", "1;\r\nx\r\n0\r\n\r\n", "1;=\r\nx\r\n0\r\n\r\n",
          "1;a=\"\r\nx\r\n0\r\n\r\n\"", "1,\r\nx\r\n0\r\n\r\n", "10000000000000001\r\nx\r\n0\r\n\r\n",
          "0\r\n\r \r\n\r\n"})
        expect_refused(kChunked + chunks);
    expect_refused(kChunked + "ffffffffffffffff\r\n" + std::string(1001, 'x'), 413);
    expect_refused(kChunked + "3e9\r\n" + std::string(1001, 'x'), 413);
}

TEST_F(Hostile, ChunksWithExtensionsAreTakenAndTheExtensionsPassedOver) {
    EXPECT_THAT(taken(kChunked + "1;a=b;c=\"d \\\" e\"\r\nx\r\n01\r\ny\r\n000;z\r\n\r\n"),
                ElementsAre("POST /? xy"));
    expect_refused(kChunked + "1;" + std::string(100'000, 'a') + "\r\nx\r\n0\r\n\r\n", 431);
}

TEST_F(Hostile, FieldsBehindABodyCannotAddToThoseThatWereJudged) {
    for (const char* field : {"X-A: late", "Host: u", "Authorization: Bearer x", "Content-Length: 3",
                              "Transfer-Encoding: chunked"})
        expect_refused(kChunked + "1\r\nx\r\n0\r\n" + field + "\r\n\r\n");
}

TEST_F(Hostile, LinesThatDoNotEndInCrLf) {
    for (const char* bytes :
         {"GET / HTTP/1.1\nHost: t\n\n\r\n\r\n", "GET / HTTP/1.1\r\nHost: t\nX: y\r\n\r\n",
          "GET / HTTP/1.1\rHost: t\r\r\n\r\n", "GET / HTTP/1.1\r\nHost: t\rX: y\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: t\r\nX: y\r\r\n\r\n"})
        expect_refused(bytes);
}

TEST_F(Hostile, BytesThatHaveNoPlaceInAHeader) {
    using namespace std::string_literals;
    for (const std::string& bytes :
         {"GET / HTTP/1.1\r\nHost: t\r\nX: a\0b\r\n\r\n"s, "GET / HTTP/1.1\r\nHost: t\r\nX\0: a\r\n\r\n"s,
          "GET /\0 HTTP/1.1\r\nHost: t\r\n\r\n"s, "G\0T / HTTP/1.1\r\nHost: t\r\n\r\n"s,
          "GET / HTTP/1.1\r\nHost: t\r\nX: \x7f\r\n\r\n"s, "GET /a b HTTP/1.1\r\nHost: t\r\n\r\n"s,
          "GET  / HTTP/1.1\r\nHost: t\r\n\r\n"s, "GET\t/ HTTP/1.1\r\nHost: t\r\n\r\n"s,
          "GET / HTTP/1.1 \r\nHost: t\r\n\r\n"s, "(GET) / HTTP/1.1\r\nHost: t\r\n\r\n"s})
        expect_refused(bytes);
}

TEST_F(Hostile, AFoldedFieldIsOneField) {
    tests::HttpClient client(server_.port());
    client.send("GET / HTTP/1.1\r\nHost: t\r\nX-A: one\r\n Transfer-Encoding: chunked\r\n\r\n");
    EXPECT_EQ(client.receive().body, "one Transfer-Encoding: chunked");
}

TEST_F(Hostile, OtherVersionsOfHttp) {
    for (const char* bytes :
         {"GET /\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET / HTTP/1.2\r\nHost: t\r\n\r\n",
          "GET / HTTP/0.9\r\nHost: t\r\n\r\n", "GET / HTTP/3.0\r\nHost: t\r\n\r\n",
          "GET / http/1.1\r\nHost: t\r\n\r\n", "GET / HTTP/1.1x\r\nHost: t\r\n\r\n",
          "GET / HTTP/11\r\nHost: t\r\n\r\n", "GET / ICY/1.1\r\nHost: t\r\n\r\n"})
        expect_refused(bytes);
}

TEST_F(Hostile, AnUpgradeIsPassedOver) {
    EXPECT_THAT(taken("GET / HTTP/1.1\r\nHost: t\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                      "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"),
                ElementsAre("GET /? "));
}

TEST_F(Hostile, NotOneHost) {
    for (const char* hosts : {"", "Host: t\r\nHost: t\r\n", "Host: t\r\nhost: u\r\n"})
        expect_refused("GET / HTTP/1.1\r\n" + std::string(hosts) + "\r\n");
}

TEST_F(Hostile, TargetsInAbsoluteForm) {
    const std::string end = " HTTP/1.1\r\nHost: t\r\n\r\n";
    EXPECT_THAT(taken("GET http://u:80/a/b?c=d" + end), ElementsAre("GET /a/b?c=d "));
    EXPECT_THAT(taken("GET HTTPS://u" + end), ElementsAre("GET /? "));
    EXPECT_THAT(taken("GET http://u?c=http://v/w" + end), ElementsAre("GET /?c=http://v/w "));
    EXPECT_THAT(taken("GET /a?b=http://u/c" + end), ElementsAre("GET /a?b=http://u/c "));
    // What names no path of this server stays what it is, and is found nowhere.
    EXPECT_THAT(taken("CONNECT u:80" + end), ElementsAre("CONNECT u:80? "));
    EXPECT_THAT(taken("OPTIONS *" + end), ElementsAre("OPTIONS *? "));
    EXPECT_THAT(taken("GET ftp://u/a" + end), ElementsAre("GET ftp://u/a? "));
    EXPECT_THAT(taken("GET ?a" + end), ElementsAre("GET ?a "));
}

TEST_F(Hostile, HeadersThatAreTooLong) {
    expect_refused("GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\nHost: t\r\n\r\n", 431);
    expect_refused("GET / HTTP/1.1\r\nHost: t\r\nX: " + std::string(20'000, 'a') + "\r\n\r\n", 431);
    expect_refused("GET / HTTP/1.1\r\nHost: t\r\n" + std::string(20'000, 'a') + ": b\r\n\r\n", 431);
    expect_refused(std::string(20'000, 'G') + " / HTTP/1.1\r\nHost: t\r\n\r\n", 431);
    std::string many = "GET / HTTP/1.1\r\nHost: t\r\n";
    for (int i = 0; i < 5000; ++i) many += "a:\r\n";
    expect_refused(many + "\r\n", 431);
    // The limit is for the whole, and not only for what comes at a time.
    tests::HttpClient client(server_.port());
    client.send("GET / HTTP/1.1\r\nHost: t\r\n");
    for (int i = 0; i < 500; ++i) {
        client.send("X: " + std::string(95, 'a') + "\r\n");
        std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    client.send("\r\n");
    EXPECT_EQ(client.receive().status, 431);
}

TEST_F(Hostile, AHeaderMayBeJustAsLongAsTheLimit) {
    const std::string start = "GET / HTTP/1.1\r\nHost: t\r\nX: ";
    const std::size_t rest = ServerLimits().header_bytes - start.size() - 4;
    EXPECT_THAT(taken(start + std::string(rest, 'a') + "\r\n\r\n"), ElementsAre("GET /? "));
    expect_refused(start + std::string(rest + 1, 'a') + "\r\n\r\n", 431);
}

TEST_F(Hostile, BodiesThatAreTooLong) {
    for (const char* length : {"1001", "18446744073709551615"})
        expect_refused(kPost + "Content-Length: " + length + "\r\n\r\n", 413);
    EXPECT_THAT(taken(kPost + "Content-Length: 1000\r\n\r\n" + std::string(1000, 'x')),
                ElementsAre("POST /? " + std::string(1000, 'x')));
}

/// The service itself, with one place.
class HostileToTheService : public testing::Test {
  protected:
    static std::vector<std::unique_ptr<Collection>> collections() {
        auto collection =
            std::make_unique<MemoryCollection>(Schema{.name = "places"}, std::vector{MetricKind::spheroid});
        const std::vector<Place> places{{.id = "a/../b", .position = {1, 2}}};
        PlaceList list(places);
        collection->upsert(list);
        std::vector<std::unique_ptr<Collection>> all;
        all.push_back(std::move(collection));
        return all;
    }

    Api api_{collections()};
};

TEST_F(HostileToTheService, PathsThatGoElsewhere) {
    const tests::RunningServer server(api_);
    tests::HttpClient client(server.port());
    for (const char* path : {"/../etc/passwd",
                             "/collections/../healthz",
                             "/collections/./places",
                             "//collections",
                             "/collections//places",
                             "/collections/%2e%2e/healthz",
                             "/collections/places%2Fitems",
                             "/collections%2fplaces",
                             "/%63ollections",
                             "/collections/places/items/..%2f..%2fplaces",
                             "/collections/places\\items",
                             "/collections/places%00",
                             "/collections/places/items/%00",
                             "/collections/%",
                             "/collections/%zz",
                             "/collections/%ff%fe",
                             "/collections/%c0%ae%c0%ae",
                             "/collections/places;x=y",
                             "/collections/places/",
                             "/collections/places#items"}) {
        const auto reply = client.get(path);
        EXPECT_EQ(reply.status, 404) << path;
        EXPECT_EQ(reply.content_type, "application/problem+json") << path;
    }
    EXPECT_EQ(client.get("/collections/places/items/a%2F..%2Fb").status, 200);
    EXPECT_EQ(client.get("http://elsewhere/collections/places").status, 200);
}

TEST_F(HostileToTheService, QueriesThatDoNotEnd) {
    const tests::RunningServer server(api_);
    tests::HttpClient client(server.port());
    std::string ampersands = "/collections/places/nearest?lon=1&lat=2";
    EXPECT_EQ(client.get(ampersands + std::string(10'000, '&')).status, 200);
    std::string names = ampersands;
    for (int i = 0; i < 3000; ++i) names += "&a=b";
    EXPECT_EQ(client.get(names).status, 400);
    EXPECT_EQ(client.get(ampersands + "&filter=" + std::string(10'000, '(')).status, 400);
    for (const char* bad : {"&k=%", "&k=%0", "&k=%00", "&k=1%00", "&k=%ff", "&k=1e400", "&lon=3", "&=", "&%"})
        EXPECT_EQ(client.get(ampersands + bad).status, 400) << bad;
}

TEST_F(HostileToTheService, ABodyThatNobodyWantsIsNotRead) {
    const tests::RunningServer server(api_);
    tests::HttpClient client(server.port());
    client.send("GET /healthz HTTP/1.1\r\nHost: t\r\nContent-Length: 40\r\n\r\n" +
                std::string("GET /collections HTTP/1.1\r\nHost: t\r\n\r\n\r\n"));
    EXPECT_EQ(client.receive().status, 413);
    EXPECT_THAT(client.receive_all(), IsEmpty());
}

TEST(Slowloris, HeadersAndBodiesThatDribbleAreClosedAndOthersAnswered) {
    Recorder handler;
    const tests::RunningServer server(handler, {.request = std::chrono::seconds(1)});
    for (const std::string start :
         {"GET / HTTP/1.1\r\nX: ", "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 999\r\n\r\n"}) {
        tests::HttpClient slow(server.port());
        tests::HttpClient other(server.port());
        slow.send(start);
        // A byte now and then does not make it last.
        const auto begun = std::chrono::steady_clock::now();
        while (!slow.hears_something_within(std::chrono::milliseconds(100))) {
            slow.send("x");
            EXPECT_EQ(other.get("/").status, 200);
            ASSERT_LT(std::chrono::steady_clock::now() - begun, std::chrono::minutes(1))
                << "it goes on for ever";
        }
        EXPECT_TRUE(slow.closed_by_server());
    }
}

TEST(Slowloris, TwoThousandIdleConnectionsLeaveRoomForOthers) {
    constexpr std::size_t kIdle = 2'000;
    rlimit files{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_max < 5 * kIdle) GTEST_SKIP() << "the system allows " << files.rlim_max << " open files";
    Recorder handler;
    const tests::RunningServer server(handler);
    std::vector<std::unique_ptr<tests::HttpClient>> idle;
    for (std::size_t i = 0; i < kIdle; ++i) {
        idle.push_back(std::make_unique<tests::HttpClient>(server.port()));
        if (i % 2 == 0) idle.back()->send("GET / HT");
    }
    tests::HttpClient client(server.port());
    for (int i = 0; i < 100; ++i) ASSERT_EQ(client.get("/").status, 200);
    EXPECT_EQ(idle.back()->get("/").status, 200);
}

/// Keeps what it is to call when it has room, and has none.
class FullUpload final : public Upload {
  public:
    explicit FullUpload(std::atomic<int>& offers) : offers_(offers) {}
    bool offer(std::string& /*piece*/, std::function<void()> when_room) override {
        when_room_ = std::move(when_room);
        ++offers_;
        return false;
    }
    void finish() override {}

  private:
    std::atomic<int>& offers_;
    std::function<void()> when_room_;
};

TEST(Stopping, AnUploadThatHasNoRoomEndsWithTheServer) {
    class Handler final : public RequestHandler {
      public:
        Admission admit(const HttpRequest& /*request*/) override {
            return {.most_body_bytes = 1000, .upload = std::make_shared<FullUpload>(offers)};
        }
        std::optional<HttpResponse> handle(const HttpRequest& /*request*/, const Later& /*later*/) override {
            return HttpResponse();
        }
        std::atomic<int> offers = 0;
    };
    Handler handler;
    tests::RunningServer server(handler, {}, 1);
    std::vector<std::unique_ptr<tests::HttpClient>> clients;
    for (int i = 0; i < 10; ++i) {
        clients.push_back(std::make_unique<tests::HttpClient>(server.port()));
        clients.back()->send(kPost + "Content-Length: 10\r\n\r\nhello");
    }
    while (handler.offers < 10) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    server.stop();
    for (const auto& client : clients) EXPECT_TRUE(client->closed_by_server());
}

}  // namespace
}  // namespace crowfly
