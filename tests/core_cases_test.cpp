#include <sstream>

#include <gtest/gtest.h>

#include "core/metric/distance.h"
#include "core/place_id.h"
#include "core/search/scan.h"
#include "core/search/searcher.h"
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

TEST(Cases, OfTheCore) {
    for (const tests::Case& expected : tests::all_cases()) {
        std::vector<LonLat> positions;
        for (const tests::CasePlace& place : expected.places) positions.push_back(place.position);
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
        const PointIndex index(positions, expected.metric);
        Searcher searcher(index, by_id);
        const auto answer = searcher.nearest(expected.query, options, search);
        const std::vector<Neighbor> found(answer.begin(), answer.end());
        tests::expect_answer(expected, rows(expected, found));
        EXPECT_EQ(scan_nearest(positions, expected.metric, expected.query, options, search, by_id), found)
            << expected.name;
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
