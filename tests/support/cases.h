#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/geometry/match.h"
#include "core/metric/metric.h"

namespace crowfly::tests {

struct CasePlace {
    std::string id;
    LonLat position{};
    std::string name;
    std::string category;
    std::string wkt;  ///< empty: a point at the position
};

struct CaseRow {
    std::string id;
    double distance = 0;
};

/// One search and its answer, from a file of tests/cases; see the README there.
struct Case {
    std::string name;
    MetricKind metric = MetricKind::spheroid;
    std::vector<CasePlace> places;
    LonLat query{};
    std::size_t k = 1;
    double max_distance = 0;  ///< infinity when the case has none
    std::optional<std::string> category;
    Match match = Match::geometry;
    std::vector<CaseRow> expected;

    bool has_shapes() const;
};

/// The cases of all files.
std::vector<Case> all_cases();

/// Fails the test unless ids and order are equal and distances agree. `resolution` is that of the surface's
/// numbers: 0 when they have all their bits.
void expect_answer(const Case& expected, std::span<const CaseRow> found, double resolution = 0);

/// The places of a case as a CSV file.
std::string csv_of(std::span<const CasePlace> places);

}  // namespace crowfly::tests
