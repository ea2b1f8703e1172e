#include <fmt/format.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "core/cluster/dbscan.h"
#include "core/cluster/scan_dbscan.h"
#include "tests/support/cases.h"
#include "tests/support/process.h"
#include "tests/support/temporary.h"

namespace crowfly {
namespace {

namespace dom = simdjson::dom;

struct DbscanCase {
    std::string name;
    DbscanOptions options;
    std::vector<std::int64_t> clusters;
};

struct DbscanCases {
    std::vector<tests::CasePlace> places;
    std::vector<DbscanCase> cases;

    DbscanCases() {
        dom::parser parser;
        const dom::element file = parser.load(CROWFLY_SOURCE_DIR "/tests/cases/dbscan.json");
        for (const dom::element place : dom::array(file["places"])) {
            places.push_back({.id = std::string(std::string_view(place["id"])),
                              .position = {double(place["lon"]), double(place["lat"])},
                              .name = {},
                              .category = {},
                              .wkt = {}});
        }
        for (const dom::element json : dom::array(file["cases"])) {
            DbscanCase next{.name = std::string(std::string_view(json["name"])),
                            .options = {.eps = double(json["eps"]),
                                        .min_points = std::size_t(std::uint64_t(json["min_points"]))},
                            .clusters = {}};
            for (const dom::element cluster : dom::array(json["clusters"])) {
                next.clusters.push_back(std::int64_t(cluster));
            }
            cases.push_back(std::move(next));
        }
    }
};

TEST(DbscanCases, OfTheCore) {
    const DbscanCases all;
    std::vector<LonLat> positions;
    for (const tests::CasePlace& place : all.places) positions.push_back(place.position);
    ASSERT_EQ(all.cases.size(), 3U);
    for (const DbscanCase& expected : all.cases) {
        EXPECT_EQ(dbscan(positions, MetricKind::plane, expected.options).labels, expected.clusters)
            << expected.name;
        EXPECT_EQ(scan_dbscan(positions, MetricKind::plane, expected.options).labels, expected.clusters)
            << expected.name;
    }
}

TEST(DbscanCases, OfTheCommandLine) {
    const DbscanCases all;
    const tests::TemporaryDirectory directory;
    const std::string file = directory.file("places.csv", tests::csv_of(all.places));
    for (const DbscanCase& expected : all.cases) {
        const auto found = tests::crowfly({"cluster", file, "--metric", "plane", "--eps",
                                           fmt::format("{}", expected.options.eps), "--min-points",
                                           std::to_string(expected.options.min_points)});
        std::string rows = "id,cluster\n";
        for (std::size_t i = 0; i < all.places.size(); ++i) {
            rows += fmt::format("{},{}\n", all.places[i].id, expected.clusters[i]);
        }
        EXPECT_EQ(found.out, rows) << expected.name << ": " << found.err;
    }
}

}  // namespace
}  // namespace crowfly
