// Many subscriptions to the k nearest while places move: how long it takes until they have been told, and how
// much of a core that costs, beside searching for all of them after every batch.

#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>
#include <vector>

#include "bench/bench_main.h"
#include "bench/point_sets.h"
#include "bench/store/latencies.h"
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <time.h>

#include "core/executor.h"
#include "store/embedded/embedded_store.h"
#include "store/live_neighbors.h"

namespace crowfly::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
    std::size_t places = 100'000;
    std::size_t subscriptions = 10'000;
    std::size_t moves = 5'000;  ///< a second
    std::size_t batch = 50;     ///< moves a write
    std::size_t k = 10;
    int seconds = 10;
};

double cpu_seconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

std::unique_ptr<Collection> make_collection(const std::string& path, const std::vector<LonLat>& positions) {
    std::vector<Place> places(positions.size());
    for (std::size_t i = 0; i < places.size(); ++i)
        places[i] = {.id = std::to_string(i), .position = positions[i]};
    PlaceList list(places);
    return EmbeddedStore(path, sqlite::Access::create)
        .create_collection({.name = "places"}, {MetricKind::spheroid}, list);
}

/// Writes batches at an even pace until it is stopped. Each place goes to and fro by about a hundred metres.
void write_moves(const std::stop_token& stop, Collection& collection, const Options& options,
                 const std::vector<LonLat>& positions, std::atomic<std::size_t>& written) {
    const auto pause = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(
        static_cast<double>(options.batch) / static_cast<double>(options.moves)));
    std::size_t next = 0;
    for (auto due = Clock::now(); !stop.stop_requested(); due += pause) {
        std::this_thread::sleep_until(due);
        std::vector<Change> changes;
        for (std::size_t i = 0; i < options.batch; ++i, ++next) {
            const std::size_t place = next * 7919 % positions.size();
            LonLat to = positions[place];
            to.lat += to.lat > 0 ? -0.001 : 0.001;
            if (next / positions.size() % 2 == 1) to = positions[place];
            changes.emplace_back(Move{std::to_string(place), to});
        }
        collection.write(std::move(changes));
        written += options.batch;
    }
}

struct Measured {
    std::size_t pumps = 0;
    std::size_t searches = 0;
    std::size_t news = 0;
    double cpu = 0;
    Latencies delay;  ///< from when a batch is seen until all have been searched for
};

/// Pumps every millisecond.
Measured pump_for(const Options& options, const Collection& collection, LiveNeighbors& live,
                  std::vector<LiveSubscription>& subscriptions, std::atomic<std::size_t>& told) {
    Measured measured;
    const double cpu = cpu_seconds();
    const std::size_t told_before = told;
    const auto end = Clock::now() + std::chrono::seconds(options.seconds);
    std::uint64_t last = collection.sequence_number();
    while (Clock::now() < end) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        const std::uint64_t now = collection.sequence_number();
        if (now == last) continue;
        const auto begin = Clock::now();
        measured.searches += live.pump();
        measured.delay.add(Clock::now() - begin);
        ++measured.pumps;
        last = now;
    }
    measured.cpu = cpu_seconds() - cpu;
    measured.news = told - told_before;
    for (LiveSubscription& subscription : subscriptions) subscription.take();
    return measured;
}

void run(const Options& options) {
    const std::string directory =
        (std::filesystem::temp_directory_path() / fmt::format("crowfly_live_{}", ::time(nullptr))).string();
    std::filesystem::create_directory(directory);
    const auto positions = clustered_points(options.places, 1);
    const auto collection = make_collection(directory + "/s.gpkg", positions);
    LiveNeighbors live(*collection);
    std::atomic<std::size_t> told = 0;
    std::vector<LiveSubscription> subscriptions;
    const auto queries = queries_near(positions, options.subscriptions, 0.01, 2);
    for (const LonLat query : queries)
        subscriptions.push_back(live.subscribe({{.point = query}, options.k}, [&] { ++told; }));
    const auto begin = Clock::now();
    live.pump();
    const double all = std::chrono::duration<double>(Clock::now() - begin).count();
    fmt::print("{} places, {} subscriptions, k = {}, {} moves/s in batches of {}\n", positions.size(),
               queries.size(), options.k, options.moves, options.batch);
    fmt::print("to search for all once: {:.1f} ms; after every batch that would be {:.2f} cores\n", all * 1e3,
               all * static_cast<double>(options.moves) / static_cast<double>(options.batch));

    std::atomic<std::size_t> written = 0;
    Measured measured;
    {
        std::jthread writer([&](const std::stop_token& stop) {
            write_moves(stop, *collection, options, positions, written);
        });
        measured = pump_for(options, *collection, live, subscriptions, told);
    }
    const double seconds = options.seconds;
    fmt::print("written: {:.0f} moves/s; pumps: {:.0f}/s; searches: {:.0f}/s; news: {:.0f}/s\n",
               static_cast<double>(written) / seconds, static_cast<double>(measured.pumps) / seconds,
               static_cast<double>(measured.searches) / seconds,
               static_cast<double>(measured.news) / seconds);
    fmt::print("core taken: {:.1f} %; a pump: p50 {:.0f} us, p99 {:.0f} us, max {:.0f} us\n",
               measured.cpu / seconds * 100, measured.delay.quantile(0.5), measured.delay.quantile(0.99),
               measured.delay.max());
    subscriptions.clear();
    std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace crowfly::bench

int main(int argc, char** argv) {
    CLI::App app("Subscriptions to the k nearest while places move");
    crowfly::bench::Options options;
    app.add_option("--places", options.places)->capture_default_str();
    app.add_option("--subscriptions", options.subscriptions)->capture_default_str();
    app.add_option("--moves", options.moves, "A second")->capture_default_str();
    app.add_option("--batch", options.batch, "Moves a write")->capture_default_str();
    app.add_option("-k", options.k)->capture_default_str();
    app.add_option("--seconds", options.seconds)->capture_default_str();
    return crowfly::bench::bench_main(app, argc, argv, [&] { crowfly::bench::run(options); });
}
