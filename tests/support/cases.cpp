#include "tests/support/cases.h"

#include <algorithm>
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
    if (const std::string match = text_or_empty(json, "match"); !match.empty()) {
        result.match = match_named(match).value();
    }
    for (const dom::element json_place : dom::array(json["places"])) {
        CasePlace& place = result.places.emplace_back();
        place.id = text_or_empty(json_place, "id");
        place.name = text_or_empty(json_place, "name");
        place.category = text_or_empty(json_place, "category");
        place.wkt = text_or_empty(json_place, "wkt");
        if (place.wkt.empty()) place.position = {double(json_place["lon"]), double(json_place["lat"])};
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

bool any_shapes(std::span<const CasePlace> places) {
    return std::any_of(places.begin(), places.end(),
                       [](const CasePlace& place) { return !place.wkt.empty(); });
}

}  // namespace

std::vector<Case> all_cases() {
    std::vector<Case> cases;
    for (const char* file : {"nearest.json", "point_distance.json", "st_knn.json", "shapes.json"}) {
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

bool Case::has_shapes() const {
    return any_shapes(places);
}

std::string csv_of(std::span<const CasePlace> places) {
    const bool wkt = any_shapes(places);
    std::string csv = wkt ? "id,name,category,wkt\n" : "id,name,category,lon,lat\n";
    for (const CasePlace& place : places) {
        csv += fmt::format("{},{},{},", place.id, place.name, place.category);
        const auto [lon, lat] = place.position;
        if (!place.wkt.empty()) {
            csv += fmt::format("\"{}\"\n", place.wkt);
        } else if (wkt) {
            csv += fmt::format("POINT ({} {})\n", lon, lat);
        } else {
            csv += fmt::format("{},{}\n", lon, lat);
        }
    }
    return csv;
}

}  // namespace crowfly::tests
