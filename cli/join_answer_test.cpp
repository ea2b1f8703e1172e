#include "cli/join_answer.h"

#include <gtest/gtest.h>

#include "formats/wkt.h"

namespace crowfly {
namespace {

LoadedSide side_of(const Geometry& geometry) {
    LoadedSide side;
    side.ids.push_back("1");
    Place place;
    place.set_geometry(geometry);
    side.positions.push_back(place.position);
    if (place.shape != nullptr) side.shapes.push_back(place.shape);
    return side;
}

TEST(JoinAnswer, TheLineEndsWhereTheDistanceIs) {
    const LoadedSide point = side_of(Geometry::point({5, 5}));
    const LoadedSide square = side_of(parse_wkt("POLYGON ((0 0, 2 0, 2 8, 0 8, 0 0))"));
    const JoinRow row{0, 1, 0, 3};
    EXPECT_EQ(JoinAnswer(point, square, MetricKind::plane, Match::geometry, false).line(row),
              (JoinLine{{5, 5}, {2, 5}}));
    EXPECT_EQ(JoinAnswer(point, square, MetricKind::plane, Match::centroid, false).line(row),
              (JoinLine{{5, 5}, {1, 4}}));
    EXPECT_EQ(JoinAnswer(point, point, MetricKind::spheroid, Match::geometry, false).line(row),
              (JoinLine{{5, 5}, {5, 5}}));
}

}  // namespace
}  // namespace crowfly
