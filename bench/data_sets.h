#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/lonlat.h"
#include "core/metric/metric.h"

namespace crowfly::bench {

struct PointSet {
    std::vector<LonLat> points;
    std::vector<LonLat> queries;  ///< in random order
};

/// A point set that is made when it is wanted.
struct DataSet {
    std::string name;  ///< empty for the main set, which all works are done on
    std::vector<MetricKind> metrics;
    std::function<PointSet()> make;
};

struct Sizes {
    std::size_t points;
    std::size_t uniform_points;
    std::size_t queries;
    std::size_t real_step;  ///< of the real sets every so manieth point
};

/// The main set, a uniform one, and those real ones that are in `directory`. A line on standard error names
/// what is not there.
std::vector<DataSet> data_sets(const Sizes& sizes, const std::filesystem::path& directory);

}  // namespace crowfly::bench
