#include "core/geometry/geometry.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using Line = std::vector<LonLat>;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

const Line kSquare{{0, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}};

void add_part(GeometryBuilder& builder, const std::vector<Line>& sequences) {
    builder.add_part();
    for (const Line& sequence : sequences) {
        builder.add_sequence();
        for (const LonLat position : sequence) builder.add_position(position);
    }
}

/// A geometry that is no collection.
Geometry geometry_of(GeometryType type, const std::vector<std::vector<Line>>& parts) {
    GeometryBuilder builder;
    builder.begin(type);
    for (const auto& part : parts) add_part(builder, part);
    builder.end();
    return builder.finish();
}

Geometry line_of(const Line& line) {
    return geometry_of(GeometryType::line_string, {{line}});
}

std::string fault_of(const Geometry& geometry, Crs crs = Crs::wgs84) {
    const auto fault = geometry_fault(geometry, crs);
    return fault ? fault->reason : "no fault";
}

std::optional<Code> code_of(const std::function<void(GeometryBuilder&)>& calls) {
    GeometryBuilder builder;
    return tests::thrown_code([&] { calls(builder); });
}

TEST(Geometry, APointIsOnePartOfOneSequence) {
    const Geometry point = Geometry::point({1, 2});
    EXPECT_EQ(point, geometry_of(GeometryType::point, {{{{1, 2}}}}));
    EXPECT_EQ(point.type(), GeometryType::point);
    EXPECT_FALSE(point.is_empty());
    ASSERT_EQ(point.part_count(), 1U);
    EXPECT_EQ(point.part(0).kind, Geometry::PartKind::point);
    ASSERT_EQ(point.sequence_count(), 1U);
    ASSERT_EQ(point.sequence(0).size(), 1U);
    EXPECT_EQ(point.sequence(0)[0], (LonLat{1, 2}));
}

TEST(Geometry, DefaultsToAnEmptyCollection) {
    const Geometry none;
    EXPECT_TRUE(none.is_empty());
    EXPECT_EQ(none.type(), GeometryType::geometry_collection);
    GeometryBuilder builder;
    builder.begin(GeometryType::geometry_collection);
    builder.end();
    EXPECT_EQ(builder.finish(), none);
}

TEST(Geometry, ACollectionIsFlatWithItsMembersInPreorder) {
    GeometryBuilder builder;
    builder.begin(GeometryType::geometry_collection);
    builder.begin(GeometryType::multi_polygon);
    add_part(builder, {kSquare, {{1, 1}, {2, 1}, {1, 2}, {1, 1}}});
    add_part(builder, {});
    builder.end();
    builder.begin(GeometryType::geometry_collection);
    EXPECT_EQ(builder.depth(), 2U);
    builder.begin(GeometryType::point);
    EXPECT_EQ(builder.depth(), 2U);
    add_part(builder, {{{9, 9}}});
    builder.end();
    builder.end();
    builder.begin(GeometryType::line_string);
    builder.end();
    builder.end();
    const Geometry geometry = builder.finish();

    using Type = GeometryType;
    const std::vector<Geometry::Member> expected{{Type::geometry_collection, 3},
                                                 {Type::multi_polygon, 2},
                                                 {Type::geometry_collection, 1},
                                                 {Type::point, 1},
                                                 {Type::line_string, 0}};
    EXPECT_TRUE(
        std::equal(expected.begin(), expected.end(), geometry.members().begin(), geometry.members().end()));
    ASSERT_EQ(geometry.part_count(), 3U);
    EXPECT_EQ(geometry.part(0).begin, 0U);
    EXPECT_EQ(geometry.part(0).end, 2U);
    EXPECT_TRUE(geometry.part(1).is_empty());
    EXPECT_EQ(geometry.part(2).kind, Geometry::PartKind::point);
    EXPECT_EQ(geometry.part(2).begin, 2U);
    EXPECT_EQ(geometry.sequence(0).size(), 5U);
    EXPECT_EQ(geometry.sequence(1).size(), 4U);
    EXPECT_EQ(geometry.sequence_begin(2), 9U);
    EXPECT_EQ(geometry.sequence(2)[0], (LonLat{9, 9}));
    EXPECT_EQ(geometry.positions().size(), 10U);
    EXPECT_EQ(fault_of(geometry), "no fault");
}

TEST(Geometry, KeepsZAndMOncePositionsHaveThem) {
    GeometryBuilder builder;
    builder.begin(GeometryType::line_string);
    builder.add_part();
    builder.add_sequence();
    builder.add_position({0, 0});
    builder.add_position({1, 1}, 5);
    builder.add_position({2, 2});
    builder.end();
    const Geometry line = builder.finish();
    ASSERT_EQ(line.z().size(), 3U);
    EXPECT_TRUE(std::isnan(line.z()[0]));
    EXPECT_EQ(line.z()[1], 5);
    EXPECT_TRUE(std::isnan(line.z()[2]));
    EXPECT_TRUE(line.m().empty());
    const Geometry copy = line;
    EXPECT_EQ(copy, line);
    EXPECT_NE(line, line_of({{0, 0}, {1, 1}, {2, 2}}));
}

TEST(Geometry, DiffersByStructureToo) {
    const Line line{{0, 0}, {1, 0}, {1, 1}, {0, 0}};
    EXPECT_NE(line_of(line), geometry_of(GeometryType::polygon, {{line}}));
    EXPECT_NE(line_of(line), geometry_of(GeometryType::multi_line_string, {{line}}));
    EXPECT_NE(geometry_of(GeometryType::multi_point, {{}}), geometry_of(GeometryType::multi_point, {}));
}

TEST(GeometryBuilder, CanBeUsedAgain) {
    GeometryBuilder builder;
    for (int i = 0; i < 2; ++i) {
        builder.begin(GeometryType::point);
        add_part(builder, {{{3, 4}}});
        builder.end();
        EXPECT_EQ(builder.finish(), Geometry::point({3, 4}));
    }
}

TEST(GeometryBuilder, RefusesCallsThatMakeNoGeometry) {
    using Type = GeometryType;
    EXPECT_EQ(code_of([](auto& b) { b.finish(); }), Code::internal);
    EXPECT_EQ(code_of([](auto& b) { b.end(); }), Code::internal);
    EXPECT_EQ(code_of([](auto& b) { b.add_part(); }), Code::internal);
    const auto begun_as = [](Type type, const auto& calls) {
        return code_of([&](GeometryBuilder& b) {
            b.begin(type);
            calls(b);
        });
    };
    EXPECT_EQ(begun_as(Type::point, [](auto& b) { b.finish(); }), Code::internal);
    EXPECT_EQ(begun_as(Type::multi_point, [](auto& b) { b.begin(Type::point); }), Code::internal);
    EXPECT_EQ(begun_as(Type::geometry_collection, [](auto& b) { b.add_part(); }), Code::internal);
    EXPECT_EQ(begun_as(Type::point, [](auto& b) { b.add_sequence(); }), Code::internal);
    EXPECT_EQ(begun_as(Type::point, [](auto& b) { b.add_position({1, 2}); }), Code::internal);
    EXPECT_EQ(begun_as(Type::point, [](auto& b) { add_part(b, {{{1, 2}, {3, 4}}}); }), Code::internal);
    EXPECT_EQ(begun_as(Type::line_string,
                       [](auto& b) {
                           add_part(b, {{{1, 2}}, {{3, 4}}});
                       }),
              Code::internal);
    EXPECT_EQ(begun_as(Type::polygon,
                       [](auto& b) {
                           b.add_part();
                           b.add_part();
                       }),
              Code::internal);
    EXPECT_EQ(begun_as(Type::polygon,
                       [](auto& b) {
                           b.add_part();
                           b.end();
                       }),
              Code::internal);
    EXPECT_EQ(begun_as(Type::polygon,
                       [](auto& b) {
                           b.end();
                           b.begin(Type::point);
                       }),
              Code::internal);
}

TEST(GeometryBuilder, NestsCollectionsToItsLimit) {
    GeometryBuilder builder;
    for (std::size_t i = 0; i < Geometry::kDeepestNesting; ++i)
        builder.begin(GeometryType::geometry_collection);
    builder.begin(GeometryType::multi_point);
    builder.end();
    EXPECT_EQ(tests::thrown_text([&] { builder.begin(GeometryType::geometry_collection); }),
              "too_large collections are nested more than 32 deep");
}

TEST(GeometryFault, IsNoneForWhatIsOnlyUnusual) {
    using Type = GeometryType;
    for (const Geometry& geometry :
         {Geometry::point({180, -90}),                                               //
          line_of({{1, 1}, {1, 1}}),                                                 //
          line_of({{0, 0}, {0, 0}, {1, 1}, {1, 1}}),                                 //
          line_of({{-180, 5}, {180, 5}}),                                            //
          line_of({{10, 90}, {55, 90}}),                                             //
          line_of({{-90, 10}, {90, 10}}),                                            //
          geometry_of(Type::polygon, {{{{0, 0}, {2, 2}, {2, 0}, {0, 2}, {0, 0}}}}),  //
          geometry_of(Type::polygon, {{{{3, 3}, {3, 3}, {3, 3}, {3, 3}}}}),          //
          geometry_of(Type::multi_line_string, {{}, {{{0, 0}, {1, 1}}}, {}}),        //
          geometry_of(Type::multi_polygon, {{kSquare, {{1, 1}, {9, 9}, {1, 2}, {1, 1}}}, {}})}) {
        EXPECT_EQ(fault_of(geometry), "no fault");
    }
}

TEST(GeometryFault, NamesTheVertex) {
    EXPECT_EQ(fault_of(Geometry::point({0, 191})), "latitude 191 is not within -90..90");
    EXPECT_EQ(geometry_fault(Geometry::point({0, 191}), Crs::wgs84)->vertex, 0U);
    EXPECT_EQ(fault_of(line_of({{0, 0}, {kNan, 0}})), "vertex 1: nan is not a finite number");
    EXPECT_EQ(fault_of(line_of({{0, 0}, {kInf, 0}}), Crs::planar), "vertex 1: inf is not a finite number");
    EXPECT_EQ(fault_of(line_of({{0, 0}, {1e101, 0}}), Crs::planar), "vertex 1: 1e+101 is beyond +-1e+100");
    EXPECT_EQ(fault_of(line_of({{0, 0}, {500, 91}}), Crs::planar), "no fault");
    const Line hole{{1, 1}, {2, 1}, {1, 200}, {1, 1}};
    EXPECT_EQ(fault_of(geometry_of(GeometryType::polygon, {{kSquare, hole}})),
              "vertex 7 (ring 1, vertex 2 there): latitude 200 is not within -90..90");
    const auto multi = geometry_of(GeometryType::multi_polygon, {{kSquare}, {}, {kSquare, hole}});
    EXPECT_EQ(fault_of(multi),
              "vertex 12 (part 2, ring 1, vertex 2 there): latitude 200 is not within -90..90");
    EXPECT_EQ(geometry_fault(multi, Crs::wgs84)->vertex, 12U);

    Line far(12'000, LonLat{1, 1});
    far[10'000].lat = -190.5;
    EXPECT_EQ(fault_of(line_of(far)), "vertex 10000: latitude -190.5 is not within -90..90");
    EXPECT_EQ(geometry_fault(line_of(far), Crs::wgs84)->vertex, 10'000U);
}

TEST(GeometryFault, IsTooFewVertices) {
    EXPECT_EQ(fault_of(line_of({{1, 2}})), "a line of 1 vertex; it needs at least 2");
    EXPECT_EQ(fault_of(geometry_of(GeometryType::multi_line_string, {{{{0, 0}, {1, 1}}}, {{{1, 2}}}})),
              "part 1: a line of 1 vertex; it needs at least 2");
    const auto short_ring = geometry_of(GeometryType::polygon, {{kSquare, {{1, 1}, {2, 1}, {1, 1}}}});
    EXPECT_EQ(fault_of(short_ring), "ring 1: a ring of 3 vertices; it needs at least 4");
    EXPECT_EQ(geometry_fault(short_ring, Crs::wgs84)->vertex, 5U);
    const auto no_ring = geometry_of(GeometryType::polygon, {{kSquare, {}}});
    EXPECT_EQ(fault_of(no_ring), "ring 1: a ring of 0 vertices; it needs at least 4");
    EXPECT_EQ(geometry_fault(no_ring, Crs::wgs84)->vertex, std::nullopt);
}

TEST(GeometryFault, IsAnOpenRing) {
    const auto open = geometry_of(GeometryType::polygon, {{{{0, 0}, {1, 0}, {1, 1}, {0, 1}}}});
    for (const Crs crs : {Crs::wgs84, Crs::planar}) {
        EXPECT_EQ(
            fault_of(open, crs),
            "vertex 3 (ring 0): the ring is not closed; its last position (0 1) must be its first (0 0)");
        EXPECT_EQ(geometry_fault(open, crs)->vertex, 3U);
    }
}

TEST(GeometryFault, IsAnEdgeBetweenAntipodes) {
    for (const Line& edge :
         {Line{{0, 0}, {180, 0}}, Line{{-180, 0}, {0, 0}}, Line{{-90, 30}, {90, -30}},
          Line{{0, 90}, {0, -90}}, Line{{12, -90}, {77, 90}}, Line{{-118.25, 36.5}, {61.75, -36.5}}}) {
        EXPECT_THAT(fault_of(line_of(edge)), testing::HasSubstr("joins antipodes")) << edge[0].lon;
        EXPECT_EQ(geometry_fault(line_of(edge), Crs::wgs84)->vertex, 1U);
        EXPECT_EQ(fault_of(line_of(edge), Crs::planar), "no fault");
    }
    EXPECT_EQ(
        fault_of(line_of({{5, 5}, {0, 0}, {180, 0}})),
        "vertex 2: the edge from (0 0) to (180 0) joins antipodes, which is undefined; a vertex between "
        "them says which way it goes");
    EXPECT_EQ(fault_of(line_of({{0, 0}, {179.9999999, 0}})), "no fault");
    EXPECT_EQ(fault_of(line_of({{0, 30}, {180, 30}})), "no fault");
    // Antipodes that no edge joins.
    EXPECT_EQ(fault_of(geometry_of(GeometryType::multi_point, {{{{0, 0}}}, {{{180, 0}}}})), "no fault");
}

TEST(GeometryFault, IsBeingEmptyAsAWhole) {
    for (const Geometry& geometry :
         {Geometry(), geometry_of(GeometryType::polygon, {}),
          geometry_of(GeometryType::multi_point, {{}, {}}), geometry_of(GeometryType::polygon, {{{}}})}) {
        EXPECT_EQ(fault_of(geometry), "is empty; an empty geometry has no distance");
    }
}

}  // namespace
}  // namespace crowfly
