#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace crowfly::bench {

/// One measurement.
struct Row {
    std::string suite;
    std::string work;  ///< what was done: "build", "search", ...
    std::string metric;
    std::size_t k = 0;  ///< 0 where it means nothing
    std::string order;  ///< of the queries: "random", "hilbert"; empty where it means nothing
    std::size_t n = 0;  ///< points
    std::string system;
    double value = 0;
    std::string unit;
};

/// Prints the rows with, for each work, the ratio of the best peer's value to crowfly's (above 1: crowfly is
/// better), and writes them as a JSON list to `path`.
void report(const std::vector<Row>& rows, const std::string& path);

}  // namespace crowfly::bench
