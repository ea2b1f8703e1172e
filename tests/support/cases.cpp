#include "tests/support/cases.h"

#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <simdjson.h>

namespace crowfly::tests {
namespace {

namespace dom = simdjson::dom;

std::string text_or_empty(dom::element object, const char* member) {
    std::string_view text;
    return object[member].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

Case case_of(dom::element json) {
    Case result;
    result.name = std::string_view(json["name"]);
    result.metric = metric_named(std::string_view(json["metric"])).value();
    result.query = {double(json["query"].at(0)), double(json["query"].at(1))};
    result.k = static_cast<std::size_t>(std::uint64_t(json["k"]));
    if (json["max_distance"].get(result.max_distance) != simdjson::SUCCESS) {
        result.max_distance = std::numeric_limits<double>::infinity();
    }
    if (json["category"].error() == simdjson::SUCCESS) result.category = text_or_empty(json, "category");
    for (const dom::element place : dom::array(json["places"])) {
        result.places.push_back({text_or_empty(place, "id"),
                                 {double(place["lon"]), double(place["lat"])},
                                 text_or_empty(place, "name"),
                                 text_or_empty(place, "category")});
    }
    for (const dom::element row : dom::array(json["expected"])) {
        result.expected.push_back({text_or_empty(row, "id"), double(row["distance"])});
    }
    return result;
}

double tolerance(MetricKind metric, double distance) {
    switch (metric) {
        case MetricKind::spheroid:
            return 1e-8 + 1e-12 * distance;
        case MetricKind::sphere:
            return 1e-8 + 1e-9 * distance;
        case MetricKind::plane:
            return 1e-12 * distance;
    }
    return 0;
}

}  // namespace

std::vector<Case> all_cases() {
    std::vector<Case> cases;
    for (const char* file : {"nearest.json", "point_distance.json", "st_knn.json"}) {
        dom::parser parser;
        const dom::element document = parser.load(std::string(CROWFLY_SOURCE_DIR "/tests/cases/") + file);
        for (const dom::element json : dom::array(document["cases"])) cases.push_back(case_of(json));
    }
    return cases;
}

void expect_answer(const Case& expected, std::span<const CaseRow> found, double resolution) {
    ASSERT_EQ(found.size(), expected.expected.size()) << expected.name;
    for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(found[i].id, expected.expected[i].id) << expected.name << ", rank " << i + 1;
        const double distance = expected.expected[i].distance;
        EXPECT_NEAR(found[i].distance, distance,
                    tolerance(expected.metric, distance) + resolution / 2 * (1 + 1e-9))
            << expected.name << ", rank " << i + 1;
    }
}

std::string csv_of(std::span<const CasePlace> places) {
    std::string csv = "id,name,category,lon,lat\n";
    for (const CasePlace& place : places) {
        csv += fmt::format("{},{},{},{},{}\n", place.id, place.name, place.category, place.position.lon,
                           place.position.lat);
    }
    return csv;
}

}  // namespace crowfly::tests
