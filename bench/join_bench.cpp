// Times whole joins, index included, beside other systems', and only where all give the same distances. Peers
// are processes of their own: bench/peers/join_peers.py says what they are asked.

#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "bench/bench_main.h"
#include "bench/point_sets.h"
#include "bench/real_sets.h"
#include "bench/systems/peer_process.h"
#include "bench/table.h"
#include "bench/wkt_column.h"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "core/error.h"
#include "core/join/join.h"
#include "formats/wkt.h"

namespace crowfly::bench {
namespace {

constexpr std::size_t kThreads = 2;

struct Options : CommonOptions {
    Options() : CommonOptions{.output = "build/bench/join.json", .data = "../shared/data/spatialbench"} {}

    bool no_peers = false;
};

/// Both sides of a join.
struct Sides {
    std::string work;
    std::vector<LonLat> queries;
    std::vector<LonLat> objects;
    std::vector<Geometry> shapes;  ///< objects, where they are no points

    std::size_t object_count() const { return shapes.empty() ? objects.size() : shapes.size(); }
};

/// What one join gave.
struct Answer {
    double milliseconds = std::numeric_limits<double>::infinity();
    double build_milliseconds = 0;
    std::vector<double> distances;       ///< of the k neighbors of each query
    std::vector<std::uint32_t> objects;  ///< likewise
};

class Peer {
  public:
    Peer(const Options& options, const std::string& kind, const Sides& sides) {
        write(directory_.file("queries.f64"), sides.queries);
        if (sides.shapes.empty()) {
            write(directory_.file("objects.f64"), sides.objects);
        } else {
            std::ofstream file(directory_.file("objects.wkt"));
            std::string text;
            for (const Geometry& shape : sides.shapes) {
                text.clear();
                write_wkt(shape, text);
                file << text << '\n';
            }
        }
        process_ = std::make_unique<PeerProcess>(
            std::vector<std::string>{options.peers + "/venv/bin/python", "bench/peers/join_peers.py", kind,
                                     directory_.path().string(), std::to_string(kThreads)});
        std::string line;
        ready_ = process_->read_line(line) && line == "ready";
    }

    bool ready() const { return ready_; }

    /// Milliseconds, and the distances of all neighbors.
    double join(std::size_t k, std::vector<double>& distances) {
        process_->write_line(fmt::format("join {}", k));
        std::string line;
        if (!process_->read_line(line)) throw std::runtime_error("a peer has ended without an answer");
        std::ifstream file(directory_.file("answers.f64"), std::ios::binary | std::ios::ate);
        distances.resize(static_cast<std::size_t>(file.tellg()) / sizeof(double));
        file.seekg(0);
        file.read(reinterpret_cast<char*>(distances.data()),
                  static_cast<std::streamsize>(distances.size() * sizeof(double)));
        return std::stod(line) / 1e3;
    }

  private:
    static void write(const std::filesystem::path& path, const std::vector<LonLat>& positions) {
        std::ofstream(path, std::ios::binary)
            .write(reinterpret_cast<const char*>(positions.data()),
                   static_cast<std::streamsize>(positions.size() * sizeof(LonLat)));
    }

    ExchangeDirectory directory_;
    std::unique_ptr<PeerProcess> process_;
    bool ready_ = false;
};

class JoinBench {
  public:
    explicit JoinBench(const Options& options) : options_(options), repeats_(options.quick ? 1 : 5) {}

    /// crowfly with one thread and with two, and the peers, which know the plane alone.
    void run(const Sides& sides, MetricKind metric, std::size_t k, const std::vector<std::string>& peers) {
        fmt::print(stderr, "bench: {}, {}, k = {}\n", sides.work, name(metric), k);
        JoinOptions join_options;
        join_options.metric = metric;
        join_options.k = k;
        const Answer exact = least(sides, join_options, kThreads);
        const Answer alone = least(sides, join_options, 1);
        add(sides, metric, k, "2 thr", "crowfly", exact.milliseconds, "ms");
        add(sides, metric, k, "1 thr", "crowfly", alone.milliseconds, "ms");
        add("of it the index: " + sides.work, sides, metric, 0, "2 thr", "crowfly", exact.build_milliseconds,
            "ms");
        if (exact.distances != alone.distances || exact.objects != alone.objects) {
            throw Error(Code::internal, sides.work + ": two threads give other rows than one");
        }
        if (options_.no_peers) return;
        for (const std::string& kind : peers) peer(sides, metric, k, kind, exact.distances);
    }

    /// How much faster the approximate join is, how many of its rows are those of the exact one, and how far
    /// off the distances are.
    void run_approximate(const Sides& sides, MetricKind metric, std::size_t k, double epsilon) {
        JoinOptions join_options;
        join_options.metric = metric;
        join_options.k = k;
        const Answer exact = least(sides, join_options, kThreads);
        join_options.epsilon = epsilon;
        const Answer found = least(sides, join_options, kThreads);
        std::size_t same = 0;
        double worst = 0;
        double sum = 0;
        for (std::size_t i = 0; i < exact.distances.size(); ++i) {
            same += found.objects[i] == exact.objects[i] ? 1 : 0;
            if (found.distances[i] > (1 + epsilon) * exact.distances[i]) {
                throw Error(Code::internal, sides.work + ": an approximate distance is beyond its bound");
            }
            const double error = exact.distances[i] > 0 ? found.distances[i] / exact.distances[i] - 1 : 0;
            worst = std::max(worst, error);
            sum += error;
        }
        const auto count = static_cast<double>(exact.distances.size());
        const std::string work = fmt::format("epsilon {}", epsilon);
        add(work, sides, metric, k, "2 thr", "crowfly", found.milliseconds, "ms");
        add(work, sides, metric, k, "2 thr", "crowfly, exact", exact.milliseconds, "ms");
        add(work + ": other rows", sides, metric, k, "", "crowfly",
            100 * (1 - static_cast<double>(same) / count), "%");
        add(work + ": worst error", sides, metric, k, "", "crowfly", 100 * worst, "%");
        add(work + ": mean error", sides, metric, k, "", "crowfly", 100 * sum / count, "%");
    }

    std::vector<Row>& rows() { return rows_; }

  private:
    Answer least(const Sides& sides, const JoinOptions& join_options, std::size_t threads) const {
        std::vector<const Geometry*> shapes;
        for (const Geometry& shape : sides.shapes) shapes.push_back(&shape);
        const std::vector<LonLat> no_positions(sides.shapes.size());
        const JoinSide objects{.positions = sides.shapes.empty() ? sides.objects : no_positions,
                               .shapes = shapes};
        ThreadExecutor executor(threads);
        Answer answer;
        for (int i = 0; i < repeats_; ++i) {
            answer.distances.clear();
            answer.objects.clear();
            answer.distances.reserve(sides.queries.size() * join_options.k);
            answer.objects.reserve(sides.queries.size() * join_options.k);
            double kept = 0;
            const auto start = std::chrono::steady_clock::now();
            const JoinSummary summary = join({.positions = sides.queries}, objects, join_options, executor,
                                             [&](std::span<const JoinRow> rows) {
                                                 const auto begin = std::chrono::steady_clock::now();
                                                 for (const JoinRow& row : rows) {
                                                     answer.distances.push_back(row.distance);
                                                     answer.objects.push_back(row.object);
                                                 }
                                                 kept += milliseconds_since(begin);
                                             });
            const double milliseconds = milliseconds_since(start) - kept;
            if (milliseconds >= answer.milliseconds) continue;
            answer.milliseconds = milliseconds;
            answer.build_milliseconds = std::chrono::duration<double, std::milli>(summary.build_time).count();
        }
        return answer;
    }

    static double milliseconds_since(std::chrono::steady_clock::time_point start) {
        return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    }

    void peer(const Sides& sides, MetricKind metric, std::size_t k, const std::string& kind,
              const std::vector<double>& expected) {
        Peer system(options_, kind, sides);
        if (!system.ready()) {
            fmt::print(stderr, "bench: {} is skipped: it did not start\n", kind);
            return;
        }
        double least = std::numeric_limits<double>::infinity();
        double farthest_off = 0;
        for (int i = 0; i < repeats_; ++i) {
            std::vector<double> found;
            least = std::min(least, system.join(k, found));
            if (found.size() != expected.size()) {
                throw Error(Code::internal, fmt::format("{}: {} gives {} rows, crowfly {}", sides.work, kind,
                                                        found.size(), expected.size()));
            }
            for (std::size_t row = 0; row < expected.size(); ++row) {
                const double off = std::abs(found[row] - expected[row]);
                farthest_off = std::max(farthest_off, off);
                if (off <= 1e-9 + 1e-9 * expected[row]) continue;
                throw Error(Code::internal,
                            fmt::format("{}: {} gives {} at rank {} for query {}, crowfly {}", sides.work,
                                        kind, found[row], row % k + 1, row / k, expected[row]));
            }
            if (least > 10e3) break;
        }
        fmt::print(stderr, "bench: {} differs by at most {:.3g}\n", kind, farthest_off);
        add(sides, metric, k, "", kind, least, "ms");
    }

    void add(const Sides& sides, MetricKind metric, std::size_t k, const std::string& order,
             const std::string& system, double value, const std::string& unit) {
        add(sides.work, sides, metric, k, order, system, value, unit);
    }

    void add(const std::string& work, const Sides& sides, MetricKind metric, std::size_t k,
             const std::string& order, const std::string& system, double value, const std::string& unit) {
        Row row;
        row.suite = "join";
        row.work = work;
        row.metric = name(metric);
        row.k = k;
        row.order = order;
        row.n = sides.object_count();
        row.system = system;
        row.value = value;
        row.unit = unit;
        row.queries = sides.queries.size();
        rows_.push_back(row);
    }

    const Options& options_;
    int repeats_;
    std::vector<Row> rows_;
};

void run_points(const Options& options, JoinBench& bench) {
    Sides sides;
    sides.work = "join";
    sides.objects = clustered_points(options.quick ? 100'000 : 2'237'580, 1);
    sides.queries = clustered_points(options.quick ? 10'000 : 100'000, 2);
    bench.run(sides, MetricKind::plane, 10, {"pycanopy", "sedonadb", "scipy"});
    bench.run(sides, MetricKind::plane, 1, {"pycanopy", "sedonadb", "scipy", "geopandas"});
    for (const MetricKind metric : {MetricKind::sphere, MetricKind::spheroid})
        bench.run(sides, metric, 10, {});
    for (const MetricKind metric : {MetricKind::plane, MetricKind::sphere, MetricKind::spheroid}) {
        bench.run_approximate(sides, metric, 10, 0.1);
    }
    sides.work = "nearest of 100,000";
    sides.objects.resize(std::min<std::size_t>(sides.objects.size(), 100'000));
    bench.run(sides, MetricKind::plane, 1, {"pycanopy", "sedonadb", "scipy", "geopandas"});
}

/// The twelfth query of Apache SpatialBench: the buildings nearest to where trips began.
void run_buildings(const Options& options, JoinBench& bench) {
    const std::filesystem::path data = options.data;
    const std::filesystem::path trips = data / "trip_sf1_part1of20.tsv.gz";
    const std::filesystem::path buildings = data / "building_sf1.tsv.gz";
    if (!std::filesystem::exists(trips) || !std::filesystem::exists(buildings)) {
        fmt::print(stderr, "bench: SpatialBench is skipped: its tables are not in {}\n", options.data);
        return;
    }
    Sides sides;
    sides.work = "SpatialBench Q12";
    sides.queries = positions_of(trips, "pickup_lon", "pickup_lat", options.quick ? 16 : 1);
    sides.shapes = shapes_of(buildings, Crs::planar);
    bench.run(sides, MetricKind::plane, 5, {"pycanopy", "sedonadb"});
    // Some of them reach beyond the antimeridian.
    sides.shapes = shapes_of(buildings, Crs::wgs84);
    sides.work += " on the earth";
    bench.run(sides, MetricKind::spheroid, 5, {});
}

void run(const Options& options) {
    JoinBench bench(options);
    run_points(options, bench);
    run_buildings(options, bench);
    print(bench.rows());
    write_json(bench.rows(), options.output);
}

}  // namespace
}  // namespace crowfly::bench

int main(int argc, char** argv) {
    CLI::App app("Times joins beside those of other systems.", "join_bench");
    crowfly::bench::Options options;
    options.add_to(app, "The directory of SpatialBench's tables");
    app.add_flag("--no-peers", options.no_peers, "crowfly alone");
    return crowfly::bench::bench_main(app, argc, argv, [&] { crowfly::bench::run(options); });
}
