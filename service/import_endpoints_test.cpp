#include "service/import_endpoints.h"

#include <chrono>
#include <filesystem>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "service/listen_address.h"
#include "service/server.h"
#include "store/memory_collection.h"
#include "tests/support/http_client.h"
#include "tests/support/temporary.h"

namespace crowfly {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

const Schema kSchema{.name = "places", .attributes = {{"size", AttributeType::integer}}};

std::string in_chunks(const std::vector<std::string>& pieces) {
    std::string body;
    for (const std::string& piece : pieces) body += fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
    return body;
}

std::string rows(int from, int to) {
    std::string text;
    for (int i = from; i < to; ++i) text += fmt::format("{},{},{},name {}\n", i, i % 180, i % 90, i);
    return text;
}

std::string packed(const std::string& text) {
    const tests::TemporaryDirectory directory;
    return tests::read_file(directory.file("a.gz", text));
}

/// A server with a collection in a file, that takes imports.
class Imports : public testing::Test {
  protected:
    Imports() { serve(); }
    ~Imports() override { stop(); }

    void serve(sqlite::Access access = sqlite::Access::create) {
        store_ = std::make_unique<EmbeddedStore>(directory_.path("s.gpkg"), access);
        const std::vector metrics{MetricKind::spheroid};
        std::vector<std::unique_ptr<Collection>> all;
        PlaceList none({});
        if (store_->schemas().empty()) all.push_back(store_->create_collection(kSchema, metrics, none));
        for (const Schema& schema : store_->schemas()) {
            if (all.empty() || all.front()->schema().name != schema.name)
                all.push_back(store_->open_collection(schema.name, metrics));
        }
        api_ = std::make_unique<Api>(std::move(all), ApiLimits{},
                                     ApiParts{.imports = {.store = store_.get(),
                                                          .rejects_directory = rejects_directory(),
                                                          .most_running = 2}});
        server_ = std::make_unique<Server>(parse_listen_address("127.0.0.1:0"), 2, ServerLimits{}, *api_);
        thread_ = std::jthread([this] { server_->run(); });
    }

    void stop() {
        if (server_) server_->stop();
        if (thread_.joinable()) thread_.join();
        server_.reset();
        api_.reset();
        store_.reset();
    }

    std::string rejects_directory() const { return directory_.path("rejects"); }
    std::uint16_t port() const { return server_->address().port(); }

    static std::string header(const std::string& target, const std::string& type, const std::string& fields) {
        return fmt::format("POST {} HTTP/1.1\r\nHost: t\r\nContent-Type: {}\r\n{}", target, type, fields);
    }

    tests::HttpReply import(const std::string& body, const std::string& query = {},
                            const std::string& type = "text/csv", const std::string& fields = {}) const {
        tests::HttpClient client(port());
        client.send(header("/collections/places/imports" + query, type,
                           fields + fmt::format("Content-Length: {}\r\n\r\n", body.size())) +
                    body);
        return client.receive();
    }

    tests::HttpReply get(const std::string& path) const { return tests::HttpClient(port()).get(path); }

    int remove(const std::string& path) const {
        tests::HttpClient client(port());
        client.send("DELETE " + path + " HTTP/1.1\r\nHost: t\r\n\r\n");
        return client.receive(false).status;
    }

    /// Where the job of a reply is.
    static std::string location(const tests::HttpReply& reply) {
        constexpr std::string_view kName = "Location: http://t";
        const std::size_t at = reply.header.find(kName);
        if (at == std::string::npos) return {};
        const std::size_t begin = at + kName.size();
        return reply.header.substr(begin, reply.header.find('\r', begin) - begin);
    }

    std::string member(const std::string& path, const std::string& pointer) const {
        simdjson::dom::parser parser;
        const tests::HttpReply reply = get(path);
        simdjson::dom::element value;
        if (parser.parse(reply.body).at_pointer(pointer).get(value) != simdjson::SUCCESS) return {};
        std::string_view text;
        return value.get(text) == simdjson::SUCCESS ? std::string(text) : simdjson::minify(value);
    }

    /// How it has ended.
    std::string wait_for(const std::string& job) const {
        for (;;) {
            const std::string status = member(job, "/status");
            if (status != "running") return status;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }

    std::string count(const std::string& collection = "places") const {
        return member("/collections/" + collection, "/itemCount");
    }

    tests::TemporaryDirectory directory_;
    std::unique_ptr<EmbeddedStore> store_;
    std::unique_ptr<Api> api_;
    std::unique_ptr<Server> server_;
    std::jthread thread_;
};

TEST_F(Imports, AreReadWhileTheyComeAndTellOfRejects) {
    tests::HttpClient client(port());
    client.send(header("/collections/places/imports", "text/csv; charset=utf-8",
                       "Transfer-Encoding: chunked\r\n\r\n"));
    client.send(in_chunks({"id,lon,lat,na", "me\n"}));
    for (int i = 0; i < 100; ++i)
        client.send(in_chunks({rows(1000 * i, 1000 * i + 500), rows(1000 * i + 500, 1000 * (i + 1))}));
    client.send(in_chunks({"bad,500,1,x\n", "worse,1,nowhere,\"y", " z\"\n7,1,1,again\n"}));
    EXPECT_EQ(count(), "0") << "nothing is seen before the end";
    client.send("0\r\n\r\n");
    const tests::HttpReply reply = client.receive();
    EXPECT_EQ(reply.status, 202) << reply.body;
    const std::string job = location(reply);
    EXPECT_THAT(job, MatchesRegex("/jobs/[0-9a-f-]{36}"));
    EXPECT_THAT(reply.body, HasSubstr(R"("kind":"import","collection":"places")"));
    EXPECT_EQ(wait_for(job), "finished");
    EXPECT_EQ(member(job, "/rows_read"), "100003");
    EXPECT_EQ(member(job, "/rows_rejected"), "3");
    EXPECT_EQ(member(job, "/published"), "100000");
    EXPECT_EQ(count(), "100000");
    const tests::HttpReply rejects = get(job + "/rejects");
    EXPECT_EQ(rejects.content_type, "text/csv");
    EXPECT_THAT(rejects.body, MatchesRegex("file,line,column,reason,row\n"
                                           "upload,100002,column 2 \\(lon\\),[^\n]*,\"bad,500,1,x\"\n"
                                           "upload,100003,column 3 \\(lat\\),[^\n]*\n"
                                           "upload,100004,[^\n]*id[^\n]*twice[^\n]*\n"));
    EXPECT_EQ(get(job + "/map").status, 404);
    EXPECT_THAT(get("/jobs").body, HasSubstr(job.substr(6)));
    EXPECT_EQ(get("/jobs/none").status, 404);
}

TEST_F(Imports, ComeInAllFormatsPackedOrNot) {
    const std::string feature =
        R"({"type":"Feature","id":"f1","geometry":{"type":"Point","coordinates":[1,2]},"properties":{"size":7}})";
    struct Body {
        std::string text;
        std::string type;
    };
    int places = 0;
    for (const auto& [text, type] : std::initializer_list<Body>{
             {"id,lon,lat\nc1,1,2\n", "text/csv"},
             {"id\tlon\tlat\nt1\t1\t2\n", "text/tab-separated-values"},
             {R"({"type":"FeatureCollection","features":[)" + feature + "]}", "application/geo+json"}}) {
        EXPECT_EQ(wait_for(location(import(text, "", type))), "finished");
        EXPECT_EQ(count(), std::to_string(++places));
    }
    for (const auto& [text, type] : std::initializer_list<Body>{{feature + "\n", "application/x-ndjson"},
                                                                {"id,lon,lat\nc1,1,3\n", "text/csv"}}) {
        EXPECT_EQ(wait_for(location(import(packed(text), "", type, "Content-Encoding: gzip\r\n"))),
                  "finished");
        EXPECT_EQ(count(), std::to_string(places)) << "replaces";
    }
    EXPECT_THAT(get("/collections/places/items/c1").body, HasSubstr("[1,3]"));
    const std::string columns =
        location(import("key;x1;y1;label\nk;5;6;K\n",
                        "?delimiter=%3B&id_column=key&lon_column=x1&lat_column=y1&name_column=label"));
    EXPECT_EQ(wait_for(columns), "finished");
    EXPECT_THAT(get("/collections/places/items/k").body, HasSubstr(R"("name":"K")"));
}

TEST_F(Imports, EndAtTheFirstFaultWhenTheyAreToldTo) {
    const std::string job = location(import("id,lon,lat\n1,2,3\n2,2,300\n", "?on_error=abort"));
    EXPECT_EQ(wait_for(job), "failed");
    EXPECT_EQ(member(job, "/error/code"), "malformed");
    EXPECT_THAT(member(job, "/error/detail"), HasSubstr("upload:3: column 3 (lat)"));
    EXPECT_EQ(count(), "0");
    const std::string empty = location(import(""));
    EXPECT_EQ(wait_for(empty), "failed");
    EXPECT_THAT(member(empty, "/error/detail"), HasSubstr("header line"));
    const std::string cut = location(import(packed(rows(0, 1000)).substr(0, 300)));
    EXPECT_EQ(wait_for(cut), "failed");
}

TEST_F(Imports, WhatCannotBeDoneIsRefusedBeforeTheBodyComes) {
    const auto refused = [&](const std::string& target, const std::string& type, const std::string& fields) {
        tests::HttpClient client(port());
        client.send(
            header(target, type, fields + "Expect: 100-continue\r\nContent-Length: 100000000\r\n\r\n"));
        const tests::HttpReply reply = client.receive();
        EXPECT_TRUE(client.closed_by_server());
        return reply.status;
    };
    EXPECT_EQ(refused("/collections/none/imports", "text/csv", ""), 404);
    EXPECT_EQ(refused("/collections/places/imports", "application/xml", ""), 415);
    EXPECT_EQ(refused("/collections/places/imports", "text/csv", "Content-Encoding: br\r\n"), 415);
    EXPECT_EQ(refused("/collections/places/imports?mode=some", "text/csv", ""), 400);
    EXPECT_EQ(refused("/collections/places/imports?delimiter=ab", "text/csv", ""), 400);
    EXPECT_EQ(refused("/collections/places/imports?attributes=a:text", "text/csv", ""), 400);
    EXPECT_EQ(refused("/collections/1x/imports?create=true", "text/csv", ""), 422);
}

TEST_F(Imports, NothingStaysOfOneWhoseClientLeaves) {
    {
        tests::HttpClient client(port());
        client.send(header("/collections/places/imports", "text/csv", "Transfer-Encoding: chunked\r\n\r\n") +
                    in_chunks({"id,lon,lat,name\n", rows(0, 50'000)}));
        while (member("/jobs", "/jobs/0/rows_valid").size() < 5) std::this_thread::yield();
    }
    const std::string job = "/jobs/" + member("/jobs", "/jobs/0/id");
    EXPECT_EQ(wait_for(job), "cancelled");
    EXPECT_THAT(member(job, "/error/detail"), HasSubstr("left before the body was whole"));
    EXPECT_EQ(count(), "0");
    EXPECT_EQ(wait_for(location(import("id,lon,lat\n1,2,3\n"))), "finished") << "others are not in its way";
}

TEST_F(Imports, CanBeCancelledWhileTheBodyComes) {
    tests::HttpClient client(port());
    client.send(header("/collections/places/imports", "text/csv", "Transfer-Encoding: chunked\r\n\r\n") +
                in_chunks({"id,lon,lat,name\n", rows(0, 100)}));
    while (member("/jobs", "/jobs/0/id").empty()) std::this_thread::yield();
    const std::string job = "/jobs/" + member("/jobs", "/jobs/0/id");
    EXPECT_EQ(get(job + "/rejects").status, 409);
    EXPECT_EQ(remove(job), 204);
    EXPECT_EQ(wait_for(job), "cancelled");
    EXPECT_EQ(remove(job), 204);
    // What still comes is dropped.
    for (int i = 0; i < 40; ++i) client.send(in_chunks({rows(0, 5'000)}));
    client.send("0\r\n\r\n");
    const tests::HttpReply reply = client.receive();
    EXPECT_EQ(reply.status, 202);
    EXPECT_THAT(reply.body, HasSubstr(R"("status":"cancelled")"));
    EXPECT_EQ(count(), "0");
}

TEST_F(Imports, ThatAreTooManyAreRefused) {
    std::vector<std::unique_ptr<tests::HttpClient>> clients;
    for (int i = 0; i < 2; ++i) {
        clients.push_back(std::make_unique<tests::HttpClient>(port()));
        clients.back()->send(
            header("/collections/places/imports", "text/csv", "Transfer-Encoding: chunked\r\n\r\n"));
    }
    while (member("/jobs", "/jobs/1/id").empty()) std::this_thread::yield();
    const tests::HttpReply refused = import("id,lon,lat\n1,2,3\n");
    EXPECT_EQ(refused.status, 503);
    EXPECT_THAT(refused.body, HasSubstr("2 imports are running"));
    EXPECT_THAT(refused.header, HasSubstr("Retry-After: "));
}

TEST_F(Imports, InBatchesAreSeenWhileTheyCome) {
    tests::HttpClient client(port());
    client.send(header("/collections/places/imports?mode=batches&batch_rows=100", "text/csv",
                       "Transfer-Encoding: chunked\r\n\r\n") +
                in_chunks({"id,lon,lat,name\n", rows(0, 1000)}));
    while (count() == "0") std::this_thread::yield();
    client.send("0\r\n\r\n");
    EXPECT_EQ(wait_for(location(client.receive())), "finished");
    EXPECT_EQ(count(), "1000");
}

TEST_F(Imports, MayMakeACollection) {
    tests::HttpClient client(port());
    const std::string body = "id,lon,lat,n,open\n1,2,3,4,true\n2,3,4,x,true\n";
    client.send(header("/collections/shops/imports?create=true&attributes=n:integer,open:boolean", "text/csv",
                       fmt::format("Content-Length: {}\r\n\r\n", body.size())) +
                body);
    const std::string job = location(client.receive());
    EXPECT_EQ(wait_for(job), "finished");
    EXPECT_EQ(member(job, "/rows_rejected"), "1");
    EXPECT_EQ(count("shops"), "1");
    EXPECT_THAT(get("/collections/shops/queryables").body, HasSubstr(R"("n":{"type":"integer"})"));
    stop();
    serve();
    EXPECT_EQ(count("shops"), "1");
}

TEST_F(Imports, WithAKeyAreDoneOnce) {
    const std::string key = "Idempotency-Key: k1\r\n";
    const std::string job = location(import("id,lon,lat\n1,2,3\n", "", "text/csv", key));
    EXPECT_EQ(wait_for(job), "finished");
    const tests::HttpReply again = import("id,lon,lat\n1,2,3\n", "", "text/csv", key);
    EXPECT_EQ(again.status, 202);
    EXPECT_EQ(location(again), job);
    EXPECT_THAT(again.header, HasSubstr("Idempotency-Replayed: true"));
    EXPECT_EQ(member("/jobs", "/jobs/1/id"), "");
    EXPECT_EQ(import("id,lon,lat\n1,2,3\n", "?mode=batches", "text/csv", key).status, 422);
    const std::string other = "Idempotency-Key: k2\r\n";
    {
        tests::HttpClient client(port());
        client.send(
            header("/collections/places/imports", "text/csv", other + "Transfer-Encoding: chunked\r\n\r\n"));
        while (member("/jobs", "/jobs/1/id").empty()) std::this_thread::yield();
        EXPECT_EQ(import("id,lon,lat\n1,2,3\n", "", "text/csv", other).status, 409);
    }
    const std::string left = "/jobs/" + member("/jobs", "/jobs/1/id");
    EXPECT_EQ(wait_for(left), "cancelled");
    while (import("id,lon,lat\n1,2,3\n", "", "text/csv", other).status == 409) std::this_thread::yield();
    EXPECT_NE(member("/jobs", "/jobs/2/id"), "");
}

TEST_F(Imports, WhatWasImportedIsThereAfterARestart) {
    EXPECT_EQ(wait_for(location(import("id,lon,lat,name\n" + rows(0, 5000)))), "finished");
    EXPECT_FALSE(std::filesystem::is_empty(rejects_directory()));
    stop();
    EXPECT_FALSE(std::filesystem::exists(rejects_directory())) << "with its reports";
    serve();
    EXPECT_EQ(count(), "5000");
    EXPECT_EQ(get("/collections/places/items/4999").status, 200);
}

TEST_F(Imports, ReportsThatWereLeftBehindAreRemoved) {
    stop();
    std::filesystem::create_directory(rejects_directory());
    directory_.file("rejects/old.rejects.csv", "x");
    directory_.file("rejects/other.txt", "x");
    serve();
    EXPECT_FALSE(std::filesystem::exists(rejects_directory() + "/old.rejects.csv"));
    EXPECT_TRUE(std::filesystem::exists(rejects_directory() + "/other.txt"));
}

TEST_F(Imports, OfAStoreThatIsOnlyReadAreForbidden) {
    stop();
    serve(sqlite::Access::read_only);
    EXPECT_EQ(import("id,lon,lat\n1,2,3\n").status, 403);
    stop();
}

TEST_F(Imports, NeedAStore) {
    std::vector<std::unique_ptr<Collection>> all;
    all.push_back(std::make_unique<MemoryCollection>(kSchema, std::vector{MetricKind::spheroid}));
    Api api(std::move(all));
    const Admission admission = api.admit({.method = "POST", .path = "/collections/places/imports"});
    ASSERT_TRUE(admission.refusal);
    EXPECT_EQ(admission.refusal->status, 501);
}

}  // namespace
}  // namespace crowfly
