#include <algorithm>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "bench/point_sets.h"
#include "bench/store/mixed_load.h"
#include "bench/store/redis.h"
#include "bench/store/store_bench.h"
#include "bench/store/store_places.h"
#include "bench/systems/peer_process.h"
#include <fmt/format.h>

#include "core/executor.h"
#include "formats/place_reader.h"
#include "store/embedded/embedded_store.h"
#include "store/import_job.h"

namespace crowfly::bench {
namespace {

constexpr std::size_t kNearest = 10;
constexpr double kFarEnough = 1e9;

class CrowflySystem final : public MixedSystem {
  public:
    CrowflySystem(const std::string& csv, const std::string& path, const std::vector<LonLat>& queries)
        : store_(path, sqlite::Access::create, {.executor = &executor_}), queries_(queries) {
        NewCollection make;
        make.schema.name = "places";
        make.metrics = {MetricKind::spheroid};
        ImportJob job(store_, make);
        Rejects rejects(OnError::abort);
        job.run(*open_places(csv, std::nullopt, {}, rejects), rejects);
        places_ = job.take_collection();
    }

    void search(std::size_t /*reader*/, std::size_t query) override { nearest(queries_[query], kNearest); }

    /// Metres to the k-th neighbor.
    double distance(std::size_t query) { return nearest(queries_[query], kNearest).back().distance; }

    void move(std::size_t /*writer*/, std::span<const PlaceMove> moves) override {
        std::vector<Change> changes;
        for (const PlaceMove& move : moves) changes.emplace_back(Move{std::to_string(move.place), move.to});
        places_->write(std::move(changes));
    }

    bool sees(std::size_t /*writer*/, const PlaceMove& move) override {
        const auto found = nearest(move.to, 1);
        return !found.empty() && found[0].distance == 0 && found[0].place.id == std::to_string(move.place);
    }

  private:
    std::vector<NeighborPlace> nearest(LonLat from, std::size_t k) {
        return places_->nearest({.point = from}, k, kFarEnough);
    }

    ThreadExecutor executor_{2};
    EmbeddedStore store_;
    const std::vector<LonLat>& queries_;
    std::unique_ptr<Collection> places_;
};

/// The rows of one system.
class Rows {
  public:
    Rows(std::string system, std::size_t n, std::vector<Row>& rows)
        : system_(std::move(system)), n_(n), rows_(rows) {}

    void add(const std::string& work, double value, const char* unit) {
        rows_.push_back(store_row(work, system_, n_, value, unit));
        rows_.back().k = work.starts_with("read") ? kNearest : 0;
    }

    void add_searches(const std::string& when, double p50, double p99, double max) {
        add("read p50, " + when, p50, "us");
        add("read p99, " + when, p99, "us");
        add("read max, " + when, max, "us");
    }

    void add(const MixedResult& result) {
        add_searches("idle", result.idle.quantile(0.5), result.idle.quantile(0.99), result.idle.max());
        add_searches("moving", result.loaded.quantile(0.5), result.loaded.quantile(0.99),
                     result.loaded.max());
        add("write p50", result.written.quantile(0.5) / 1e3, "ms");
        add("write p99", result.written.quantile(0.99) / 1e3, "ms");
        add("write max", result.written.max() / 1e3, "ms");
        add("visible p99", result.seen.quantile(0.99) / 1e3, "ms");
    }

  private:
    std::string system_;
    std::size_t n_;
    std::vector<Row>& rows_;
};

void tell(const std::string& system, const MixedResult& result) {
    fmt::print(
        stderr,
        "bench: mixed: {}: {:.0f} moves/s; {} moves not seen by a search after them; {} searches idle, {} "
        "while places moved; memory of the bench {} MB, at most {} MB, then {} MB\n",
        system, result.moves_a_second, result.unseen, result.idle.count(), result.loaded.count(),
        result.bytes_before >> 20U, result.bytes_most >> 20U, result.bytes_after >> 20U);
}

/// bench/peers/store_peers.py runs pgbench, and gives its figures in this order.
void postgis(const ExchangeDirectory& directory, const MixedPlan& plan, std::vector<Row>& rows) {
    PeerProcess peer(
        {"/usr/bin/python3", "bench/peers/store_peers.py", "postgis", directory.path().string()});
    std::string line;
    if (!peer.read_line(line) || line != "ready") {
        fmt::print(stderr, "bench: PostGIS is skipped: it did not start\n");
        return;
    }
    peer.write_line(fmt::format("{} {} {} {} {}", plan.idle_seconds, plan.seconds, plan.rate,
                                MixedPlan::kBatch, plan.places.size()));
    if (!peer.read_line(line)) throw std::runtime_error("PostGIS has ended without an answer");
    std::istringstream numbers(line);
    double idle50, idle99, idle_max, moving50, moving99, moving_max, write50, write99, write_max, rate;
    numbers >> idle50 >> idle99 >> idle_max >> moving50 >> moving99 >> moving_max >> write50 >> write99 >>
        write_max >> rate;
    if (!numbers) throw std::runtime_error("PostGIS has given too few figures");
    fmt::print(stderr, "bench: mixed: PostGIS: {:.0f} moves/s\n", rate);
    Rows of("PostGIS", plan.places.size(), rows);
    of.add_searches("idle", idle50, idle99, idle_max);
    of.add_searches("moving", moving50, moving99, moving_max);
    of.add("write p50", write50 / 1e3, "ms");
    of.add("write p99", write99 / 1e3, "ms");
    of.add("write max", write_max / 1e3, "ms");
    of.add("moves", rate, "moves/s");
}

void write_queries(const std::string& path, const std::vector<LonLat>& queries) {
    std::ofstream file(path);
    for (std::size_t i = 0; i < queries.size(); ++i)
        file << fmt::format("{},{},{}\n", i, queries[i].lon, queries[i].lat);
}

}  // namespace

void mixed_rows(const StoreBenchOptions& options, std::vector<Row>& rows) {
    MixedPlan plan;
    plan.places = clustered_points(options.places, 1);
    plan.seconds = options.seconds;
    plan.idle_seconds = options.quick ? 1 : 10;
    plan.rate = options.rate;
    const std::vector<LonLat> queries = clustered_points(options.quick ? 1'000 : 20'000, 2);
    plan.queries = queries.size();

    const ExchangeDirectory directory;
    const std::string csv = directory.file("places.csv");
    write_places(csv, plan.places, Ids::numbers, false);
    write_queries(directory.file("queries.csv"), queries);
    std::vector<double> reach;  // of each query, some metres more than to its k-th neighbor
    {
        CrowflySystem crowfly(csv, directory.file("places.gpkg"), queries);
        for (std::size_t query = 0; query < queries.size(); ++query)
            reach.push_back(1.01 * crowfly.distance(query) + 100);
        const MixedResult result = run_mixed(crowfly, plan);
        tell("crowfly", result);
        Rows of("crowfly", plan.places.size(), rows);
        of.add(result);
        of.add("moves", result.moves_a_second, "moves/s");
        of.add("memory growth", static_cast<double>(result.bytes_most - result.bytes_before) / 1e6, "MB");
    }
    if (options.no_peers) return;
    if (const auto redis = start_redis(directory, plan.places, queries, reach)) {
        const MixedResult result = run_mixed(*redis, plan);
        tell("Redis", result);
        Rows of("Redis", plan.places.size(), rows);
        of.add(result);
        of.add("moves", result.moves_a_second, "moves/s");
    }
    postgis(directory, plan, rows);
}

}  // namespace crowfly::bench
