#include <limits>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "formats/json_writer.h"
#include "tests/support/cases.h"
#include "tests/support/http_client.h"
#include "tests/support/process.h"
#include "tests/support/temporary.h"

namespace crowfly {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kCentimetre = 0.01;

/// Whether the contract of /knn/search has words for the case.
bool can_be_said(const tests::Case& expected) {
    return expected.metric == MetricKind::spheroid && expected.k <= 100 &&
           (expected.max_distance == kInf || expected.max_distance <= 50'000);
}

std::string request_of(const tests::Case& expected, std::string_view collection) {
    std::string body;
    JsonWriter json(body);
    json.begin_object()
        .key("point")
        .begin_object()
        .key("type")
        .string("Point")
        .key("coordinates")
        .begin_array();
    json.number(expected.query.lon)
        .number(expected.query.lat)
        .end_array()
        .end_object()
        .key("k")
        .number(expected.k);
    json.key("collection").string(collection);
    if (expected.max_distance != kInf) json.key("max_radius_meters").number(expected.max_distance);
    if (expected.match != Match::geometry) json.key("match").string(name(expected.match));
    if (expected.category) json.key("category_filter").string(*expected.category);
    json.end_object();
    return body;
}

TEST(Cases, OfTheService) {
    const tests::TemporaryDirectory directory;
    const std::string store = directory.path("store.gpkg");
    std::vector<tests::Case> cases;
    for (tests::Case& expected : tests::all_cases()) {
        if (can_be_said(expected)) cases.push_back(std::move(expected));
    }
    ASSERT_GE(cases.size(), 15U);
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const auto import =
            tests::crowfly({"import", directory.file("places.csv", tests::csv_of(cases[i].places)), "--to",
                            store, "--collection", "case-" + std::to_string(i)});
        ASSERT_EQ(import.exit_code, 0) << cases[i].name << ": " << import.err;
    }
    const tests::ServeProcess server(store);
    tests::HttpClient client(server.port());
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const auto reply = client.post("/knn/search", request_of(cases[i], "case-" + std::to_string(i)));
        ASSERT_EQ(reply.status, 200) << cases[i].name << ": " << reply.body;
        EXPECT_EQ(reply.content_type, "application/geo+json");
        simdjson::dom::parser parser;
        const simdjson::dom::element answer = parser.parse(reply.body);
        std::vector<tests::CaseRow> found;
        for (const simdjson::dom::element feature : simdjson::dom::array(answer["features"])) {
            found.push_back({std::string(std::string_view(feature["id"])),
                             double(feature["properties"]["distance_meters"])});
        }
        tests::expect_answer(cases[i], found, kCentimetre);
    }
}

}  // namespace
}  // namespace crowfly
