#include "bench/measurement.h"

#include <algorithm>
#include <limits>

#include "bench/answers.h"
#include "bench/point_sets.h"
#include "bench/systems/systems.h"
#include <fmt/format.h>

namespace crowfly::bench {
namespace {

/// So many queries are compared before the first pass is timed; those of timed passes are compared after it.
constexpr std::size_t kSample = 1000;
constexpr std::size_t kFilteredSample = 20;

/// A pass that takes so long is not repeated: it is long enough for the noise to be small.
constexpr double kLongPass = 1e6;  // microseconds

struct Selectivity {
    std::string_view text;
    std::uint32_t values;  ///< categories, of equal size
};
constexpr Selectivity kSelectivities[] = {{"1", 1},        {"0.1", 10},      {"0.01", 100},
                                          {"1e-3", 1'000}, {"1e-4", 10'000}, {"1e-5", 100'000}};

std::string work_name(std::string_view work, const DataSet& data_set) {
    return data_set.name.empty() ? std::string(work) : fmt::format("{} {}", work, data_set.name);
}

std::string filtered_work(bool scattered, const Selectivity& selectivity) {
    return fmt::format("filtered {} {}", scattered ? "scattered" : "clustered", selectivity.text);
}

}  // namespace

std::vector<std::string> works_on(const DataSet& data_set) {
    std::vector<std::string> works;
    for (const char* work : {"build", "memory", "search"}) works.push_back(work_name(work, data_set));
    if (!data_set.name.empty()) return works;
    works.emplace_back("radius");
    for (const bool scattered : {true, false}) {
        for (const Selectivity& selectivity : kSelectivities)
            works.push_back(filtered_work(scattered, selectivity));
    }
    return works;
}

Measurement::Measurement(const DataSet& data_set, const PointSet& set, MetricKind metric,
                         const Settings& settings)
    : data_set_(data_set),
      set_(set),
      metric_(metric),
      settings_(settings),
      systems_(
          all_systems(metric, set.points, data_set.name.empty() ? settings.repeats : 1, settings.peers)) {}

Row Measurement::row_of(std::string_view work, const System& system) const {
    Row row;
    row.suite = "engine";
    row.work = work;
    row.metric = name(metric_);
    row.n = set_.points.size();
    row.system = system.name();
    return row;
}

void Measurement::cost_rows(std::vector<Row>& rows) const {
    const auto n = static_cast<double>(set_.points.size());
    const auto add = [&](std::string_view work, const System& system, const BuildCost& build, double value,
                         std::string_view unit) {
        if (!settings_.wanted(work)) return;
        Row row = row_of(work, system);
        row.order = build.kind;
        row.value = value;
        row.unit = unit;
        rows.push_back(row);
    };
    for (const auto& system : systems_) {
        for (const BuildCost& build : system->builds())
            add(work_name("build", data_set_), *system, build, build.seconds * 1e9 / n, "ns/point");
    }
    for (const auto& system : systems_) {
        BuildCost build = system->builds().back();
        build.kind.clear();
        if (build.bytes == 0) continue;
        add(work_name("memory", data_set_), *system, build, static_cast<double>(build.bytes) / n,
            "bytes/point");
    }
}

void Measurement::search_rows(std::size_t k, std::vector<Row>& rows) {
    time(work_name("search", data_set_), {.kind = Work::Kind::nearest, .k = k}, k, {"random", "hilbert"},
         rows);
}

void Measurement::radius_rows(std::size_t mean, std::vector<Row>& rows) {
    const std::string name = "radius";
    if (!settings_.wanted(name)) return;
    const double max_distance = distance_for(static_cast<double>(mean));
    time(name, {.kind = Work::Kind::within_distance, .max_distance = max_distance}, mean,
         {"random", "hilbert"}, rows);
}

void Measurement::filtered_rows(std::size_t k, std::vector<Row>& rows) {
    for (const bool scattered : {true, false}) {
        for (const Selectivity& selectivity : kSelectivities) {
            const std::uint32_t values = selectivity.values;
            const std::string name = filtered_work(scattered, selectivity);
            if (!settings_.wanted(name)) continue;
            const auto categories = scattered ? scattered_categories(set_.points.size(), values, 6)
                                              : clustered_categories(set_.points, values, 6);
            for (const auto& system : systems_) system->use_categories(categories);
            query_categories_ = scattered_categories(set_.queries.size(), values, 7);
            // The region of a category can be anywhere.
            const std::size_t passed_over = std::min(values == 1 ? 0
                                                     : scattered ? k * values
                                                                 : set_.points.size(),
                                                     set_.points.size() / 2);
            time(name, {.kind = Work::Kind::nearest_of_category, .k = k, .passed_over = passed_over}, k,
                 {"random"}, rows);
        }
    }
}

/// The first `count` queries, in that order. A system that gets fewer queries gets them from the whole set,
/// so that those in Hilbert order are then farther apart.
Measurement::Round& Measurement::round(const std::string& order, std::size_t count, const Work& work,
                                       Rounds& rounds) {
    count = std::min(count, set_.queries.size());
    const auto [at, is_new] = rounds.try_emplace({order, count});
    Queries& queries = at->second.queries;
    if (!is_new) return at->second;
    queries.order = order;
    queries.positions.assign(set_.queries.begin(), set_.queries.begin() + static_cast<std::ptrdiff_t>(count));
    if (order == "hilbert") queries.positions = in_hilbert_order(queries.positions);
    if (work.kind == Work::Kind::nearest_of_category) queries.categories = query_categories_;
    return at->second;
}

void Measurement::compare(const std::string& name, const Work& work, std::size_t sample, Rounds& rounds) {
    std::vector<double> found;
    for (const auto& system : systems_) {
        if (!system->can(work.kind)) continue;
        Round& asked = round("random", std::min(sample, system->most_queries(work)), work, rounds);
        if (asked.expected.empty()) systems_.front()->run(work, asked.queries, asked.expected);
        if (system == systems_.front()) continue;
        system->run(work, asked.queries, found);
        require_same({name, metric_}, work, asked.queries, system->name(), asked.expected, found);
    }
}

double Measurement::least_microseconds(const std::string& name, const Work& work, System& system,
                                       Round& round) {
    // crowfly, which comes first, gets no pass more than the others, which could warm its caches.
    if (round.expected.empty() && &system != systems_.front().get())
        systems_.front()->run(work, round.queries, round.expected);
    double least = std::numeric_limits<double>::infinity();
    std::vector<double> found;
    for (int i = 0; i < settings_.repeats; ++i) {
        const double pass = system.run(work, round.queries, found);
        if (round.expected.empty()) round.expected = found;
        require_same({name, metric_}, work, round.queries, system.name(), round.expected, found);
        least = std::min(least, pass);
        if (pass > kLongPass) break;
    }
    return least;
}

void Measurement::time(const std::string& name, const Work& work, std::size_t k,
                       const std::vector<std::string>& orders, std::vector<Row>& rows) {
    if (!settings_.wanted(name) || !systems_.front()->can(work.kind)) return;
    Rounds rounds;
    compare(name, work, work.kind == Work::Kind::nearest_of_category ? kFilteredSample : kSample, rounds);
    for (const std::string& order : orders) {
        for (const auto& system : systems_) {
            if (!system->can(work.kind)) continue;
            Round& asked = round(order, system->most_queries(work), work, rounds);
            const std::size_t count = asked.queries.positions.size();
            Row row = row_of(name, *system);
            row.k = k;
            row.order = order;
            row.value = least_microseconds(name, work, *system, asked) / static_cast<double>(count);
            row.unit = "us/query";
            row.queries = count;
            rows.push_back(row);
        }
    }
}

/// By bisection, on a sample of the queries.
double Measurement::distance_for(double mean) {
    Rounds rounds;
    const Queries& sample = round("random", kSample, {}, rounds).queries;
    std::vector<double> counts;
    const auto has_fewer = [&](double max_distance) {
        systems_.front()->run({.kind = Work::Kind::within_distance, .max_distance = max_distance}, sample,
                              counts);
        double sum = 0;
        for (const double count : counts) sum += count;
        return sum < mean * static_cast<double>(counts.size());
    };
    double high = 1e-6;
    while (has_fewer(high)) high *= 2;
    double low = high / 2;
    for (int i = 0; i < 20; ++i) {
        const double middle = (low + high) / 2;
        (has_fewer(middle) ? low : high) = middle;
    }
    return high;
}

}  // namespace crowfly::bench
