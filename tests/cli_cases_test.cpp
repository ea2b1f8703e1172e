#include <limits>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/cases.h"
#include "tests/support/csv.h"
#include "tests/support/process.h"
#include "tests/support/temporary.h"

namespace crowfly {
namespace {

std::vector<std::string> search_arguments(const std::string& source, const tests::Case& expected) {
    std::vector<std::string> arguments{
        "search",   source,
        "--at",     fmt::format("{},{}", expected.query.lon, expected.query.lat),
        "-k",       std::to_string(expected.k),
        "--metric", std::string(name(expected.metric)),
        "--format", "csv"};
    if (expected.max_distance != std::numeric_limits<double>::infinity()) {
        arguments.insert(arguments.end(), {"--max-distance", fmt::format("{}", expected.max_distance)});
    }
    if (expected.match != Match::geometry) {
        arguments.insert(arguments.end(), {"--match", std::string(name(expected.match))});
    }
    if (expected.category) arguments.insert(arguments.end(), {"--category", *expected.category});
    return arguments;
}

void expect_case(const tests::Case& expected, std::vector<std::string> arguments) {
    const tests::Finished search = tests::crowfly(std::move(arguments));
    ASSERT_EQ(search.exit_code, 0) << expected.name << ": " << search.err;
    const auto table = tests::csv_table(search.out);
    const std::string distance_column = expected.metric == MetricKind::plane ? "distance" : "distance_m";
    std::vector<std::string> columns{"rank", "id", "name", "category", "lon", "lat", distance_column};
    if (expected.has_shapes()) columns.insert(columns.end(), {"nearest_lon", "nearest_lat", "wkt"});
    ASSERT_EQ(table.at(0), columns);
    std::vector<tests::CaseRow> found;
    for (std::size_t row = 1; row < table.size(); ++row) {
        EXPECT_EQ(table[row].at(0), std::to_string(row)) << expected.name;
        found.push_back({table[row].at(1), std::stod(table[row].at(6))});
    }
    tests::expect_answer(expected, found);
}

TEST(Cases, OfTheCommandLineOnAFile) {
    const tests::TemporaryDirectory directory;
    for (const tests::Case& expected : tests::all_cases()) {
        const std::string file = directory.file("places.csv", tests::csv_of(expected.places));
        expect_case(expected, search_arguments(file, expected));
        auto scan = search_arguments(file, expected);
        scan.emplace_back("--exact-scan");
        expect_case(expected, scan);
    }
}

TEST(Cases, OfTheCommandLineOnAStore) {
    for (const tests::Case& expected : tests::all_cases()) {
        const tests::TemporaryDirectory directory;
        const std::string store = directory.path("store.gpkg");
        const tests::Finished import = tests::crowfly(
            {"import", directory.file("places.csv", tests::csv_of(expected.places)), "--to", store});
        ASSERT_EQ(import.exit_code, 0) << expected.name << ": " << import.err;
        expect_case(expected, search_arguments(store, expected));
    }
}

}  // namespace
}  // namespace crowfly
