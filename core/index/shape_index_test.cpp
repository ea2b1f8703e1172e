#include "core/index/shape_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/search/shape_searcher.h"
#include "tests/support/any_shape.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using testing::HasSubstr;

constexpr MetricKind kMetrics[] = {MetricKind::plane, MetricKind::sphere, MetricKind::spheroid};

bool same(const ShapeNeighbor& a, const ShapeNeighbor& b) {
    return a.row == b.row && a.distance == b.distance && a.on_query == b.on_query && a.on_shape == b.on_shape;
}

TEST(ShapeIndex, ARowWithoutAShapeIsThePointAtItsPosition) {
    tests::Random random;
    tests::AnyShape any(random, {179, 60}, 3);
    std::vector<Geometry> shapes;
    std::vector<LonLat> positions;
    std::vector<const Geometry*> some;
    for (int i = 0; i < 300; ++i) shapes.push_back(i % 3 == 0 ? any() : any.of(GeometryType::point));
    for (const Geometry& shape : shapes) {
        positions.push_back(shape.positions()[0]);
        some.push_back(shape.type() == GeometryType::point ? nullptr : &shape);
    }
    const ShapeColumns columns{.positions = positions, .shapes = some};
    for (const MetricKind metric : kMetrics) {
        const ShapeIndex of_shapes(shapes, metric), of_columns(columns, metric);
        const ShapeIndex of_positions({.positions = positions}, metric);
        ASSERT_EQ(of_columns.size(), shapes.size());
        ASSERT_EQ(of_positions.size(), positions.size());
        ShapeSearcher expected(of_shapes), found(of_columns), of_points(of_positions);
        for (int trial = 0; trial < 20; ++trial) {
            const Geometry query = any();
            EXPECT_TRUE(std::ranges::equal(found.nearest(query, {.k = 20}),
                                           expected.nearest(query, {.k = 20}), same));
            EXPECT_TRUE(std::ranges::equal(scan_nearest_shapes(columns, metric, query, {.k = 20}),
                                           scan_nearest_shapes(shapes, metric, query, {.k = 20}), same));
            const auto nearest = of_points.nearest(query, {.k = 1});
            EXPECT_EQ(nearest[0].distance,
                      scan_nearest_shapes({.positions = positions}, metric, query, {.k = 1})[0].distance);
        }
    }
}

TEST(ShapeIndex, ColumnsWithAFaultAreRefusedWithTheRow) {
    const Geometry point = Geometry::point({1, 2});
    const Geometry empty;
    const std::vector<LonLat> positions{{0, 0}, {0, 91}};
    const std::vector<const Geometry*> shapes{&point, nullptr}, faulty{&point, &empty};
    for (const MetricKind metric : kMetrics) {
        const auto refusal = [&](const ShapeColumns& columns) {
            const std::string of_index = tests::thrown_text([&] { ShapeIndex(columns, metric); });
            EXPECT_EQ(tests::thrown_text([&] { scan_nearest_shapes(columns, metric, point, {.k = 1}); }),
                      of_index);
            EXPECT_EQ(tests::thrown_code([&] { ShapeIndex(columns, metric); }), Code::invalid_argument);
            return of_index;
        };
        EXPECT_THAT(refusal({.positions = {}, .shapes = shapes}),
                    HasSubstr("row 1: has neither a shape nor a position"));
        EXPECT_THAT(refusal({.positions = std::span(positions).first(1), .shapes = shapes}),
                    HasSubstr("there are 1 positions and 2 shapes"));
        EXPECT_THAT(refusal({.positions = positions, .shapes = faulty}), HasSubstr("row 1: "));
        if (metric == MetricKind::plane) continue;
        EXPECT_THAT(refusal({.positions = positions, .shapes = shapes}), HasSubstr("row 1: latitude 91"));
        EXPECT_THAT(refusal({.positions = positions}), HasSubstr("row 1: latitude 91"));
    }
    EXPECT_EQ(ShapeIndex(ShapeColumns{}, MetricKind::plane).size(), 0U);
}

}  // namespace
}  // namespace crowfly
