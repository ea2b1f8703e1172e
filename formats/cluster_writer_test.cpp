#include "formats/cluster_writer.h"

#include <gtest/gtest.h>

namespace crowfly {
namespace {

const Place kShop{.id = "a,b",
                  .position = {1.5, -2},
                  .name = "Shop",
                  .properties = {{"seats", std::int64_t{4}}, {"cluster", std::int64_t{99}}}};

TEST(ClusterWriter, WritesPlaces) {
    std::string csv;
    write_cluster_header(csv);
    write_cluster_row(csv, kShop.id, kNoise);
    EXPECT_EQ(csv, "id,cluster\n\"a,b\",-1\n");
    std::string text;
    JsonWriter json(text);
    write_clustered_feature(json, kShop, 3, true);
    EXPECT_EQ(text, R"({"type":"Feature","id":"a,b","geometry":{"type":"Point","coordinates":[1.5,-2]},)"
                    R"("properties":{"name":"Shop","category":null,"cluster":3,"core":true,"seats":4}})");
}

TEST(ClusterWriter, WritesSummaries) {
    ClusterSummary summary{.size = 7, .core = 5, .extent = {179, -1, -179, 2}, .centroid = LonLat{180, 0.5}};
    std::string csv;
    write_summary_header(csv);
    write_summary_row(csv, 2, summary);
    EXPECT_EQ(csv,
              "cluster,size,core,centroid_lon,centroid_lat,west,south,east,north,wkt\n"
              "2,7,5,180,0.5,179,-1,-179,2,\n");
    const auto feature = [&](HullKind hull) {
        std::string text;
        JsonWriter json(text);
        write_summary_feature(json, 2, summary, hull);
        return text;
    };
    const std::string start = R"({"type":"Feature","id":2,"bbox":[179,-1,-179,2],"geometry":)";
    const std::string end = R"(,"properties":{"cluster":2,"size":7,"core":5,"centroid":[180,0.5]}})";
    EXPECT_EQ(feature(HullKind::none), start + R"({"type":"Point","coordinates":[180,0.5]})" + end);
    EXPECT_EQ(feature(HullKind::convex), start + "null" + end);
    summary.hull = Geometry::point({3, 4});
    EXPECT_EQ(feature(HullKind::convex), start + R"({"type":"Point","coordinates":[3,4]})" + end);
    summary.centroid.reset();
    csv.clear();
    write_summary_row(csv, 2, summary);
    EXPECT_EQ(csv, "2,7,5,,,179,-1,-179,2,POINT (3 4)\n");
    EXPECT_NE(feature(HullKind::convex).find(R"("centroid":null)"), std::string::npos);
}

}  // namespace
}  // namespace crowfly
