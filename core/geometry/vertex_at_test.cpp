#include "core/geometry/vertex_at.h"

#include <gtest/gtest.h>

#include "core/search/shape_searcher.h"
#include "tests/support/any_shape.h"

namespace crowfly {
namespace {

constexpr MetricKind kMetrics[] = {MetricKind::plane, MetricKind::sphere, MetricKind::spheroid};

TEST(VertexAt, IsTheVertexThatIsNearestToTheLastBit) {
    tests::Random random;
    for (const LonLat middle : {LonLat{10, 50}, LonLat{179.99, 0}, LonLat{0, 90}, LonLat{30, -89.95}}) {
        tests::AnyShape any(random, middle, 1);
        for (int trial = 0; trial < 50; ++trial) {
            const Geometry shape = any();
            for (const MetricKind metric : kMetrics) {
                for (const LonLat vertex : shape.positions()) {
                    const auto found = distance_between(Geometry::point(vertex), shape, metric);
                    const auto at = vertex_at(Geometry::point(vertex), found.on_query, metric);
                    ASSERT_TRUE(at) << vertex.lon << ',' << vertex.lat;
                    ASSERT_EQ(*at, vertex);
                }
            }
        }
    }
}

TEST(VertexAt, IsNoneInTheMiddleOfAnEdge) {
    GeometryBuilder builder;
    builder.begin(GeometryType::line_string);
    builder.add_part();
    builder.add_sequence();
    builder.add_position({10.1, 20.2});
    builder.add_position({10.3, 20.2});
    builder.end();
    const Geometry line = builder.finish();
    for (const MetricKind metric : kMetrics) {
        EXPECT_FALSE(
            vertex_at(line, distance_between(Geometry::point({10.2, 25}), line, metric).on_shape, metric));
        EXPECT_EQ(vertex_at(line, distance_between(Geometry::point({13, 23}), line, metric).on_shape, metric),
                  (LonLat{10.3, 20.2}));
    }
}

}  // namespace
}  // namespace crowfly
