#include "core/join/st_knn.h"

#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/cases.h"

namespace crowfly {
namespace {

constexpr double kNoRadius = std::numeric_limits<double>::infinity();

/// The cases of tests/cases/st_knn.json with this search radius: one for each query row, all with the same
/// objects.
std::vector<tests::Case> stations(double radius) {
    std::vector<tests::Case> cases;
    for (const tests::Case& one : tests::all_cases()) {
        if (one.name.rfind("station", 0) == 0 && one.max_distance == radius) cases.push_back(one);
    }
    return cases;
}

std::vector<LonLat> objects_of(const std::vector<tests::Case>& cases) {
    std::vector<LonLat> positions;
    for (const tests::CasePlace& place : cases.front().places) positions.push_back(place.position);
    return positions;
}

TEST(StKnn, AnswersTheWorkedExamplesToTheBit) {
    for (const double radius : {kNoRadius, 3.0}) {
        const std::vector<tests::Case> cases = stations(radius);
        ASSERT_EQ(cases.size(), 3U);
        const std::vector<LonLat> objects = objects_of(cases);
        std::vector<LonLat> queries;
        for (const tests::Case& one : cases) queries.push_back(one.query);
        std::vector<JoinRow> rows;
        join({.positions = queries}, {.positions = objects}, st_knn_options(4, false, radius),
             serial_executor(),
             [&](std::span<const JoinRow> batch) { rows.insert(rows.end(), batch.begin(), batch.end()); });
        std::size_t next = 0;
        for (std::uint32_t query = 0; query < cases.size(); ++query) {
            std::uint32_t rank = 0;
            for (const tests::CaseRow& expected : cases[query].expected) {
                ASSERT_LT(next, rows.size());
                const JoinRow& row = rows[next++];
                EXPECT_EQ(row.query, query);
                EXPECT_EQ(row.rank, ++rank);
                EXPECT_EQ(cases[query].places[row.object].id, expected.id);
                EXPECT_EQ(row.distance, expected.distance);
            }
        }
        EXPECT_EQ(next, rows.size());
    }
}

TEST(StKnn, IsAnInnerJoinOfCentroidsOnPlaneOrSphere) {
    const JoinOptions plane = st_knn_options(4, false);
    EXPECT_EQ(plane.metric, MetricKind::plane);
    EXPECT_EQ(plane.match, Match::centroid);
    EXPECT_EQ(plane.kind, JoinKind::inner);
    EXPECT_EQ(plane.ties, Ties::none);
    EXPECT_EQ(plane.max_distance, kNoRadius);
    const JoinOptions sphere = st_knn_options(1, true, 500, Ties::include);
    EXPECT_EQ(sphere.metric, MetricKind::sphere);
    EXPECT_EQ(sphere.ties, Ties::include);
    EXPECT_EQ(sphere.max_distance, 500);
}

}  // namespace
}  // namespace crowfly
