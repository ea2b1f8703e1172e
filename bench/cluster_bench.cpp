// Times DBSCAN, index included, beside scikit-learn and PostGIS, and only where all have the same clusters:
// the same noise, and the same partition of the core points. Peers are processes of their own:
// bench/peers/cluster_peers.py says what they are asked.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/bench_main.h"
#include "bench/point_sets.h"
#include "bench/real_sets.h"
#include "bench/systems/peer_process.h"
#include "bench/table.h"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "core/cluster/dbscan.h"
#include "core/error.h"

namespace crowfly::bench {
namespace {

struct Options : CommonOptions {
    Options() : CommonOptions{.output = "build/bench/clusters.json", .data = "../shared/data"} {}

    bool no_peers = false;
    std::string metric;
    std::string only;
};

struct Work {
    std::string name;
    std::vector<LonLat> points;
    double eps_degrees;  ///< on the plane
    double eps_metres;   ///< on sphere and spheroid
    std::size_t min_points;

    double eps(MetricKind metric) const { return metric == MetricKind::plane ? eps_degrees : eps_metres; }
};

/// One of the systems of cluster_peers.py, with the points of one work.
class Peer {
  public:
    Peer(const Options& options, const std::string& kind, const std::vector<LonLat>& points)
        : count_(points.size()) {
        std::ofstream file(directory_.file("points.f64"), std::ios::binary);
        file.write(reinterpret_cast<const char*>(points.data()),
                   static_cast<std::streamsize>(points.size() * sizeof(LonLat)));
        file.close();
        process_ = std::make_unique<PeerProcess>(std::vector<std::string>{options.peers + "/venv/bin/python",
                                                                          "bench/peers/cluster_peers.py",
                                                                          kind, directory_.path().string()});
        std::string line;
        ready_ = process_->read_line(line) && line == "ready";
    }

    bool ready() const { return ready_; }

    /// Milliseconds, and the labels.
    double cluster(double eps, std::size_t min_points, std::size_t threads, std::vector<double>& labels) {
        process_->write_line(fmt::format("{} {} {}", eps, min_points, threads));
        std::string line;
        if (!process_->read_line(line)) throw std::runtime_error("a peer has ended without an answer");
        labels.resize(count_);
        std::ifstream file(directory_.file("labels.f64"), std::ios::binary);
        file.read(reinterpret_cast<char*>(labels.data()),
                  static_cast<std::streamsize>(labels.size() * sizeof(double)));
        if (!file) throw std::runtime_error("a peer has left too few labels");
        return std::stod(line) / 1e3;
    }

  private:
    std::size_t count_;
    ExchangeDirectory directory_;
    std::unique_ptr<PeerProcess> process_;
    bool ready_ = false;
};

/// Throws unless both have the same noise, and the same core points together: to which of two clusters a
/// border point belongs is for each system to say.
void require_same(const Clustering& expected, const std::vector<double>& labels, const std::string& who) {
    std::map<std::int64_t, double> theirs;
    std::map<double, std::int64_t> ours;
    for (std::size_t row = 0; row < labels.size(); ++row) {
        const std::int64_t label = expected.labels[row];
        bool same = (label == kNoise) == (labels[row] < 0);
        if (expected.core[row]) {
            same = same && theirs.emplace(label, labels[row]).first->second == labels[row] &&
                   ours.emplace(labels[row], label).first->second == label;
        }
        if (!same) {
            throw Error(Code::internal, fmt::format("{} has cluster {} for point {}, crowfly {}", who,
                                                    labels[row], row, label));
        }
    }
}

class ClusterBench {
  public:
    explicit ClusterBench(const Options& options) : options_(options), repeats_(options.quick ? 1 : 7) {}

    void run(const Work& work) {
        if (!options_.only.empty() && work.name.find(options_.only) == std::string::npos) return;
        for (const MetricKind metric : {MetricKind::plane, MetricKind::sphere, MetricKind::spheroid}) {
            if (!options_.metric.empty() && options_.metric != name(metric)) continue;
            fmt::print(stderr, "bench: {}, {}\n", work.name, name(metric));
            const Clustering found = run_own(work, metric);
            if (options_.no_peers) continue;
            if (metric == MetricKind::plane) {
                run_peer(work, metric, "scikit-learn", {1, 2}, found);
                run_peer(work, metric, "postgis", {1}, found);
            } else if (metric == MetricKind::sphere) {
                run_peer(work, metric, "scikit-learn-haversine", {1, 2}, found);
            }
        }
    }

    const std::vector<Row>& rows() const { return rows_; }

  private:
    /// One thread and two take turns, so that what else the machine does is hard on both.
    Clustering run_own(const Work& work, MetricKind metric) {
        ThreadExecutor one(1), two(2);
        double least[] = {kForever, kForever};
        Clustering found[2];
        for (int i = 0; i < repeats_; ++i) {
            for (const std::size_t which : {0U, 1U}) {
                const auto start = std::chrono::steady_clock::now();
                found[which] = dbscan(work.points, metric,
                                      {.eps = work.eps(metric),
                                       .min_points = work.min_points,
                                       .executor = which == 0 ? &one : &two});
                const std::chrono::duration<double, std::milli> time =
                    std::chrono::steady_clock::now() - start;
                least[which] = std::min(least[which], time.count());
            }
        }
        if (found[0] != found[1]) throw Error(Code::internal, "two threads have other clusters than one");
        const auto core = std::count(found[0].core.begin(), found[0].core.end(), true);
        const auto noise = std::count(found[0].labels.begin(), found[0].labels.end(), kNoise);
        fmt::print(stderr, "bench: {} clusters, {} core points, {} noise\n", found[0].clusters, core, noise);
        for (const std::size_t threads : {1U, 2U}) add(work, metric, "crowfly", threads, least[threads - 1]);
        return found[0];
    }

    void run_peer(const Work& work, MetricKind metric, const std::string& kind,
                  const std::vector<std::size_t>& threads, const Clustering& expected) {
        Peer peer(options_, kind, work.points);
        if (!peer.ready()) {
            fmt::print(stderr, "bench: {} is skipped: it did not start\n", kind);
            return;
        }
        std::vector<double> labels;
        for (const std::size_t count : threads) {
            double least = kForever;
            for (int i = 0; i < std::min(repeats_, 3); ++i) {
                least = std::min(least, peer.cluster(work.eps(metric), work.min_points, count, labels));
                require_same(expected, labels, kind);
            }
            add(work, metric, kind, count, least);
        }
    }

    void add(const Work& work, MetricKind metric, const std::string& system, std::size_t threads,
             double milliseconds) {
        Row row;
        row.suite = "clusters";
        row.work = "dbscan " + work.name;
        row.metric = name(metric);
        row.order = threads == 1 ? "1 thread" : fmt::format("{} threads", threads);
        row.n = work.points.size();
        row.system = system;
        row.value = milliseconds;
        row.unit = "ms";
        rows_.push_back(row);
    }

    static constexpr double kForever = std::numeric_limits<double>::infinity();

    const Options& options_;
    int repeats_;
    std::vector<Row> rows_;
};

std::vector<Work> works(const Options& options) {
    const std::size_t step = options.quick ? 10 : 1;
    std::vector<Work> works;
    const std::filesystem::path trips = options.data + "/spatialbench/trip_sf1_part1of20.tsv.gz";
    if (std::filesystem::exists(trips)) {
        works.push_back({"trips", positions_of(trips, "pickup_lon", "pickup_lat", step), 0.02, 2000, 5});
    } else {
        fmt::print(stderr, "bench: trips are skipped: {} is not there\n", trips.string());
    }
    const std::filesystem::path postcodes = options.data + "/points/uk_postcodes.tsv.gz";
    if (std::filesystem::exists(postcodes)) {
        works.push_back({"postcodes", positions_of(postcodes, "lon", "lat", step * 5), 0.02, 2000, 5});
    } else {
        fmt::print(stderr, "bench: postcodes are skipped: {} is not there\n", postcodes.string());
    }
    works.push_back({"towns", clustered_points(300'000 / step, 5), 0.02, 2000, 5});
    return works;
}

void run(const Options& options) {
    ClusterBench bench(options);
    for (const Work& work : works(options)) bench.run(work);
    print(bench.rows());
    write_json(bench.rows(), options.output);
}

}  // namespace
}  // namespace crowfly::bench

int main(int argc, char** argv) {
    CLI::App app("Times clusterings beside their peers.", "cluster_bench");
    crowfly::bench::Options options;
    options.add_to(app, "The directory of the data sets");
    app.add_flag("--no-peers", options.no_peers, "crowfly alone");
    app.add_option("--metric", options.metric, "Only this metric");
    app.add_option("--only", options.only, "Only the sets with this in their names");
    return crowfly::bench::bench_main(app, argc, argv, [&] { crowfly::bench::run(options); });
}
