#include "service/server.h"

#include <atomic>
#include <functional>
#include <memory>
#include <new>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "service/listen_address.h"
#include "tests/support/http_client.h"

namespace crowfly {
namespace {

using testing::HasSubstr;

/// Answers with a function, at once.
class Answering : public RequestHandler {
  public:
    using Answer = std::function<HttpResponse(const HttpRequest&)>;

    explicit Answering(Answer answer) : answer_(std::move(answer)) {}

    Admission admit(const HttpRequest& /*request*/) override { return {.most_body_bytes = 1U << 20U}; }
    std::optional<HttpResponse> handle(const HttpRequest& request, const Later& /*later*/) override {
        return answer_(request);
    }

  private:
    Answer answer_;
};

/// A server on a port of its own, for as long as the object lives.
class RunningServer {
  public:
    explicit RunningServer(RequestHandler& handler, ServerLimits limits = {}, std::size_t threads = 2)
        : server_(parse_listen_address("127.0.0.1:0"), threads, limits, handler),
          thread_([this] { server_.run(); }) {}
    ~RunningServer() { stop(); }

    void stop() {
        server_.stop();
        if (thread_.joinable()) thread_.join();
    }
    std::uint16_t port() const { return server_.address().port(); }

  private:
    Server server_;
    std::thread thread_;
};

HttpResponse echo(const HttpRequest& request) {
    return {.content_type = "text/plain",
            .body = std::string(request.method) + " " + std::string(request.path) + " " +
                    std::string(request.body)};
}

/// One that echoes.
class EchoServer {
  public:
    explicit EchoServer(ServerLimits limits = {}, std::size_t threads = 2)
        : server_(handler_, limits, threads) {}

    void stop() { server_.stop(); }
    std::uint16_t port() const { return server_.port(); }

  private:
    Answering handler_{echo};
    RunningServer server_;
};

TEST(Server, AnswersOneRequestAfterTheOtherOnOneConnection) {
    const EchoServer server;
    tests::HttpClient client(server.port());
    EXPECT_EQ(client.post("/a?b=c", "hello").body, "POST /a hello");
    EXPECT_EQ(client.get("/b").body, "GET /b ");
    const auto reply = client.get("/c");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.content_type, "text/plain");
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
    const EchoServer server;
    tests::HttpClient client(server.port());
    std::string requests;
    for (int i = 0; i < 1000; ++i) requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: t\r\n\r\n";
    client.send(requests);
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(client.receive().body, "GET /" + std::to_string(i) + " ");
}

TEST(Server, TakesRequestsThatComeInPieces) {
    const EchoServer server;
    tests::HttpClient client(server.port());
    const std::string request = "POST /p HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nhello";
    for (const char byte : request) client.send(std::string_view(&byte, 1));
    EXPECT_EQ(client.receive().body, "POST /p hello");
    client.send(
        "POST /c HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n");
    EXPECT_EQ(client.receive().body, "POST /c hello");
}

TEST(Server, HeadHasTheHeaderOfGetAndNoBody) {
    const EchoServer server;
    tests::HttpClient client(server.port());
    client.send("HEAD /h HTTP/1.1\r\nHost: t\r\n\r\n");
    EXPECT_THAT(client.receive(false).header, HasSubstr("Content-Length: 8\r\n"));
    EXPECT_EQ(client.get("/next").body, "GET /next ");
}

TEST(Server, ClosesWhenTheClientAsks) {
    const EchoServer server;
    tests::HttpClient asks(server.port());
    asks.send("GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(asks.receive().header, HasSubstr("Connection: close"));
    EXPECT_TRUE(asks.closed_by_server());
    tests::HttpClient old(server.port());
    old.send("GET / HTTP/1.0\r\n\r\n");
    EXPECT_EQ(old.receive().status, 200);
    EXPECT_TRUE(old.closed_by_server());
    tests::HttpClient half(server.port());
    half.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
    half.half_close();
    EXPECT_EQ(half.receive().status, 200);
    EXPECT_TRUE(half.closed_by_server());
}

TEST(Server, ABodyOverTheLimitIsRefusedAndTheReplyArrives) {
    const EchoServer server;
    const std::string body(2U << 20U, 'x');
    tests::HttpClient announced(server.port());
    const auto reply = announced.post("/", body);
    EXPECT_EQ(reply.status, 413);
    EXPECT_EQ(reply.content_type, "application/problem+json");
    EXPECT_TRUE(announced.closed_by_server());
    tests::HttpClient chunked(server.port());
    chunked.send("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n" + body +
                 "\r\n0\r\n\r\n");
    EXPECT_EQ(chunked.receive().status, 413);
    tests::HttpClient after(server.port());
    EXPECT_EQ(after.get("/").status, 200);
}

TEST(Server, AHeaderOverTheLimitIsRefused) {
    const EchoServer server;
    tests::HttpClient client(server.port());
    client.send("GET / HTTP/1.1\r\nHost: t\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n");
    EXPECT_EQ(client.receive().status, 431);
    EXPECT_TRUE(client.closed_by_server());
}

TEST(Server, WhatIsNotHttpIsRefused) {
    const EchoServer server;
    for (const char* bytes :
         {"nonsense\r\n\r\n", "GET /\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
          "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "\x16\x03\x01\x02\x01\x01\x01\xfc\x03\r\n\r\n",
          "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
        tests::HttpClient client(server.port());
        client.send(bytes);
        const auto reply = client.receive();
        EXPECT_EQ(reply.status, 400) << bytes;
        EXPECT_EQ(reply.content_type, "application/problem+json") << bytes;
        EXPECT_TRUE(client.closed_by_server()) << bytes;
    }
}

TEST(Server, WhatAnotherServerMightReadAsAnotherRequestIsRefused) {
    const EchoServer server;
    const std::string next = "5\r\nhello\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: t\r\n\r\n";
    for (const char* header :
         {"HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: xchunked\r\n\r\n",
          "HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: identity\r\n\r\n",
          "HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
          "HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked, identity\r\n\r\n",
          "HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
          "HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
          "HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
          "HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1\r\n\r\n",
          "HTTP/1.1\r\nHost: t\r\nHost: u\r\n\r\n"}) {
        tests::HttpClient client(server.port());
        client.send("POST / " + std::string(header) + next);
        EXPECT_EQ(client.receive().status, 400) << header;
        EXPECT_TRUE(client.closed_by_server()) << header;
    }
}

TEST(Server, ChunkLinesAndTrailersAreBounded) {
    const EchoServer server;
    for (const char* start : {"1;", "0\r\nX: "}) {
        tests::HttpClient client(server.port());
        client.send("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(start) +
                    std::string(1U << 20U, 'a'));
        EXPECT_EQ(client.receive().status, 431) << start;
        EXPECT_TRUE(client.closed_by_server());
    }
}

TEST(Server, AHandlerThatThrowsCostsOneConnection) {
    Answering handler([](const HttpRequest& request) {
        if (request.path == "/bad") throw std::bad_alloc();
        return HttpResponse{.body = "{}"};
    });
    const RunningServer server(handler, {}, 1);
    for (int i = 0; i < 3; ++i) {
        tests::HttpClient bad(server.port());
        bad.send("GET /bad HTTP/1.1\r\nHost: t\r\n\r\n");
        EXPECT_TRUE(bad.closed_by_server());
        EXPECT_EQ(tests::HttpClient(server.port()).get("/good").status, 200);
    }
}

TEST(Server, SendsContinueToWhoWaitsForIt) {
    const EchoServer server;
    tests::HttpClient client(server.port());
    client.send("POST / HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_EQ(client.receive(false).status, 100);
    client.send("ok");
    EXPECT_EQ(client.receive().body, "POST / ok");
}

TEST(Server, ClosesIdleClients) {
    const EchoServer server({.idle = std::chrono::seconds(0)});
    tests::HttpClient idle(server.port());
    EXPECT_TRUE(idle.closed_by_server());
}

TEST(Server, ClosesClientsWhoseRequestDoesNotEnd) {
    const EchoServer server({.request = std::chrono::seconds(0)});
    tests::HttpClient slow(server.port());
    slow.send("GET / HT");
    EXPECT_TRUE(slow.closed_by_server());
}

TEST(Server, AClientThatTakesNoRepliesIsNotReadFromAndIsClosedInTheEnd) {
    std::atomic<int> answered = 0;
    const std::string megabyte(1U << 20U, 'x');
    Answering handler([&](const HttpRequest& /*request*/) {
        ++answered;
        return HttpResponse{.body = megabyte};
    });
    const RunningServer server(handler, {.write = std::chrono::seconds(1)}, 1);
    tests::HttpClient client(server.port());
    std::string requests;
    for (int i = 0; i < 2000; ++i) requests += "GET / HTTP/1.1\r\nHost: t\r\n\r\n";
    client.send(requests);
    EXPECT_TRUE(client.reset_by_server());
    EXPECT_LT(answered, 100);
}

TEST(Server, TakesNoMoreConnectionsThanItsLimitUntilOneEnds) {
    const EchoServer server({.connections = 2}, 1);
    tests::HttpClient first(server.port());
    EXPECT_EQ(first.get("/").status, 200);
    auto second = std::make_unique<tests::HttpClient>(server.port());
    EXPECT_EQ(second->get("/").status, 200);
    tests::HttpClient third(server.port());
    third.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
    EXPECT_FALSE(third.hears_something_within(std::chrono::milliseconds(1500)));
    second.reset();
    EXPECT_EQ(third.receive().status, 200);
    EXPECT_EQ(first.get("/").status, 200);
}

TEST(Server, StopsWithConnectionsOpen) {
    EchoServer server;
    tests::HttpClient idle(server.port());
    EXPECT_EQ(idle.get("/").status, 200);
    server.stop();
    EXPECT_TRUE(idle.closed_by_server());
}

TEST(Server, APortInUseIsAnError) {
    const EchoServer server;
    Answering handler(echo);
    try {
        const Server second(parse_listen_address("127.0.0.1:" + std::to_string(server.port())), 1, {},
                            handler);
        FAIL() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::busy);
        EXPECT_THAT(error.what(), HasSubstr("the port is in use"));
    }
}

TEST(Server, ManyClientsAtOnceGetTheirOwnAnswers) {
    const EchoServer server;
    std::vector<std::thread> clients;
    for (int i = 0; i < 8; ++i) {
        clients.emplace_back([&, i] {
            tests::HttpClient client(server.port());
            for (int j = 0; j < 300; ++j) {
                const std::string body = std::to_string(i * 1000 + j);
                ASSERT_EQ(client.post("/", body).body, "POST / " + body);
            }
        });
    }
    for (std::thread& client : clients) client.join();
}

}  // namespace
}  // namespace crowfly
