#include <memory>
#include <stdexcept>

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

constexpr const char* kGood = R"({"point":{"type":"Point","coordinates":[0,0]},"k":1})";

class Service : public testing::Test {
  protected:
    Service() {
        const auto import = tests::crowfly(
            {"import", directory_.file("a.csv", "id,name,category,lon,lat\n1,One,c,0,0\n2,Two,d,0,1\n"),
             "--to", directory_.path("s.gpkg")});
        if (import.exit_code != 0) throw std::runtime_error(import.err);
        server_ = std::make_unique<tests::ServeProcess>(directory_.path("s.gpkg"));
    }

    tests::HttpReply post(std::string_view body) const {
        return tests::HttpClient(server_->port()).post("/knn/search", body);
    }

    tests::TemporaryDirectory directory_;
    std::unique_ptr<tests::ServeProcess> server_;
};

TEST_F(Service, EveryMalformedRequestGetsItsProblem) {
    struct Bad {
        std::string body;
        int status;
        std::string pointer;  // empty: the body as a whole
    };
    const auto point = [](const std::string& value) { return R"({"k":1,"point":)" + value + "}"; };
    const auto k = [](const std::string& value) {
        return R"({"point":{"type":"Point","coordinates":[0,0]},"k":)" + value + "}";
    };
    const std::vector<Bad> requests{
        {"", 400, ""},
        {"{", 400, ""},
        {"not json", 400, ""},
        {k("NaN"), 400, ""},
        {k("nan"), 400, ""},
        {k("-Infinity"), 400, ""},
        {point(R"({"type":"Point","coordinates":[NaN,0]})"), 400, ""},
        {point(R"({"type":"Point","coordinates":[1e999,0]})"), 400, ""},
        {std::string(5000, '['), 400, ""},
        {"[]", 422, "#"},
        {"7", 422, "#"},
        {k("0"), 422, "#/k"},
        {k("101"), 422, "#/k"},
        {k("2.5"), 422, "#/k"},
        {k("-3"), 422, "#/k"},
        {k("\"10\""), 422, "#/k"},
        {k("\"NaN\""), 422, "#/k"},
        {k("null"), 422, "#/k"},
        {R"({"k":1})", 422, "#/point"},
        {point("null"), 422, "#/point"},
        {point("[0,0]"), 422, "#/point"},
        {point(R"({"type":"Point","coordinates":[0,91]})"), 422, "#/point/coordinates/1"},
        {point(R"({"type":"Point","coordinates":[181,0]})"), 422, "#/point/coordinates/0"},
        {point(R"({"type":"Point","coordinates":["NaN",0]})"), 422, "#/point/coordinates/0"},
        {point(R"({"type":"Point","coordinates":[]})"), 422, "#/point/coordinates"},
        {point(R"({"type":"LineString","coordinates":[[0,0],[1,1]]})"), 422, "#/point/type"},
        {R"({"point":{"type":"Point","coordinates":[0,0]},"k":1,"limit":5})", 422, "#/limit"},
        {R"({"point":{"type":"Point","coordinates":[0,0]},"k":1,"max_radius_meters":0})", 422,
         "#/max_radius_meters"},
        {R"({"point":{"type":"Point","coordinates":[0,0]},"k":1,"max_radius_meters":50001})", 422,
         "#/max_radius_meters"},
        {R"({"point":{"type":"Point","coordinates":[0,0]},"k":1,"category_filter":1})", 422,
         "#/category_filter"},
        {R"({"point":{"type":"Point","coordinates":[0,0]},"k":1,"collection":"x"})", 422, "#/collection"},
        {std::string(2U << 20U, ' '), 413, ""},
    };
    for (const Bad& bad : requests) {
        SCOPED_TRACE(bad.body.substr(0, 100));
        const auto reply = post(bad.body);
        EXPECT_EQ(reply.status, bad.status) << reply.body;
        EXPECT_EQ(reply.content_type, "application/problem+json");
        simdjson::dom::parser parser;
        simdjson::dom::element problem;
        ASSERT_EQ(parser.parse(reply.body).get(problem), simdjson::SUCCESS) << reply.body;
        EXPECT_EQ(std::int64_t(problem["status"]), bad.status);
        for (const char* member : {"type", "title", "detail"})
            EXPECT_FALSE(std::string_view(problem[member]).empty()) << member;
        if (!bad.pointer.empty()) {
            EXPECT_EQ(std::string_view(problem.at_pointer("/errors/0/pointer")), bad.pointer) << reply.body;
        }
        EXPECT_EQ(post(kGood).status, 200) << "the server must go on";
    }
    EXPECT_EQ(server_->stop(SIGTERM), 0);
    EXPECT_THAT(server_->log(), testing::Not(testing::AnyOf(HasSubstr("error"), HasSubstr("exception"),
                                                            HasSubstr("what()"))));
}

TEST_F(Service, AnswersWithWhatTheContractNames) {
    const auto reply = post(kGood);
    EXPECT_EQ(
        reply.body,
        R"({"type":"FeatureCollection","features":[{"type":"Feature","id":"1","geometry":{"type":"Point","coordinates":[0,0]},)"
        R"("properties":{"name":"One","category":"c","rank":1,"distance_meters":0.00}}]})");
    EXPECT_EQ(post(R"({"point":{"type":"Point","coordinates":[50,50]},"k":1,"max_radius_meters":10})").body,
              R"({"type":"FeatureCollection","features":[]})");
}

TEST_F(Service, CollectionsAndHealth) {
    tests::HttpClient client(server_->port());
    EXPECT_EQ(client.get("/healthz").status, 200);
    EXPECT_THAT(client.get("/collections").body,
                testing::AllOf(HasSubstr("\"id\":\"places\""), HasSubstr("\"itemCount\":2"),
                               HasSubstr("\"bbox\":[[0,0,0,1]]")));
    EXPECT_EQ(client.get("/nowhere").status, 404);
    const auto wrong = client.get("/knn/search");
    EXPECT_EQ(wrong.status, 405);
    EXPECT_THAT(wrong.header, HasSubstr("Allow: POST\r\n"));
}

TEST_F(Service, AProblemIsJsonWhateverBytesThePathHas) {
    tests::HttpClient client(server_->port());
    client.send("GET /\xFF\xFE\x01 HTTP/1.1\r\nHost: t\r\n\r\n");
    const auto reply = client.receive();
    simdjson::dom::parser parser;
    EXPECT_EQ(parser.parse(reply.body).error(), simdjson::SUCCESS) << reply.body;
}

TEST_F(Service, CurlsDefaultContentTypeIsTaken) {
    tests::HttpClient client(server_->port());
    client.send(
        "POST /knn/search HTTP/1.1\r\nHost: t\r\nContent-Type: "
        "application/x-www-form-urlencoded\r\nContent-Length: " +
        std::to_string(std::string_view(kGood).size()) + "\r\n\r\n" + kGood);
    EXPECT_EQ(client.receive().status, 200);
}

}  // namespace
}  // namespace crowfly
