#include <memory>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/http_client.h"
#include "tests/support/process.h"
#include "tests/support/temporary.h"

namespace crowfly {
namespace {

using testing::HasSubstr;

TEST(ServiceOfShapes, AnswersWithTheirGeometryAndNearestPoint) {
    const tests::TemporaryDirectory directory;
    const auto import = tests::crowfly(
        {"import",
         directory.file("a.csv",
                        "id,name,category,wkt\n"
                        "1,Dateline,lake,\"POLYGON ((179 -1, -179 -1, -179 1, 179 1, 179 -1))\"\n"
                        "2,Spring,spring,POINT (178 0)\n"
                        "3,Equator,line,\"LINESTRING Z (0 0 5, 90 0 6)\"\n"),
         "--to", directory.path("s.gpkg")});
    ASSERT_EQ(import.exit_code, 0) << import.err;
    const tests::ServeProcess server(directory.path("s.gpkg"));
    tests::HttpClient client(server.port());

    const auto inside =
        client.post("/knn/search", R"({"point":{"type":"Point","coordinates":[179.5,0.5]},"k":2})");
    EXPECT_EQ(inside.status, 200);
    EXPECT_THAT(
        inside.body,
        testing::AllOf(
            HasSubstr(
                R"("id":"1","geometry":{"type":"Polygon","coordinates":[[[179,-1],[-179,-1],[-179,1],[179,1],[179,-1]]]})"),
            HasSubstr(R"("rank":1,"distance_meters":0.00,"nearest_point":[179.5,0.5])"),
            HasSubstr(
                R"({"type":"Feature","id":"2","geometry":{"type":"Point","coordinates":[178,0]},"properties":)"
                R"({"name":"Spring","category":"spring","rank":2,"distance_meters":175892.10}})")));

    const auto line = client.post(
        "/knn/search",
        R"({"point":{"type":"Point","coordinates":[45,0]},"k":1,"max_radius_meters":1,"category_filter":"line"})");
    EXPECT_THAT(line.body, HasSubstr(R"("geometry":{"type":"LineString","coordinates":[[0,0,5],[90,0,6]]})"));
    const auto centroid = client.post(
        "/knn/search",
        R"({"point":{"type":"Point","coordinates":[179,0]},"k":1,"category_filter":"lake","match":"centroid"})");
    EXPECT_THAT(centroid.body, HasSubstr(R"("rank":1,"distance_meters":111319.49,"nearest_point":[)"));
    const auto neither =
        client.post("/knn/search", R"({"point":{"type":"Point","coordinates":[179,0]},"k":1,"match":"box"})");
    EXPECT_EQ(neither.status, 422);
    EXPECT_THAT(neither.body, HasSubstr(R"("pointer":"#/match")"));

    EXPECT_THAT(client.get("/collections").body, HasSubstr("\"bbox\":[[-179,-1,179,1]]"));
}

}  // namespace
}  // namespace crowfly
