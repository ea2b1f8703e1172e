#include "bench/table.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>

#include <fmt/format.h>
#include <fmt/ostream.h>

namespace crowfly::bench {
namespace {

bool same_work(const Row& a, const Row& b) {
    return a.work == b.work && a.metric == b.metric && a.k == b.k && a.order == b.order && a.n == b.n;
}

/// The best peer's value over crowfly's, 0 when one of them is missing.
double ratio_of(const std::vector<Row>& rows, const Row& row) {
    double best_peer = std::numeric_limits<double>::infinity();
    double own = 0;
    for (const Row& other : rows) {
        if (!same_work(other, row)) continue;
        if (other.system == "crowfly") {
            own = other.value;
        } else {
            best_peer = std::min(best_peer, other.value);
        }
    }
    return own > 0 && best_peer < std::numeric_limits<double>::infinity() ? best_peer / own : 0;
}

}  // namespace

void report(const std::vector<Row>& rows, const std::string& path) {
    fmt::print("{:<8} {:<9} {:>4} {:<8} {:>9} {:<16} {:>10} {:<8} {:>6}\n", "work", "metric", "k", "order",
               "n", "system", "value", "unit", "ratio");
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream json(path);
    const char* separator = "[\n";
    for (const Row& row : rows) {
        const double ratio = ratio_of(rows, row);
        const bool shown = row.system == "crowfly" && ratio > 0;
        fmt::print("{:<8} {:<9} {:>4} {:<8} {:>9} {:<16} {:>10.3f} {:<8} {:>6}\n", row.work, row.metric,
                   row.k, row.order, row.n, row.system, row.value, row.unit,
                   shown ? fmt::format("{:.2f}", ratio) : "");
        fmt::print(
            json,
            R"({}{{"suite":"{}","work":"{}","metric":"{}","k":{},"order":"{}","n":{},"system":"{}","value":{},"unit":"{}","ratio":{}}})",
            separator, row.suite, row.work, row.metric, row.k, row.order, row.n, row.system, row.value,
            row.unit, ratio);
        separator = ",\n";
    }
    json << "\n]\n";
    if (!json.flush()) std::fprintf(stderr, "%s could not be written\n", path.c_str());
}

}  // namespace crowfly::bench
