#include "service/connection.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/body_stream.h"
#include "service/listen_address.h"
#include "service/server.h"
#include "tests/support/http_client.h"

namespace crowfly {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Keeps the body of a request in pieces, of which it takes so many at a time as it is let.
class SlowUpload final : public Upload {
  public:
    explicit SlowUpload(std::atomic<int>& given_up) : given_up_(given_up) {}
    ~SlowUpload() override { given_up_ += finished_ ? 0 : 1; }

    bool offer(std::string& piece, std::function<void()> when_room) override {
        if (++offers_ % 2 == 0) {
            waker_ = std::jthread([wake = std::move(when_room)] {
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
                wake();
            });
            return false;
        }
        most_ = std::max(most_, piece.size());
        body += piece;
        piece.clear();
        return true;
    }

    void finish() override { finished_ = true; }

    std::string body;
    std::size_t most_ = 0;

  private:
    std::atomic<int>& given_up_;
    std::size_t offers_ = 0;
    bool finished_ = false;
    std::jthread waker_;
};

/// Answers in all the ways that there are, by path.
class ManyWays final : public RequestHandler {
  public:
    ~ManyWays() override {
        for (std::jthread& thread : threads_) thread.join();
    }

    Admission admit(const HttpRequest& request) override {
        if (request.path == "/refused") return {.refusal = HttpResponse{.status = 401, .body = "{}"}};
        if (request.path == "/upload")
            return {.most_body_bytes = 64U << 20U, .upload = std::make_shared<SlowUpload>(uploads_given_up)};
        return {.most_body_bytes = 1000};
    }

    std::optional<HttpResponse> handle(const HttpRequest& request, const Later& later) override {
        if (request.path == "/later") {
            start([this, responder = std::make_shared<Responder>(later()), body = request.body] {
                ++waiting;
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
                (*responder)({.body = "later " + std::string(body)});
            });
            return std::nullopt;
        }
        if (request.path == "/forever") {
            start([this, responder = std::make_shared<Responder>(later())] {
                ++waiting;
                while (!responder->stop_token().stop_requested())
                    std::this_thread::sleep_for(std::chrono::milliseconds(1));
                ++told_to_stop;
            });
            return std::nullopt;
        }
        if (request.path == "/dropped") {
            const Responder responder = later();
            return std::nullopt;
        }
        if (request.path == "/stream") return stream(request, false);
        if (request.path == "/broken") return stream(request, true);
        if (request.path == "/endless") return endless();
        if (request.upload) {
            const auto& upload = dynamic_cast<SlowUpload&>(*request.upload);
            return HttpResponse{.body = std::to_string(upload.body.size()) + " " +
                                        std::to_string(std::hash<std::string>()(upload.body)),
                                .headers = {{"X-Most", std::to_string(upload.most_)}}};
        }
        return HttpResponse{.body = std::string(request.path) + "?" + std::string(request.query) + " " +
                                    std::string(request.header("x-a")),
                            .headers = {{"ETag", "\"1\""}}};
    }

    std::atomic<int> waiting = 0;
    std::atomic<int> told_to_stop = 0;
    std::atomic<int> uploads_given_up = 0;

  private:
    HttpResponse stream(const HttpRequest& /*request*/, bool breaks) {
        auto body = std::make_shared<BodyStream>();
        start([body, breaks] {
            for (int i = 0; i < 100; ++i) body->write(std::string(10'000, static_cast<char>('a' + i % 26)));
            if (breaks) {
                body->fail();
            } else {
                body->end();
            }
        });
        return {.content_type = "text/plain", .body = "first", .stream = body};
    }

    HttpResponse endless() {
        auto body = std::make_shared<BodyStream>();
        start([this, body] {
            while (body->write("more")) std::this_thread::sleep_for(std::chrono::milliseconds(1));
            ++told_to_stop;
        });
        return {.content_type = "text/plain", .stream = body};
    }

    void start(std::function<void()> work) {
        const std::scoped_lock lock(mutex_);
        threads_.emplace_back(std::move(work));
    }

    std::mutex mutex_;
    std::vector<std::jthread> threads_;
};

class ConnectionTest : public testing::Test {
  protected:
    ConnectionTest()
        : server_(parse_listen_address("127.0.0.1:0"), 2, {}, handler_), thread_([this] { server_.run(); }) {}
    ~ConnectionTest() override { server_.stop(); }

    std::uint16_t port() const { return server_.address().port(); }

    static void wait_for(const std::atomic<int>& count) {
        while (count == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }

    Server& server() { return server_; }

    ManyWays handler_;

  private:
    Server server_;
    std::jthread thread_;
};

TEST_F(ConnectionTest, TakesTheTargetApartAndGivesFields) {
    tests::HttpClient client(port());
    client.send("GET /a?b=c&d HTTP/1.1\r\nHost: t\r\nX-A: one\r\n\r\n");
    const auto reply = client.receive();
    EXPECT_EQ(reply.body, "/a?b=c&d one");
    EXPECT_THAT(reply.header, HasSubstr("\r\nETag: \"1\"\r\n"));
}

TEST_F(ConnectionTest, RepliesThatComeLaterKeepTheOrderOfPipelinedRequests) {
    tests::HttpClient client(port());
    std::string requests;
    for (int i = 0; i < 20; ++i) {
        requests += "POST /later HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\n" + std::to_string(10 + i) +
                    "GET /at-once HTTP/1.1\r\nHost: t\r\n\r\n";
    }
    client.send(requests);
    for (int i = 0; i < 20; ++i) {
        ASSERT_EQ(client.receive().body, "later " + std::to_string(10 + i));
        ASSERT_EQ(client.receive().body, "/at-once? ");
    }
}

TEST_F(ConnectionTest, WhoMakesAReplyIsToldWhenTheClientHasLeft) {
    {
        tests::HttpClient client(port());
        client.send("GET /forever HTTP/1.1\r\nHost: t\r\n\r\n");
        wait_for(handler_.waiting);
    }
    wait_for(handler_.told_to_stop);
}

TEST_F(ConnectionTest, ARequestThatIsGivenUpIsAnsweredWith500) {
    tests::HttpClient client(port());
    client.send("GET /dropped HTTP/1.1\r\nHost: t\r\n\r\n");
    EXPECT_EQ(client.receive().status, 500);
    EXPECT_EQ(client.get("/next").status, 200);
}

TEST_F(ConnectionTest, AStreamIsSentInChunksAndTheConnectionGoesOn) {
    tests::HttpClient client(port());
    for (int i = 0; i < 3; ++i) {
        const auto reply = client.get("/stream");
        EXPECT_THAT(reply.header, HasSubstr("Transfer-Encoding: chunked"));
        EXPECT_THAT(reply.header, Not(HasSubstr("Content-Length")));
        EXPECT_EQ(reply.body.size(), 5 + 1'000'000U);
        EXPECT_EQ(reply.body.substr(0, 6), "firsta");
        EXPECT_EQ(reply.body.back(), static_cast<char>('a' + 99 % 26));
    }
    client.send("HEAD /stream HTTP/1.1\r\nHost: t\r\n\r\n");
    EXPECT_EQ(client.receive(false).status, 200);
    EXPECT_EQ(client.get("/next").status, 200);
}

TEST_F(ConnectionTest, ToAnOldClientAStreamEndsWithTheConnection) {
    tests::HttpClient client(port());
    client.send("GET /stream HTTP/1.0\r\n\r\n");
    const auto reply = client.receive(false);
    EXPECT_THAT(reply.header, Not(HasSubstr("chunked")));
    EXPECT_EQ(client.receive_all().size(), 5 + 1'000'000U);
}

TEST_F(ConnectionTest, AStreamThatBreaksIsNotEndedInGoodOrder) {
    tests::HttpClient client(port());
    EXPECT_THROW(client.get("/broken"), std::exception);
}

TEST_F(ConnectionTest, AStreamIsAbandonedWhenTheClientLeaves) {
    {
        tests::HttpClient client(port());
        client.send("GET /endless HTTP/1.1\r\nHost: t\r\n\r\n");
        client.receive(false);
        EXPECT_EQ(client.receive_chunk().substr(0, 4), "more");
    }
    wait_for(handler_.told_to_stop);
}

TEST_F(ConnectionTest, AnUploadIsTakenPieceByPiece) {
    tests::HttpClient client(port());
    std::string body;
    for (int i = 0; i < 200'000; ++i) body += std::to_string(i);
    const auto reply = client.post("/upload", body);
    EXPECT_EQ(reply.body, std::to_string(body.size()) + " " + std::to_string(std::hash<std::string>()(body)));
    const std::size_t at = reply.header.find("X-Most: ");
    EXPECT_LT(std::stoul(reply.header.substr(at + 8)), 200'000U);
    EXPECT_EQ(client.get("/next").status, 200);
    EXPECT_EQ(handler_.uploads_given_up, 0);
}

TEST_F(ConnectionTest, AnUploadThatBreaksOffIsGivenUp) {
    {
        tests::HttpClient client(port());
        client.send("POST /upload HTTP/1.1\r\nHost: t\r\nContent-Length: 100000\r\n\r\nabc");
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    wait_for(handler_.uploads_given_up);
}

TEST_F(ConnectionTest, ARequestRefusedByItsHeaderIsAnsweredBeforeItsBody) {
    tests::HttpClient client(port());
    client.send("GET /refused HTTP/1.1\r\nHost: t\r\n\r\nGET /next HTTP/1.1\r\nHost: t\r\n\r\n");
    EXPECT_EQ(client.receive().status, 401);
    EXPECT_EQ(client.receive().status, 200);
    client.send(
        "POST /refused HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 10000000\r\n\r\n");
    EXPECT_EQ(client.receive().status, 401);
    EXPECT_TRUE(client.closed_by_server());
}

TEST_F(ConnectionTest, ABodyLongerThanItsPathTakesIsRefused) {
    for (const char* start : {"Content-Length: 1001\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n3e9\r\n"}) {
        tests::HttpClient client(port());
        client.send("POST /a HTTP/1.1\r\nHost: t\r\n" + std::string(start) + std::string(1001, 'x'));
        const auto reply = client.receive();
        EXPECT_EQ(reply.status, 413);
        EXPECT_THAT(reply.body, HasSubstr("longer than 1000 bytes"));
        EXPECT_TRUE(client.closed_by_server());
    }
}

TEST_F(ConnectionTest, RepliesUnderWayAreSentWhenTheServerStops) {
    tests::HttpClient client(port());
    client.send("POST /later HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\n\r\nx");
    wait_for(handler_.waiting);
    server().stop();
    const auto reply = client.receive();
    EXPECT_EQ(reply.body, "later x");
    EXPECT_TRUE(client.closed_by_server());
}

}  // namespace
}  // namespace crowfly
