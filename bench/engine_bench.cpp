// Times the engine beside its peers on the same points and queries, in one thread, and only where all give
// the same answers. bench/measurement.h says what is measured.

#include <algorithm>
#include <cstdio>
#include <regex>
#include <string>
#include <vector>

#include "bench/data_sets.h"
#include "bench/measurement.h"
#include "bench/table.h"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "core/error.h"
#include "core/metric/metric.h"

namespace crowfly::bench {
namespace {

constexpr Sizes kFull{.points = 2'237'580, .uniform_points = 1'000'000, .queries = 100'000, .real_step = 1};
constexpr Sizes kQuick{.points = 100'000, .uniform_points = 100'000, .queries = 5'000, .real_step = 16};

struct Options {
    bool quick = false;
    std::string only;
    std::vector<std::string> metrics;
    std::string output = "build/bench/engine.json";
    std::string data = "../shared/data";
    std::string peers = "build/bench";
};

void add_options(CLI::App& app, Options& options) {
    app.add_flag("--quick", options.quick, "Fewer points and queries, one repeat: to see that all works");
    app.add_option("--only", options.only, "A regular expression that is found in the works to be done")
        ->check([](const std::string& text) -> std::string {
            try {
                static_cast<void>(std::regex(text));
                return {};
            } catch (const std::regex_error&) {
                return fmt::format("'{}' is not a regular expression", text);
            }
        });
    app.add_option("--metric", options.metrics, "plane, sphere or spheroid; may be repeated")
        ->check(CLI::IsMember({"plane", "sphere", "spheroid"}));
    app.add_option("-o,--output", options.output, "Where the rows go as JSON")->capture_default_str();
    app.add_option("--data", options.data, "The directory of the real sets")->capture_default_str();
    app.add_option("--peers", options.peers, "Where bench/peers/setup.sh has set up the peers")
        ->capture_default_str();
}

std::vector<Row> rows_of(const DataSet& data_set, const Options& options, const Settings& settings) {
    std::vector<Row> rows;
    const PointSet set = data_set.make();
    for (const MetricKind metric : data_set.metrics) {
        const auto& wanted = options.metrics;
        if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), name(metric)) == wanted.end())
            continue;
        fmt::print(stderr, "bench: {}, {}\n", data_set.name.empty() ? "clustered" : data_set.name,
                   name(metric));
        Measurement measurement(data_set, set, metric, settings);
        measurement.cost_rows(rows);
        if (!data_set.name.empty()) {
            measurement.search_rows(10, rows);
            continue;
        }
        for (const std::size_t k : {1U, 10U, 100U}) measurement.search_rows(k, rows);
        for (const std::size_t mean : {10U, 100U}) measurement.radius_rows(mean, rows);
        measurement.filtered_rows(10, rows);
    }
    return rows;
}

void run(const Options& options) {
    const std::regex only(options.only);
    const Settings settings{
        .repeats = options.quick ? 1 : 3, .peers = options.peers, .wanted = [&](std::string_view work) {
            return std::regex_search(work.begin(), work.end(), only);
        }};
    std::vector<Row> rows;
    for (const DataSet& data_set : data_sets(options.quick ? kQuick : kFull, options.data)) {
        const std::vector<std::string> works = works_on(data_set);
        if (std::none_of(works.begin(), works.end(), settings.wanted)) continue;
        for (Row& row : rows_of(data_set, options, settings)) rows.push_back(std::move(row));
    }
    if (rows.empty()) {
        throw Error(
            Code::invalid_argument,
            fmt::format("'{}' is found in no work of these metrics; see the first column of the table",
                        options.only));
    }
    print(rows);
    write_json(rows, options.output);
}

}  // namespace
}  // namespace crowfly::bench

int main(int argc, char** argv) {
    CLI::App app("Times the engine of crowfly beside its peers.", "engine_bench");
    crowfly::bench::Options options;
    crowfly::bench::add_options(app, options);
    CLI11_PARSE(app, argc, argv);
    try {
        crowfly::bench::run(options);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench: %s\n", error.what());
        return 1;
    }
    return 0;
}
