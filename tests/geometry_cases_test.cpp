#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "core/metric/earth.h"
#include "core/metric/sphere.h"
#include "core/search/shape_searcher.h"
#include "formats/wkt.h"

namespace crowfly {
namespace {

namespace dom = simdjson::dom;

dom::element load(dom::parser& parser, const char* file) {
    return parser.load(std::string(CROWFLY_SOURCE_DIR "/tests/cases/geometry/") + file);
}

LonLat position_of(dom::element vector) {
    Sphere::Point p;
    for (std::size_t i = 0; i < 3; ++i) p[i] = double(vector.at(i));
    return Sphere::position(p);
}

/// A point when both ends are one.
Geometry arc(LonLat from, LonLat to) {
    if (from == to) return Geometry::point(from);
    GeometryBuilder builder;
    builder.begin(GeometryType::line_string);
    builder.add_part();
    builder.add_sequence();
    builder.add_position(from);
    builder.add_position(to);
    builder.end();
    return builder.finish();
}

/// Positions in degrees are right to some nanometres.
constexpr double kMetres = 2e-8;

TEST(GeometryCases, FromPointsToArcsOnTheSphere) {
    dom::parser parser;
    for (const dom::element one : dom::array(load(parser, "sphere_point_edge.json")["cases"])) {
        const auto found =
            distance_between(Geometry::point(position_of(one["x"])),
                             arc(position_of(one["a"]), position_of(one["b"])), MetricKind::sphere);
        const double expected = double(one["distance_rad"]) * earth::kMeanRadius;
        EXPECT_NEAR(found.distance, expected, kMetres + 1e-12 * expected)
            << "line " << std::int64_t(one["line"]);
    }
}

TEST(GeometryCases, FromArcsToArcsOnTheSphere) {
    dom::parser parser;
    for (const dom::element one : dom::array(load(parser, "sphere_edge_edge.json")["cases"])) {
        const auto found =
            distance_between(arc(position_of(one["a0"]), position_of(one["a1"])),
                             arc(position_of(one["b0"]), position_of(one["b1"])), MetricKind::sphere);
        const double expected = double(one["distance_rad"]) * earth::kMeanRadius;
        EXPECT_NEAR(found.distance, expected, kMetres + 1e-12 * expected)
            << "line " << std::int64_t(one["line"]);
    }
}

TEST(GeometryCases, BetweenShapesOnThePlane) {
    dom::parser parser;
    const dom::element document = load(parser, "plane_distance.json");
    const double tolerance = double(document["tolerance"]);
    for (const dom::element one : dom::array(document["cases"])) {
        const Geometry first = parse_wkt(std::string_view(one["wkt1"]));
        const Geometry second = parse_wkt(std::string_view(one["wkt2"]));
        const double expected = double(one["distance"]);
        EXPECT_NEAR(distance_between(first, second, MetricKind::plane).distance, expected, tolerance)
            << "line " << std::int64_t(one["line"]);
        EXPECT_NEAR(distance_between(second, first, MetricKind::plane).distance, expected, tolerance);
    }
}

struct Meeting {
    const char* query;
    const char* shape;
    MetricKind metric;
};

TEST(GeometryCases, ShapesThatMeetAreAtDistanceZeroByIndexAndScan) {
    const Meeting meetings[] = {
        // An end of a line is on both.
        {"POINT(180 1)", "LINESTRING(-179 -2,-179 -3,180 1)", MetricKind::spheroid},
        {"POINT(178 2)", "LINESTRING(180 -3,178 2)", MetricKind::spheroid},
        {"POINT(-25.099007725232351 -9.6293890540432852)",
         "LINESTRING(-25.099007725232351 -9.6293890540432852,-24 -9)", MetricKind::sphere},
        // A line enters a polygon through a vertex and ends inside.
        {"LINESTRING(0 -1,0 2)", "POLYGON((0 0.7,3 3,0 6,-3 3,0 0.7))", MetricKind::sphere},
        {"LINESTRING(0 -1,0 2)", "POLYGON((0 0.774313,3 3,0 6,-3 3,0 0.774313))", MetricKind::spheroid},
        {"LINESTRING(0 0,0.8 2.3)", "POLYGON((0.4 1.15,10 2,10 11,1 11,0.4 1.15))", MetricKind::plane},
        // A vertex of the line is inside, neither its first nor its last.
        {"POLYGON((179 -2,-180 -2,-180 0,179 -2))", "LINESTRING(-179 1,180 -1,-178 1,178 1,-178 3)",
         MetricKind::sphere},
        // An edge all but half way round the sphere runs through the place.
        {"POINT(135 0)", "LINESTRING(0 0,179.9999997 0)", MetricKind::sphere},
    };
    for (const Meeting& meeting : meetings) {
        SCOPED_TRACE(meeting.query);
        const Geometry query = parse_wkt(meeting.query);
        const std::vector<Geometry> shapes{parse_wkt(meeting.shape)};
        const ShapeIndex index(shapes, meeting.metric);
        ShapeSearcher searcher(index);
        EXPECT_EQ(searcher.within_distance(query, 0).size(), 1U);
        EXPECT_EQ(scan_nearest_shapes(shapes, meeting.metric, query, {.k = 1, .max_distance = 0}).size(), 1U);
        EXPECT_EQ(distance_between(shapes[0], query, meeting.metric).distance, 0);
    }
}

TEST(GeometryCases, AtAQuarterOfTheWayRoundTheEarthTheLeastDistanceIsFound) {
    // About here distances along an edge bend down on the sphere, but up on the spheroid. By GeographicLib.
    const auto found = distance_between(
        parse_wkt("POINT(8.8365091415092536 -24.545616795511876)"),
        parse_wkt(
            "LINESTRING(-120.61591665324532 -54.616676590837102,-121.05988576818382 -54.867956170443989)"),
        MetricKind::spheroid);
    EXPECT_LE(found.distance, 10'000'926.731153 + 1e-5);
}

TEST(GeometryCases, CoordinatesBeyondWhatSquaresHoldLoseNothing) {
    const std::vector<Geometry> shapes{parse_wkt("LINESTRING(-1e77 0,1e77 1e77)")};
    const Geometry query = parse_wkt("LINESTRING(0 2e77,2e77 3e77)");
    const ShapeIndex index(shapes, MetricKind::plane);
    ShapeSearcher searcher(index);
    const auto expected = scan_nearest_shapes(shapes, MetricKind::plane, query, {.k = 1});
    const auto found = searcher.nearest(query, {.k = 1});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].distance, expected.at(0).distance);
}

}  // namespace
}  // namespace crowfly
