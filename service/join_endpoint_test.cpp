#include "service/join_endpoint.h"

#include <bit>
#include <cmath>
#include <limits>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "core/geometry/centroid.h"
#include "core/join/scan_join.h"
#include "core/place_id.h"
#include "formats/geojson_geometry.h"
#include "service/listen_address.h"
#include "service/server.h"
#include "store/memory_collection.h"
#include "tests/support/any_shape.h"
#include "tests/support/http_client.h"
#include "tests/support/seed.h"
#include "tests/support/streamed.h"
#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kNdjson = "application/x-ndjson";

std::unique_ptr<Collection> collection_of(const std::vector<Place>& places, Crs crs = Crs::wgs84) {
    const MetricKind metric = crs == Crs::wgs84 ? MetricKind::spheroid : MetricKind::plane;
    auto collection = std::make_unique<MemoryCollection>(
        Schema{.name = "places", .crs = crs, .attributes = {{"size", AttributeType::integer}}},
        std::vector{metric});
    PlaceList list(places);
    collection->upsert(list);
    return collection;
}

std::vector<std::unique_ptr<Collection>> served(const std::vector<Place>& places, Crs crs = Crs::wgs84) {
    std::vector<std::unique_ptr<Collection>> all;
    all.push_back(collection_of(places, crs));
    return all;
}

struct Headers {
    std::string_view content = kNdjson;
    std::string_view accept = {};
};

HttpResponse join(const Api& api, std::string_view query, std::string_view body, Headers headers = {}) {
    boost::beast::http::fields fields;
    if (!headers.content.empty())
        fields.set(boost::beast::http::field::content_type,
                   boost::beast::string_view(headers.content.data(), headers.content.size()));
    if (!headers.accept.empty())
        fields.set(boost::beast::http::field::accept,
                   boost::beast::string_view(headers.accept.data(), headers.accept.size()));
    return api.handle({.method = "POST",
                       .path = "/collections/places/join",
                       .query = query,
                       .body = body,
                       .fields = &fields});
}

void append_feature(std::string& out, const Place& place) {
    JsonWriter json(out);
    json.begin_object().key("type").string("Feature");
    if (!place.id.empty()) json.key("id").string(place.id);
    json.key("properties").null().key("geometry");
    if (!place.has_geometry) {
        json.null();
    } else {
        write_geojson_geometry(place.shape != nullptr ? *place.shape : Geometry::point(place.position), json);
    }
    json.end_object();
}

std::string lines_of(const std::vector<Place>& places) {
    std::string lines;
    for (const Place& place : places) {
        append_feature(lines, place);
        lines += '\n';
    }
    return lines;
}

/// Places as a side of a join.
struct Side {
    explicit Side(const std::vector<Place>& places) {
        for (std::uint32_t row = 0; row < places.size(); ++row) {
            positions.push_back(places[row].position);
            shapes.push_back(places[row].shape.get());
            if (!places[row].has_geometry) absent.push_back(row);
        }
    }
    JoinSide columns() const { return {positions, shapes, absent}; }

    std::vector<LonLat> positions;
    std::vector<const Geometry*> shapes;
    std::vector<std::uint32_t> absent;
};

std::vector<Place> any_places(tests::Random& random, std::size_t count, bool shapes, std::string_view name) {
    tests::AnyShape any(random, {179, 10}, 3);
    std::vector<Place> places;
    for (std::size_t i = 0; i < count; ++i) {
        const double lon = 179 + random.uniform(-3, 3);
        Place place{.id = random.below(2) == 0 ? std::to_string(1000 - i) : fmt::format("{}{}", name, i),
                    .position = {lon > 180 ? lon - 360 : lon, 10 + random.uniform(-3, 3)},
                    .properties = {{"size", static_cast<std::int64_t>(i % 10)}}};
        if (i > 0 && random.below(3) == 0) place.position = places.back().position;
        if (shapes && random.below(3) == 0) {
            const Geometry shape = any();
            if (!tests::thrown_code([&] {
                    for (const MetricKind metric : {MetricKind::sphere, MetricKind::spheroid})
                        static_cast<void>(centroid(shape, metric));
                }))
                place.set_geometry(shape);
        }
        places.push_back(std::move(place));
    }
    return places;
}

/// What a request asks for, as its parameters and as options of the scan.
struct Asked {
    std::string query;
    JoinOptions options;
};

Asked any_request(tests::Random& random, const std::vector<Place>& objects) {
    Asked asked;
    JoinOptions& options = asked.options;
    options.k = 1 + random.below(6);
    asked.query = fmt::format("k={}", options.k);
    if (random.below(3) == 0) {
        options.max_distance = std::floor(random.uniform(0, 200'000));
        asked.query += fmt::format("&max_distance={}", options.max_distance);
    }
    if (random.below(2) == 0) {
        options.ties = Ties::include;
        asked.query += "&ties=include";
    }
    if (random.below(2) == 0) {
        options.kind = JoinKind::left;
        asked.query += "&kind=left";
    }
    if (random.below(3) == 0) {
        options.match = Match::centroid;
        asked.query += "&match=centroid";
    }
    if (random.below(3) == 0) {
        options.metric = MetricKind::sphere;
        asked.query += "&metric=sphere";
    }
    const bool boxed = random.below(3) == 0, filtered = random.below(3) == 0;
    if (boxed) asked.query += "&bbox=177,8,-179,12";
    if (filtered) asked.query += "&filter=size%20%3E%203";
    if (boxed || filtered) {
        const Area box = Area::box(177, 8, -179, 12, Crs::wgs84);
        options.filter = [&objects, boxed, filtered, box](std::uint32_t row) {
            if (boxed && !box.contains(objects[row].position)) return false;
            return !filtered || row % 10 > 3;
        };
    }
    options.order = [&objects](std::uint32_t a, std::uint32_t b) {
        return compare_ids(objects[a].id, objects[b].id) < 0;
    };
    return asked;
}

TEST(JoinEndpoint, GivesTheRowsOfTheScan) {
    tests::Random random;
    for (int trial = 0; trial < 40; ++trial) {
        const auto objects = any_places(random, 1 + random.below(300), trial % 2 == 1, "o");
        auto queries = any_places(random, random.below(80), trial % 4 >= 2, "q");
        if (!queries.empty() && trial % 5 == 0) queries.front().remove_geometry();
        const Asked asked = any_request(random, objects);
        SCOPED_TRACE(testing::Message() << "trial " << trial << ", " << asked.query);
        const Api api(served(objects));
        const auto response = join(api, asked.query, lines_of(queries));
        ASSERT_EQ(response.status, 200) << response.body;
        EXPECT_EQ(response.content_type, kNdjson);
        const std::string body = tests::whole_body(response);
        simdjson::dom::parser parser;
        std::size_t next = 0;
        const auto expected = scan_join(Side(queries).columns(), Side(objects).columns(), asked.options);
        for (const simdjson::dom::element row : parser.parse_many(body)) {
            ASSERT_LT(next, expected.size());
            const JoinRow& right = expected[next++];
            ASSERT_EQ(std::string_view(row["query_id"]), queries[right.query].id);
            if (right.rank == 0) {
                for (const char* member : {"rank", "object_id", "distance_m"})
                    ASSERT_TRUE(row[member].is_null());
                continue;
            }
            ASSERT_EQ(std::uint64_t(row["rank"]), right.rank);
            ASSERT_EQ(std::string_view(row["object_id"]), objects[right.object].id);
            ASSERT_EQ(double(row["distance_m"]), right.distance);
        }
        EXPECT_EQ(next, expected.size());
    }
}

TEST(JoinEndpoint, PlanarCollectionsAreJoinedOnThePlane) {
    const Api api(
        served({{.id = "a", .position = {300, 400}}, {.id = "b", .position = {900, 0}}}, Crs::planar));
    EXPECT_EQ(tests::whole_body(join(api, "f=csv&k=5&max_distance=500", "id,x,y\nq,0,0\n", {"text/csv"})),
              "query_id,rank,object_id,distance\nq,1,a,500\n");
    EXPECT_THAT(join(api, "metric=spheroid", "id,x,y\nq,0,0\n", {"text/csv"}).body,
                HasSubstr("planar coordinates have only plane"));
}

TEST(JoinEndpoint, TakesAndGivesEveryFormat) {
    const Api api(served({{.id = "a", .position = {1, 1}}, {.id = "b", .position = {-179, 1}}}));
    const std::string csv = "lon,lat\n1,1\n179,1\n";
    const std::string lines = lines_of({{.position = {1, 1}}, {.position = {179, 1}}});
    std::string features = lines.substr(0, lines.size() - 1);
    features[features.find('\n')] = ',';
    const std::string collection = fmt::format(R"({{"type":"FeatureCollection","features":[{}]}})", features);
    const tests::TemporaryDirectory directory;
    const std::string packed = tests::read_file(directory.file("q.csv.gz", csv));
    const std::string rows = tests::whole_body(join(api, "f=csv", csv, {"text/csv"}));
    EXPECT_THAT(rows, StartsWith("query_id,rank,object_id,distance_m\n1,1,a,0\n2,1,b,2226"));
    for (const auto& [body, content] : std::vector<std::pair<std::string, std::string_view>>{
             {lines, kNdjson},
             {lines, "Application/X-NDJSON; charset=utf-8"},
             {collection, "application/geo+json"},
             {collection, "application/json"},
             {"lon\tlat\n1\t1\n179\t1\n", "text/tab-separated-values"},
             {packed, "text/csv"}}) {
        EXPECT_EQ(tests::whole_body(join(api, "f=csv", body, {content})), rows) << content;
        EXPECT_EQ(tests::whole_body(join(api, "", body, {content, "text/html, text/csv"})), rows) << content;
    }
    const std::string ndjson = tests::whole_body(join(api, "", csv, {"text/csv", "*/*"}));
    EXPECT_THAT(ndjson, StartsWith("{\"query_id\":\"1\",\"rank\":1,\"object_id\":\"a\",\"distance_m\":0}\n"));
    const auto lines_on_map = join(api, "", csv, {"text/csv", "application/geo+json"});
    EXPECT_EQ(lines_on_map.content_type, "application/geo+json");
    simdjson::dom::parser parser;
    const std::string text = tests::whole_body(lines_on_map);
    const simdjson::dom::element answer = parser.parse(text);
    EXPECT_EQ(std::string_view(answer["type"]), "FeatureCollection");
    EXPECT_EQ(simdjson::dom::array(answer["features"]).size(), 2U);
    EXPECT_EQ(std::string_view(answer.at_pointer("/features/1/geometry/type")), "MultiLineString");
    EXPECT_EQ(std::string_view(answer.at_pointer("/features/1/properties/object_id")), "b");
}

TEST(JoinEndpoint, AnEmptyQuerySideGivesNoRows) {
    const Api api(served({{.id = "a", .position = {1, 1}}}));
    EXPECT_EQ(tests::whole_body(join(api, "f=csv", "id,lon,lat\n", {"text/csv"})),
              "query_id,rank,object_id,distance_m\n");
    EXPECT_EQ(tests::whole_body(join(api, "f=geojson", "", {kNdjson})),
              "{\"type\":\"FeatureCollection\",\"features\":[\n]}\n");
}

TEST(JoinEndpoint, WhatIsWrongIsToldBeforeAnyRow) {
    ApiLimits limits;
    limits.most_join_rows = 2;
    const Api api(served({{.id = "a", .position = {1, 1}}}), limits);
    const auto expect = [&](int status, std::string_view text, std::string_view query, std::string_view body,
                            Headers headers = {"text/csv"}) {
        const auto response = join(api, query, body, headers);
        EXPECT_EQ(response.status, status) << query << ' ' << body;
        EXPECT_FALSE(response.produce);
        EXPECT_THAT(response.body, HasSubstr(text));
    };
    const std::string good = "id,lon,lat\nq,1,1\n";
    for (const char* k : {"0", "-1", "2.5", "ten", "10001"})
        expect(400, "expected a whole number from 1 to 10000", fmt::format("k={}", k), good);
    expect(400, "expected a number of at least 0", "max_distance=-1", good);
    expect(400, "epsilon", "epsilon=nan", good);
    expect(400, "expected one of none, include", "ties=all", good);
    expect(400, "expected one of inner, left", "kind=outer", good);
    expect(400, "is not known", "limit=3", good);
    expect(400, "expected one of ndjson, csv, geojson", "f=xml", good);
    expect(400, "colour", "filter=colour%3D1", good);
    expect(400, "bbox", "bbox=1,2", good);
    expect(400, "body:3: column 3 (lat)", "", "id,lon,lat\nq,1,1\nr,1,95\n");
    expect(400, "appears twice", "", "id,lon,lat\nq,1,1\nq,1,1\n");
    expect(400, "body", "", "id,lon,lat\n\"q,1,1\n");
    expect(400, "", "", "{", {kNdjson});
    expect(413, "more than 2 places", "", "lon,lat\n1,1\n1,1\n1,1\n");
    expect(415, "expected application/geo+json", "", good, {""});
    expect(415, "text/html", "", good, {"text/html"});
    expect(406, "there is application/x-ndjson, text/csv, application/geo+json", "", good,
           {"text/csv", "image/png, text/csv;q=0"});
    const tests::TemporaryDirectory directory;
    const std::string packed = tests::read_file(directory.file("a.gz", good));
    expect(400, "packed twice", "", tests::read_file(directory.file("b.gz", packed)));
    expect(413, "when it is unpacked", "",
           tests::read_file(directory.file("c.gz", std::string(65U << 20U, ' '))));
}

TEST(JoinEndpoint, APlaceWithoutACentroidIsNamedBeforeAnyRow) {
    // All around the equator: its mean is the centre of the earth.
    const std::string ring = R"({"type":"LineString","coordinates":[[-180,0],[-90,0],[0,0],[90,0],[180,0]]})";
    Place around{.id = "equator"};
    around.set_geometry(parse_geojson_geometry(ring));
    const Api objects(served({{.id = "a", .position = {1, 1}}, around}));
    const auto refused = join(objects, "match=centroid", "id,lon,lat\nq,1,1\n", {"text/csv"});
    EXPECT_EQ(refused.status, 422);
    EXPECT_THAT(refused.body, HasSubstr("place \\\"equator\\\""));
    const Api queries(served({{.id = "a", .position = {1, 1}}}));
    EXPECT_THAT(join(queries, "match=centroid", lines_of({around})).body, HasSubstr("query \\\"equator\\\""));
}

/// A service on a port of its own.
class Running {
  public:
    Running(std::vector<std::unique_ptr<Collection>> collections, ApiLimits limits)
        : api_(std::move(collections), limits),
          server_(parse_listen_address("127.0.0.1:0"), 1, {}, api_),
          thread_([this] { server_.run(); }) {}
    ~Running() {
        server_.stop();
        thread_.join();
    }
    std::uint16_t port() const { return server_.address().port(); }

  private:
    Api api_;
    Server server_;
    std::thread thread_;
};

std::string request_of(std::string_view query, std::string_view body) {
    return fmt::format(
        "POST /collections/places/join?{} HTTP/1.1\r\nHost: t\r\nContent-Type: text/csv\r\nContent-Length: "
        "{}\r\n\r\n{}",
        query, body.size(), body);
}

TEST(JoinEndpoint, RowsAreStreamedAndAThreadComesFreeWhenTheClientLeaves) {
    tests::Random random;
    const auto objects = any_places(random, 2000, false, "o");
    std::string queries = "lon,lat\n";
    for (int i = 0; i < 2000; ++i)
        queries += fmt::format("{},{}\n", random.uniform(-180, 180), random.uniform(-90, 90));
    ApiLimits limits;
    limits.bulk_threads = 1;
    const Running service(served(objects), limits);
    for (int i = 0; i < 3; ++i) {
        // Some 100 MB, which nothing between here and there holds.
        tests::HttpClient client(service.port());
        client.send(request_of("k=2000", queries));
        EXPECT_EQ(client.receive(false).status, 200);
        EXPECT_THAT(client.receive_chunk(), StartsWith("{\"query_id\":\"1\",\"rank\":1,"));
    }
    // The only thread there is must be free for this.
    tests::HttpClient client(service.port());
    client.send(request_of("k=3&f=csv", queries));
    const auto reply = client.receive();
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(std::count(reply.body.begin(), reply.body.end(), '\n'), 6001);
}

}  // namespace
}  // namespace crowfly
