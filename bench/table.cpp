#include "bench/table.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>

#include <fmt/format.h>
#include <fmt/ostream.h>

#include "core/error.h"

namespace crowfly::bench {
namespace {

constexpr std::string_view kCrowfly = "crowfly";
constexpr double kMissing = std::numeric_limits<double>::infinity();

bool same_work(const Row& a, const Row& b) {
    return a.work == b.work && a.metric == b.metric && a.k == b.k && a.n == b.n &&
           (a.order == b.order || a.order.empty() || b.order.empty());
}

/// Rows of one work and metric together, both in the order in which they first came.
std::vector<Row> grouped(const std::vector<Row>& rows) {
    std::map<std::string, std::size_t> works;
    std::map<std::string, std::size_t> metrics;
    for (const Row& row : rows) {
        works.emplace(row.work, works.size());
        metrics.emplace(row.metric, metrics.size());
    }
    std::vector<Row> result = rows;
    std::stable_sort(result.begin(), result.end(), [&](const Row& a, const Row& b) {
        return std::pair(works[a.work], metrics[a.metric]) < std::pair(works[b.work], metrics[b.metric]);
    });
    return result;
}

}  // namespace

double ratio_of(const std::vector<Row>& rows, const Row& row) {
    double best_peer = kMissing;
    double own = kMissing;
    for (const Row& other : rows) {
        if (!same_work(other, row)) continue;
        double& best = other.system == kCrowfly ? own : best_peer;
        best = std::min(best, other.value);
    }
    if (row.system == kCrowfly) own = row.value;
    return own > 0 && own < kMissing && best_peer < kMissing ? best_peer / own : 0;
}

void print(const std::vector<Row>& rows) {
    constexpr auto kLine = "{:<26} {:<8} {:>3} {:<7} {:>8} {:<16} {:>11} {:<11} {:>7} {:>6}\n";
    fmt::print(kLine, "work", "metric", "k", "order", "n", "system", "value", "unit", "queries", "ratio");
    const Row* last = nullptr;
    const std::vector<Row> ordered = grouped(rows);
    for (const Row& row : ordered) {
        if (last != nullptr && (last->work != row.work || last->metric != row.metric)) fmt::print("\n");
        last = &row;
        const double ratio = row.system == kCrowfly ? ratio_of(rows, row) : 0;
        fmt::print(kLine, row.work, row.metric, row.k > 0 ? std::to_string(row.k) : "", row.order, row.n,
                   row.system, fmt::format("{:.3f}", row.value), row.unit,
                   row.queries > 0 ? std::to_string(row.queries) : "",
                   ratio > 0 ? fmt::format("{:.2f}", ratio) : "");
    }
}

void write_json(const std::vector<Row>& rows, const std::string& path) {
    const std::filesystem::path directory = std::filesystem::path(path).parent_path();
    if (!directory.empty()) std::filesystem::create_directories(directory);
    std::ofstream json(path);
    const char* separator = "[\n";
    for (const Row& row : grouped(rows)) {
        fmt::print(
            json,
            R"({}{{"suite":"{}","work":"{}","metric":"{}","k":{},"order":"{}","n":{},"system":"{}","value":{},"unit":"{}","ratio":{}}})",
            separator, row.suite, row.work, row.metric, row.k, row.order, row.n, row.system, row.value,
            row.unit, ratio_of(rows, row));
        separator = ",\n";
    }
    json << "\n]\n";
    if (!json.flush()) throw Error(Code::io, fmt::format("{} could not be written", path));
}

}  // namespace crowfly::bench
