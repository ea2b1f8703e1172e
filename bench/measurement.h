#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/data_sets.h"
#include "bench/system.h"
#include "bench/table.h"

namespace crowfly::bench {

struct Settings {
    int repeats = 1;              ///< of each pass, and each build of the main set; the least time counts
    std::filesystem::path peers;  ///< where those were set up that run in processes of their own
    std::function<bool(std::string_view work)> wanted;
};

/// The works that are done on a set.
std::vector<std::string> works_on(const DataSet& data_set);

/// All systems on one point set, by one metric. Each work is done by every system that can, on the same
/// queries in the same order, one system after the other, and its rows are given only when all answers agree.
class Measurement {
  public:
    Measurement(const DataSet& data_set, const PointSet& set, MetricKind metric, const Settings& settings);

    /// "build" and "memory".
    void cost_rows(std::vector<Row>& rows) const;

    /// The k nearest, for queries in random and in Hilbert order.
    void search_rows(std::size_t k, std::vector<Row>& rows);

    /// All within such a distance that a query has about `mean` neighbors.
    void radius_rows(std::size_t mean, std::vector<Row>& rows);

    /// The k nearest of one category, at the selectivities of 1 to 1e-5. Categories are scattered over all
    /// places, or each has a region to itself; a query asks for any of them.
    void filtered_rows(std::size_t k, std::vector<Row>& rows);

  private:
    /// Queries, and what crowfly answered to them.
    struct Round {
        Queries queries;
        std::vector<double> expected;
    };
    using Rounds = std::map<std::pair<std::string, std::size_t>, Round>;

    Row row_of(std::string_view work, const System& system) const;
    Round& round(const std::string& order, std::size_t count, const Work& work, Rounds& rounds);
    void compare(const std::string& name, const Work& work, std::size_t sample, Rounds& rounds);
    double least_microseconds(const std::string& name, const Work& work, System& system, Round& round);
    void time(const std::string& name, const Work& work, std::size_t k,
              const std::vector<std::string>& orders, std::vector<Row>& rows);
    double distance_for(double mean);

    const DataSet& data_set_;
    const PointSet& set_;
    MetricKind metric_;
    const Settings& settings_;
    Systems systems_;                                ///< crowfly first
    std::vector<std::uint32_t> query_categories_{};  ///< of filtered_rows
};

}  // namespace crowfly::bench
