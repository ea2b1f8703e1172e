// Times a live index through a history of moves: its writes, its merges, and its searches beside those of an
// index that is built afresh over the same rows. Both must give the same answers.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "bench/bench_main.h"
#include "bench/point_sets.h"
#include "bench/table.h"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "core/error.h"
#include "core/live/live_index.h"
#include "core/live/live_searcher.h"
#include "core/search/searcher.h"

namespace crowfly::bench {
namespace {

constexpr std::size_t kNearest = 10;

struct Options : CommonOptions {
    Options() : CommonOptions{.output = "build/bench/live.json", .data = ""} {}

    std::size_t threads = 2;  ///< that a merge may use
};

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Splitmix64, by S. Vigna: the same on every machine.
class Numbers {
  public:
    std::uint64_t operator()() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111eb;
        return z ^ (z >> 31U);
    }

  private:
    std::uint64_t state_ = 1;
};

class LiveBench {
  public:
    explicit LiveBench(const Options& options)
        : positions_(clustered_points(options.quick ? 100'000 : 2'237'580, 1)),
          // Where rows move to: as dense as the others.
          places_(clustered_points(positions_.size(), 3)),
          queries_(clustered_points(options.quick ? 1'000 : 20'000, 2)),
          repeats_(options.quick ? 2 : 10),
          executor_(options.threads),
          index_(columns(), {}, &executor_) {}

    void run() {
        const std::size_t moves = positions_.size() / 2 + positions_.size() / 28;  // 1.2 million
        const std::size_t batches = moves / kBatch;
        compare("without writes");
        add("memory", "a row", bytes_a_row(), "B");
        for (std::size_t batch = 0; batch < batches; ++batch) {
            write(kBatch, writes_);
            if (batch % (batches / 6) == batches / 12) compare(fmt::format("after {} moves", batch * kBatch));
        }
        report("write of 1000 moves", writes_);
        add("merges, a move", "", 1e6 * merging_ / static_cast<double>(batches * kBatch), "us");
        add("memory after moves", "a row", bytes_a_row(), "B");
        std::vector<double> singles;
        for (std::size_t i = 0; i < 20'000; ++i) write(1, singles);
        report("write of 1 move", singles);
        compare("after single moves");
    }

    const std::vector<Row>& rows() const { return rows_; }

  private:
    static constexpr std::size_t kBatch = 1000;

    LiveColumns columns() const {
        std::vector<std::uint32_t> rows(positions_.size());
        std::iota(rows.begin(), rows.end(), 0U);
        LiveColumns columns;
        columns.rows = std::move(rows);
        columns.positions = positions_;
        return columns;
    }

    double bytes_a_row() const {
        return static_cast<double>(index_.snapshot()->memory()) / static_cast<double>(positions_.size());
    }

    /// Moves so many rows in one write, then merges what is due.
    void write(std::size_t moves, std::vector<double>& seconds) {
        std::vector<LiveRow> rows(moves);
        for (LiveRow& row : rows) {
            row.row = static_cast<std::uint32_t>(numbers_() % positions_.size());
            row.position = positions_[row.row] = places_[numbers_() % places_.size()];
        }
        const auto start = std::chrono::steady_clock::now();
        index_.apply(rows, {});
        seconds.push_back(seconds_since(start));
        const auto merge_start = std::chrono::steady_clock::now();
        while (index_.merge_is_due()) index_.merge(executor_);
        merging_ += seconds_since(merge_start);
    }

    /// Searches from one query after the other, a pass. Of what each block of queries took in several passes
    /// the least counts, as other programs hardly disturb so short a time.
    class Passes {
      public:
        explicit Passes(const std::vector<LonLat>& queries)
            : queries_(queries),
              least_((queries.size() + kBlock - 1) / kBlock, std::numeric_limits<double>::infinity()) {}

        template <class Search>
        void run(const Search& search) {
            distances.clear();
            for (std::size_t block = 0; block < least_.size(); ++block) {
                const auto start = std::chrono::steady_clock::now();
                for (std::size_t i = block * kBlock; i < std::min(queries_.size(), (block + 1) * kBlock);
                     ++i) {
                    for (const Neighbor& neighbor : search(queries_[i])) {
                        distances.push_back(neighbor.distance);
                    }
                }
                least_[block] = std::min(least_[block], seconds_since(start));
            }
        }

        double microseconds_a_query() const {
            return 1e6 * std::accumulate(least_.begin(), least_.end(), 0.0) /
                   static_cast<double>(queries_.size());
        }

        std::vector<double> distances;  ///< the last pass's

      private:
        static constexpr std::size_t kBlock = 200;

        const std::vector<LonLat>& queries_;
        std::vector<double> least_;
    };

    void compare(const std::string& when) {
        const auto snapshot = index_.snapshot();
        const PointIndex fresh(positions_, MetricKind::spheroid, {.executor = &executor_});
        LiveSearcher live_searcher(*snapshot, MetricKind::spheroid);
        Searcher searcher(fresh);
        Passes live_passes(queries_), passes(queries_);
        for (int i = 0; i < repeats_; ++i) {
            live_passes.run([&](LonLat query) { return live_searcher.nearest(query, {.k = kNearest}); });
            passes.run([&](LonLat query) { return searcher.nearest(query, {.k = kNearest}); });
        }
        if (live_passes.distances != passes.distances) {
            throw Error(Code::internal, when + ": the answers differ");
        }
        const double live = live_passes.microseconds_a_query(), alone = passes.microseconds_a_query();
        const std::string work = "search " + when;
        add(work, "crowfly", live, "us");
        add(work, "built afresh", alone, "us");
        std::string sizes;
        for (const LiveRun& run : snapshot->runs()) sizes += fmt::format(" {}", run.size());
        fmt::print(stderr, "bench: {}: {:.2f} times the time, runs of{}\n", when, live / alone, sizes);
    }

    void report(const std::string& work, std::vector<double>& seconds) {
        std::sort(seconds.begin(), seconds.end());
        const double sum = std::accumulate(seconds.begin(), seconds.end(), 0.0);
        add(work, "mean", 1e6 * sum / static_cast<double>(seconds.size()), "us");
        add(work, "median", 1e6 * seconds[seconds.size() / 2], "us");
        add(work, "99 %", 1e6 * seconds[seconds.size() * 99 / 100], "us");
        add(work, "most", 1e6 * seconds.back(), "us");
    }

    void add(const std::string& work, const std::string& system, double value, const std::string& unit) {
        Row row;
        row.suite = "live";
        row.work = work;
        row.metric = name(MetricKind::spheroid);
        row.k = kNearest;
        row.n = positions_.size();
        row.system = system;
        row.value = value;
        row.unit = unit;
        row.queries = queries_.size();
        rows_.push_back(row);
    }

    std::vector<LonLat> positions_;
    std::vector<LonLat> places_;
    std::vector<LonLat> queries_;
    int repeats_;
    ThreadExecutor executor_;
    LiveIndex index_;
    Numbers numbers_;
    std::vector<double> writes_;
    double merging_ = 0;
    std::vector<Row> rows_;
};

void run(const Options& options) {
    LiveBench bench(options);
    bench.run();
    print(bench.rows());
    write_json(bench.rows(), options.output);
}

}  // namespace
}  // namespace crowfly::bench

int main(int argc, char** argv) {
    CLI::App app("Times a live index while rows move.", "live_bench");
    crowfly::bench::Options options;
    options.add_to(app, "Of no use here");
    app.add_option("--threads", options.threads, "That a merge may use")->capture_default_str();
    return crowfly::bench::bench_main(app, argc, argv, [&] { crowfly::bench::run(options); });
}
