#include "formats/geojson_writer.h"

#include <gtest/gtest.h>

#include "formats/wkt.h"

namespace crowfly {
namespace {

const NeighborPlace kNeighbor{.place = {.id = "7",
                                        .position = {-118.25, 36.5},
                                        .name = "Peak \"9\"",
                                        .category = "",
                                        .properties = {{"elevation", std::int64_t{4418}},
                                                       {"rank", std::string("own")},
                                                       {"name", Value()}}},
                              .rank = 2,
                              .distance = 127.29084391848636};

TEST(GeoJsonWriter, ANeighborCarriesRankAndDistanceInsteadOfPropertiesOfThoseNames) {
    std::string out;
    JsonWriter json(out);
    write_feature(json, kNeighbor, MetricKind::spheroid, Decimals::two);
    EXPECT_EQ(
        out,
        R"({"type":"Feature","id":"7","geometry":{"type":"Point","coordinates":[-118.25,36.5]},)"
        R"("properties":{"name":"Peak \"9\"","category":null,"rank":2,"distance_meters":127.29,"elevation":4418}})");
}

TEST(GeoJsonWriter, APlaceWithAShapeHasItsGeometryAndNearestPoint) {
    NeighborPlace neighbor = kNeighbor;
    neighbor.place.properties = {{"nearest_point", std::string("own")}};
    neighbor.place.set_geometry(parse_wkt("LINESTRING Z (0 0 9, 2 0 9)"));
    neighbor.nearest_point = LonLat{1, 0};
    std::string out;
    JsonWriter json(out);
    write_feature(json, neighbor, MetricKind::spheroid, Decimals::two);
    EXPECT_EQ(
        out,
        R"({"type":"Feature","id":"7","geometry":{"type":"LineString","coordinates":[[0,0,9],[2,0,9]]},)"
        R"("properties":{"name":"Peak \"9\"","category":null,"rank":2,"distance_meters":127.29,"nearest_point":[1,0]}})");
}

TEST(GeoJsonWriter, ThePlaneHasNoMetres) {
    std::string out;
    JsonWriter json(out);
    write_feature(json, kNeighbor, MetricKind::plane, Decimals::all);
    EXPECT_NE(out.find(R"("distance":127.29084391848636)"), std::string::npos) << out;
    EXPECT_EQ(out.find("distance_meters"), std::string::npos);
}

}  // namespace
}  // namespace crowfly
