#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace crowfly::bench {

/// One measurement.
struct Row {
    std::string suite;
    std::string work;  ///< what was done: "build", "search", ..., then the set where it is not the main one
    std::string metric;
    std::size_t k = 0;  ///< 0 where it means nothing; of "radius", about how many neighbors a query has
    std::string order;  ///< of the queries: "random", "hilbert"; of "build": "fast", "best"; or empty
    std::size_t n = 0;  ///< points
    std::string system;
    double value = 0;  ///< less is better
    std::string unit;
    std::size_t queries = 0;  ///< over how many; 0 where it means nothing
};

/// The best peer's value over crowfly's: of crowfly's row that value, of a peer's the best. Works are
/// compared that have the same names; one without an order with all orders. 0 when one side is missing.
double ratio_of(const std::vector<Row>& rows, const Row& row);

/// Prints the rows, grouped by work and metric, with the ratio on those of crowfly: above 1, crowfly is
/// better.
void print(const std::vector<Row>& rows);

/// Writes the rows as a JSON list of objects. Throws Error(io) when it cannot.
void write_json(const std::vector<Row>& rows, const std::string& path);

}  // namespace crowfly::bench
