#include "service/cluster_endpoint.h"

#include <map>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "core/cluster/scan_dbscan.h"
#include "core/place_id.h"
#include "formats/wkt.h"
#include "service/cluster_job.h"
#include "store/embedded/embedded_store.h"
#include "store/memory_collection.h"
#include "tests/support/seed.h"
#include "tests/support/streamed.h"
#include "tests/support/temporary.h"

namespace crowfly {
namespace {

using simdjson::dom::element;
using testing::HasSubstr;

std::vector<Place> any_places(tests::Random& random, std::size_t count) {
    std::vector<Place> places;
    for (std::size_t i = 0; i < count; ++i) {
        const LonLat town{static_cast<double>(random.below(4)) / 10, 89.5};
        places.push_back(
            {.id = random.below(2) == 0 ? std::to_string(2 * count - i) : fmt::format("p{}", i),
             .position = {town.lon + random.uniform(-1, 1), town.lat + random.uniform(-0.02, 0.02)},
             .category = i % 3 == 0 ? "third" : "",
             .properties = {{"size", static_cast<std::int64_t>(i % 10)}}});
    }
    return places;
}

Schema schema(Crs crs = Crs::wgs84) {
    return {.name = "places", .crs = crs, .attributes = {{"size", AttributeType::integer}}};
}

std::vector<std::unique_ptr<Collection>> served(const std::vector<Place>& places, Crs crs = Crs::wgs84) {
    const MetricKind metric = crs == Crs::wgs84 ? MetricKind::spheroid : MetricKind::plane;
    std::vector<std::unique_ptr<Collection>> all;
    all.push_back(std::make_unique<MemoryCollection>(schema(crs), std::vector{metric}));
    PlaceList list(places);
    all.back()->upsert(list);
    return all;
}

HttpResponse post(const Api& api, std::string_view body, std::string_view query = {},
                  std::string_view prefer = {}) {
    boost::beast::http::fields fields;
    fields.set("Host", "crowfly.test");
    if (!prefer.empty()) fields.set("Prefer", boost::beast::string_view(prefer.data(), prefer.size()));
    return api.handle({.method = "POST",
                       .path = "/collections/places/clusters",
                       .query = query,
                       .body = body,
                       .fields = &fields});
}

/// The place's cluster, by its id.
std::map<std::string, std::int64_t> labels_in(const std::string& lines) {
    std::map<std::string, std::int64_t> labels;
    simdjson::dom::parser parser;
    for (const element line : parser.parse_many(lines))
        EXPECT_TRUE(labels.emplace(std::string_view(line["id"]), std::int64_t(line["cluster"])).second);
    return labels;
}

/// As the scan has them, among those places that count.
template <class Counts>
std::map<std::string, std::int64_t> scanned(const std::vector<Place>& places, MetricKind metric, double eps,
                                            std::size_t min_points, const Counts& counts) {
    std::vector<const Place*> those;
    std::vector<LonLat> positions;
    for (const Place& place : places) {
        if (!counts(place)) continue;
        those.push_back(&place);
        positions.push_back(place.position);
    }
    const auto found =
        scan_dbscan(positions, metric, {.eps = eps, .min_points = min_points, .order = [&](auto a, auto b) {
                                            return compare_ids(those[a]->id, those[b]->id) < 0;
                                        }});
    std::map<std::string, std::int64_t> labels;
    for (std::size_t i = 0; i < those.size(); ++i) labels.emplace(those[i]->id, found.labels[i]);
    return labels;
}

TEST(ClusterEndpoint, LabelsAreThoseOfTheScan) {
    tests::Random random;
    const tests::TemporaryDirectory directory;
    for (int trial = 0; trial < 20; ++trial) {
        SCOPED_TRACE(trial);
        const auto places = any_places(random, 1 + random.below(400));
        auto collections = served(places);
        if (trial % 2 == 0) {
            // There the filter reads the file.
            const EmbeddedStore store(directory.path(fmt::format("{}.gpkg", trial)), sqlite::Access::create);
            PlaceList list(places);
            collections.clear();
            collections.push_back(store.create_collection(schema(), {MetricKind::spheroid}, list));
        }
        const Api api(std::move(collections));
        const double eps = std::floor(random.uniform(0, 3000));
        const std::size_t min_points = 1 + random.below(8);
        const MetricKind metric = random.below(2) == 0 ? MetricKind::spheroid : MetricKind::sphere;
        const bool boxed = random.below(2) == 0, filtered = random.below(2) == 0;
        std::string body = fmt::format(R"({{"eps_meters":{},"min_points":{},"metric":"{}","result":"labels")",
                                       eps, min_points, name(metric));
        if (boxed) body += R"(,"bbox":[-0.5,89.49,0.5,89.6])";
        if (filtered)
            body += R"(,"filter":{"op":">","args":[{"property":"size"},2]},"filter-lang":"cql2-json")";
        const Area box = Area::box(-0.5, 89.49, 0.5, 89.6, Crs::wgs84);
        const auto expected = scanned(places, metric, eps, min_points, [&](const Place& place) {
            if (boxed && !box.contains(place.position)) return false;
            return !filtered || std::get<std::int64_t>(place.properties[0].value) > 2;
        });
        const auto response = post(api, body + "}");
        ASSERT_EQ(response.status, 200) << response.body;
        EXPECT_EQ(response.content_type, "application/x-ndjson");
        EXPECT_EQ(labels_in(tests::whole_body(response)), expected);
        const std::string csv = tests::whole_body(post(api, body + "}", "f=csv"));
        EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), static_cast<long>(expected.size()) + 1);
        for (const auto& [id, cluster] : expected)
            EXPECT_THAT(csv, HasSubstr(fmt::format("\n{},{}\n", id, cluster)));
    }
}

TEST(ClusterEndpoint, ASummaryHasHullSizeCentroidAndExtent) {
    const Api api(served({{.id = "a", .position = {0, 0}},
                          {.id = "b", .position = {0.001, 0}},
                          {.id = "c", .position = {0, 0.001}},
                          {.id = "far", .position = {50, 0}}}));
    const auto response = post(api, R"({"eps_meters":200,"min_points":2})");
    ASSERT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.content_type, "application/geo+json");
    const std::string text = tests::whole_body(response);
    simdjson::dom::parser parser;
    const element answer = parser.parse(text);
    EXPECT_EQ(std::string_view(answer["type"]), "FeatureCollection");
    EXPECT_EQ(std::int64_t(answer["places"]), 4);
    EXPECT_EQ(std::int64_t(answer["noise"]), 1);
    ASSERT_EQ(simdjson::dom::array(answer["features"]).size(), 1U);
    const element cluster = answer.at_pointer("/features/0");
    EXPECT_EQ(std::int64_t(cluster["id"]), 0);
    EXPECT_EQ(std::string_view(cluster.at_pointer("/geometry/type")), "Polygon");
    EXPECT_EQ(std::int64_t(cluster.at_pointer("/properties/size")), 3);
    EXPECT_NEAR(double(cluster.at_pointer("/properties/centroid/0")), 0.001 / 3, 1e-9);
    EXPECT_EQ(double(cluster.at_pointer("/bbox/2")), 0.001);
    for (const std::string_view hull : {R"("hull":"concave","ratio":0.5)", R"("hull":"none")"}) {
        const std::string other =
            tests::whole_body(post(api, fmt::format(R"({{"eps_meters":200,"min_points":2,{}}})", hull)));
        EXPECT_THAT(other, HasSubstr(hull.find("none") != hull.npos ? "\"Point\"" : "\"Polygon\""));
    }
}

TEST(ClusterEndpoint, ShapesStandAtTheirCentroidsWhenThatIsAskedFor) {
    std::vector<Place> places{{.id = "a", .position = {1, 1}}, {.id = "square"}};
    places[1].set_geometry(parse_wkt("POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))"));
    const Api api(served(places, Crs::planar));
    const auto refused = post(api, R"({"eps_meters":0.5,"min_points":2,"result":"labels"})");
    EXPECT_EQ(refused.status, 422);
    EXPECT_THAT(refused.body, HasSubstr("place \\\"square\\\": is a Polygon"));
    EXPECT_EQ(labels_in(tests::whole_body(
                  post(api, R"({"eps_meters":0.5,"min_points":2,"result":"labels","match":"centroid"})"))),
              (std::map<std::string, std::int64_t>{{"a", 0}, {"square", 0}}));
}

TEST(ClusterEndpoint, TellsAllThatIsWrong) {
    const Api api(served({{.id = "a", .position = {1, 1}}}));
    const auto refused = post(
        api, R"({"eps_meters":-1,"min_points":0,"metric":"taxi","result":"all","hull":"round","ratio":0.1,)"
             R"("bbox":[1,2,3],"filter":{"op":"?"},"match":1,"radius":5})");
    EXPECT_EQ(refused.status, 422);
    for (const char* pointer : {"#/eps_meters", "#/min_points", "#/metric", "#/result", "#/hull", "#/ratio",
                                "#/bbox", "#/filter", "#/match", "#/radius"})
        EXPECT_THAT(refused.body, HasSubstr(fmt::format("\"pointer\":\"{}\"", pointer)));
    const auto expect = [&](int status, std::string_view text, std::string_view body,
                            std::string_view query = {}) {
        const auto response = post(api, body, query);
        EXPECT_EQ(response.status, status) << body;
        EXPECT_THAT(response.body, HasSubstr(text));
    };
    expect(400, "is not JSON", "{");
    expect(422, "expected an object", "[]");
    expect(422, "#/eps_meters", "{}");
    expect(422, "colour", R"({"eps_meters":1,"filter":"colour = 'red'"})");
    expect(422, "expected CQL2 text", R"({"eps_meters":1,"filter":{"op":"not"},"filter-lang":"cql2-text"})");
    expect(422, "is of the clusters", R"({"eps_meters":1,"result":"labels","hull":"convex"})");
    expect(422, "expected one of them",
           R"({"eps_meters":1,"bbox":[0,0,1,1],"area":{"type":"Polygon","coordinates":[]}})");
    expect(400, "expected one of geojson", R"({"eps_meters":1})", "f=csv");
    const Api planar(served({}, Crs::planar));
    EXPECT_THAT(post(planar, R"({"eps_meters":1,"metric":"sphere"})").body, HasSubstr("#/metric"));
}

/// Asks for the result of a job until there is one.
HttpResponse awaited(const Api& api, const HttpResponse& begun) {
    simdjson::dom::parser parser;
    const std::string path =
        "/jobs/" + std::string(std::string_view(parser.parse(begun.body)["id"])) + "/result";
    for (;;) {
        HttpResponse response = api.handle({.method = "GET", .path = path});
        if (response.status != 409) return response;
        std::this_thread::yield();
    }
}

TEST(ClusterEndpoint, ManyPlacesBecomeAJobWithTheSameResult) {
    tests::Random random;
    const auto places = any_places(random, 500);
    ApiLimits limits;
    limits.most_cluster_places = 400;
    const Api few(served(places));
    const Api many(served(places), limits);
    const std::string body = R"({"eps_meters":900,"min_points":4,"filter":"size < 9"})";
    const std::string whole = tests::whole_body(post(few, body));
    const auto begun = post(many, body);
    EXPECT_EQ(begun.status, 202);
    EXPECT_THAT(begun.body, HasSubstr(R"("kind":"clusters","collection":"places","status":")"));
    ASSERT_EQ(begun.headers.size(), 1U);
    EXPECT_THAT(begun.headers[0].second, testing::StartsWith("http://crowfly.test/jobs/"));
    EXPECT_EQ(tests::whole_body(awaited(many, begun)), whole);
    // Fewer than that count here.
    EXPECT_EQ(post(many, R"({"eps_meters":900,"min_points":4,"filter":"size < 5"})").status, 200);
    const auto preferred = post(few, body, {}, "handling=strict, Respond-Async;x=1");
    EXPECT_EQ(preferred.status, 202);
    EXPECT_EQ(preferred.headers.back().second, "respond-async");
    EXPECT_EQ(tests::whole_body(awaited(few, preferred)), whole);
    EXPECT_EQ(many.handle({.method = "GET", .path = "/jobs/none/result"}).status, 404);
}

TEST(ClusterEndpoint, AJobThatCannotBeDoneSaysWhy) {
    std::vector<Place> places{{.id = "line"}};
    places[0].set_geometry(parse_wkt("LINESTRING (0 0, 1 1)"));
    const Api api(served(places));
    const auto begun = post(api, R"({"eps_meters":900})", {}, "respond-async");
    EXPECT_EQ(begun.status, 202);
    EXPECT_EQ(awaited(api, begun).status, 404);
}

TEST(ClusterJob, EndsWhenItIsCancelledAndTellsHowItEnded) {
    const auto status_of = [](const ClusterJob& job) {
        std::string text;
        JsonWriter json(text);
        json.begin_object();
        job.write_status(json);
        json.end_object();
        return text;
    };
    tests::Random random;
    const std::shared_ptr<const Collection> collection = std::move(served(any_places(random, 100)).front());
    const auto task = [&] {
        return std::make_unique<ClusterTask>(collection, ClusterRequest{.eps = 100, .labels = true});
    };
    ClusterJob cancelled(task(), RowFormat::csv, false);
    EXPECT_THAT(status_of(cancelled), HasSubstr(R"("status":"running","phase":"waiting")"));
    cancelled.cancel();
    EXPECT_FALSE(cancelled.has_ended());
    cancelled.run(serial_executor());
    EXPECT_TRUE(cancelled.has_ended());
    EXPECT_THAT(status_of(cancelled), HasSubstr(R"("status":"cancelled")"));
    EXPECT_FALSE(cancelled.product("result"));
    ClusterJob done(task(), RowFormat::csv, false);
    done.run(serial_executor());
    EXPECT_THAT(status_of(done), HasSubstr(R"("status":"finished")"));
    EXPECT_THAT(status_of(done), HasSubstr(R"("places":100)"));
    EXPECT_FALSE(done.product("rejects"));
    ASSERT_TRUE(done.product("result"));
    EXPECT_THAT(tests::whole_body(*done.product("result")), testing::StartsWith("id,cluster\n"));
}

}  // namespace
}  // namespace crowfly
