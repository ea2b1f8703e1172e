// What stands between the network and the answers: keys, rates, TLS, origins, the log and the metrics, over
// the real program.

#include <chrono>
#include <filesystem>
#include <memory>
#include <regex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <simdjson.h>

#include "tests/support/http_client.h"
#include "tests/support/process.h"
#include "tests/support/temporary.h"

namespace crowfly {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kSearch =
    R"({"point":{"type":"Point","coordinates":[0,0]},"k":1,"collection":"places"})";

class HttpAccess : public testing::Test {
  protected:
    HttpAccess() : store_(directory_.path("s.gpkg")) {
        import("places");
        import("others");
    }

    void import(const std::string& collection) const {
        done({"import", directory_.file("a.csv", "id,name,lon,lat\n1,One,0,0\n2,Two,0,1\n"), "--to", store_,
              "--collection", collection});
    }

    static std::string done(const std::vector<std::string>& arguments) {
        const auto finished = tests::crowfly(arguments);
        if (finished.exit_code != 0) throw std::runtime_error(finished.err);
        return finished.out;
    }

    std::string keys() const { return directory_.path("keys.json"); }

    /// A new key's text.
    std::string new_key(std::vector<std::string> more) const {
        std::vector<std::string> arguments{"key", "add", "--keys", keys()};
        arguments.insert(arguments.end(), more.begin(), more.end());
        std::smatch match;
        const std::string out = done(arguments);
        if (!std::regex_search(out, match, std::regex("crowfly_[0-9a-f]{12}_[0-9a-f]{64}")))
            throw std::runtime_error(out);
        return match[0];
    }

    void serve(std::vector<std::string> more) {
        server_.reset();
        server_ = std::make_unique<tests::ServeProcess>(store_, std::move(more));
    }

    tests::HttpReply send(const std::string& method, const std::string& path,
                          const std::vector<std::string>& fields = {}, const std::string& body = {}) const {
        std::string request = method + " " + path + " HTTP/1.1\r\nHost: test\r\n";
        for (const std::string& field : fields) request += field + "\r\n";
        if (!body.empty()) request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
        tests::HttpClient client(server_->port());
        client.send(request + "\r\n" + body);
        return client.receive(method != "HEAD");
    }

    tests::HttpReply get(const std::string& path, const std::string& key = {}) const {
        return key.empty() ? send("GET", path) : send("GET", path, {"Authorization: Bearer " + key});
    }

    tests::TemporaryDirectory directory_;
    std::string store_;
    std::unique_ptr<tests::ServeProcess> server_;
};

/// Paths that a reader may get.
const std::vector<std::string> kReadable{"/",
                                         "/conformance",
                                         "/collections",
                                         "/collections/places",
                                         "/collections/places/items",
                                         "/collections/places/items/1",
                                         "/collections/places/queryables",
                                         "/collections/places/nearest?lon=0&lat=0&k=1",
                                         "/collections/places/within?lon=0&lat=0&distance=1",
                                         "/collections/places/tiles",
                                         "/collections/places/tiles/WebMercatorQuad/0/0/0",
                                         "/tileMatrixSets/WebMercatorQuad",
                                         "/jobs",
                                         "/openapi.json",
                                         "/metrics"};

TEST_F(HttpAccess, NobodyComesInWithoutAKeyThatIsGood) {
    const std::string reader = new_key({"--role", "reader"});
    const std::string expired = new_key({"--role", "reader", "--expires", "2099-01-01T00:00:00Z"});
    std::string records = tests::read_file(keys());
    records.replace(records.find("2099"), 4, "2020");
    directory_.file("keys.json", records);
    serve({"--keys", keys()});
    for (const std::string& path : kReadable) {
        EXPECT_EQ(get(path, reader).status, 200) << path;
        const auto none = get(path);
        EXPECT_EQ(none.status, 401) << path;
        EXPECT_THAT(none.header, HasSubstr("WWW-Authenticate: Bearer realm=\"crowfly\"\r\n"));
        for (const std::string& bad : {expired, reader + "0", reader.substr(0, 70), std::string("crowfly_"),
                                       std::string("eyJhbGciOiJub25lIn0.e30."), std::string("\x01\xff")}) {
            const auto refused = get(path, bad);
            EXPECT_EQ(refused.status, bad == "\x01\xff" ? 400 : 401) << path << " " << bad;
            EXPECT_THAT(refused.body, Not(HasSubstr("expired")));
        }
        EXPECT_EQ(send("GET", path, {"Authorization: Basic " + reader}).status, 401) << path;
    }
    EXPECT_EQ(send("POST", "/knn/search", {}, kSearch).status, 401);
    EXPECT_EQ(send("POST", "/knn/search", {"authorization: bearer " + reader}, kSearch).status, 200);
    EXPECT_EQ(get("/nowhere").status, 401);
    EXPECT_EQ(get("/nowhere", reader).status, 404);
    EXPECT_EQ(get("/healthz").status, 200);
    EXPECT_EQ(get("/readyz").status, 200);
}

TEST_F(HttpAccess, WhoWritesNeedsTheRole) {
    struct Write {
        std::string method;
        std::string path;
        std::string type;
        std::string body;
        int status;  // for who may
    };
    const std::string feature =
        R"({"type":"Feature","id":"n","geometry":{"type":"Point","coordinates":[1,1]},"properties":{}})";
    const std::vector<Write> writes{
        {"POST", "/collections/places/items", "application/geo+json", feature, 201},
        {"PUT", "/collections/places/items/n", "application/geo+json", feature, 204},
        {"PATCH", "/collections/places/items/n", "application/merge-patch+json",
         R"({"properties":{"name":"x"}})", 204},
        {"POST", "/collections/places/positions", "application/x-ndjson", R"({"id":"n","lon":2,"lat":2})",
         200},
        {"DELETE", "/collections/places/items/n", "", "", 204},
        {"POST", "/collections/places/imports", "text/csv", "id,lon,lat\n9,1,1\n", 202}};
    const std::string reader = new_key({"--role", "reader"});
    const std::string writer = new_key({"--role", "writer"});
    const std::string of_others = new_key({"--role", "admin", "--collection", "others"});
    serve({"--keys", keys()});
    for (const Write& write : writes) {
        const auto status = [&](const std::string& key) {
            std::vector<std::string> fields;
            if (!key.empty()) fields.push_back("Authorization: Bearer " + key);
            if (!write.type.empty()) fields.push_back("Content-Type: " + write.type);
            return send(write.method, write.path, fields, write.body).status;
        };
        SCOPED_TRACE(write.method + " " + write.path);
        EXPECT_EQ(status({}), 401);
        EXPECT_EQ(status(reader), 403);
        EXPECT_EQ(status(of_others), 403);
        EXPECT_EQ(status(writer), write.status);
    }
    EXPECT_EQ(send("POST", "/collections/new/imports?create=true",
                   {"Authorization: Bearer " + writer, "Content-Type: text/csv"}, "id,lon,lat\n9,1,1\n")
                  .status,
              403);
}

TEST_F(HttpAccess, AKeyOfACollectionIsForThatAlone) {
    const std::string key = new_key({"--role", "reader", "--collection", "others"});
    serve({"--keys", keys()});
    EXPECT_EQ(get("/collections/others/items", key).status, 200);
    for (const char* path :
         {"/collections/places", "/collections/places/items", "/collections/places/items/1",
          "/collections/places/nearest?lon=0&lat=0", "/collections/absent/items"})
        EXPECT_EQ(get(path, key).status, 403) << path;
    EXPECT_THAT(get("/collections", key).body, Not(HasSubstr("places\"")));
    EXPECT_EQ(send("POST", "/knn/search", {"Authorization: Bearer " + key}, kSearch).status, 403);
}

TEST_F(HttpAccess, AKeyThatIsRevokedOpensNothingWithinSeconds) {
    const std::string key = new_key({"--role", "reader"});
    serve({"--keys", keys()});
    ASSERT_EQ(get("/collections", key).status, 200);
    done({"key", "revoke", "--keys", keys(), key.substr(8, 12)});
    while (get("/collections", key).status != 401) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const std::string later = new_key({"--role", "reader"});
    while (get("/collections", later).status != 200)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

TEST_F(HttpAccess, AnonymousMayHaveARole) {
    new_key({"--role", "writer"});
    serve({"--keys", keys(), "--anonymous", "reader"});
    EXPECT_EQ(get("/collections").status, 200);
    EXPECT_EQ(get("/collections", "crowfly_0").status, 401) << "what is sent must be good";
}

TEST_F(HttpAccess, WhoSendsTooManyIsToldWhenToTryAgain) {
    serve({"--rate-per-address", "0.01", "--burst-per-address", "2"});
    EXPECT_EQ(get("/collections").status, 200);
    EXPECT_EQ(get("/collections").status, 200);
    const auto refused = get("/collections");
    EXPECT_EQ(refused.status, 429);
    EXPECT_THAT(refused.header, testing::ContainsRegex("Retry-After: [0-9]+\r\n"));
    EXPECT_EQ(get("/healthz").status, 200);
}

TEST_F(HttpAccess, AKeyHasARateOfItsOwn) {
    const std::string first = new_key({"--role", "reader"});
    const std::string second = new_key({"--role", "reader"});
    serve({"--keys", keys(), "--rate-per-key", "0.01", "--burst-per-key", "1"});
    EXPECT_EQ(get("/collections", first).status, 200);
    EXPECT_EQ(get("/collections", first).status, 429);
    EXPECT_EQ(get("/collections", second).status, 200);
}

TEST_F(HttpAccess, PagesOfOtherOriginsMayReadOnlyWhenTheyAreNamed) {
    const std::string preflight = "Access-Control-Request-Method: POST";
    serve({});
    EXPECT_THAT(send("GET", "/collections", {"Origin: https://a.example"}).header,
                Not(HasSubstr("Access-Control")));
    EXPECT_EQ(send("OPTIONS", "/knn/search", {"Origin: https://a.example", preflight}).status, 405);
    serve({"--cors-origin", "https://a.example"});
    EXPECT_THAT(send("GET", "/collections", {"Origin: https://a.example"}).header,
                HasSubstr("Access-Control-Allow-Origin: https://a.example\r\n"));
    EXPECT_THAT(send("GET", "/nowhere", {"Origin: https://a.example"}).header,
                HasSubstr("Access-Control-Allow-Origin: https://a.example\r\n"))
        << "a problem is to be read too";
    EXPECT_THAT(send("GET", "/collections", {"Origin: https://b.example"}).header,
                Not(HasSubstr("Access-Control-Allow-Origin")));
    const auto asked = send("OPTIONS", "/knn/search", {"Origin: https://a.example", preflight});
    EXPECT_EQ(asked.status, 204);
    EXPECT_THAT(asked.header, HasSubstr("Access-Control-Allow-Methods: POST\r\n"));
    EXPECT_THAT(asked.header, HasSubstr("Authorization"));
}

TEST_F(HttpAccess, ALineOfTheLogTellsOfARequestAndNoSecret) {
    const std::string key = new_key({"--role", "reader"});
    const std::string log = directory_.path("requests.log");
    serve({"--keys", keys(), "--request-log", log});
    const std::string trace = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    ASSERT_EQ(send("POST", "/knn/search", {"Authorization: Bearer " + key, trace}, kSearch).status, 200);
    ASSERT_EQ(get("/collections/places/nearest?lon=0.125&lat=0&k=2", key).status, 200);
    ASSERT_EQ(get("/collections/places/nearest?lon=x", key).status, 400);
    ASSERT_EQ(get("/secret-path").status, 401);
    std::filesystem::rename(log, log + ".1");
    server_->stop(SIGTERM);
    const std::string text = tests::read_file(log + ".1");
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4);
    EXPECT_THAT(text, HasSubstr(R"("method":"POST","route":"/knn/search","status":200)"));
    EXPECT_THAT(text, HasSubstr(R"("trace_id":"0af7651916cd43dd8448eb211c80319c")"));
    EXPECT_THAT(text, HasSubstr(R"("route":"/collections/{c}/nearest","status":200)"));
    EXPECT_THAT(text, HasSubstr(R"("collection":"places")"));
    EXPECT_THAT(text, HasSubstr(R"("key":")" + key.substr(8, 12) + "\""));
    EXPECT_THAT(text, HasSubstr(R"("peer":"127.0.0.1")"));
    EXPECT_THAT(text, HasSubstr(R"("status":400)"));
    for (const std::string& secret : {key.substr(21), std::string("secret-path"), std::string("0.125")})
        EXPECT_THAT(text, Not(HasSubstr(secret)));
}

TEST_F(HttpAccess, TheLogGoesOnInANewFileAfterSighup) {
    const std::string log = directory_.path("requests.log");
    serve({"--request-log", log});
    ASSERT_EQ(get("/collections").status, 200);
    std::filesystem::rename(log, log + ".1");
    server_->send(SIGHUP);
    while (!std::filesystem::exists(log)) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ASSERT_EQ(get("/conformance").status, 200);
    server_->stop(SIGTERM);
    EXPECT_THAT(tests::read_file(log + ".1") + tests::read_file(log), HasSubstr(R"("route":"/collections")"));
    EXPECT_THAT(tests::read_file(log), HasSubstr(R"("route":"/conformance")"));
}

TEST_F(HttpAccess, MetricsCountWhatWasAnswered) {
    serve({});
    for (int i = 0; i < 3; ++i) ASSERT_EQ(get("/collections/places/items").status, 200);
    ASSERT_EQ(get("/nowhere").status, 404);
    const auto metrics = get("/metrics");
    EXPECT_EQ(metrics.content_type, "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_THAT(
        metrics.body,
        HasSubstr("crowfly_http_requests_total{route=\"/collections/{c}/items\",status=\"200\"} 3\n"));
    EXPECT_THAT(metrics.body, HasSubstr("crowfly_http_requests_total{route=\"other\",status=\"404\"} 1\n"));
    EXPECT_THAT(metrics.body, HasSubstr("crowfly_places{collection=\"places\"} 2\n"));
    EXPECT_THAT(metrics.body, HasSubstr("crowfly_queue_depth{pool=\"slow\"} 0\n"));
    EXPECT_THAT(metrics.body, HasSubstr("process_resident_memory_bytes"));
}

TEST_F(HttpAccess, SpeaksTls) {
    const std::string certificate = directory_.path("c.pem");
    const std::string key = directory_.path("k.pem");
    const auto made =
        tests::run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-keyout", key, "-out", certificate, "-days", "1", "-subj", "/CN=localhost"});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    serve({"--tls-cert", certificate, "--tls-key", key});
    namespace asio = boost::asio;
    const auto exchange = [&](const std::string& requests) {
        asio::io_context context;
        asio::ssl::context tls(asio::ssl::context::tls_client);
        tls.load_verify_file(certificate);
        tls.set_verify_mode(asio::ssl::verify_peer);
        asio::ssl::stream<asio::ip::tcp::socket> stream(context, tls);
        stream.next_layer().connect({asio::ip::address_v4::loopback(), server_->port()});
        stream.handshake(asio::ssl::stream_base::client);
        asio::write(stream, asio::buffer(requests));
        std::string reply;
        boost::system::error_code error;
        asio::read(stream, asio::dynamic_buffer(reply), error);
        EXPECT_EQ(error, asio::error::eof) << error.message();  // not cut off, but closed by TLS
        return reply;
    };
    const std::string reply = exchange(
        "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /collections HTTP/1.1\r\nHost: a\r\nConnection: "
        "close\r\n\r\n");
    EXPECT_THAT(reply, HasSubstr(R"({"status":"ok"})"));
    EXPECT_THAT(reply, HasSubstr(R"("id":"places")"));
    EXPECT_THAT(reply, HasSubstr("Strict-Transport-Security: "));
    // Without TLS there is no answer, and the server lives on.
    tests::HttpClient plain(server_->port());
    plain.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_THAT(plain.receive_all(), Not(HasSubstr("200")));
    EXPECT_THAT(exchange("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), HasSubstr("200"));
    EXPECT_EQ(server_->stop(SIGTERM), 0);
}

TEST_F(HttpAccess, SettingsComeFromAFileToo) {
    const std::string config = directory_.file("c.toml", "max-k = 1\nsearch-timeout = \"3s\"\n");
    const auto printed = tests::crowfly({"serve", store_, "--config", config, "--print-config"});
    EXPECT_EQ(printed.exit_code, 0);
    EXPECT_THAT(printed.out, HasSubstr("max-k = 1  # by " + config + ", line 1"));
    serve({"--config", config});
    EXPECT_EQ(get("/collections/places/nearest?lon=0&lat=0&k=1").status, 200);
    EXPECT_EQ(get("/collections/places/nearest?lon=0&lat=0&k=2").status, 400);
}

TEST_F(HttpAccess, ASecondServiceOfAStoreHasToBeReadOnly) {
    serve({});
    const auto second = tests::crowfly({"serve", store_, "--listen", "127.0.0.1:0"});
    EXPECT_EQ(second.exit_code, 75);
    EXPECT_THAT(second.err, HasSubstr("--read-only"));
    const tests::ServeProcess reader(store_, {"--read-only"});
    EXPECT_EQ(tests::HttpClient(reader.port()).get("/collections/places/items/1").status, 200);
}

}  // namespace
}  // namespace crowfly
