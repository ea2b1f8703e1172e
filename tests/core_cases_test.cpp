#include <sstream>

#include <gtest/gtest.h>

#include "core/geometry/centroid.h"
#include "core/metric/distance.h"
#include "core/place_id.h"
#include "core/search/scan.h"
#include "core/search/searcher.h"
#include "core/search/shape_searcher.h"
#include "formats/wkt.h"
#include "tests/support/cases.h"
#include "tests/support/temporary.h"

namespace crowfly {
namespace {

std::vector<tests::CaseRow> rows(const tests::Case& expected, const std::vector<Neighbor>& neighbors) {
    std::vector<tests::CaseRow> rows;
    for (const Neighbor& neighbor : neighbors)
        rows.push_back({expected.places[neighbor.row].id, neighbor.distance});
    return rows;
}

/// The answers of the index and of the scan, which must be one.
std::vector<Neighbor> points_answer(const tests::Case& expected, std::span<const LonLat> positions,
                                    const NearestOptions& options, const SearchOptions& search,
                                    const RowOrder& by_id) {
    const PointIndex index(positions, expected.metric);
    Searcher searcher(index, by_id);
    const auto answer = searcher.nearest(expected.query, options, search);
    std::vector<Neighbor> found(answer.begin(), answer.end());
    EXPECT_EQ(scan_nearest(positions, expected.metric, expected.query, options, search, by_id), found)
        << expected.name;
    return found;
}

std::vector<Neighbor> shapes_answer(const tests::Case& expected, std::span<const Geometry> shapes,
                                    const NearestOptions& options, const SearchOptions& search,
                                    const RowOrder& by_id) {
    const auto neighbors = [](std::span<const ShapeNeighbor> answer) {
        std::vector<Neighbor> neighbors;
        for (const ShapeNeighbor& neighbor : answer) neighbors.push_back({neighbor.row, neighbor.distance});
        return neighbors;
    };
    const ShapeIndex index(shapes, expected.metric);
    ShapeSearcher searcher(index, by_id);
    auto found = neighbors(searcher.nearest(expected.query, options, search));
    EXPECT_EQ(neighbors(scan_nearest_shapes(shapes, expected.metric, Geometry::point(expected.query), options,
                                            search, by_id)),
              found)
        << expected.name;
    return found;
}

TEST(Cases, OfTheCore) {
    for (const tests::Case& expected : tests::all_cases()) {
        std::vector<Geometry> shapes;
        std::vector<LonLat> centroids;
        for (const tests::CasePlace& place : expected.places) {
            shapes.push_back(place.wkt.empty() ? Geometry::point(place.position) : parse_wkt(place.wkt));
            centroids.push_back(centroid(shapes.back(), expected.metric));
        }
        const RowOrder by_id = [&](std::uint32_t a, std::uint32_t b) {
            return compare_ids(expected.places[a].id, expected.places[b].id) < 0;
        };
        const NearestOptions options{.k = expected.k, .max_distance = expected.max_distance};
        SearchOptions search;
        if (expected.category) {
            search.filter = [&](std::uint32_t row) {
                return expected.places[row].category == *expected.category;
            };
        }
        if (expected.match == Match::centroid || !expected.has_shapes()) {
            tests::expect_answer(expected,
                                 rows(expected, points_answer(expected, centroids, options, search, by_id)));
        }
        if (expected.match == Match::geometry) {
            tests::expect_answer(expected,
                                 rows(expected, shapes_answer(expected, shapes, options, search, by_id)));
        }
    }
}

TEST(Cases, OfTheInverseGeodesicProblem) {
    std::istringstream lines(tests::read_file(CROWFLY_SOURCE_DIR "/tests/cases/geodtest_100.csv"));
    std::string line;
    std::getline(lines, line);
    ASSERT_EQ(line, "lat1,lon1,azi1,lat2,lon2,azi2,s12,a12,m12,S12");
    int count = 0;
    while (std::getline(lines, line)) {
        std::vector<double> columns;
        std::istringstream fields(line);
        for (std::string field; std::getline(fields, field, ',');) columns.push_back(std::stod(field));
        const double metres = columns.at(6);
        EXPECT_NEAR(distance(MetricKind::spheroid, {columns[1], columns[0]}, {columns[4], columns[3]}),
                    metres, 1e-8 + 1e-12 * metres)
            << line;
        ++count;
    }
    EXPECT_EQ(count, 100);
}

}  // namespace
}  // namespace crowfly
